//! The end of the password alone (U3, L14): the second factor is turned on, or asked for and not set up in time.

use std::time::Duration;

use serde_json::json;

use super::doors::Doors;
use super::story::{EVERYBODY, PASSWORD, Story};

/// What Git says to Ada's password then, and to nothing else.
fn token_needed(story: &Story) -> [(&'static str, Doors); 1] {
    let told = format!(
        "401 HTTP Basic: Access denied\nTwo-factor authentication is enabled or required for this account: use a \
         personal access token with read_repository or write_repository scope for Git over HTTP.\n\
         {}/-/user_settings/personal_access_tokens with the challenge \"\"",
        story.app.url()
    );
    [(PASSWORD, Doors::shut("", told.leak()))]
}

#[tokio::test]
async fn the_second_factor_is_turned_on() {
    let mut story = Story::begin().await.with(&EVERYBODY).await;
    let start = json!({ "current_password": "a password of the tests" });
    story.ada.client.post("/user/two_factor", start).await.created();
    story.holds("waits for its first code", &[]).await;
    story.app.two_factor(&story.ada.client).await;
    let refused = token_needed(&story);
    story.holds("on", &refused).await;
    story.app.restart(true).await;
    story.holds("on after a restart", &refused).await;
    let path = format!("/users/{}/disable_two_factor", story.ada.id);
    story.app.admin().request(tessera_testkit::Method::PATCH, &path).await.gone();
    story.holds("taken away", &[]).await;
}

#[tokio::test]
async fn the_time_for_setting_a_second_factor_up_is_over() {
    let mut story = Story::begin().await.with(&EVERYBODY).await;
    let set = async |story: &Story, required: bool| {
        let settings =
            json!({ "require_two_factor_authentication": required, "two_factor_grace_period": 24 });
        story.app.admin().put("/application/settings", settings).await.ok();
    };
    set(&story, true).await;
    story.holds("asked for", &[]).await;
    story.app.clock.advance(Duration::from_hours(24));
    let refused = token_needed(&story);
    story.holds("late", &refused).await;
    set(&story, false).await;
    story.holds("asked for no more", &[]).await;
}
