//! How SQLite answers: hot queries by an index, and by the same plan whatever statistics say.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use tessera_store::query::filter::Filter;
use tessera_store::query::inventory::{self, Selection, Whom};
use tessera_store::query::tokens::{self, TokenFilter};
use tessera_store::query::{
    self, audit, ends, features, instance, jobs, mails, members, namespaces, notices, projects, settings,
    sheet, statistics, token_days, two_factor, users, web_hook_deliveries, web_hook_events, web_hooks,
};
use tessera_store::{Conn, DbError, Store, Value, fate};

use crate::harness::{Database, read, run, write};
use crate::world::{World, today};

/// The queries of a file with their names.
type Queries = &'static [(&'static str, &'static str)];

/// What every request, push or worker's round asks.
const HOT: &[(&str, Queries, &[&str])] = &[
    ("tokens", tokens::QUERIES, &["PRESENTED", "PRESENTED_ID", "BY_ID", "REVOKE", "USED", "LIVE_OF_FAMILY"]),
    (
        "users",
        users::QUERIES,
        &["BY_ID", "BY_USERNAME", "BY_EMAIL", "USERNAME_TAKEN", "BOTS_OF_PROJECT", "SEEN"],
    ),
    ("two_factor", two_factor::QUERIES, &["SIGN_IN", "FACTOR", "USE_CODE", "CODES_LEFT"]),
    ("projects", projects::QUERIES, &["BY_ID", "BY_PATH", "MEMBERSHIP", "NEXT_BOT", "TOUCH"]),
    ("namespaces", namespaces::QUERIES, &["BY_ID", "BY_PATH", "ROLE", "TOKEN_CREATION", "PATH_TAKEN"]),
    ("members", members::QUERIES, &["OF_PROJECT", "OF_GROUP", "OF_USER"]),
    ("jobs", jobs::QUERIES, &["CLAIM", "DONE", "ADD"]),
    ("settings", settings::QUERIES, &["ONE"]),
    ("features", features::QUERIES, &["GATES"]),
    ("instance", instance::QUERIES, &["GET"]),
    ("audit", audit::QUERIES, &["ADD", "WAITING", "NEWEST", "UNSEALED", "COVER", "SEALED", "SEALS"]),
    ("ends", ends::QUERIES, &["ENDING", "BETWEEN"]),
    ("statistics", statistics::QUERIES, &["PEOPLE"]),
    (
        "sheet",
        sheet::QUERIES,
        &[
            "COUNTS_OF_PROJECT",
            "ACTIVE_OF_PROJECT",
            "INACTIVE_OF_PROJECT",
            "COUNTS_OF_PERSON",
            "ACTIVE_OF_PERSON",
            "USED",
        ],
    ),
    ("token_days", token_days::QUERIES, &["ONE", "PUT", "OF_LEDGER"]),
    ("mails", mails::QUERIES, &["ADD", "CLAIM", "DUE", "UNSENT", "FORGET"]),
    ("web_hooks", web_hooks::QUERIES, &["BY_ID", "BY_NUMBER", "COUNT"]),
    (
        "web_hook_deliveries",
        web_hook_deliveries::QUERIES,
        &["DUE", "DUE_EXTENDED", "ADD", "CLAIM", "DELAY", "HASTEN", "NEXT_DUE", "FORGET"],
    ),
    ("web_hook_events", web_hook_events::QUERIES, &["ADD", "BY_ID", "FORGET"]),
    ("notices", notices::QUERIES, &["DUE_7", "DUE_EXPIRED", "NEXT", "OF_USER", "DIRECT", "INHERITED"]),
];

/// Queries that read a whole table of people, tokens, members or projects, and why they may.
const MAY_SCAN: &[(&str, &str)] = &[
    ("SELECT COUNT(*) FROM tokens", "counts them, for the figures of the instance"),
    ("FROM users WHERE kind = 'project_bot'", "counts bots, for the figures of the instance"),
    ("FROM users u WHERE u.kind = 'project_bot'", "counts bots, for an operator who asks for a check"),
    ("t.expires_on IS NULL GROUP BY t.kind", "counts them for monitors, every ten minutes at most"),
    ("SELECT COUNT(*) FROM projects", "counts them, for the figures of the instance"),
    ("WHERE t.bearer_username = ?1 LIMIT 1", "asked by an administrator of somebody who is gone"),
    ("WHERE t.created_by = ?1 LIMIT 1", "asked by an administrator of somebody who is gone"),
    ("SELECT COUNT(*) FROM users WHERE admin", "asked when an administrator goes"),
    ("SELECT 1 FROM users WHERE kind = 'human' LIMIT 1", "asked at the start, ends at the first row"),
    ("WHERE otp_grace_period_started_at IS NOT NULL", "its index holds nobody else"),
    ("FROM token_days d ORDER BY d.token_id LIMIT", "takes the first ones, where none are kept"),
    ("WHERE u.kind = 'ghost'", "asked until the Ghost User's number is known"),
];

/// How many parameters a query has: the highest number that it names.
fn parameters(sql: &str) -> usize {
    let numbers = sql.split('?').skip(1).filter_map(|rest| {
        rest.split(|letter: char| !letter.is_ascii_digit()).next().and_then(|number| number.parse().ok())
    });
    numbers.max().unwrap_or(0)
}

