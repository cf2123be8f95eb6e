//! Addresses of GitLab that stand for one of ours, and those that it had before.

use http::Uri;

const FIXED: &[(&str, &str)] = &[
    ("/-/profile/personal_access_tokens", "/-/user_settings/personal_access_tokens"),
    ("/profile/personal_access_tokens", "/-/user_settings/personal_access_tokens"),
    ("/-/profile/active_sessions", "/-/user_settings/active_sessions"),
    ("/profile/active_sessions", "/-/user_settings/active_sessions"),
    ("/-/profile/password/edit", "/-/user_settings/password/edit"),
    ("/profile/password/edit", "/-/user_settings/password/edit"),
    ("/profile/two_factor_auth", "/-/profile/two_factor_auth"),
    ("/-/profile", "/-/user_settings/profile"),
    ("/profile", "/-/user_settings/profile"),
    ("/-/user_settings", "/-/user_settings/profile"),
    ("/users/sign_out", "/"),
    ("/login", "/users/sign_in"),
    ("/dashboard", "/"),
    ("/dashboard/projects", "/"),
    ("/explore/projects", "/explore"),
    ("/public", "/explore"),
    ("/admin/application_settings", "/admin/application_settings/general"),
    ("/admin/audit_logs", "/admin/audit_events"),
    ("/admin/background_jobs", "/admin/jobs"),
];

/// Ends of a project's addresses, below `/-/` or not, that stand for others.
const OF_PROJECTS: &[(&str, &str)] = &[
    ("/settings/access_tokens", "/-/settings/access_tokens"),
    ("/settings/repository", "/-/settings/repository"),
    ("/project_members", "/-/project_members"),
    ("/-/edit", "/edit"),
];

/// Where an address leads, if it stands for another; the query goes along.
pub(super) fn resolve(uri: &Uri) -> Option<String> {
    let path = uri.path();
    let path = if path.len() > 1 { path.trim_end_matches('/') } else { path };
    let with_query = |to: String| match uri.query() {
        Some(query) => format!("{to}?{query}"),
        None => to,
    };
    if let Some((_, to)) = FIXED.iter().find(|(from, _)| *from == path) {
        return Some(with_query((*to).to_owned()));
    }
    // `//host` at the start of an address would lead to another host.
    if path.starts_with("//") || path.starts_with("/-/") || path.starts_with("/groups/") {
        return None;
    }
    if let Some(base) = path.strip_suffix(".git").filter(|base| base.matches('/').count() > 1) {
        return Some(with_query(base.to_owned()));
    }
    OF_PROJECTS.iter().find_map(|(end, to)| {
        let base = path.strip_suffix(end)?;
        (base.matches('/').count() > 1 && !base.ends_with("/-")).then(|| with_query(format!("{base}{to}")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(path: &str) -> Option<String> {
        resolve(&path.parse().unwrap())
    }

    #[test]
    fn addresses_of_gitlab_lead_where_they_should() {
        assert_eq!(
            to("/-/profile/personal_access_tokens?name=x").unwrap(),
            "/-/user_settings/personal_access_tokens?name=x"
        );
        assert_eq!(to("/profile/").unwrap(), "/-/user_settings/profile");
        assert_eq!(to("/group/app/settings/access_tokens").unwrap(), "/group/app/-/settings/access_tokens");
        assert_eq!(to("/group/app/-/settings/access_tokens"), None);
        assert_eq!(to("/group/app.git").unwrap(), "/group/app");
        assert_eq!(to("/group/app/-/edit").unwrap(), "/group/app/edit");
        for path in ["/", "/group/app", "//evil.test/a/b.git", "/groups/a/-/edit", "/app.git", "/admin"] {
            assert_eq!(to(path), None, "{path}");
        }
    }
}
