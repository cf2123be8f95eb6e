//! The ends of accounts and of what they may.

use serde_json::json;

use super::doors::{BLOCKED, DENIED, Doors, Key, NO_PROJECT, OPEN, REVOKED};
use super::story::{ADAS, BOT, EVERYBODY, IMPERSONATION, MADE, OWNER, PASSWORD, PERSONAL, SUDO, Story};

/// The credentials of a person who may not act; Git tells people no more than that (sheet 5.6).
const SHUT: Doors = Doors::shut(BLOCKED, DENIED);
/// A bot is told why by Git too.
const BLOCKED_BOT: Doors = Doors::shut(BLOCKED, "403 Your account has been blocked.");
const MUST_CHANGE: Doors = Doors::shut(
    r#"403 {"message":"403 Forbidden - Your password expired. Please access GitLab from a web browser to update your password."}"#,
    DENIED,
);
const DEAD: Doors = Doors::shut(REVOKED, DENIED);
const NOBODY: &str = r#"404 {"message":"404 User with ID or username 'ada' Not Found"}"#;

impl Story {
    /// Puts an account into a state past the product, which learns of it with the next write.
    async fn put_into(&self, state: &str, user: i64) {
        self.app.tamper(&format!("UPDATE users SET state = '{state}' WHERE id = {user}")).await;
        self.app.admin().put("/application/settings", json!({ "user_default_external": false })).await.ok();
        self.app.person(&format!("somebody-{state}-{user}")).await;
    }

    async fn user(&self, id: i64, what: &str) {
        self.app.admin().post(&format!("/users/{id}/{what}"), json!({})).await.created();
    }
}

#[tokio::test]
async fn a_person_is_blocked() {
    let mut story = Story::begin().await.with(&EVERYBODY).await;
    story.user(story.ada.id, "block").await;
    // An administrator acts on behalf of the blocked too (sheet 3.1); the bot she made is not hers (D5, L30).
    let blocked = [(PERSONAL, SHUT), (IMPERSONATION, SHUT), (PASSWORD, SHUT)];
    story.holds("blocked", &blocked).await;
    story.app.settle().await;
    story.holds("later", &blocked).await;
    story.user(story.ada.id, "unblock").await;
    story.holds("let in again", &[]).await;
}

#[tokio::test]
async fn a_bot_is_blocked() {
    let mut story = Story::begin().await.with(&[BOT, MADE, OWNER]).await;
    story.user(story.bot.user_id, "block").await;
    story.holds("blocked", &[(BOT, BLOCKED_BOT)]).await;
    story.user(story.bot.user_id, "unblock").await;
    story.holds("let in again", &[]).await;
}

/// L12: whatever the database says of an account, only `active` passes.
#[tokio::test]
async fn no_state_but_active_passes() {
    let mut story = Story::begin().await.with(&[PERSONAL, IMPERSONATION, PASSWORD, BOT]).await;
    for state in ["deactivated", "banned", "ldap_blocked", "blocked_pending_approval", "unheard-of", ""] {
        story.put_into(state, story.ada.id).await;
        story.put_into(state, story.bot.user_id).await;
        let shut = [(PERSONAL, SHUT), (IMPERSONATION, SHUT), (PASSWORD, SHUT), (BOT, BLOCKED_BOT)];
        story.holds(state, &shut).await;
    }
    let internal = "403 This action cannot be performed by internal users";
    let rest = r#"403 {"message":"403 Forbidden - This action cannot be performed by internal users"}"#;
    let (person, bot) = (Doors::shut(rest, DENIED), Doors::shut(rest, internal));
    for user in [story.ada.id, story.bot.user_id] {
        story.put_into("ghosted", user).await;
    }
    let ghosted = [(PERSONAL, person), (IMPERSONATION, person), (PASSWORD, person), (BOT, bot)];
    story.holds("ghosted", &ghosted).await;
    for user in [story.ada.id, story.bot.user_id] {
        story.put_into("active", user).await;
    }
    story.holds("active", &[]).await;
}

async fn is_deleted(hard: bool) {
    let mut story = Story::begin().await.with(&EVERYBODY).await;
    let home = story.ada.client.project("home").await;
    let at_home = story.ada.client.project_token(home, "own", &["api"]).await;
    let how = if hard { "?hard_delete=true" } else { "" };
    story.app.admin().delete(&format!("/users/{}{how}", story.ada.id)).await.gone();
    let gone = Doors::shut(NOBODY, DENIED);
    let deleted = [(PERSONAL, DEAD), (IMPERSONATION, DEAD), (PASSWORD, DEAD), (SUDO, gone)];
    story.holds("deleted", &deleted).await;
    at_home.client.get("/user").await.expect(401);
    story.app.settle().await;
    // The bot that she made for somebody else's project lives on (L30).
    story.holds("her records moved", &deleted).await;
    at_home.client.get("/user").await.expect(401);
    story.app.admin().get(&format!("/users/{}", at_home.user_id)).await.expect(404);
}

