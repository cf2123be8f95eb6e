//! The calendar of endings, and the lists that its days lead to.

use serde_json::json;
use tessera_model::operation::inventory::ListAllTokens;
use tessera_model::time::Date;
use tessera_model::{Error, Result};
use tessera_service::tokens::calendar::{self, Calendar};
use tessera_service::tokens::inventory::{self, Wanted};
use tessera_service::{Slice, Tx};
use tessera_testkit::{Client, TestApp};

use super::ask;
use crate::app;
use crate::rest::inventory::personal;

async fn calendar(app: &TestApp, client: &Client) -> Result<Calendar> {
    let look = |tx: &mut Tx<'_>| {
        let right = tx.instance::<ListAllTokens>()?;
        calendar::of_endings(tx, &right)
    };
    app.service.read::<ListAllTokens, _, _>(&ask(app, client), look).await
}

/// The names of the tokens that a list has.
async fn listed(app: &TestApp, wanted: Wanted) -> Vec<String> {
    let look = move |tx: &mut Tx<'_>| {
        let right = tx.instance::<ListAllTokens>()?;
        inventory::list(tx, &right, &wanted, "", Slice { limit: 50, offset: 0 })
    };
    let found = app.service.read::<ListAllTokens, _, _>(&ask(app, &app.admin()), look).await.unwrap();
    found.items.into_iter().map(|item| item.shown.token.name).collect()
}

/// The days on which something ends: date, personal, impersonation, project.
fn ends(calendar: &Calendar) -> Vec<(String, i64, i64, i64)> {
    let some = calendar.days.iter().filter(|day| day.total() > 0);
    some.map(|day| (day.date.to_string(), day.personal, day.impersonation, day.project)).collect()
}

#[tokio::test]
async fn a_year_of_endings_leads_to_the_tokens_of_each_day() {
    let app = app().await;
    let ada = app.person("ada").await;
    let in_days = |days: i64| app.clock.in_days(days);
    personal(&app, ada.id, "today", Some(&in_days(0))).await;
    personal(&app, ada.id, "one", Some(&in_days(1))).await;
    personal(&app, ada.id, "two", Some(&in_days(1))).await;
    personal(&app, ada.id, "last", Some(&in_days(366))).await;
    personal(&app, ada.id, "beyond", Some(&in_days(367))).await;
    let gone = personal(&app, ada.id, "gone", Some(&in_days(1))).await;
    app.admin().delete(&format!("/personal_access_tokens/{gone}")).await.gone();
    let path = format!("/users/{}/impersonation_tokens", ada.id);
    let wanted = json!({ "name": "other", "scopes": ["api"], "expires_at": in_days(2) });
    app.admin().post(&path, wanted).await.created();
    let project = ada.client.project("demo").await;
    let wanted = json!({ "name": "ci", "scopes": ["api"], "expires_at": in_days(1) });
    ada.client.project_token_with(project, wanted).await;

    let (year, statements) = app.statements_of(calendar(&app, &app.admin())).await;
    let year = year.unwrap();
    assert_eq!((year.days.len(), year.enforced, statements), (366, true, 3));
    assert_eq!(ends(&year), [(in_days(1), 2, 0, 1), (in_days(2), 0, 1, 0), (in_days(366), 1, 0, 0)]);
    let mut tomorrow = Wanted::default();
    tomorrow.ending_on(Date::parse(&in_days(1)).unwrap());
    assert_eq!(listed(&app, tomorrow).await, ["one", "two", "ci"]);
    let stranger = calendar(&app, &ada.client).await;
    assert!(matches!(stranger, Err(Error::Forbidden(_))), "{stranger:?}");

    app.admin().put("/application/settings", json!({ "enforce_pat_expiration": false })).await.ok();
    let year = calendar(&app, &app.admin()).await.unwrap();
    assert_eq!((ends(&year), year.enforced), (vec![(in_days(1), 0, 0, 1)], false));
}

#[tokio::test]
async fn a_text_finds_tokens_by_their_names_and_those_of_their_people() {
    let app = app().await;
    let ada = app.person("ada").await;
    app.person("eve").await;
    personal(&app, ada.id, "laptop", None).await;
    let project = ada.client.project("demo").await;
    ada.client.project_token(project, "Nightly", &["api"]).await;
    let with = |text: &str| Wanted { text: Some(text.to_owned()), ..Wanted::default() };
    assert_eq!(listed(&app, with("APT")).await, ["laptop"]);
    assert_eq!(listed(&app, with("ada")).await, ["story", "laptop"]);
    assert_eq!(listed(&app, with("_bot")).await, ["Nightly"], "by the bot's username");
    assert_eq!(listed(&app, with("night")).await, ["Nightly"]);
    assert_eq!(listed(&app, with("administrator")).await, ["root token"], "by a display name");
    assert_eq!(listed(&app, with("%")).await, Vec::<String>::new());
}
