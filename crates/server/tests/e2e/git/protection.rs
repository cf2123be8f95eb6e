//! Protected branches and tags, and the first push of all.

use serde_json::json;
use tessera_testkit::program::GitClient;

use crate::git::access::url;
use crate::instance;

#[tokio::test]
async fn the_first_push_makes_the_default_branch_and_protects_it() {
    let app = instance().listening().start().await;
    let project = app.admin().project("demo").await;
    let mint = async |level: i64| {
        let wanted = json!({ "name": "ci", "scopes": ["api"], "access_level": level });
        app.admin().project_token_with(project, wanted).await.client
    };
    let (maintainer, developer) = (mint(40).await, mint(30).await);
    let work = GitClient::in_folder(app.folder().join("work")).repository("mine").await;
    let refused = work.run(&["push", &url(&app, "x", &developer, "root/demo"), "main"]).await.refused();
    assert!(refused.contains("A default branch (e.g. main) does not yet exist for root/demo"), "{refused}");

    work.run(&["push", "-q", &url(&app, "x", &maintainer, "root/demo"), "main:first"]).await.ok();
    assert_eq!(maintainer.get(&format!("/projects/{project}")).await.ok()["default_branch"], "first");
    let head = work.run(&["ls-remote", "--symref", &url(&app, "x", &maintainer, "root/demo"), "HEAD"]).await;
    assert!(head.ok().starts_with("ref: refs/heads/first\tHEAD"));
    let rules = maintainer.get(&format!("/projects/{project}/protected_branches")).await.ok();
    assert_eq!(rules[0]["name"], "first");
    assert_eq!(rules[0]["push_access_levels"][0]["access_level"], 40);

    let to = url(&app, "x", &maintainer, "root/demo");
    let refused = work.run(&["push", &to, ":first"]).await.refused();
    assert!(
        refused.contains("remote: GitLab: The default branch of a project cannot be deleted."),
        "{refused}"
    );
    let hex = "0123456789012345678901234567890123456789";
    work.run(&["push", &to, &format!("main:refs/heads/{hex}")]).await.refused();
    work.run(&["push", &to, "main:refs/merge-requests/1/head"]).await.refused();
    work.run(&["push", "-q", &to, "main:refs/notes/semantic-release-v1.0.0"]).await.ok();
}

#[tokio::test]
async fn rules_name_wildcards_users_and_bots() {
    let app = instance().listening().start().await;
    let admin = app.admin();
    let project = admin.project("demo").await;
    let wanted = json!({ "name": "ci", "scopes": ["write_repository"], "access_level": 30 });
    let bot = admin.project_token_with(project, wanted).await;
    let first = admin.project_token(project, "first", &["write_repository"]).await;
    let work = GitClient::in_folder(app.folder().join("work")).repository("mine").await;
    let to = url(&app, "x", &bot.client, "root/demo");
    let as_maintainer = url(&app, "x", &first.client, "root/demo");
    work.run(&["push", "-q", &as_maintainer, "main"]).await.ok();

    let branches = format!("/projects/{project}/protected_branches");
    let nobody = json!({ "name": "release/*", "push_access_level": 0 });
    let rule = admin.post(&branches, nobody.clone()).await.created();
    let twice = admin.post(&branches, nobody).await;
    assert_eq!(twice.to_string(), r#"409 {"message":"Protected branch 'release/*' already exists"}"#);
    let refused = work.run(&["push", &as_maintainer, "main:release/1"]).await.refused();
    assert!(
        refused.contains("You are not allowed to create protected branches on this project."),
        "{refused}"
    );

    let grant = json!({ "allowed_to_push": [
        { "user_id": bot.json["user_id"] },
        { "id": rule["push_access_levels"][0]["id"], "_destroy": true },
    ]});
    let path = format!("{branches}/release%2F*");
    let changed = admin.request(tessera_testkit::Method::PATCH, &path).json(&grant).await.ok();
    assert_eq!(changed["push_access_levels"][0]["user_id"], bot.json["user_id"]);
    work.run(&["push", "-q", &to, "main:release/1"]).await.ok();
    let refused = work.run(&["push", &as_maintainer, ":release/1"]).await.refused();
    assert!(refused.contains("You can only delete protected branches using the web interface."), "{refused}");

    admin.post(&format!("/projects/{project}/protected_tags"), json!({ "name": "v*" })).await.created();
    let refused = work.run(&["push", &to, "main:refs/tags/v1"]).await.refused();
    assert!(refused.contains("You are not allowed to create this tag as it is protected."), "{refused}");
    work.run(&["push", "-q", &as_maintainer, "main:refs/tags/v1"]).await.ok();

    admin.delete(&path).await.gone();
    admin.get(&path).await.expect(404);
    work.run(&["push", "-q", &as_maintainer, ":release/1"]).await.ok();
}
