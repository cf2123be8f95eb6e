//! What is said before a token is revoked or given a new secret, and that this is what comes of it.

use serde_json::json;
use tessera_model::operation::inventory::ListAllTokens;
use tessera_model::operation::project_tokens::ListProjectTokens;
use tessera_model::operation::users::GetUser;
use tessera_model::{Error, Result};
use tessera_service::tokens::consequences::{self, Revocation, Rotation};
use tessera_service::tokens::sheet::{Count, Obstacle};
use tessera_service::{Key, Tx};
use tessera_testkit::{Client, TestApp};

use super::ask;
use crate::app;

async fn revoking(app: &TestApp, client: &Client, project: i64, id: i64) -> Result<Revocation> {
    let look = move |tx: &mut Tx<'_>| {
        let project = tx.project::<ListProjectTokens>(&Key::Id(project))?;
        consequences::of_revoking_in_project(tx, &project, id)
    };
    app.service.read::<ListProjectTokens, _, _>(&ask(app, client), look).await
}

async fn rotating(app: &TestApp, client: &Client, project: i64, id: i64) -> Result<Rotation> {
    let look = move |tx: &mut Tx<'_>| {
        let project = tx.project::<ListProjectTokens>(&Key::Id(project))?;
        consequences::of_rotating_in_project(tx, &project, id)
    };
    app.service.read::<ListProjectTokens, _, _>(&ask(app, client), look).await
}

async fn revoking_any(app: &TestApp, client: &Client, id: i64) -> Result<Revocation> {
    let look = move |tx: &mut Tx<'_>| {
        let right = tx.instance::<ListAllTokens>()?;
        consequences::of_revoking_any(tx, &right, id)
    };
    app.service.read::<ListAllTokens, _, _>(&ask(app, client), look).await
}

#[tokio::test]
async fn a_revocation_does_what_was_said() {
    let app = app().await;
    let ada = app.person("ada").await.client;
    let project = ada.project("demo").await;
    let bot = ada.project_token(project, "ci", &["api"]).await;
    let issues = format!("/projects/{project}/issues");
    for number in 0..3 {
        bot.client.post(&issues, json!({ "title": format!("{number}") })).await.created();
    }
    bot.client.post(&format!("{issues}/1/notes"), json!({ "body": "x" })).await.created();
    bot.client.put(&format!("{issues}/2"), json!({ "state_event": "close" })).await.ok();
    ada.put(&format!("{issues}/3"), json!({ "assignee_ids": [bot.user_id] })).await.ok();
    app.settle().await;

    let (said, statements) = app.statements_of(revoking(&app, &ada, project, bot.id)).await;
    let said = said.unwrap();
    // Who asks, which project, which role; token, bot, records, use.
    assert_eq!(statements, 3 + 4);
    assert_eq!(said.used.total, Count { uses: 5, failed: 0 });
    assert_eq!(said.used.last.and_then(|last| last.door), Some("REST API"));
    let end = said.bot.unwrap();
    assert_eq!((end.username, end.name), (format!("project_{project}_bot"), "ci".to_owned()));
    assert_eq!(end.memberships, 1);
    let told = |records: &[consequences::Records]| {
        let each = records.iter().map(|records| format!("{} {}", records.count, records.noun()));
        each.collect::<Vec<_>>()
    };
    assert_eq!(told(&end.moved), ["3 issues", "1 comment"]);
    assert_eq!(
        told(&end.unnamed),
        ["1 last change of an issue", "1 closing of an issue", "1 token in the record"]
    );
    assert_eq!(told(&end.removed), ["1 assignment to an issue"]);
    let same = revoking_any(&app, &app.admin(), bot.id).await.unwrap();
    assert_eq!(told(&same.bot.unwrap().moved), ["3 issues", "1 comment"]);
    let refused = revoking_any(&app, &ada, bot.id).await;
    assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");

    ada.delete(&format!("/projects/{project}/access_tokens/{}", bot.id)).await.gone();
    app.settle().await;
    let by_ghost = ada.get(&format!("{issues}?author_username=ghost")).await;
    assert_eq!(by_ghost.header("x-total"), "3");
    let again = revoking(&app, &ada, project, bot.id).await;
    assert!(matches!(again, Err(Error::NotFound(_))), "{again:?}");
}

#[tokio::test]
async fn a_new_secret_has_the_end_that_was_said() {
    let app = app().await;
    let ada = app.person("ada").await.client;
    let project = ada.project("demo").await;
    let endless = ada.project_token(project, "endless", &["api"]).await;
    let wanted = json!({ "name": "ending", "scopes": ["api"], "expires_at": app.clock.in_days(3) });
    let ending = ada.project_token_with(project, wanted).await;
    for (token, days) in [(&endless, None), (&ending, Some(7))] {
        let said = rotating(&app, &ada, project, token.id).await.unwrap();
        assert_eq!((said.obstacle, said.ends.latest), (None, None));
        let usual = said.ends.usual.map(|end| end.to_string());
        assert_eq!(usual, days.map(|days| app.clock.in_days(days)));
        let next = ada.rotated(project, token.id).await;
        assert_eq!(next.json["expires_at"], json!(usual));
        let again = rotating(&app, &ada, project, token.id).await.unwrap();
        assert_eq!(again.obstacle, Some(Obstacle::NobodyLeft), "another secret stands for it");
    }
    app.admin().post("/features/resource_access_token", json!({ "value": "false" })).await.created();
    let off = rotating(&app, &ada, project, ending.id).await.unwrap();
    assert_eq!(off.obstacle, Some(Obstacle::NobodyLeft));
    let live = ending.id + 2;
    let off = rotating(&app, &ada, project, live).await.unwrap();
    assert_eq!(off.obstacle, Some(Obstacle::FeatureOff));
    let other = app.admin().project("other").await;
    let hidden = rotating(&app, &app.admin(), other, live).await;
    assert!(matches!(hidden, Err(Error::NotFound(_))), "{hidden:?}");
}

#[tokio::test]
async fn a_personal_token_takes_nothing_with_it() {
    let app = app().await;
    let (ada, eve) = (app.person("ada").await, app.person("eve").await);
    ada.client.get("/user").await.ok();
    app.settle().await;
    let id = ada.client.get("/personal_access_tokens/self").await.ok()["id"].as_i64().unwrap();
    let revoking = async |client: &Client| {
        let user = ada.id;
        let look = move |tx: &mut Tx<'_>| {
            let user = tx.user::<GetUser>(user)?;
            consequences::of_revoking_own(tx, &user, id)
        };
        app.service.read::<GetUser, _, _>(&ask(&app, client), look).await
    };
    let said = revoking(&ada.client).await.unwrap();
    assert_eq!((said.bot, said.used.total.uses), (None, 1));
    assert!(matches!(revoking(&eve.client).await, Err(Error::Forbidden(_))));
    let rotating = {
        let user = ada.id;
        let look = move |tx: &mut Tx<'_>| {
            let user = tx.user::<GetUser>(user)?;
            consequences::of_rotating_own(tx, &user, id)
        };
        app.service.read::<GetUser, _, _>(&ask(&app, &ada.client), look).await.unwrap()
    };
    assert_eq!((rotating.obstacle, rotating.ends.usual), (None, None));
    app.admin().delete(&format!("/personal_access_tokens/{id}")).await.gone();
    let again = revoking(&app.admin()).await;
    assert!(matches!(again, Err(Error::NotFound(_))), "{again:?}");
}
