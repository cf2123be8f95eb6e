//! What the pages of tokens show, asked of the use cases behind them.

mod calendar;
mod consequences;
mod days;
mod person;
mod project;
mod statements;

use std::sync::Arc;

use tessera_model::operation::Surface;
use tessera_model::secret::PlainToken;
use tessera_service::tokens::sheet::{Active, Attention, Count};
use tessera_service::{Ask, Credential, Meta};
use tessera_testkit::{Client, TestApp};

/// A question of whoever bears the client's token.
fn ask(app: &TestApp, client: &Client) -> Arc<Ask> {
    let token = PlainToken::new(client.secret().to_owned());
    let meta = Meta {
        address: "192.0.2.10".to_owned(),
        request_id: "story".to_owned(),
        received_at: app.service.now(),
        surface: Some(Surface::Rest),
    };
    Arc::new(Ask::new(Credential::Token { token, in_query: false }, None, meta))
}

/// An active token in short: its name, what it asks for, what it was last used for.
fn short(token: &Active) -> String {
    let attention = match token.attention {
        Some(Attention::EndsSoon) => "ends soon",
        Some(Attention::NeverUsed) => "never used",
        Some(Attention::Unused) => "unused",
        None => "fine",
    };
    let door = token.last_use.as_ref().and_then(|used| used.door).unwrap_or("-");
    format!("{}: {attention}, {door}", token.record.token.name)
}

/// The last of the days on which something was used, as days before today, uses and failures.
fn used(days: &[Count]) -> Vec<(usize, i64, i64)> {
    let days = days.iter().rev().enumerate().filter(|(_, count)| count.uses > 0);
    days.map(|(back, count)| (back, count.uses, count.failed)).collect()
}
