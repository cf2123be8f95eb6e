//! Somebody can write the whole database, but not `secrets/`. Whatever they do to a record that was sealed
//! is found.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tessera_model::operation::settings::UpdateSettings;
use tessera_service::{Ask, Service, settings};
use tessera_testkit::TestApp;

use super::walk;
use crate::app;

/// Has the product write about so many records: the settings changed again and again by the operator.
async fn write_records(app: &TestApp, count: u32) {
    const AT_ONCE: u32 = 1000;
    for _ in 0..count / AT_ONCE {
        write_some(&app.service, 0, AT_ONCE).await;
        app.clock.advance(Duration::from_millis(700));
        app.service.keep_audit().await;
    }
}

/// Has a node write about so many in one transaction.
pub(super) async fn write_some(service: &Service, round: u32, count: u32) {
    let ask = Arc::new(Ask::operator("many".to_owned(), service.now()));
    let written = service.write::<UpdateSettings, _, _>(&ask, move |tx| {
        let right = tx.instance::<UpdateSettings>()?;
        for number in 0..count {
            let value = json!({ "default_projects_limit": 2000 + 1000 * round + number });
            settings::update(tx, &right, value.as_object().unwrap())?;
        }
        Ok(())
    });
    written.await.unwrap();
}

/// Statements that change or remove record `?`, each alone.
const EDITS: &[&str] = &[
    "UPDATE audit_events SET created_at = created_at + 1 WHERE id = ?",
    "UPDATE audit_events SET action = 'user.create' WHERE id = ?",
    "UPDATE audit_events SET actor_id = 77 WHERE id = ?",
    "UPDATE audit_events SET actor_username = 'eve' WHERE id = ?",
    "UPDATE audit_events SET token_id = 77 WHERE id = ?",
    "UPDATE audit_events SET target_kind = 'user' WHERE id = ?",
    "UPDATE audit_events SET target_id = 77 WHERE id = ?",
    "UPDATE audit_events SET target_name = '' WHERE id = ?",
    "UPDATE audit_events SET entity_kind = 'user' WHERE id = ?",
    "UPDATE audit_events SET entity_id = 77 WHERE id = ?",
    "UPDATE audit_events SET address = '192.0.2.99' WHERE id = ?",
    "UPDATE audit_events SET request_id = 'other' WHERE id = ?",
    "UPDATE audit_events SET surface = 'git' WHERE id = ?",
    "UPDATE audit_events SET details = '{}' WHERE id = ?",
    "UPDATE audit_events SET writer = writer - 1 WHERE id = ?",
    "UPDATE audit_events SET number = number + 1000000 WHERE id = ?",
    "UPDATE audit_events SET code = (SELECT code FROM audit_events o WHERE o.id = 1 + ?) WHERE id = ?",
    "UPDATE audit_events SET seal = seal - 1 WHERE id = ?",
    "UPDATE audit_events SET seal = seal + 1 WHERE id = ?",
    "UPDATE audit_events SET seal = NULL WHERE id = ?",
    "UPDATE audit_events SET id = id + 1000000 WHERE id = ?",
    "DELETE FROM audit_events WHERE id = ?",
    "DELETE FROM audit_events WHERE seal = (SELECT seal FROM audit_events WHERE id = ?)",
    "DELETE FROM audit_seals WHERE number = (SELECT seal FROM audit_events WHERE id = ?)",
];

#[tokio::test]
async fn each_edit_and_removal_is_found_also_when_the_server_goes_on() {
    for (number, edit) in EDITS.iter().enumerate() {
        let app = app().await;
        write_records(&app, 1000).await;
        let whole = walk(&app).await;
        assert!(whole.is_whole(), "{:?}", whole.problems);
        let newest = i64::try_from(whole.records).unwrap();
        // The first, one in the middle and the newest in turn; the last has nothing after it to copy from.
        let record = [1, 500, newest][number % 3].min(newest - i64::from(edit.contains("1 + ?")));
        app.tamper(&edit.replace('?', &record.to_string())).await;
        assert!(!walk(&app).await.is_whole(), "{edit} of record {record}");
        // What is written and sealed after it hides nothing.
        write_records(&app, 1000).await;
        assert!(!walk(&app).await.is_whole(), "{edit} of record {record}, and then more");
    }
}

