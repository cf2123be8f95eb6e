//! Users: the basic shape of authors and members, the one of `GET /users/:id`, that of `GET /user`, and
//! what only administrators see.

use serde::Serialize;
use serde_json::{Value, json};
use tessera_model::time::Timestamp;
use tessera_model::user::{User, UserState};
use tessera_service::users::belongings::Belonging;
use tessera_service::users::sight::{ForAdmin, Seen};

use super::Links;

/// The shape in which users stand in other objects.
#[derive(Serialize)]
pub(crate) struct BasicUser<'a> {
    id: i64,
    username: &'a str,
    public_email: Option<&'a str>,
    name: &'a str,
    state: &'static str,
    locked: bool,
    avatar_url: Option<String>,
    web_url: String,
}

/// The basic shape.
pub(crate) fn basic<'a>(links: &Links, user: &'a User) -> BasicUser<'a> {
    BasicUser {
        id: user.id,
        username: &user.username,
        public_email: Some(user.public_email.as_deref().unwrap_or_default()),
        name: &user.name,
        state: if user.state == UserState::Active { "active" } else { "blocked" },
        locked: false,
        avatar_url: None,
        web_url: links.web(&user.username),
    }
}

/// A user as everyone signed in sees it.
#[derive(Serialize)]
pub(crate) struct PublicUser<'a> {
    #[serde(flatten)]
    basic: BasicUser<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<Timestamp>,
    bio: &'a str,
    location: &'static str,
    linkedin: &'static str,
    twitter: &'static str,
    discord: &'static str,
    website_url: &'static str,
    github: &'static str,
    job_title: &'static str,
    pronouns: Option<&'static str>,
    organization: &'static str,
    bot: bool,
    work_information: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    followers: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    following: Option<i64>,
    local_time: Option<&'static str>,
}

/// The shape of `GET /users/:id`; without `profile` others see only the name.
fn public<'a>(links: &Links, user: &'a User, profile: bool) -> PublicUser<'a> {
    PublicUser {
        basic: basic(links, user),
        created_at: profile.then_some(user.created_at),
        bio: if profile { &user.bio } else { "" },
        location: "",
        linkedin: "",
        twitter: "",
        discord: "",
        website_url: "",
        github: "",
        job_title: "",
        pronouns: None,
        organization: "",
        bot: user.is_bot(),
        work_information: None,
        followers: profile.then_some(0),
        following: profile.then_some(0),
        local_time: None,
    }
}

/// A user as it sees itself.
#[derive(Serialize)]
pub(crate) struct FullUser<'a> {
    #[serde(flatten)]
    public: PublicUser<'a>,
    last_sign_in_at: Option<Timestamp>,
    confirmed_at: Timestamp,
    last_activity_on: Option<&'a str>,
    email: &'a str,
    theme_id: i64,
    color_scheme_id: i64,
    projects_limit: i64,
    current_sign_in_at: Option<Timestamp>,
    identities: [(); 0],
    can_create_group: bool,
    can_create_project: bool,
    two_factor_enabled: bool,
    external: bool,
    private_profile: bool,
    commit_email: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_admin: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<Option<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace_id: Option<Option<i64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_by: Option<Option<BasicUser<'a>>>,
}

/// The shape of `GET /user`; administrators see that they are.
pub(crate) fn full<'a>(links: &Links, user: &'a User) -> FullUser<'a> {
    FullUser {
        public: public(links, user, true),
        last_sign_in_at: None,
        confirmed_at: user.created_at,
        last_activity_on: user.last_activity_on.as_deref(),
        email: &user.email,
        theme_id: 3,
        color_scheme_id: 1,
        projects_limit: user.projects_limit,
        current_sign_in_at: None,
        identities: [],
        can_create_group: user.can_create_group && !user.is_bot(),
        can_create_project: user.projects_limit > 0 && !user.is_bot(),
        two_factor_enabled: user.two_factor,
        external: user.external,
        private_profile: user.private_profile,
        commit_email: &user.email,
        is_admin: user.admin.then_some(true),
        note: None,
        namespace_id: None,
        created_by: None,
    }
}

