//! What scopes and roles are called in sentences.

use tessera_model::role::Role;
use tessera_model::scope::{Scope, ScopeSet};
use tessera_model::time::{Date, Timestamp};

use crate::ui::when::When;

/// What a scope lets one do, as a part of a sentence.
pub(super) fn phrase(scope: Scope) -> &'static str {
    match scope {
        Scope::Api => "use the whole API",
        Scope::ReadApi => "read through the API",
        Scope::ReadUser => "read user profiles",
        Scope::Sudo => "act as any user",
        Scope::AdminMode => "use admin rights",
        Scope::ReadRepository => "pull code",
        Scope::WriteRepository => "pull and push code",
        Scope::ReadRegistry => "pull images",
        Scope::WriteRegistry => "push images",
        Scope::SelfRotate => "renew itself",
    }
}

/// The doors that a scope opens.
pub(super) fn opens(scope: Scope) -> &'static [&'static str] {
    match scope {
        Scope::Api => &["API", "Git push"],
        Scope::ReadApi => &["API, reading", "Git pull"],
        Scope::ReadUser => &["Users API, reading"],
        Scope::Sudo | Scope::AdminMode => &["API, with api"],
        Scope::ReadRepository => &["Git pull", "Files API"],
        Scope::WriteRepository => &["Git pull", "Git push"],
        Scope::ReadRegistry => &["Registry pull"],
        Scope::WriteRegistry => &["Registry push"],
        Scope::SelfRotate => &["Own rotation"],
    }
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn listed(parts: &[&str]) -> String {
    match parts {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// `It can pull code in acme/app as a Developer until 3 Dec 2026, 00:00 UTC.`
pub(super) fn sentence(
    scopes: ScopeSet,
    subject: &str,
    role: Option<Role>,
    end: Option<Date>,
    now: Timestamp,
) -> String {
    let phrases: Vec<&str> = scopes.iter().map(phrase).collect();
    let can = listed(&phrases);
    let role = role.map_or_else(String::new, |role| {
        let article = if role == Role::Owner { "an" } else { "a" };
        format!(" as {article} {}", role.title())
    });
    let until = match end {
        Some(end) => format!("until {}", When::end(end, now).exact),
        None => "until it is revoked".to_owned(),
    };
    format!("It can {can} in {subject}{role} {until}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sentence_says_it_all() {
        let now = Timestamp::parse("2026-11-21T12:00:00Z").unwrap();
        let scopes = ScopeSet::of(&[Scope::ReadApi, Scope::WriteRepository, Scope::ReadRegistry]);
        let end = Date::parse("2026-12-03");
        assert_eq!(
            sentence(scopes, "acme/app", Some(Role::Developer), end, now),
            "It can read through the API, pull and push code and pull images in acme/app as a Developer until \
             3 Dec 2026, 00:00 UTC."
        );
        assert_eq!(
            sentence(ScopeSet::of(&[Scope::Api]), "everything you can reach", None, None, now),
            "It can use the whole API in everything you can reach until it is revoked."
        );
    }
}