#[tokio::test]
async fn edits_among_a_hundred_thousand_records_are_found_where_they_are() {
    let app = app().await;
    write_records(&app, 100_000).await;
    let whole = walk(&app).await;
    assert!(whole.is_whole(), "{:?}", whole.problems);
    assert!(whole.records > 100_000, "{}", whole.records);
    let newest = whole.records;
    app.tamper(&format!(
        "DELETE FROM audit_events WHERE id IN (1, 50000, {newest});
         UPDATE audit_events SET details = '{{}}' WHERE id = 25000;
         UPDATE audit_events SET id = -1 WHERE id = 70000;
         UPDATE audit_events SET id = 70000 WHERE id = 70001;
         UPDATE audit_events SET id = 70001 WHERE id = -1;
         INSERT INTO audit_events (created_at, action, actor_username, target_kind, target_name, entity_kind, address,
            request_id, surface, details, writer, number, code, seal)
            SELECT created_at, action, actor_username, target_kind, target_name, entity_kind, address, request_id,
            surface, details, writer, number, code, seal FROM audit_events WHERE id = 90000"
    ))
    .await;
    let report = walk(&app).await;
    let told = report.problems.join("\n");
    for expected in [
        "record 1 is missing",
        "record 50000 is missing",
        &format!("record {newest} is missing"),
        "record 25000 (setting.update) was changed or added by another hand",
        "was changed or moved",
        "(setting.update) is a copy of another one",
        "is not covered by it",
    ] {
        assert!(told.contains(expected), "{expected}:\n{told}");
    }
    // All but the end, which was cut off with its seals.
    app.tamper("DELETE FROM audit_events WHERE seal > 100; DELETE FROM audit_seals WHERE number > 100").await;
    let told = walk(&app).await.problems.join("\n");
    assert!(told.contains("the end was cut off: seals 101 to "), "{told}");
    write_records(&app, 1000).await;
    let told = walk(&app).await.problems.join("\n");
    assert!(told.contains("seals 101 to ") && told.contains("are missing"), "{told}");
}

#[tokio::test]
async fn an_older_state_of_the_whole_log_is_recognised() {
    let app = app().await;
    app.admin().project("demo").await;
    app.service.keep_audit().await;
    app.tamper("CREATE TABLE kept_events AS SELECT * FROM audit_events; CREATE TABLE kept_seals AS SELECT * FROM audit_seals")
        .await;
    app.admin().delete("/projects/1").await;
    app.service.keep_audit().await;
    assert!(walk(&app).await.is_whole());
    app.tamper(
        "DELETE FROM audit_events; DELETE FROM audit_seals;
         INSERT INTO audit_events SELECT * FROM kept_events; INSERT INTO audit_seals SELECT * FROM kept_seals",
    )
    .await;
    let told = walk(&app).await.problems;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("the end was cut off"), "{told:?}");
}

#[tokio::test]
async fn retention_removes_whole_seals_and_the_rest_stays_whole() {
    let app = app().await;
    write_records(&app, 3000).await;
    let before = walk(&app).await;
    app.clock.advance(Duration::from_hours(24 * 10));
    app.admin().project("young").await;
    app.service.keep_audit().await;
    let retain = || async {
        let job = tessera_service::jobs::run::find("audit_retention").unwrap();
        app.service.run_job(job, app.service.now()).await.unwrap()
    };
    assert_eq!(retain().await, "0 records removed", "without a setting nothing is removed");
    app.admin().put("/application/settings", json!({ "audit_events_delete_after_days": 7 })).await.ok();
    app.service.keep_audit().await;
    assert_eq!(retain().await, format!("{} records removed", before.records));
    assert_eq!(retain().await, "0 records removed");
    let after = walk(&app).await;
    assert!(after.is_whole(), "{:?}", after.problems);
    assert_eq!(after.retained_after, before.newest);
    assert!(after.records < 20);
    // Somebody who removes more than that is found.
    app.tamper("DELETE FROM audit_events; DELETE FROM audit_seals WHERE anchor IS NULL").await;
    assert!(!walk(&app).await.is_whole());
}

#[tokio::test]
async fn many_writers_at_once_leave_no_gap() {
    let app = app().await;
    let writers = (0..8).map(|writer| {
        let admin = app.admin();
        tokio::spawn(async move {
            // Each in a project of its own: they meet in the audit log alone.
            let project = admin.project(&format!("busy{writer}")).await;
            for number in 0..20 {
                let rule = json!({ "name": format!("v{number}*") });
                admin.post(&format!("/projects/{project}/protected_tags"), rule).await.created();
            }
        })
    });
    let writers: Vec<_> = writers.collect();
    let sealing = async {
        for _ in 0..200 {
            app.service.keep_audit().await;
            tokio::task::yield_now().await;
        }
    };
    sealing.await;
    for writer in writers {
        writer.await.unwrap();
    }
    let report = walk(&app).await;
    assert!(report.is_whole(), "{:?}", report.problems);
    assert!(report.records >= 168, "{}", report.records);
    assert_eq!(report.unsealed, 0);
}
