//! The ends that a switch of the instance brings.

use serde_json::json;

use super::doors::{DENIED, Doors};
use super::story::{BOT, EVERYBODY, IMPERSONATION, MADE, OWNER, PERSONAL, Story};

/// D13: what was issued goes on working, is listed and revoked; nothing new is made.
#[tokio::test]
async fn the_feature_flag_is_switched_off() {
    for (never_set, scope) in [(true, json!({})), (false, json!({ "project": "olga/demo" }))] {
        let mut story = Story::begin().await.with(&[BOT, MADE, OWNER]).await;
        let tokens = format!("/projects/{}/access_tokens", story.place.id);
        let set = async |story: &Story, value: &str| {
            let mut wanted = scope.clone();
            wanted["value"] = json!(value);
            story.app.admin().post("/features/resource_access_token", wanted).await.created();
        };
        if !never_set {
            set(&story, "true").await;
        }
        set(&story, "false").await;
        story.holds("off", &[]).await;
        let wanted = json!({ "name": "new", "scopes": ["api"] });
        let made = story.olga.client.post(&tokens, wanted.clone()).await;
        assert_eq!(
            made.to_string(),
            r#"400 {"message":"400 Bad request - User does not have permission to create project access token"}"#
        );
        let rotate = format!("{tokens}/{}/rotate", story.bot.id);
        let refused = r#"401 {"message":"401 Unauthorized"}"#;
        assert_eq!(story.olga.client.post(&rotate, json!({})).await.to_string(), refused);
        for own in [format!("{tokens}/self/rotate"), "/personal_access_tokens/self/rotate".to_owned()] {
            assert_eq!(story.bot.client.post(&own, json!({})).await.to_string(), refused, "{own}");
        }
        assert_eq!(story.olga.client.get(&tokens).await.each("name"), ["ci", "deploy"]);
        story.olga.client.delete(&format!("{tokens}/{}", story.made.id)).await.gone();
        let dead = Doors::shut(super::doors::REVOKED, DENIED);
        story.holds("revoked all the same", &[(MADE, dead)]).await;
        set(&story, "true").await;
        story.holds("on again", &[(MADE, dead)]).await;
        story.olga.client.post(&tokens, wanted).await.created();
        story.olga.client.rotated(story.place.id, story.bot.id).await;
    }
}

/// L11: once Git went on taking impersonation tokens.
#[tokio::test]
async fn impersonation_is_switched_off() {
    let mut story = Story::begin().await.with(&EVERYBODY).await;
    story.holds("on", &[]).await;
    story.app.restart(false).await;
    let off = r#"401 {"error":"invalid_token","error_description":"Token is an impersonation token but impersonation was disabled."}"#;
    story.holds("off", &[(IMPERSONATION, Doors::shut(off, DENIED))]).await;
    story.app.restart(true).await;
    story.holds("on again", &[]).await;
}

#[tokio::test]
async fn git_takes_no_passwords_any_more() {
    let mut story = Story::begin().await.with(&[PERSONAL, super::story::PASSWORD, BOT]).await;
    let set = async |story: &Story, value: bool| {
        let setting = json!({ "password_authentication_enabled_for_git": value });
        story.app.admin().put("/application/settings", setting).await.ok();
    };
    story.holds("taken", &[]).await;
    set(&story, false).await;
    let url = story.app.url();
    let told = format!(
        "401 HTTP Basic: Access denied\nPasswords are not taken here: use a personal access token with \
         read_repository or write_repository scope for Git over HTTP.\n{url}/-/user_settings/personal_access_tokens \
         with the challenge \"\""
    );
    let told: &'static str = told.leak();
    story.holds("not taken", &[(super::story::PASSWORD, Doors::shut("", told))]).await;
    set(&story, true).await;
    story.holds("taken again", &[]).await;
}
