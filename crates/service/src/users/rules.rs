//! What holds for every account, whether it is made or changed.

use std::fmt;

use tessera_model::name::{complaint_on_email, complaint_on_title, complaint_on_username};
use tessera_model::user::{User, UserKind, UserState};
use tessera_model::{Error, Result};
use tessera_store::query;
use zeroize::Zeroizing;

use crate::{Tx, fault};

/// Longest password, in characters: GitLab's limit.
const LONGEST_PASSWORD: usize = 128;
/// Longest text that a user says of itself, in characters.
const LONGEST_BIO: usize = 255;
/// Longest remark of an administrator, in characters.
const LONGEST_NOTE: usize = 10_000;
/// The most projects that a limit can allow: GitLab's column is a 32-bit number.
const MOST_PROJECTS: i64 = i32::MAX as i64;

/// A password as somebody gave it. It cannot be printed.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// Takes a password from a request.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself, for hashing.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// What is wrong with the fields of an account; nothing is looked up.
pub(crate) type Complaints = Vec<(&'static str, String)>;

/// The fields of an account as they would be after the change.
pub(crate) struct Draft<'a> {
    pub(crate) username: &'a str,
    pub(crate) name: &'a str,
    pub(crate) email: &'a str,
    pub(crate) projects_limit: i64,
    pub(crate) bio: &'a str,
    pub(crate) public_email: Option<&'a str>,
    pub(crate) note: Option<&'a str>,
}

/// What is wrong with the fields of a person's account, in GitLab's words.
pub(crate) fn complaints(draft: &Draft<'_>, bot_domain: &str) -> Complaints {
    let mut found = Complaints::new();
    found.extend(complaint_on_title(draft.name).map(|text| ("name", text)));
    found.extend(complaint_on_username(draft.username).map(|text| ("username", text)));
    found.extend(complaint_on_email(draft.email, bot_domain).map(|text| ("email", text)));
    found.extend(complaint_on_rest(draft));
    found
}

/// What is wrong with the fields that accounts of every kind have.
pub(crate) fn complaint_on_rest(draft: &Draft<'_>) -> Complaints {
    let mut found = Complaints::new();
    if draft.projects_limit < 0 {
        found.push(("projects_limit", "must be greater than or equal to 0".to_owned()));
    } else if draft.projects_limit > MOST_PROJECTS {
        found.push(("projects_limit", format!("must be less than or equal to {MOST_PROJECTS}")));
    }
    found.extend(too_long(draft.bio, LONGEST_BIO).map(|text| ("bio", text)));
    if draft.public_email.is_some_and(|shown| !shown.eq_ignore_ascii_case(draft.email)) {
        found.push(("public_email", "is not an email you own".to_owned()));
    }
    found.extend(draft.note.and_then(|note| too_long(note, LONGEST_NOTE)).map(|text| ("note", text)));
    found
}

fn too_long(text: &str, longest: usize) -> Option<String> {
    (text.chars().count() > longest).then(|| format!("is too long (maximum is {longest} characters)"))
}

/// What is wrong with a password; `least` is the setting `minimum_password_length`.
pub(crate) fn complaint_on_password(password: &str, least: usize) -> Option<String> {
    let length = password.chars().count();
    if length == 0 {
        return Some("can't be blank".to_owned());
    }
    if length < least {
        return Some(format!("is too short (minimum is {least} characters)"));
    }
    too_long(password, LONGEST_PASSWORD)
}

/// Adds what the instance's rule says of a password.
pub(crate) fn check_password(tx: &mut Tx<'_>, password: &Password, found: &mut Complaints) -> Result<()> {
    let least = tx.setting("minimum_password_length")?.as_u64().unwrap_or(8);
    let least = usize::try_from(least).unwrap_or(usize::MAX);
    found.extend(complaint_on_password(password.expose(), least).map(|text| ("password", text)));
    Ok(())
}

/// The address and the name must be free, in this order (semantics sheet 3.4); `except` is the account
/// itself, or 0.
pub(crate) fn must_be_free(
    tx: &mut Tx<'_>,
    email: Option<&str>,
    username: Option<&str>,
    except: i64,
) -> Result<()> {
    if let Some(email) = email
        && query::users::email_taken(tx.conn, email, except).map_err(fault)?
    {
        return Err(Error::Conflict("Email has already been taken".to_owned()));
    }
    if let Some(username) = username
        && query::users::username_taken(tx.conn, username, except).map_err(fault)?
    {
        return Err(Error::Conflict("Username has already been taken".to_owned()));
    }
    Ok(())
}

/// What an account may make when nobody says otherwise.
pub(crate) struct Usual {
    pub(crate) can_create_group: bool,
    pub(crate) projects_limit: i64,
}

/// What a new account may make, or one that became external or ceased to be: external users nothing,
/// others what the settings say.
pub(crate) fn usual(tx: &mut Tx<'_>, external: bool) -> Result<Usual> {
    if external {
        return Ok(Usual { can_create_group: false, projects_limit: 0 });
    }
    Ok(Usual {
        can_create_group: tx.is_on("can_create_group")?,
        projects_limit: tx.setting("default_projects_limit")?.as_i64().unwrap_or(0),
    })
}

/// Whether the instance would be without an administrator who can act if this account were none.
pub(crate) fn is_last_administrator(tx: &mut Tx<'_>, user: &User) -> Result<bool> {
    let counts = user.admin && user.kind == UserKind::Human && user.state == UserState::Active;
    Ok(counts && query::users::administrators(tx.conn).map_err(fault)? <= 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: Draft<'_> = Draft {
        username: "ada",
        name: "Ada",
        email: "ada@example.com",
        projects_limit: 10,
        bio: "",
        public_email: None,
        note: None,
    };

    fn fields(draft: &Draft<'_>) -> Vec<&'static str> {
        complaints(draft, "noreply.tessera.test").into_iter().map(|(field, _)| field).collect()
    }

    #[test]
    fn every_wrong_field_is_named() {
        assert_eq!(fields(&GOOD), Vec::<&str>::new());
        let long = "x".repeat(256);
        let bad = Draft {
            username: "project_1_bot",
            name: " ",
            email: "x@noreply.tessera.test",
            projects_limit: -1,
            bio: &long,
            public_email: Some("other@example.com"),
            note: None,
        };
        assert_eq!(fields(&bad), ["name", "username", "email", "projects_limit", "bio", "public_email"]);
        assert_eq!(fields(&Draft { public_email: Some("ADA@example.com"), ..GOOD }), Vec::<&str>::new());
        assert_eq!(fields(&Draft { projects_limit: MOST_PROJECTS + 1, ..GOOD }), ["projects_limit"]);
    }

    #[test]
    fn passwords_have_two_ends_counted_in_characters() {
        assert_eq!(complaint_on_password("", 8).as_deref(), Some("can't be blank"));
        assert_eq!(
            complaint_on_password("äöüäöüä", 8).as_deref(),
            Some("is too short (minimum is 8 characters)")
        );
        assert_eq!(complaint_on_password("äöüäöüäö", 8), None);
        assert_eq!(complaint_on_password(&"ä".repeat(128), 8), None);
        assert!(complaint_on_password(&"a".repeat(129), 8).is_some());
    }

    #[test]
    fn a_password_does_not_print() {
        assert_eq!(format!("{:?}", Password::new("hunter22".to_owned())), "Password(…)");
    }
}
