//! The ends of tokens.

use std::time::Duration;

use serde_json::json;

use super::doors::{DENIED, Doors, EXPIRED, Key, REVOKED};
use super::story::{BOT, EVERYBODY, IMPERSONATION, MADE, OWNER, PASSWORD, PERSONAL, SUDO, Story};

/// A token that was revoked or rotated away.
const DEAD: Doors = Doors::shut(REVOKED, DENIED);
const ENDED: Doors = Doors::shut(EXPIRED, DENIED);

#[tokio::test]
async fn every_door_is_open_to_everybody_before() {
    let mut story = Story::begin().await.with(&EVERYBODY).await;
    story.is_open_by_each_carrier().await;
    story.holds("nothing happened", &[]).await;
}

#[tokio::test]
async fn a_personal_token_is_revoked() {
    let mut story = Story::begin().await.with(&[PERSONAL, IMPERSONATION, PASSWORD, MADE]).await;
    story.ada.client.delete("/personal_access_tokens/self").await.gone();
    story.holds("revoked", &[(PERSONAL, DEAD)]).await;
    story.app.settle().await;
    story.holds("later", &[(PERSONAL, DEAD)]).await;
}

#[tokio::test]
async fn an_impersonation_token_is_revoked() {
    let mut story = Story::begin().await.with(&[PERSONAL, IMPERSONATION]).await;
    let path = format!("/users/{}/impersonation_tokens/{}", story.ada.id, story.impersonation);
    story.app.admin().delete(&path).await.gone();
    story.holds("revoked", &[(IMPERSONATION, DEAD)]).await;
}

#[tokio::test]
async fn a_project_token_is_revoked_and_its_bot_is_gone() {
    let mut story = Story::begin().await.with(&[BOT, MADE]).await;
    let path = format!("/projects/{}/access_tokens/{}", story.place.id, story.bot.id);
    story.olga.client.delete(&path).await.gone();
    story.holds("revoked", &[(BOT, DEAD)]).await;
    let bot = format!("/users/{}", story.bot.user_id);
    story.app.admin().get(&bot).await.expect(404);
    story.app.settle().await;
    story.holds("the bot's records moved", &[(BOT, DEAD)]).await;
    story.app.admin().get(&bot).await.expect(404);
    // Nobody gives what is gone a new secret.
    story.olga.client.post(&format!("{path}/rotate"), json!({})).await.expect(400);
}

#[tokio::test]
async fn a_project_token_revokes_itself_and_its_bot_gets_another() {
    let mut story = Story::begin().await.with(&[BOT, MADE]).await;
    story.bot.client.delete("/personal_access_tokens/self").await.gone();
    story.holds("revoked", &[(BOT, DEAD)]).await;
    let again = story.olga.client.rotated(story.place.id, story.bot.id).await;
    assert_eq!(again.user_id, story.bot.user_id);
    story.add("the bot's new token", Key::Token(again.client));
    story.holds("given a new secret", &[(BOT, DEAD)]).await;
}

#[tokio::test]
async fn a_token_is_rotated() {
    let mut story = Story::begin().await.with(&[PERSONAL, BOT]).await;
    let rotated = story.olga.client.rotated(story.place.id, story.bot.id).await;
    let own = story.ada.client.post("/personal_access_tokens/self/rotate", json!({})).await.ok();
    let own = story.app.token(own["token"].as_str().unwrap());
    story.add("the bot's new token", Key::Token(rotated.client));
    story.add("Ada's new token", Key::Token(own));
    // The old secret is tried in the very moment of its end, which is no sign of a theft.
    story.holds("rotated", &[(BOT, DEAD), (PERSONAL, DEAD)]).await;
    story.app.clock.advance(Duration::from_secs(1));
    let all = [BOT, PERSONAL, "the bot's new token", "Ada's new token"].map(|name| (name, DEAD));
    story.bot.client.get("/user").await.expect(401);
    story.ada.client.get("/user").await.expect(401);
    story.holds("somebody has a copy of the old secret (D22)", &all).await;
}

#[tokio::test]
async fn a_token_expires_at_midnight() {
    let mut story = Story::begin().await.with(&[PASSWORD, SUDO, OWNER]).await;
    let (app, project) = (&story.app, story.place.id);
    let end = app.clock.in_days(2);
    let wanted = json!({ "name": "short", "scopes": ["api"], "expires_at": end });
    let bot = story.olga.client.project_token_with(project, wanted.clone()).await;
    let made = async |kind: &str| {
        let path = format!("/users/{}/{kind}", story.ada.id);
        let made = app.admin().post(&path, wanted.clone()).await.created();
        app.token(made["token"].as_str().unwrap())
    };
    let (personal, impersonation) =
        (made("personal_access_tokens").await, made("impersonation_tokens").await);
    app.clock.to_eve_of(&end);
    story.add(PERSONAL, Key::Token(personal));
    story.add(IMPERSONATION, Key::Token(impersonation));
    story.add(BOT, Key::Token(bot.client));
    story.holds("a second before", &[]).await;
    story.begin_streams().await;
    story.app.clock.advance(Duration::from_secs(1));
    let ended = [(PERSONAL, ENDED), (IMPERSONATION, ENDED), (BOT, ENDED)];
    story.holds("midnight", &ended).await;
    story.app.settle().await;
    story.holds("after the jobs of that night", &ended).await;
    let setting = json!({ "enforce_pat_expiration": false });
    story.app.admin().put("/application/settings", setting).await.ok();
    story.holds("not enforced for people (D12, U7)", &[(BOT, ENDED)]).await;
    let setting = json!({ "enforce_pat_expiration": true });
    story.app.admin().put("/application/settings", setting).await.ok();
    story.holds("enforced again", &ended).await;
}
