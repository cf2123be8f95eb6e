//! The page of a project's tokens.

use std::time::Duration;

use serde_json::json;
use tessera_model::operation::project_tokens::ListProjectTokens;
use tessera_model::role::Role;
use tessera_model::scope;
use tessera_model::{Error, Result};
use tessera_service::Key;
use tessera_service::tokens::sheet::{self, Ends, Obstacle, Pages, Reason, Sheet};
use tessera_testkit::{Client, Method, TestApp};

use super::{ask, short, used};
use crate::app;

const DAY: Duration = Duration::from_hours(24);

async fn turned(app: &TestApp, client: &Client, project: i64, pages: Pages) -> Result<Sheet> {
    let look = move |tx: &mut tessera_service::Tx<'_>| {
        let project = tx.project::<ListProjectTokens>(&Key::Id(project))?;
        sheet::of_project(tx, &project, pages)
    };
    app.service.read::<ListProjectTokens, _, _>(&ask(app, client), look).await
}

async fn page(app: &TestApp, client: &Client, project: i64) -> Sheet {
    turned(app, client, project, Pages::default()).await.unwrap()
}

#[tokio::test]
async fn what_needs_attention_stands_first() {
    let app = app().await;
    let ada = app.person("ada").await.client;
    let project = ada.project("demo").await;
    let mint = async |name: &str, end: Option<i64>| {
        let end = end.map(|days| app.clock.in_days(days));
        let wanted = json!({ "name": name, "scopes": ["read_api", "read_repository"], "expires_at": end });
        ada.project_token_with(project, wanted).await
    };
    let idle = mint("idle", None).await;
    idle.client.get("/user").await.ok();
    mint("forgotten", None).await;
    let git = mint("git", Some(200)).await;
    app.settle().await;
    app.clock.advance(90 * DAY);
    let fetch = "/ada/demo.git/info/refs?service=git-upload-pack";
    assert_eq!(app.anonymous().at(Method::GET, fetch).basic("any", git.client.secret()).await.status, 200);
    app.clock.advance(DAY);
    mint("fresh", None).await;
    mint("in two weeks", Some(14)).await;
    mint("in fifteen days", Some(15)).await;
    mint("tomorrow", Some(1)).await.client.get("/user").await.ok();
    app.settle().await;
    let sheet = page(&app, &ada, project).await;
    let lines: Vec<_> = sheet.active.items.iter().map(short).collect();
    insta::assert_snapshot!(lines.join("\n"), @"
    tomorrow: ends soon, REST API
    in two weeks: ends soon, -
    forgotten: never used, -
    idle: unused, -
    in fifteen days: fine, -
    fresh: fine, -
    git: fine, Git over HTTP
    ");
    assert_eq!(sheet.active.total, Some(7));
    let first = &sheet.active.items[0];
    assert_eq!(first.record.created_by.1, "ada");
    assert_eq!(first.record.user, Some((format!("project_{project}_bot6"), "tomorrow".to_owned())));
    assert_eq!((first.record.token.role, first.rotation), (Some(Role::Maintainer), None));
    assert_eq!(first.record.token.last_used_ips, ["192.0.2.10"]);
    assert_eq!(used(&first.days), [(0, 1, 0)]);
    let used_yesterday = sheet.active.items.iter().find(|token| token.record.token.name == "git").unwrap();
    assert_eq!(used(&used_yesterday.days), [(1, 1, 0)]);
    let idle = sheet.active.items.iter().find(|token| token.record.token.name == "idle").unwrap();
    assert_eq!((used(&idle.days), &idle.last_use), (Vec::new(), &None), "the ledger forgot it");
    app.clock.advance(7 * DAY);
    let names = async || {
        let later = page(&app, &ada, project).await;
        later.active.items.iter().map(short).collect::<Vec<_>>().join("; ")
    };
    let rest = "idle: unused, -; fresh: fine, -; git: fine, Git over HTTP";
    let soon = "in two weeks: ends soon, -; in fifteen days: ends soon, -; forgotten: never used, -";
    assert_eq!(names().await, format!("{soon}; {rest}"), "fresh is seven days old, not older");
    app.clock.advance(Duration::from_secs(1));
    let rest = "fresh: never used, -; forgotten: never used, -; idle: unused, -; git: fine, Git over HTTP";
    assert_eq!(names().await, format!("{}; {rest}", soon.trim_end_matches("; forgotten: never used, -")));
}

#[tokio::test]
async fn the_reason_stands_with_what_is_inactive() {
    let app = app().await;
    let (ada, bob) = (app.person("ada").await.client, app.person("bob").await);
    let project = ada.project("demo").await;
    app.member(project, bob.id, 40).await;
    let ends = json!({ "name": "expired", "scopes": ["api"], "expires_at": app.clock.in_days(3) });
    let expired = ada.project_token_with(project, ends).await;
    let revoked = ada.project_token(project, "revoked", &["api"]).await;
    let rotated = ada.project_token(project, "rotated", &["api"]).await;
    let copied = ada.project_token(project, "copied", &["api"]).await;
    bob.client.delete(&format!("/projects/{project}/access_tokens/{}", revoked.id)).await.gone();
    let next = bob.client.rotated(project, rotated.id).await;
    let second = ada.rotated(project, copied.id).await;
    app.clock.advance(Duration::from_secs(1));
    copied.client.get("/user").await.expect(401);
    app.settle().await;
    app.clock.advance(3 * DAY);
    let sheet = page(&app, &ada, project).await;
    let found: Vec<_> = sheet
        .inactive
        .items
        .iter()
        .map(|token| (token.record.token.id, token.reason.clone(), token.bot_lives, token.rotation))
        .collect();
    let start = tessera_testkit::START;
    let expired_on = start.date().plus_days(3);
    let (bob, ada) = ("bob".to_owned(), "ada".to_owned());
    assert_eq!(
        found,
        [
            (second.id, Reason::Reused { at: Some(start.plus_seconds(1)) }, true, None),
            (
                copied.id,
                Reason::Rotated { by: ada, at: start, replaced_by: second.id },
                false,
                Some(Obstacle::NobodyLeft)
            ),
            (
                rotated.id,
                Reason::Rotated { by: bob.clone(), at: start, replaced_by: next.id },
                false,
                Some(Obstacle::NobodyLeft)
            ),
            (revoked.id, Reason::Revoked { by: bob, at: Some(start) }, false, Some(Obstacle::NobodyLeft)),
            (expired.id, Reason::Expired { on: expired_on }, true, None),
        ]
    );
    assert_eq!((sheet.inactive.total, sheet.active.total), (Some(5), Some(1)));
    assert_eq!(sheet.inactive.items[3].record.user, None, "its bot is gone");
    // What can be given a new secret is told apart rightly: the use case agrees.
    for token in &sheet.inactive.items {
        let path = format!("/projects/{project}/access_tokens/{}/rotate", token.record.token.id);
        let status = app.admin().post(&path, json!({})).await.status;
        assert_eq!(status == 200, token.rotation.is_none(), "{}", token.record.token.name);
    }
}

#[tokio::test]
async fn the_form_says_why_nothing_can_be_made() {
    let app = app().await;
    let (admin, owner) = (app.admin(), app.person("ada").await);
    let group = owner.client.group("tools").await;
    let project = owner.client.project_with(json!({ "name": "demo", "namespace_id": group })).await;
    let maintainer = app.person_in(project, "mary", 40).await.client;
    let top = json!({ "name": "top", "scopes": ["api"], "access_level": 50 });
    owner.client.project_token_with(project, top).await;
    let open = page(&app, &maintainer, project).await;
    assert_eq!((open.making.obstacle, open.rotation), (None, None));
    assert_eq!(open.making.highest_role, Some(Role::Maintainer));
    assert_eq!(open.making.scopes, scope::OF_PROJECT_TOKENS);
    let free = Ends { enforced: true, required: false, longest: None, latest: None, default: None };
    assert_eq!(open.making.ends, free);
    assert_eq!(open.active.items[0].rotation, Some(Obstacle::RoleBeyondOwn));
    assert_eq!(page(&app, &owner.client, project).await.making.highest_role, Some(Role::Owner));

    let limit = json!({ "max_personal_access_token_lifetime": 30 });
    admin.put("/application/settings", limit).await.ok();
    let last = Some(open.today.plus_days(30));
    let bounded = Ends { required: true, longest: Some(30), latest: last, default: last, ..free };
    assert_eq!(page(&app, &maintainer, project).await.making.ends, bounded);

    let bot = owner.client.project_token(project, "ci", &["read_api"]).await;
    let seen = page(&app, &bot.client, project).await;
    assert_eq!((seen.making.obstacle, seen.rotation), (Some(Obstacle::NoPerson), Some(Obstacle::NoPerson)));

    let path = format!("/groups/{group}");
    admin.put(&path, json!({ "resource_access_token_creation_allowed": false })).await.ok();
    let closed = page(&app, &maintainer, project).await;
    assert_eq!((closed.making.obstacle, closed.rotation), (Some(Obstacle::OffInGroup), None));
}

#[tokio::test]
async fn without_the_feature_the_page_goes_with_the_last_token() {
    let app = app().await;
    let ada = app.person("ada").await.client;
    let (project, empty) = (ada.project("demo").await, ada.project("empty").await);
    let token = ada.project_token(project, "ci", &["api"]).await;
    assert_eq!(page(&app, &ada, empty).await.making.obstacle, None);
    app.admin().post("/features/resource_access_token", json!({ "value": "false" })).await.created();
    let gone = turned(&app, &ada, empty, Pages::default()).await;
    assert!(matches!(gone, Err(Error::NotFound(_))), "{gone:?}");
    let left = page(&app, &ada, project).await;
    assert_eq!(
        (left.making.obstacle, left.rotation),
        (Some(Obstacle::FeatureOff), Some(Obstacle::FeatureOff))
    );
    assert_eq!(left.active.items[0].rotation, Some(Obstacle::FeatureOff));
    ada.delete(&format!("/projects/{project}/access_tokens/{}", token.id)).await.gone();
    let gone = turned(&app, &ada, project, Pages::default()).await;
    assert!(matches!(gone, Err(Error::NotFound(_))), "{gone:?}");
}

#[tokio::test]
async fn many_tokens_take_no_more_statements_than_few() {
    let app = app().await;
    let ada = app.person("ada").await.client;
    let project = ada.project("demo").await;
    let mut tokens = Vec::new();
    for number in 0..55 {
        let token = ada.project_token(project, &format!("t{number}"), &["read_api"]).await;
        token.client.get("/user").await.ok();
        tokens.push(token);
    }
    for token in &tokens[..22] {
        ada.rotated(project, token.id).await;
    }
    app.settle().await;
    let (sheet, statements) = app.statements_of(page(&app, &ada, project)).await;
    assert_eq!((sheet.active.items.len(), sheet.active.total), (50, Some(55)));
    assert_eq!((sheet.inactive.items.len(), sheet.inactive.total), (20, Some(22)));
    // Who asks, which project, which role; and the six of the page.
    assert_eq!(statements, 3 + 6);
    let second = turned(&app, &ada, project, Pages { active: 2, inactive: 2 }).await.unwrap();
    assert_eq!((second.active.items.len(), second.inactive.items.len()), (5, 2));
    let newest =
        |sheet: &Sheet| sheet.active.items.iter().map(|token| token.record.token.id).collect::<Vec<_>>();
    let all = [newest(&sheet), newest(&second)].concat();
    assert!(all.is_sorted_by(|one, next| one > next), "{all:?}");
    let beyond = turned(&app, &ada, project, Pages { active: 3, inactive: i64::MAX }).await.unwrap();
    assert_eq!((beyond.active.items.len(), beyond.active.total), (0, Some(55)));
}
