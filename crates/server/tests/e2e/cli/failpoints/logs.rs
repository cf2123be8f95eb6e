//! The jobs of the audit log and of the ledger of tokens: those that forget what is old, and the one that counts days.

use serde_json::{Value, json};
use tessera_testkit::{dump_file, tamper_with_file};

use super::{Place, at_every_place, from_here, root_token, told_here};

/// Long after everything that a test does.
const LATER: &str = "2099-05-01T00:30:00Z";

#[test]
fn the_end_of_old_audit_records() {
    if !told_here() {
        return;
    }
    let command = &format!("jobs run audit_retention --now {LATER}");
    let prepare = |place: &Place| {
        let root = root_token(place);
        let server = place.serve();
        let days = json!({ "audit_events_delete_after_days": 7 });
        server.send("PUT", "/application/settings", &root, &days).unwrap();
        server.stop();
        let whole = place.json("audit verify");
        assert!(whole["records"].as_u64().unwrap() > 10 && whole["retained_after_seal"].is_null(), "{whole}");
    };
    let deaths = at_every_place(command, prepare, |place| {
        let report = place.json("audit verify");
        assert_eq!(report["whole"], json!(true), "{report}");
        // Nothing is left but what retention wrote of itself, with the last seal that it took as anchor.
        let exported = place.run("audit export").ok();
        let left: Vec<Value> = exported.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let actions: Vec<&Value> = left.iter().map(|record| &record["action"]).collect();
        assert_eq!(actions, ["audit.retention"]);
        assert!(report["retained_after_seal"].is_i64(), "{report}");
    });
    assert!(deaths["audit retention"] >= 6, "{deaths:?}");
}

#[test]
fn the_end_of_old_lines_of_the_ledger() {
    if !told_here() {
        return;
    }
    let place = Place::new();
    let root = root_token(&place);
    let server = place.serve();
    for path in ["/user", "/version", "/projects"] {
        server.send("GET", path, &root, &json!({})).unwrap();
    }
    server.stop();
    let used = place.json("token list");
    assert!(!used[0]["last_used_at"].is_null(), "{used}");
    let command = &format!("jobs run token_usage_cleanup --now {LATER}");
    let untouched = "jobs run token_usage_cleanup";
    assert_eq!(place.json(untouched)["result"], json!("0 lines forgotten"), "none is old");
    let deaths = from_here(&place, command, |place| {
        assert_eq!(place.json(command)["result"], json!("0 lines forgotten"));
        // When a token was last used is no part of the ledger.
        place.json("token list")
    });
    assert!(deaths["old uses"] >= 6, "{deaths:?}");
}

#[test]
fn the_counting_of_days() {
    if !told_here() {
        return;
    }
    let place = Place::new();
    place.run("token list").ok();
    // Of 450 tokens, two lines a day for the six days before 2099-05-01.
    let lines = "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 5399)
        INSERT INTO token_uses SELECT 1 + i / 12, (47237 - 6 + i / 2 % 6) * 1440 + i % 7, '192.0.2.1', 'GetCurrentUser', 0,
            2 + i % 2 * 2, 1 + i % 5 FROM n";
    tamper_with_file(&place.data().join("tessera.db"), lines);
    let command = &format!("jobs run token_usage_by_day --now {LATER}");
    let deaths = from_here(&place, command, |place| {
        let again = place.json(command)["result"].clone();
        assert_eq!(again, json!("450 days of tokens counted"), "the last day once more");
        let dump = dump_file(&place.data().join("tessera.db"));
        let days: Vec<String> =
            dump.lines().filter(|line| line.starts_with("token_days: ")).map(str::to_owned).collect();
        assert_eq!(days.len(), 450);
        days
    });
    // Where it begins, three steps of tokens, and where it ends: before, within and after each.
    assert_eq!(deaths["days of use"], 15, "{deaths:?}");
}
