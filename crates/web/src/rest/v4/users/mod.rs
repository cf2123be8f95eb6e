//! `/user` and `/users`.

mod associations;
mod block;
mod counts;
mod create;
mod current;
mod delete;
mod emails;
mod get;
mod list;
mod memberships;
mod projects;
mod status;
mod two_factor;
mod update;

use crate::params::Reader;

/// The number of the user in the route.
fn id(p: &mut Reader<'_>) -> i64 {
    p.integer("id").required()
}

/// Parameters of profiles that GitLab has and accounts here do not: taken, so that their types are judged,
/// and not kept.
fn unused_profile(p: &mut Reader<'_>) {
    for name in
        ["skype", "linkedin", "twitter", "discord", "website_url", "organization", "location", "pronouns"]
    {
        _ = p.string(name).optional();
    }
    for name in ["theme_id", "color_scheme_id", "group_id_for_saml"] {
        _ = p.integer(name).optional();
    }
    _ = p.boolean("view_diffs_file_by_file").optional();
    p.all_or_none_of(&["extern_uid", "provider"]);
}
