//! How much of the database a request takes.

use crate::app;

#[tokio::test]
async fn the_statements_of_a_request_are_counted() {
    let app = app().await;
    let project = app.admin().project("demo").await;
    app.admin().project_token(project, "ci", &["read_api"]).await;
    app.settle().await;
    let (reply, one) = app.statements_of(app.admin().get("/user")).await;
    reply.ok();
    assert_eq!(one, 1, "a token that is looked up says all that is asked for");
    let (reply, list) =
        app.statements_of(app.admin().get(&format!("/projects/{project}/access_tokens"))).await;
    reply.ok();
    assert!((4..=8).contains(&list), "{list}");
    let (reply, none) = app.statements_of(app.anonymous().get("/user")).await;
    assert_eq!((reply.status, none), (401, 0));
}