#[tokio::test]
async fn a_person_is_deleted() {
    is_deleted(false).await;
}

#[tokio::test]
async fn a_person_is_deleted_with_all_that_is_theirs() {
    is_deleted(true).await;
}

/// L14: a password that somebody else gave must be changed before anything works, with whatever credential.
#[tokio::test]
async fn a_password_is_to_be_changed_first() {
    let mut story = Story::begin().await.with(&EVERYBODY).await;
    let password = json!({ "password": super::doors::PASSWORD });
    story.app.admin().put(&format!("/users/{}", story.ada.id), password).await.ok();
    let ends = [(PERSONAL, MUST_CHANGE), (IMPERSONATION, MUST_CHANGE), (PASSWORD, MUST_CHANGE)];
    story.holds("an administrator set it", &ends).await;
}

/// L10: what an internal project showed, and the right of its members, which is another one.
#[tokio::test]
async fn a_person_becomes_external() {
    let mut story = Story::begin().await.with(&ADAS).await;
    let eve = story.app.person("eve").await;
    let project = format!("/projects/{}", story.place.id);
    story.olga.client.put(&project, json!({ "visibility": "internal" })).await.ok();
    story.add("a stranger", Key::Token(eve.client));
    let only_looks = OPEN
        .but(&["write"], r#"403 {"message":"403 Forbidden"}"#)
        .but(&["push"], "403 You are not allowed to push code to this project.");
    story.holds("internal", &[("a stranger", only_looks)]).await;
    for user in [eve.id, story.ada.id] {
        let path = format!("/users/{user}");
        story.app.admin().put(&path, json!({ "external": true })).await.ok();
    }
    story.holds("external", &[("a stranger", Doors::without_project())]).await;
    story.app.admin().put(&format!("/users/{}", eve.id), json!({ "external": false })).await.ok();
    story.holds("internal again", &[("a stranger", only_looks)]).await;
}

/// Another administrator, with a token of the scopes that open an administrator's doors.
async fn second_administrator(story: &mut Story) -> (i64, tessera_testkit::Client) {
    let boss = story.app.person_with("boss", json!({ "admin": true })).await;
    let token = story.app.personal_token(boss.id, &["api", "sudo", "admin_mode"]).await;
    story.add("an administrator", Key::Token(token.clone()));
    story.add("their sudo", Key::Sudo(token.clone(), "ada"));
    story.holds("as administrator", &[]).await;
    (boss.id, token)
}

#[tokio::test]
async fn an_administrator_is_none_any_more() {
    let mut story = Story::begin().await.with(&[PERSONAL, SUDO]).await;
    let (boss, token) = second_administrator(&mut story).await;
    let settings = "/application/settings";
    token.get(settings).await.ok();
    let path = format!("/users/{boss}");
    story.app.admin().put(&path, json!({ "admin": false })).await.ok();
    let no_sudo = r#"403 {"message":"403 Forbidden - Must be admin to use sudo"}"#;
    let ends = [("an administrator", Doors::without_project()), ("their sudo", Doors::shut(no_sudo, ""))];
    story.holds("demoted", &ends).await;
    let refused = token.get(settings).await;
    assert_eq!(refused.to_string(), r#"403 {"message":"403 Forbidden"}"#);
    story.app.admin().put(&path, json!({ "admin": true })).await.ok();
    story.holds("administrator again", &[]).await;
    token.get(settings).await.ok();
}

#[tokio::test]
async fn an_administrator_is_blocked() {
    let mut story = Story::begin().await.with(&[PERSONAL, SUDO]).await;
    let (boss, token) = second_administrator(&mut story).await;
    story.user(boss, "block").await;
    story.holds("blocked", &[("an administrator", SHUT), ("their sudo", SHUT)]).await;
    story.user(boss, "unblock").await;
    story.holds("let in again", &[]).await;
    token.delete("/personal_access_tokens/self").await.gone();
    story.holds("revoked", &[("an administrator", DEAD), ("their sudo", DEAD)]).await;
}

/// Nobody's right is wider for it that whoever is acted for has none.
#[tokio::test]
async fn the_one_acted_for_loses_what_they_may() {
    let mut story = Story::begin().await.with(&[SUDO]).await;
    let member = format!("/projects/{}/members/{}", story.place.id, story.ada.id);
    story.olga.client.delete(&member).await.gone();
    story.holds("no member", &[(SUDO, Doors::without_project())]).await;
    story.app.admin().delete(&format!("/users/{}", story.ada.id)).await.gone();
    story.holds("deleted", &[(SUDO, Doors::shut(NOBODY, ""))]).await;
    assert_ne!(NOBODY, NO_PROJECT);
}
