//! Finding projects and groups, and making projects.

use serde_json::json;

use crate::app;

#[tokio::test]
async fn everybody_finds_what_they_may_see() {
    let app = app().await;
    let ada = app.person("ada").await;
    app.person("bob").await;
    ada.client.project_with(json!({ "name": "Lighthouse", "visibility": "public" })).await;
    ada.client.project("Vault").await;
    ada.client.group("lamps").await;
    let (ada, bob, nobody) = (app.session("ada").await, app.session("bob").await, app.browser());
    let page = nobody.get("/explore").await.text();
    assert!(page.contains("ada/lighthouse") && !page.contains("ada/vault"), "{page}");
    assert!(nobody.get("/explore/groups").await.text().contains("Nothing here yet"));
    assert!(ada.get("/explore").await.text().contains("ada/vault"));
    assert!(ada.get("/dashboard/groups").await.text().contains("href=\"/lamps\""));
    assert!(bob.get("/dashboard/groups").await.text().contains("No groups yet"));
    let page = ada.get("/search?search=vau").await.text();
    assert!(page.contains("ada/vault") && !page.contains("ada/lighthouse"), "{page}");
    assert!(bob.get("/search?search=vau").await.text().contains("Nothing found"));
    assert!(ada.get("/search?search=lam&scope=groups").await.text().contains("href=\"/lamps\""));
    assert_eq!(ada.get("/search").await.status, 200);
    for path in ["/explore", "/dashboard/groups", "/search?search=a", "/projects/new", "/groups/new"] {
        let (reply, statements) = app.statements_of(ada.get(path)).await;
        assert!(reply.status == 200 && statements <= 12, "{path}: {statements} statements, {reply}");
    }
}

#[tokio::test]
async fn a_project_is_made() {
    let app = app().await;
    app.person("ada").await;
    let ada = app.session("ada").await;
    let new = "/projects/new";
    let refused = ada.submit(new, new, &[("name", ""), ("visibility", "private")]).await;
    assert_eq!(refused.status, 422);
    assert!(
        refused.text().contains("There is a problem") || refused.text().contains("problems"),
        "{refused}"
    );
    assert_eq!(ada.submit(new, new, &[("name", "Buoys"), ("namespace_id", "99999")]).await.status, 422);
    let fields = [
        ("name", "Buoys and bells"),
        ("namespace_id", ""),
        ("visibility", "internal"),
        ("description", "Ding"),
    ];
    let made = ada.submit(new, new, &fields).await;
    assert_eq!((made.status, made.header("location")), (303, "/ada/buoys-and-bells"));
    let project = app.admin().get("/projects/ada%2Fbuoys-and-bells").await.ok();
    assert_eq!((&project["visibility"], &project["description"]), (&json!("internal"), &json!("Ding")));
    let page = ada.get("/ada/buoys-and-bells").await.text();
    assert!(page.contains("The project Buoys and bells was made."), "{page}");
    let taken = ada.submit(new, new, &fields).await;
    assert!(taken.status == 422 && taken.text().contains("has already been taken"), "{taken}");
}
