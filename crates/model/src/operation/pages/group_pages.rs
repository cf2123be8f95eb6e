//! Groups.

use crate::ability::Ability;
use crate::operation::Row;

operations! { $ group_pages;
    /// A group by GitLab's other address; leads to its own.
    ShowGroup = Row::page("/groups/:path").needs(Ability::ReadGroup).anonymous().missing("Group");
}
