//! What the server says of itself.

use crate::operation::Row;
use crate::scope::Scope;

operations! { $ metadata;
    /// The version of the GitLab API that is served (D7).
    GetVersion = Row::get("/version").also(&[Scope::ReadUser]).brief();
    /// The same with more words.
    GetMetadata = Row::get("/metadata").also(&[Scope::ReadUser]).brief();
}
