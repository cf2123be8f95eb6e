//! Tokens that an administrator made for somebody, and what outlives whoever made it.

use serde_json::json;

use super::doors::Key;
use super::story::{BOT, IMPERSONATION, MADE, PERSONAL, Story};

/// L15: whom an impersonation token is for neither sees nor ends it; the answers are those to a number that there is not.
#[tokio::test]
async fn an_impersonation_token_is_invisible_to_its_user() {
    let mut story = Story::begin().await.with(&[PERSONAL, IMPERSONATION]).await;
    let (ada, number) = (story.ada.client.clone(), story.impersonation);
    let listed = ada.get("/personal_access_tokens").await.each("id");
    assert!(!listed.contains(&number.to_string()), "{listed:?}");
    for which in [number, 987_654] {
        let one = format!("/personal_access_tokens/{which}");
        let own = format!("/users/{}/impersonation_tokens/{which}", story.ada.id);
        let rotate = format!("{one}/rotate");
        let asked = [
            (ada.get(&one).await, r#"401 {"message":"401 Unauthorized"}"#),
            (ada.get(&format!("{one}/usage")).await, r#"401 {"message":"401 Unauthorized"}"#),
            (ada.post(&rotate, json!({})).await, r#"401 {"message":"401 Unauthorized"}"#),
            (ada.delete(&one).await, r#"404 {"message":"404 Not found"}"#),
            (ada.get(&own).await, r#"403 {"message":"403 Forbidden"}"#),
            (ada.delete(&own).await, r#"403 {"message":"403 Forbidden"}"#),
        ];
        for (reply, expected) in asked {
            assert_eq!(reply.to_string(), expected, "{reply:?}");
        }
    }
    story.holds("it works as before", &[]).await;
}

/// L16: a token that stands in for somebody leaves nothing behind that would outlive it, and the log names both.
#[tokio::test]
async fn an_impersonation_token_makes_no_other_token() {
    let story = Story::begin().await;
    let impersonation = story.app.impersonation_token(story.ada.id, &["api", "self_rotate"]).await;
    let wanted = json!({ "name": "mine", "scopes": ["self_rotate"] });
    let refused = impersonation.post("/user/personal_access_tokens", wanted.clone()).await;
    assert_eq!(refused.to_string(), r#"422 {"message":"Not permitted to create"}"#);
    let personal = story.ada.client.get("/personal_access_tokens/self").await.ok()["id"].clone();
    let refused = impersonation.post(&format!("/personal_access_tokens/{personal}/rotate"), json!({})).await;
    assert_eq!(refused.to_string(), r#"400 {"message":"400 Bad request - Not permitted to rotate"}"#);
    story.ada.client.get("/user").await.ok();
    story.ada.client.post("/user/personal_access_tokens", wanted).await.created();
    // It gives itself a new secret, which is an impersonation token as well.
    let own = impersonation.post("/personal_access_tokens/self/rotate", json!({})).await.ok();
    let kept = story.app.admin().get(&format!("/users/{}/impersonation_tokens", story.ada.id)).await;
    assert!(kept.each("id").contains(&own["id"].to_string()), "{kept}");
    // Sudo is an administrator's own act, and the log says so.
    story.app.admin().sudo("ada").post("/projects", json!({ "name": "hers" })).await.created();
    let events = story.app.admin().get("/audit_events?entity_type=User").await;
    let made = story.app.admin().get("/audit_events").await;
    let both = made.json.as_array().unwrap().iter().any(|event| {
        event["author_id"] == 1 && event["details"].to_string().contains("\"on_behalf_of\":\"ada\"")
    });
    assert!(both, "{made}\n{events}");
}

/// L30: the bot of a token stays when its maker goes, in whichever way; its owners see it and who made it.
#[tokio::test]
async fn the_maker_of_a_token_goes_and_its_bot_stays() {
    let mut story = Story::begin().await.with(&[BOT, MADE]).await;
    let (admin, ada, project) = (story.app.admin(), story.ada.id, story.place.id);
    let tokens = format!("/projects/{project}/access_tokens");
    admin.post(&format!("/users/{ada}/block"), json!({})).await.created();
    story.holds("blocked", &[]).await;
    story.olga.client.delete(&format!("/projects/{project}/members/{ada}")).await.gone();
    story.holds("no member", &[]).await;
    admin.delete(&format!("/users/{ada}")).await.gone();
    story.app.settle().await;
    story.holds("deleted", &[]).await;
    assert_eq!(story.olga.client.get(&tokens).await.each("name"), ["ci", "deploy"]);
    let rotated = story.olga.client.rotated(project, story.made.id).await;
    assert_eq!(rotated.user_id, story.made.user_id);
    story.add("its new token", Key::Token(rotated.client));
    let dead = super::doors::Doors::shut(super::doors::REVOKED, super::doors::DENIED);
    story.holds("rotated by an owner", &[(MADE, dead)]).await;
}