fn plan(conn: &mut dyn Conn, sql: &str) -> Result<Vec<String>, DbError> {
    let args = vec![Value::Null; parameters(sql)];
    let rows = conn.rows(&format!("EXPLAIN QUERY PLAN {sql}"), &args)?;
    rows.into_iter()
        .map(|row| {
            let mut cells = row.cells();
            for _ in 0..3 {
                cells.int()?;
            }
            cells.text()
        })
        .collect()
}

async fn planned(store: &Store, sql: &str) -> Vec<String> {
    let text = sql.to_owned();
    read(store, move |conn| plan(conn, &text)).await.unwrap_or_else(|error| panic!("{error}\n{sql}"))
}

/// The steps that read a whole table of those that grow with the instance.
fn scans(sql: &str, plan: &[String]) -> Vec<String> {
    let tables = ["tokens", "users", "members", "projects", "token_uses", "token_days"];
    let words: Vec<&str> = sql.split(|letter: char| !letter.is_alphanumeric() && letter != '_').collect();
    let mut names: BTreeSet<&str> = tables.into_iter().collect();
    for pair in words.windows(2) {
        // The name that the query gives to the table.
        if tables.contains(&pair[0]) {
            names.insert(pair[1]);
        }
    }
    let whole = |step: &&String| {
        let mut words = step.split(' ');
        words.next() == Some("SCAN") && words.next().is_some_and(|name| names.contains(name))
    };
    plan.iter().filter(whole).cloned().collect()
}

fn list(world: World) -> Filter {
    tokens::filter(&TokenFilter { project_id: Some(world.project), ..TokenFilter::default() }, today())
}

/// What administrators ask of the inventory that few of its tokens answer.
fn selections(world: World) -> [(&'static str, Selection); 5] {
    let of = |tokens| Selection { tokens, ..Selection::default() };
    let day = (Some(today()), Some(today().plus_days(1)));
    let ending = TokenFilter { expires: day, active: Some(true), ..TokenFilter::default() };
    [
        ("by owner", Selection { owner: Some(Whom::Id(world.bot)), ..Selection::default() }),
        ("by creator", Selection { creator: Some(Whom::Id(world.owner)), ..Selection::default() }),
        ("by project", of(TokenFilter { project_id: Some(world.project), ..TokenFilter::default() })),
        ("by end", of(TokenFilter { enforce_pat_expiration: true, ..ending })),
        ("by number", Selection { ids: vec![1, 2], ..Selection::default() }),
    ]
}

#[test]
fn hot_queries_are_answered_by_an_index() {
    run(Some(Database::sqlite()), |db| async move {
        let store = db.open();
        let world = World::make(&store).await;
        let mut texts = Vec::new();
        for (noun, queries, hot) in HOT {
            for name in *hot {
                let (_, sql) = queries.iter().find(|(known, _)| known == name).expect(name);
                texts.push((format!("{noun}.{name}"), (*sql).to_owned()));
            }
        }
        texts.push(("list of a project's tokens".to_owned(), list(world).page_sql("t.id")));
        texts.push(("the records of a user by their fate".to_owned(), fate::counting()));
        for (what, selection) in selections(world) {
            texts
                .push((format!("inventory {what}"), inventory::filter(&selection, today()).page_sql("t.id")));
        }
        let mut golden = String::new();
        for (label, sql) in texts {
            let plan = planned(&store, &sql).await;
            assert_eq!(scans(&sql, &plan), Vec::<String>::new(), "{label}");
            writeln!(golden, "{label}").unwrap();
            for step in plan {
                writeln!(golden, "    {step}").unwrap();
            }
        }
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/explain.txt");
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&path, &golden).unwrap();
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(golden, expected, "the plans have changed; UPDATE_GOLDEN=1 writes them down");
    });
}

#[test]
fn no_fixed_query_reads_a_whole_growing_table_unasked() {
    run(Some(Database::sqlite()), |db| async move {
        let store = db.open();
        let mut found = Vec::new();
        for (name, sql) in query::all() {
            let scans = scans(sql, &planned(&store, sql).await);
            if !scans.is_empty() && !MAY_SCAN.iter().any(|(part, _)| sql.contains(part)) {
                found.push(format!("{name}: {scans:?}"));
            }
        }
        assert!(found.is_empty(), "{}", found.join("\n"));
    });
}

#[test]
fn a_scan_is_seen_as_one() {
    run(Some(Database::sqlite()), |db| async move {
        let store = db.open();
        for (sql, expected) in [
            ("SELECT t.id FROM tokens t WHERE t.name = ?1", 1),
            ("SELECT id FROM users WHERE state = ?1", 1),
            ("SELECT t.id FROM tokens t WHERE t.digest = ?1", 0),
            ("SELECT m.id FROM users u JOIN members m ON m.user_id = u.id WHERE u.bio = ?1", 1),
        ] {
            assert_eq!(scans(sql, &planned(&store, sql).await).len(), expected, "{sql}");
        }
    });
}

#[test]
fn statistics_do_not_lead_the_look_up_of_a_token_astray() {
    run(Some(Database::sqlite()), |db| async move {
        let store = db.open();
        World::make(&store).await;
        let (_, sql) = tokens::QUERIES.iter().find(|(name, _)| *name == "PRESENTED").unwrap();
        let before = planned(&store, sql).await;
        write(&store, |conn| conn.batch("ANALYZE")).await.unwrap();
        assert_eq!(planned(&store, sql).await, before);
    });
}
