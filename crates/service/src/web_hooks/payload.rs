//! What is sent: that a token of a project ends soon, in GitLab's shape.

use serde_json::json;
use tessera_model::project::Project;
use tessera_model::time::{Date, Timestamp};
use tessera_store::query::notices::Notice;

use crate::service::Core;

/// The event's name in the list of calls, and in the header.
pub(super) const TRIGGER: &str = "resource_access_token_hooks";
pub(super) const EVENT: &str = "Resource Access Token Hook";

/// A token as the body shows it.
pub(super) struct Ending<'a> {
    /// Its number, and that of its bot.
    pub(super) id: i64,
    pub(super) user_id: Option<i64>,
    pub(super) name: &'a str,
    pub(super) created_at: Timestamp,
    pub(super) last_used_at: Option<Timestamp>,
    pub(super) ends: Date,
}

/// The window's name in GitLab's words.
fn interval(notice: Notice) -> &'static str {
    match notice {
        Notice::Sixty => "sixty_days",
        Notice::Thirty => "thirty_days",
        Notice::Seven | Notice::Expired => "seven_days",
    }
}

/// `2027-01-24 09:05:11 UTC`.
fn moment(time: Timestamp) -> String {
    let text = time.to_string();
    format!("{} {} UTC", time.date(), text.get(11..19).unwrap_or_default())
}

/// The body. Its fields stand in GitLab's order.
pub(super) fn body(core: &Core, project: &Project, token: &Ending<'_>, notice: Notice) -> String {
    let web = format!("{}/{}", core.external_url, project.full_path);
    let (http, ssh) = (format!("{web}.git"), format!("git@{}:{}.git", core.host(), project.full_path));
    let body = json!({
        "object_kind": "access_token",
        "project": {
            "id": project.id,
            "name": project.name,
            "description": project.description,
            "web_url": web,
            "avatar_url": null,
            "git_ssh_url": ssh,
            "git_http_url": http,
            "namespace": project.namespace.name,
            "visibility_level": project.visibility.level(),
            "path_with_namespace": project.full_path,
            "default_branch": (!project.empty).then_some(&project.default_branch),
            "ci_config_path": null,
            "homepage": web,
            "url": ssh,
            "ssh_url": ssh,
            "http_url": http,
        },
        "object_attributes": {
            "user_id": token.user_id,
            "created_at": moment(token.created_at),
            "id": token.id,
            "name": token.name,
            "expires_at": token.ends,
            "last_used_at": token.last_used_at.map(moment),
        },
        "event_name": "expiring_access_token",
        "interval": interval(notice),
    });
    body.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_gitlab_writes_them() {
        let time = Timestamp::parse("2027-01-24T09:05:11.987Z").unwrap();
        assert_eq!(moment(time), "2027-01-24 09:05:11 UTC");
    }
}