/// What administrators see of a user.
fn for_admin<'a>(links: &Links, user: &'a User, extra: &'a ForAdmin) -> FullUser<'a> {
    FullUser {
        is_admin: Some(user.admin),
        note: Some(user.note.as_deref()),
        namespace_id: Some(extra.namespace_id),
        created_by: Some(extra.created_by.as_ref().map(|maker| basic(links, maker))),
        ..full(links, user)
    }
}

/// A user in the shape that is due to whoever asks.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum UserView<'a> {
    /// In lists.
    Basic(BasicUser<'a>),
    /// Alone.
    Public(Box<PublicUser<'a>>),
    /// For administrators.
    Full(Box<FullUser<'a>>),
}

/// A user in a list.
pub(crate) fn listed<'a>(links: &Links, seen: &'a Seen) -> UserView<'a> {
    match &seen.admin {
        Some(extra) => UserView::Full(Box::new(for_admin(links, &seen.user, extra))),
        None => UserView::Basic(basic(links, &seen.user)),
    }
}

/// A user alone.
pub(crate) fn alone<'a>(links: &Links, seen: &'a Seen) -> UserView<'a> {
    match &seen.admin {
        Some(extra) => UserView::Full(Box::new(for_admin(links, &seen.user, extra))),
        None => UserView::Public(Box::new(public(links, &seen.user, seen.profile))),
    }
}

/// What a user says it is doing: accounts here say nothing.
pub(crate) fn status() -> Value {
    json!({ "emoji": null, "message": null, "availability": null, "message_html": "", "clear_status_at": null })
}

/// A place that a user is a member of.
pub(crate) fn membership(belonging: &Belonging) -> Value {
    json!({
        "source_id": belonging.id,
        "source_name": belonging.name,
        "source_type": if belonging.is_project { "Project" } else { "Namespace" },
        "access_level": belonging.level,
    })
}

#[cfg(test)]
mod tests {
    use tessera_model::user::UserKind;

    use super::*;

    fn ada() -> User {
        User {
            id: 7,
            username: "ada".to_owned(),
            name: "Ada".to_owned(),
            email: "ada@example.com".to_owned(),
            kind: UserKind::Human,
            state: UserState::Active,
            admin: false,
            external: false,
            can_create_group: true,
            projects_limit: 10,
            password_expired: false,
            password_initial: false,
            two_factor: true,
            private_profile: true,
            bio: "counts".to_owned(),
            public_email: None,
            note: Some("a remark".to_owned()),
            created_at: Timestamp(1_595_514_691_729_000),
            created_by_id: None,
            bot_project_id: None,
            last_activity_on: None,
            updated_at: Timestamp(1_595_514_691_729_000),
        }
    }

    fn seen(profile: bool, admin: Option<ForAdmin>) -> Value {
        let links = Links::new("https://tessera.test");
        json!(alone(&links, &Seen { user: ada(), profile, admin }))
    }

    #[test]
    fn only_administrators_see_addresses_and_remarks() {
        let others = seen(true, None);
        assert_eq!(others["bio"], "counts");
        assert_eq!(others["bot"], false);
        assert_eq!(others["web_url"], "https://tessera.test/ada");
        for secret in ["email", "note", "is_admin", "external", "created_by", "two_factor_enabled"] {
            assert!(others.get(secret).is_none(), "{secret}");
        }
        let extra = ForAdmin { namespace_id: Some(3), created_by: Some(ada()) };
        let admins = seen(true, Some(extra));
        assert_eq!(admins["email"], "ada@example.com");
        assert_eq!(admins["note"], "a remark");
        assert_eq!(admins["namespace_id"], 3);
        assert_eq!(admins["two_factor_enabled"], true);
        assert_eq!(admins["created_by"]["username"], "ada");
        assert_eq!(admins["is_admin"], false);
    }

    #[test]
    fn a_private_profile_is_a_name_and_no_more() {
        let others = seen(false, None);
        assert_eq!(others["name"], "Ada");
        assert_eq!(others["bio"], "");
        assert!(others.get("created_at").is_none() && others.get("followers").is_none());
    }

    #[test]
    fn lists_show_others_in_the_basic_shape() {
        let links = Links::new("https://tessera.test");
        let basic = json!(listed(&links, &Seen { user: ada(), profile: true, admin: None }));
        let keys: Vec<&String> = basic.as_object().unwrap().keys().collect();
        assert_eq!(
            keys,
            ["id", "username", "public_email", "name", "state", "locked", "avatar_url", "web_url"]
        );
    }
}
