//! Members of projects and groups.

use serde::Serialize;
use tessera_model::time::{Date, Timestamp};
use tessera_service::members::Shown;

use super::Links;
use super::user::{BasicUser, basic};

/// A member: the user with what it is to the place.
#[derive(Serialize)]
pub(crate) struct MemberView<'a> {
    #[serde(flatten)]
    user: BasicUser<'a>,
    access_level: i64,
    created_at: Timestamp,
    expires_at: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_by: Option<BasicUser<'a>>,
    membership_state: &'static str,
}

/// The one shape of a member.
pub(crate) fn member<'a>(links: &Links, shown: &'a Shown) -> MemberView<'a> {
    MemberView {
        user: basic(links, &shown.member.user),
        access_level: shown.member.role.level(),
        created_at: shown.member.created_at,
        expires_at: shown.member.expires_on,
        created_by: shown.created_by.as_ref().map(|maker| basic(links, maker)),
        membership_state: "active",
    }
}
