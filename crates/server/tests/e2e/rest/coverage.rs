//! No door without a lock: every row of the table is asked over real HTTP by nobody, with a dead token,
//! and with tokens whose scopes do not open it (L1 to L8, C1).

use tessera_model::caller::{Caller, Via};
use tessera_model::error::Error;
use tessera_model::operation::{self, Row, Surface};
use tessera_model::policy::admit;
use tessera_model::scope::{OF_PROJECT_TOKENS, Scope, ScopeSet};
use tessera_model::time::Clock;
use tessera_model::token::{TokenFacts, TokenKind};
use tessera_model::user::{User, UserKind, UserState};
use tessera_testkit::Method;
use tessera_testkit::{Client, Reply, TestApp};

use crate::instance;

/// An address of a row: numbers that nothing has.
pub(crate) fn address(row: &Row) -> String {
    let part = |part: &str| match part {
        ":path.git" => "nobody/nothing.git".to_owned(),
        ":name" | ":branch" | ":tag_name" | ":file_path" => "nothing".to_owned(),
        other if other.starts_with(':') => "987654".to_owned(),
        other => other.to_owned(),
    };
    let (path, query) = row
        .path
        .split_once('?')
        .map_or((row.path, String::new()), |(path, query)| (path, format!("?{query}")));
    let path: Vec<String> = path.split('/').map(part).collect();
    let below = if row.surface == Surface::Rest { "/api/v4" } else { "" };
    format!("{below}{}{query}", path.join("/"))
}

async fn ask(client: &Client, row: &Row) -> Reply {
    let method: Method = row.method.name().parse().unwrap();
    client.at(method, &address(row)).over_http().await
}

/// What `admit` says of a project token with one scope.
fn verdict(row: &Row, scope: Scope) -> Result<(), u16> {
    let user = User { kind: UserKind::ProjectBot, bot_project_id: Some(1), ..nobody() };
    let facts =
        TokenFacts { id: 1, kind: TokenKind::Project, scopes: ScopeSet::of(&[scope]), project_id: Some(1) };
    let caller = Caller { user: Some(user), via: Via::Token(facts), sudo_by: None };
    admit(&caller, row).map_err(|error| match error {
        Error::InsufficientScope(_) | Error::Forbidden(_) => 403,
        Error::MethodNotAllowed => 405,
        Error::Unauthenticated(_) => 401,
        other => panic!("{}: {other}", row.name),
    })
}

fn nobody() -> User {
    let now = tessera_testkit::START;
    User {
        id: 1,
        username: String::new(),
        name: String::new(),
        email: String::new(),
        kind: UserKind::Human,
        state: UserState::Active,
        admin: false,
        external: false,
        can_create_group: false,
        projects_limit: 0,
        password_expired: false,
        two_factor: false,
        password_initial: false,
        private_profile: false,
        bio: String::new(),
        public_email: None,
        note: None,
        created_at: now,
        created_by_id: None,
        bot_project_id: None,
        last_activity_on: None,
        updated_at: now,
    }
}

/// Every difference at once.
#[derive(Default)]
struct Report(Vec<String>);

impl Report {
    fn check(&mut self, row: &Row, who: &str, reply: &Reply, fits: bool, expected: &str) {
        let unknown = reply.text().contains(r#"{"error":"404 Not Found"}"#);
        if !fits || reply.status >= 500 || unknown {
            self.0.push(format!("{} by {who}: {reply:?}, expected {expected}", row.name));
        }
    }

    fn done(self) {
        assert!(self.0.is_empty(), "{} differences:\n{}", self.0.len(), self.0.join("\n"));
    }
}

async fn world() -> TestApp {
    let app = instance().listening().start().await;
    app.admin().project("home").await;
    app
}

#[tokio::test]
async fn nobody_passes_where_a_credential_is_needed() {
    let app = world().await;
    let mut report = Report::default();
    for row in operation::all() {
        let reply = ask(&app.anonymous(), row).await;
        let fits = if row.anonymous && row.surface == Surface::Rest {
            [200, 400, 401, 403, 404].contains(&reply.status)
        } else {
            reply.status == 401
        };
        report.check(row, "nobody", &reply, fits, "401");
    }
    report.done();
}

#[tokio::test]
async fn a_dead_token_opens_nothing() {
    let app = world().await;
    let dead = app.admin().project_token(1, "dead", &["api"]).await;
    app.admin().delete(&format!("/projects/1/access_tokens/{}", dead.id)).await.gone();
    let wanted = serde_json::json!({ "name": "old", "scopes": ["api"], "expires_at": app.clock.in_days(0) });
    let expired = app.admin().project_token_with(1, wanted).await;
    let mut report = Report::default();
    for row in operation::all() {
        for (who, token) in [("revoked", &dead.client), ("expired", &expired.client)] {
            let reply = ask(token, row).await;
            report.check(row, who, &reply, reply.status == 401, "401");
        }
    }
    report.done();
}

#[tokio::test]
async fn every_scope_opens_what_the_table_says_and_nothing_else() {
    let app = world().await;
    let mut report = Report::default();
    for scope in OF_PROJECT_TOKENS {
        let token = app.admin().project_token(1, scope.name(), &[scope.name()]).await;
        let ends_itself = |row: &Row| row.name == "RevokeOwnToken" || row.name == "RotateOwnToken";
        for row in operation::all().filter(|row| !ends_itself(row)) {
            let reply = ask(&token.client, row).await;
            let scoped_out = reply.json["error"] == "insufficient_scope"
                || reply.text().starts_with("You are not allowed to");
            let (fits, expected) = match verdict(row, *scope) {
                Ok(()) => (!scoped_out, "past the scopes".to_owned()),
                Err(status) => (reply.status == status, status.to_string()),
            };
            report.check(row, scope.name(), &reply, fits, &expected);
        }
    }
    let _ = app.clock.now();
    report.done();
}
