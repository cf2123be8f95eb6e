//! What the settings are called on the page, and what each does, in plain words.

/// Settings that belong together.
pub(super) struct Group {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) lead: &'static str,
    pub(super) settings: &'static [Words],
}

/// One setting in words.
pub(super) struct Words {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) hint: &'static str,
    /// What the values of a choice are called.
    pub(super) values: &'static [(&'static str, &'static str)],
}

const fn words(name: &'static str, label: &'static str, hint: &'static str) -> Words {
    Words { name, label, hint, values: &[] }
}

const fn choice(
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    values: &'static [(&'static str, &'static str)],
) -> Words {
    Words { name, label, hint, values }
}

const VISIBILITIES: &[(&str, &str)] = &[
    ("private", "Private: members only"),
    ("internal", "Internal: everybody who is signed in"),
    ("public", "Public: everybody, without signing in"),
];
const PROTECTIONS: &[(&str, &str)] = &[
    ("0", "None: Developers push, and may rewrite it"),
    ("1", "Developers push and merge; nobody rewrites it"),
    ("2", "Maintainers push and merge"),
    ("3", "Maintainers push, Developers merge"),
    ("4", "Maintainers push and merge; a Developer may make the first push"),
];
const REUSE: &[(&str, &str)] = &[
    ("revoke_family", "Revoke every token that came of it"),
    ("audit_only", "Write it into the audit log, and nothing else"),
];

