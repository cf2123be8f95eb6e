//! Project access tokens created a second by 32 clients, against SQLite alone doing the same inserts.

use crate::error::{Context, Error, Result, failed};
use crate::http;
use crate::load::{self, Plan, Requests};
use crate::product::{self, DATABASE, Instance, Product, Project};
use crate::replay::{self, Footprint, Replay, Snapshot};
use crate::report::{Aim, Better, Figure, Report};
use crate::{Settings, say};
use rusqlite::Connection;
use std::path::Path;
use std::time::Duration;

/// Creates a transaction in the baseline: what one batch of as many waiting clients would hold.
const PER_TRANSACTION: usize = 32;

/// Creates that are looked at to find the rows of one; the smallest footprint is free of background work.
const LOOKS: usize = 4;

/// Lets background writers (last use, audit seals) come to rest before a look.
const REST: Duration = Duration::from_millis(1_500);

fn footprint(
    product: &Product,
    instance: &Instance,
    project: &Project,
    database: &Path,
) -> Result<Footprint> {
    let connection = replay::open(database)?;
    let request = product::create_token_request(instance.addr, &product.root_token, project.id);
    let mut best: Option<Footprint> = None;
    for _ in 0..LOOKS {
        std::thread::sleep(REST);
        let before = Snapshot::take(&connection)?;
        let answer = http::exchange(instance.addr, &request)?;
        let after = Snapshot::take(&connection)?;
        if answer.status != 201 {
            let body = String::from_utf8_lossy(&answer.body).into_owned();
            return failed(format!("creating a token answered {}: {body}", answer.status));
        }
        let found = before.changes(&after);
        replay::require_rows(&found)?;
        if best.as_ref().is_none_or(|best| found.size() < best.size()) {
            best = Some(found);
        }
    }
    best.ok_or_else(|| Error::Failed("no create was looked at".to_owned()))
}

fn thread_cpu() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// Measures creates round by round: product, SQLite, product, SQLite.
pub fn measure(settings: &Settings, product: &Product, report: &mut Report) -> Result<()> {
    let data = settings.run_dir.join("create");
    let instance = product.serve(&data, "create")?;
    let project = instance.create_project(product, "bench-create")?;
    let database = data.join(DATABASE);
    let found = footprint(product, &instance, &project, &database)?;
    report.note(format!("create: rows one create writes, repeated by the baseline: {}", found.summary()));
    let copy = settings.run_dir.join("create-baseline.db");
    replay::copy(&replay::open(&database)?, &copy)?;
    let baseline = Connection::open(&copy).context("baseline database")?;
    let mut replay = Replay::new(&found, &baseline)?;

    let mut rate = Figure::new(
        "create",
        format!(
            "token creates, {} clients / SQLite alone, {PER_TRANSACTION} a transaction",
            settings.clients
        ),
        "creates/s",
        Better::More,
        Aim::Ratio(0.4),
    );
    let mut cpu =
        Figure::new("create", "server CPU / SQLite's thread CPU", "us/create", Better::Less, Aim::None);
    let mut tail = Vec::new();
    for round in 0..settings.rounds {
        say(&format!("create round {}", round + 1));
        let plan = Plan {
            addr: instance.addr,
            connections: settings.clients,
            warm_up: Duration::from_millis(500),
            measured: Duration::from_secs_f64(settings.seconds),
            requests: Requests::fixed(product::create_token_request(
                instance.addr,
                &product.root_token,
                project.id,
            )),
            status: 201,
            seed: u64::from(round),
        };
        let mine = load::run(&plan, &|| instance.server.cpu())?;
        let before = thread_cpu();
        let alone = replay.run(&baseline, PER_TRANSACTION, settings.seconds)?;
        let used = thread_cpu().saturating_sub(before).as_secs_f64();
        rate.round(mine.rate(), alone);
        cpu.round(mine.cpu_us(), used * 1e6 / (alone * settings.seconds));
        tail.push(format!("{:.1}", mine.latency_ms(0.99)));
    }
    report.add([rate, cpu]);
    report.note(format!("create: p99 of each round in ms: {}", tail.join(", ")));
    Ok(())
}
