//! The first branch of a project.

use serde_json::json;

use super::{at, project};
use crate::app;

#[tokio::test]
async fn a_project_may_begin_with_a_readme() {
    let app = app().await;
    let admin = app.admin();
    let wanted = json!({ "name": "Read me", "initialize_with_readme": true });
    let made = admin.post("/projects", wanted).await.created();
    assert_eq!((&made["empty_repo"], &made["default_branch"]), (&false.into(), &"main".into()));
    let id = made["id"].as_i64().unwrap();
    assert_eq!(admin.get(&at(id, "files/README.md/raw")).await.text(), "# Read me\n");
    let branch = admin.get(&at(id, "branches/main")).await.ok();
    assert_eq!(
        (&branch["protected"], &branch["commit"]["message"]),
        (&true.into(), &"Initial commit".into())
    );
    assert_eq!(branch["commit"]["parent_ids"], json!([]));
}

#[tokio::test]
async fn the_first_commit_makes_the_default_branch_and_protects_it() {
    let app = app().await;
    let admin = app.admin();
    let project = admin.project("demo").await;
    assert_eq!(admin.get(&at(project, "branches")).await.to_string(), "200 []");
    assert_eq!(admin.get(&at(project, "tags")).await.to_string(), "200 []");
    let missing = admin.get(&at(project, "files/x?ref=main")).await;
    assert_eq!(missing.to_string(), r#"404 {"message":"404 Commit Not Found"}"#);
    let wanted = json!({ "branch": "trunk", "content": "x", "commit_message": "First" });
    let developer = json!({ "name": "dev", "scopes": ["api"], "access_level": 30 });
    let developer = admin.project_token_with(project, developer).await.client;
    let refused = developer.post(&at(project, "files/x"), wanted.clone()).await;
    assert_eq!(refused.to_string(), r#"400 {"message":"You are not allowed to push into this branch"}"#);
    assert_eq!(admin.get(&format!("/projects/{project}")).await.ok()["empty_repo"], true);

    admin.post(&at(project, "files/x"), wanted).await.created();
    let seen = admin.get(&format!("/projects/{project}")).await.ok();
    assert_eq!((&seen["empty_repo"], &seen["default_branch"]), (&false.into(), &"trunk".into()));
    let branch = developer.get(&at(project, "branches/trunk")).await.ok();
    let rights = (&branch["default"], &branch["protected"], &branch["can_push"]);
    assert_eq!(rights, (&true.into(), &true.into(), &false.into()));
    admin.get(&at(project, "files/x?ref=HEAD")).await.ok();
}

#[tokio::test]
async fn an_archived_project_is_read_and_not_written() {
    let app = app().await;
    let admin = app.admin();
    let project = project(&admin).await;
    admin.post(&format!("/projects/{project}/archive"), json!({})).await.created();
    let wanted = json!({ "branch": "main", "content": "x", "commit_message": "m" });
    assert_eq!(admin.post(&at(project, "files/x"), wanted).await.status, 403);
    assert_eq!(
        admin.post(&at(project, "branches"), json!({ "branch": "x", "ref": "main" })).await.status,
        403
    );
    assert_eq!(admin.get(&at(project, "branches/main")).await.ok()["can_push"], false);
}