/// All settings, as the page shows them.
pub(super) const GROUPS: &[Group] = &[
    Group {
        id: "tokens",
        title: "Access tokens",
        lead: "How long tokens live, what they look like, and who is told of them. Policies bind tokens that are made \
            or rotated from now on: no token that exists is changed, not even one that would not be allowed any more. \
            Find such tokens in the list of all access tokens.",
        settings: &[
            words(
                "max_personal_access_token_lifetime",
                "Longest lifetime",
                "Days from the day on which a token is made or rotated. Empty: no limit. Tokens that exist keep their end.",
            ),
            words(
                "require_personal_access_token_expiry",
                "Every new token needs an end",
                "A token that is made without one gets the latest end that is allowed. Tokens without an end go on.",
            ),
            words(
                "enforce_pat_expiration",
                "Personal tokens stop working on their date",
                "Switched off, personal and impersonation tokens work on after their end, also those that have come to it \
                 already; switched on, those stop at once. Project tokens always stop on their date.",
            ),
            words(
                "personal_access_token_prefix",
                "Prefix of new tokens",
                "What new tokens begin with, at most 20 characters, so that scanners of secrets know them. Tokens that \
                 exist keep theirs.",
            ),
            choice(
                "token_reuse_response",
                "When a replaced token is used again",
                "Whoever presents a token that was rotated away may have stolen it.",
                REUSE,
            ),
            words(
                "allow_token_in_query",
                "Tokens are taken from the query",
                "Clients may send private_token in the address. It is never logged here, but may be by others on the way.",
            ),
            words(
                "last_used_refresh_hours",
                "Refresh of \"last used\"",
                "Hours between two notes of a token's last use, 0 to 8760. 0: every use is noted.",
            ),
            words(
                "token_usage_retention_days",
                "Ledger of uses",
                "Days for which it is kept from where and for what each token was used, 0 to 3650. 0: no ledger is kept.",
            ),
            words(
                "inactive_resource_access_tokens_delete_after_days",
                "End of unused bots",
                "Days after which the bot of a project token ends when all of its tokens are dead; its records move to the \
                 Ghost User. Empty: never.",
            ),
        ],
    },
    Group {
        id: "notices",
        title: "Notices by mail",
        lead: "People are always told seven days before a token of theirs ends, and when it has ended.",
        settings: &[
            words("token_expiry_notice_60_days", "Also 60 days before a token ends", ""),
            words("token_expiry_notice_30_days", "Also 30 days before a token ends", ""),
            words(
                "resource_access_token_notify_inherited",
                "Notices of project tokens go to members of groups above",
                "Maintainers and owners through a group are told as direct members are.",
            ),
            words(
                "resource_access_token_change_notices",
                "Tell of project tokens that are made, rotated or revoked",
                "Maintainers and owners of the project get a mail when somebody else does it.",
            ),
        ],
    },
    Group {
        id: "sign_in",
        title: "Sign-in and accounts",
        lead: "What people need to come in, and what a new account may do.",
        settings: &[
            words(
                "minimum_password_length",
                "Shortest password",
                "Characters, 8 to 128. It counts for passwords that are set from now on.",
            ),
            words(
                "require_two_factor_authentication",
                "Everybody needs a second factor",
                "After the time of grace a password alone opens nothing. Tokens and bots are exempt.",
            ),
            words(
                "two_factor_grace_period",
                "Time of grace for the second factor",
                "Hours from somebody's next sign-in. 0: it is needed at once.",
            ),
            words(
                "password_authentication_enabled_for_git",
                "Git takes passwords",
                "Switched off, Git over HTTP takes access tokens and nothing else.",
            ),
            words(
                "signup_enabled",
                "Sign-up is enabled",
                "Clients are told so. Accounts are made by administrators either way.",
            ),
            words(
                "user_cap",
                "Seats",
                "People who may act at most; bots take no seat. Empty: no limit. Nobody is blocked when it is lowered.",
            ),
            words(
                "user_default_external",
                "New accounts are external",
                "Internal projects are closed to external people, and they create no groups.",
            ),
            words("can_create_group", "New accounts may create groups", ""),
        ],
    },
    Group {
        id: "projects",
        title: "Projects and groups",
        lead: "What new projects and groups begin with. Those that exist stay as they are.",
        settings: &[
            choice("default_project_visibility", "Visibility of new projects", "", VISIBILITIES),
            choice("default_group_visibility", "Visibility of new groups", "", VISIBILITIES),
            words(
                "default_branch_name",
                "First branch",
                "The name of the first branch of a new repository. Empty: main.",
            ),
            choice(
                "default_branch_protection",
                "Protection of the first branch",
                "It is laid on the default branch when it is pushed for the first time.",
                PROTECTIONS,
            ),
            words(
                "default_projects_limit",
                "Personal projects",
                "How many projects somebody may have in their own namespace. It counts for accounts that are made from now on.",
            ),
        ],
    },
    Group {
        id: "outbound",
        title: "Web hooks",
        lead: "Where calls of web hooks may go. Addresses inside your network are closed unless they are opened here.",
        settings: &[
            words(
                "allow_local_requests_from_web_hooks_and_services",
                "Web hooks may call the local network",
                "Every address inside your network is open to whoever maintains a project.",
            ),
            words(
                "outbound_local_requests_whitelist",
                "Receivers inside the network that are allowed",
                "Names, addresses and networks, one on each line: receiver.example, 10.1.2.3, 10.0.0.0/8.",
            ),
        ],
    },
    Group {
        id: "audit",
        title: "Audit log",
        lead: "",
        settings: &[words(
            "audit_events_delete_after_days",
            "Retention",
            "Days after which records are removed, whole seals at a time. Empty: they are kept for ever.",
        )],
    },
];

/// The words of a setting.
pub(super) fn find(name: &str) -> Option<&'static Words> {
    GROUPS.iter().flat_map(|group| group.settings).find(|words| words.name == name)
}

#[cfg(test)]
mod tests {
    use tessera_model::setting::{Form, SETTINGS};

    use super::*;

    #[test]
    fn every_setting_is_on_the_page_once() {
        let mut shown: Vec<&str> =
            GROUPS.iter().flat_map(|group| group.settings).map(|words| words.name).collect();
        shown.sort_unstable();
        let all: Vec<&str> = SETTINGS.iter().map(|setting| setting.name).collect();
        assert_eq!(shown, all);
    }

    #[test]
    fn every_choice_has_words() {
        for setting in SETTINGS {
            let Form::Choice(values) = setting.form else { continue };
            let mut shown: Vec<&str> =
                find(setting.name).unwrap().values.iter().map(|(value, _)| *value).collect();
            let mut all = values.to_vec();
            shown.sort_unstable();
            all.sort_unstable();
            assert_eq!(shown, all, "{}", setting.name);
        }
    }
}
