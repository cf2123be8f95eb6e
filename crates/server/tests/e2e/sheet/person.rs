//! The page of a person's own tokens.

use std::time::Duration;

use serde_json::json;
use tessera_model::operation::users::GetUser;
use tessera_model::scope::Scope;
use tessera_model::{Error, Result};
use tessera_service::tokens::sheet::{self, Obstacle, Pages, Reason, Sheet};
use tessera_testkit::{Client, TestApp};

use super::{ask, short};
use crate::app;
use crate::rest::inventory::personal;

async fn page(app: &TestApp, client: &Client, user: i64) -> Result<Sheet> {
    let look = move |tx: &mut tessera_service::Tx<'_>| {
        let user = tx.user::<GetUser>(user)?;
        sheet::of_person(tx, &user, Pages::default())
    };
    app.service.read::<GetUser, _, _>(&ask(app, client), look).await
}

#[tokio::test]
async fn it_has_ones_own_and_no_others() {
    let app = app().await;
    let (ada, eve) = (app.person("ada").await, app.person("eve").await);
    let impersonating = app.impersonation_token(ada.id, &["read_user"]).await;
    let project = ada.client.project("demo").await;
    ada.client.project_token(project, "ci", &["api"]).await;
    let end = app.clock.in_days(2);
    personal(&app, ada.id, "short", Some(&end)).await;
    personal(&app, ada.id, "born dead", Some(&app.clock.in_days(0))).await;
    app.settle().await;
    let (sheet, statements) = app.statements_of(page(&app, &ada.client, ada.id)).await;
    let sheet = sheet.unwrap();
    let lines: Vec<_> = sheet.active.items.iter().map(short).collect();
    assert_eq!(lines, ["short: ends soon, -", "story: fine, REST API"]);
    // Who asks, whom it is about, and those of the page.
    assert_eq!(statements, 2 + 4);
    assert_eq!(sheet.inactive.items[0].reason, Reason::Expired { on: sheet.today });
    assert_eq!(sheet.inactive.items[0].rotation, None);
    assert_eq!((sheet.making.obstacle, sheet.making.highest_role), (None, None));
    assert!(!sheet.making.scopes.contains(&Scope::Sudo) && sheet.making.scopes.contains(&Scope::ReadUser));
    let seen = page(&app, &app.admin(), ada.id).await.unwrap();
    assert_eq!(seen.active, sheet.active);
    let stranger = page(&app, &eve.client, ada.id).await;
    assert!(matches!(stranger, Err(Error::Forbidden(_))), "{stranger:?}");
    let other = page(&app, &impersonating, ada.id).await.unwrap();
    assert_eq!(other.making.obstacle, Some(Obstacle::NoPerson), "whoever stands in for her makes nothing");
    let root = page(&app, &app.admin(), 1).await.unwrap();
    assert!(root.making.scopes.contains(&Scope::Sudo), "{:?}", root.making.scopes);
}

#[tokio::test]
async fn where_ends_bind_nobody_nothing_ends_soon() {
    let app = app().await;
    let ada = app.person("ada").await;
    personal(&app, ada.id, "over", Some(&app.clock.in_days(1))).await;
    personal(&app, ada.id, "soon", Some(&app.clock.in_days(4))).await;
    app.clock.advance(Duration::from_hours(48));
    let names = async || {
        let sheet = page(&app, &ada.client, ada.id).await.unwrap();
        let active: Vec<_> = sheet.active.items.iter().map(short).collect();
        (active, sheet.inactive.items.len(), sheet.making.ends.enforced)
    };
    let (active, inactive, enforced) = names().await;
    assert_eq!(active, ["soon: ends soon, -", "story: fine, -"]);
    assert_eq!((inactive, enforced), (1, true));
    app.admin().put("/application/settings", json!({ "enforce_pat_expiration": false })).await.ok();
    let (active, inactive, enforced) = names().await;
    assert_eq!(active, ["soon: fine, -", "over: fine, -", "story: fine, -"]);
    assert_eq!((inactive, enforced), (0, false));
}
