//! What the ledger of tokens costs: the same load on two instances, one of which keeps none.

use crate::Settings;
use crate::error::{Context, Result, failed};
use crate::http;
use crate::product::Product;
use crate::report::{Aim, Better, Figure, Report};
use crate::say;
use crate::tokens::{Side, drive, prepare};

/// The counter of uses that could not be kept, as `/-/metrics` writes it.
const DROPPED: &str = "tessera_ledger_dropped_total ";

/// Measures round by round, and which side goes first changes.
pub fn measure(settings: &Settings, product: &Product, report: &mut Report) -> Result<()> {
    let count = settings.tokens.first().copied().unwrap_or(1_000);
    // Folders are named by the number of tokens; one more or less makes no difference.
    let sides = [prepare(settings, product, count + 1)?, prepare(settings, product, count + 2)?];
    let body = r#"{"token_usage_retention_days":0}"#;
    let silent = &sides[1].instance;
    http::call(silent.addr, "PUT", "/api/v4/application/settings", &product.root_token, Some(body), 200)?;
    let mut rate =
        Figure::new("ledger", "GET /user with / without the ledger", "req/s", Better::More, Aim::Ratio(0.95));
    let mut cpu = Figure::new("ledger", "server CPU with / without", "us/req", Better::Less, Aim::None);
    for round in 0..settings.rounds {
        say(&format!("ledger round {}", round + 1));
        let run = |side: &Side| {
            drive(settings, side.instance.addr, &side.instance.server, &side.tokens, u64::from(round))
        };
        let (with, without) = if round % 2 == 0 {
            let with = run(&sides[0])?;
            (with, run(&sides[1])?)
        } else {
            let without = run(&sides[1])?;
            (run(&sides[0])?, without)
        };
        rate.round(with.rate(), without.rate());
        cpu.round(with.cpu_us(), without.cpu_us());
    }
    report.add([rate, cpu]);
    let dropped = dropped(&sides[0])?;
    report.note(format!("ledger: ledger_dropped_total is {dropped} after {} rounds", settings.rounds));
    if dropped == 0 { Ok(()) } else { failed(format!("the ledger dropped {dropped} uses")) }
}

fn dropped(side: &Side) -> Result<u64> {
    let answer = http::call(side.instance.addr, "GET", "/-/metrics", "", None, 200)?;
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    match text.lines().find_map(|line| line.strip_prefix(DROPPED)) {
        Some(count) => count.trim().parse().context("ledger_dropped_total"),
        None => failed("/-/metrics does not tell ledger_dropped_total"),
    }
}
