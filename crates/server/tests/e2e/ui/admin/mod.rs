//! The pages of administrators.

mod area;
mod features;
mod settings;
mod tokens;
mod users;

use tessera_model::ability::Ability;
use tessera_model::operation::{Method, pages};

use crate::app;

/// Statements of SQL that a page may run.
const MOST: u64 = 12;

#[tokio::test]
async fn the_admin_area_is_not_there_for_others() {
    let app = app().await;
    app.person("ada").await;
    let (ada, nobody) = (app.session("ada").await, app.browser());
    let all = pages::all().filter(|row| row.ability == Ability::Administer && row.method == Method::Get);
    for row in all.filter(|row| !row.path.contains(':')) {
        let reply = ada.get(row.path).await;
        assert_eq!(reply.status, 404, "{}", row.path);
        let reply = nobody.get(row.path).await;
        assert!(reply.header("location").starts_with("/users/sign_in?return_to="), "{}: {reply}", row.path);
    }
}

#[tokio::test]
async fn every_page_takes_few_statements() {
    let app = app().await;
    let root = app.session("root").await;
    let project = app.admin().project("app").await;
    for name in ["one", "two", "three"] {
        app.admin().project_token(project, name, &["api"]).await;
        app.person(name).await;
    }
    let all = pages::all().filter(|row| row.ability == Ability::Administer && row.method == Method::Get);
    for row in all.filter(|row| !row.path.contains(':')) {
        let (reply, statements) = app.statements_of(root.get(row.path)).await;
        assert!([200, 422].contains(&reply.status), "{}: {reply}", row.path);
        assert!(statements <= MOST, "{}: {statements} statements", row.path);
    }
}
