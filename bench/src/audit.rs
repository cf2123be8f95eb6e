//! Verifying a hundred thousand audit records, against SQLite alone reading the same rows.

use crate::error::{Context, Result, failed};
use crate::load::{self, Plan, Requests};
use crate::product::{self, DATABASE, Product};
use crate::replay;
use crate::report::{Aim, Better, Figure, Report};
use crate::{Settings, say};
use rusqlite::Connection;
use std::path::Path;
use std::time::{Duration, Instant};

/// Records that the log holds at least.
const RECORDS: i64 = 100_000;

/// Writing them takes so long at most.
const PATIENCE: Duration = Duration::from_mins(10);

fn records(connection: &Connection) -> Result<i64> {
    let count = connection.query_row("SELECT COUNT(*) FROM audit_events", [], |row| row.get(0));
    count.context("count the audit records")
}

/// Has the product write records, each the record of a request, until there are enough.
fn fill(settings: &Settings, product: &Product, data: &Path) -> Result<i64> {
    let mut instance = product.serve(data, "audit")?;
    let database = replay::open(&data.join(DATABASE))?;
    let begun = Instant::now();
    while records(&database)? < RECORDS {
        if begun.elapsed() > PATIENCE {
            return failed("the audit records were not written in time");
        }
        let plan = Plan {
            addr: instance.addr,
            connections: settings.connections,
            warm_up: Duration::ZERO,
            measured: Duration::from_secs(2),
            requests: Requests::fixed(product::set_feature_request(instance.addr, &product.root_token)),
            status: 201,
            seed: 0,
        };
        load::run(&plan, &|| instance.server.cpu())?;
    }
    instance.server.stop()?;
    records(&database)
}

/// SQLite alone: every column of every record and seal, in the order of the walk.
fn read_alone(database: &Path) -> Result<f64> {
    let begun = Instant::now();
    let connection = replay::open(database)?;
    let mut bytes = 0;
    for query in ["SELECT * FROM audit_events ORDER BY seal, id", "SELECT * FROM audit_seals ORDER BY number"]
    {
        let mut statement = connection.prepare(query).context("read the audit log")?;
        let columns = statement.column_count();
        let mut rows = statement.query([]).context("read the audit log")?;
        while let Some(row) = rows.next().context("read the audit log")? {
            for column in 0..columns {
                let value = row.get_ref(column).context("read the audit log")?;
                bytes += value.as_bytes_or_null().ok().flatten().map_or(8, <[u8]>::len);
            }
        }
    }
    if bytes == 0 {
        return failed("the audit log is empty");
    }
    Ok(begun.elapsed().as_secs_f64() * 1e3)
}

/// Measures round by round: `tessera audit verify` as a command of its own, SQLite alone.
pub fn measure(settings: &Settings, product: &Product, report: &mut Report) -> Result<()> {
    let data = settings.run_dir.join("audit");
    say("audit: writing records");
    let count = fill(settings, product, &data)?;
    let name = format!("tessera audit verify, {count} records / SQLite alone reading them");
    let mut time = Figure::new("audit", name, "ms", Better::Less, Aim::None);
    for round in 0..settings.rounds {
        say(&format!("audit round {}", round + 1));
        let begun = Instant::now();
        let verified = product.verify_audit(&data)?;
        let mine = begun.elapsed().as_secs_f64() * 1e3;
        if verified["whole"] != true || verified["records"].as_i64().is_none_or(|seen| seen < RECORDS) {
            return failed(format!("the audit log was not verified: {verified}"));
        }
        time.round(mine, read_alone(&data.join(DATABASE))?);
    }
    report.add([time]);
    Ok(())
}
