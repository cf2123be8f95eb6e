//! Members of projects and groups (semantics sheet of project tokens, section 2).

use serde_json::json;

use crate::app;

#[tokio::test]
async fn adding_changing_removing() {
    let app = app().await;
    let ada = app.person("ada").await;
    let grace = app.person("grace").await;
    let project = ada.client.project("demo").await;
    let path = format!("/projects/{project}/members");
    let added = ada.client.post(&path, json!({ "user_id": grace.id, "access_level": 30 })).await.created();
    assert_eq!((&added["username"], &added["access_level"]), (&json!("grace"), &json!(30)));
    let again = ada.client.post(&path, json!({ "user_id": grace.id, "access_level": 30 })).await;
    assert_eq!(again.to_string(), r#"409 {"message":"Member already exists"}"#);
    let one = format!("{path}/{}", grace.id);
    assert_eq!(ada.client.put(&one, json!({ "access_level": 40 })).await.ok()["access_level"], 40);
    ada.client.delete(&one).await.gone();
    assert_eq!(ada.client.get(&one).await.to_string(), r#"404 {"message":"404 Not found"}"#);
}

#[tokio::test]
async fn what_is_wrong_is_told() {
    let app = app().await;
    let ada = app.person("ada").await;
    let grace = app.person("grace").await;
    let project = ada.client.project("demo").await;
    let path = format!("/projects/{project}/members");
    for (wanted, expected) in [
        (json!({ "user_id": 999, "access_level": 30 }), r#"404 {"message":"404 User Not Found"}"#),
        (
            json!({ "user_id": grace.id }),
            r#"400 {"error":"access_level is missing, access_level does not have a valid value"}"#,
        ),
        (
            json!({ "user_id": grace.id, "access_level": 1234 }),
            r#"400 {"error":"access_level does not have a valid value"}"#,
        ),
        (
            json!({ "user_id": grace.id, "access_level": 30, "expires_at": "soon" }),
            r#"400 {"error":"expires_at is invalid"}"#,
        ),
        (
            json!({ "user_id": grace.id, "access_level": 30, "expires_at": "2027-03-03" }),
            r#"400 {"message":{"expires_at":["cannot be a date in the past"]}}"#,
        ),
    ] {
        assert_eq!(ada.client.post(&path, wanted.clone()).await.to_string(), expected, "{wanted}");
    }
}

#[tokio::test]
async fn a_membership_ends_at_midnight_of_its_date() {
    let app = app().await;
    let ada = app.person("ada").await;
    let grace = app.person("grace").await;
    let project = ada.client.project("demo").await;
    let wanted = json!({ "user_id": grace.id, "access_level": 30, "expires_at": "2027-03-10" });
    ada.client.post(&format!("/projects/{project}/members"), wanted).await.created();
    app.clock.to_eve_of("2027-03-10");
    grace.client.get(&format!("/projects/{project}")).await.ok();
    app.clock.advance(std::time::Duration::from_secs(1));
    grace.client.get(&format!("/projects/{project}")).await.expect(404);
}

#[tokio::test]
async fn a_group_reaches_down_into_its_projects() {
    let app = app().await;
    let ada = app.person("ada").await;
    let grace = app.person("grace").await;
    let group = ada.client.group("tools").await;
    let project = ada.client.project_with(json!({ "name": "demo", "namespace_id": group })).await;
    grace.client.get(&format!("/projects/{project}")).await.expect(404);
    let wanted = json!({ "user_id": grace.id, "access_level": 40 });
    ada.client.post(&format!("/groups/{group}/members"), wanted).await.created();
    let token = grace.client.project_token(project, "ci", &["read_api"]).await;
    let direct = ada.client.get(&format!("/projects/{project}/members")).await.each("username");
    assert!(
        !direct.contains(&"grace".to_owned()) && direct.contains(&"project_1_bot".to_owned()),
        "{direct:?}"
    );
    let all = token.client.get(&format!("/projects/{project}/members/all")).await.each("username");
    assert!(all.contains(&"grace".to_owned()), "a bot reads the members of its project: {all:?}");
    ada.client.delete(&format!("/groups/{group}/members/{}", grace.id)).await.gone();
    grace.client.get(&format!("/projects/{project}")).await.expect(404);
}

#[tokio::test]
async fn a_developer_manages_nobody_but_may_leave() {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = ada.client.project("demo").await;
    let grace = app.person_in(project, "grace", 30).await;
    let path = format!("/projects/{project}/members");
    let refused = r#"403 {"message":"403 Forbidden"}"#;
    let eve = app.person("eve").await;
    let wanted = json!({ "user_id": eve.id, "access_level": 10 });
    assert_eq!(grace.client.post(&path, wanted).await.to_string(), refused);
    assert_eq!(grace.client.delete(&format!("{path}/{}", ada.id)).await.to_string(), refused);
    grace.client.delete(&format!("{path}/{}", grace.id)).await.gone();
    grace.client.get(&format!("/projects/{project}")).await.expect(404);
}
