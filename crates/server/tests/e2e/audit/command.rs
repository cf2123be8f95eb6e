//! `tessera audit …`, with a server running and without one.

use serde_json::Value;

use tessera_testkit::tamper_with_file;

use crate::cli::{Place, both_ways};

fn tamper(place: &Place, sql: &str) {
    tamper_with_file(&place.data().join("tessera.db"), sql);
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn every_record_is_exported_and_the_log_is_whole() {
    both_ways(|place| {
        for number in 0..5 {
            place.run(&format!("feature enable flag{number} --force")).ok();
        }
        let text = place.run("audit verify").ok();
        assert!(text.ends_with(": whole\n"), "{text}");
        let exported = lines(&place.run("audit export").ok());
        let flags: Vec<&str> = exported
            .iter()
            .filter(|line| line["action"] == "feature.set")
            .map(|line| line["target"].as_str().unwrap())
            .collect();
        assert_eq!(flags, ["flag0", "flag1", "flag2", "flag3", "flag4"]);
        assert!(
            exported.iter().all(|line| line["seal"].is_i64() && line["code"].as_str().unwrap().len() == 64)
        );
        let report = place.json("audit verify");
        assert_eq!(report["records"].as_u64(), Some(exported.len() as u64));
        assert_eq!((&report["whole"], &report["problem_count"]), (&Value::Bool(true), &Value::from(0)));
    });
}

#[test]
fn a_changed_record_ends_it_with_one() {
    let place = Place::new();
    place.run("feature enable flag --force").ok();
    assert!(place.run("audit verify").ok().ends_with(": whole\n"));
    tamper(&place, "UPDATE audit_events SET target_name = 'other' WHERE target_name = 'flag'");
    for running in [None, Some(())] {
        let server = running.map(|()| place.serve());
        let outcome = place.run("audit verify");
        assert_eq!(outcome.code, 1);
        assert!(
            outcome.out.contains("(feature.set) was changed or added by another hand"),
            "{}",
            outcome.out
        );
        assert!(
            outcome.err.contains("the audit log is not as it was written (1 problem found)"),
            "{}",
            outcome.err
        );
        drop(server);
    }
    assert_eq!(place.run("audit verify --json").code, 1);
}

#[test]
fn a_log_cut_while_the_server_stood_still_is_found_when_it_goes_on() {
    let place = Place::new();
    place.run("feature enable one --force").ok();
    place.run("feature enable two --force").ok();
    assert!(place.run("audit verify").ok().ends_with(": whole\n"));
    tamper(
        &place,
        "DELETE FROM audit_events WHERE target_name = 'two';
         DELETE FROM audit_seals WHERE number NOT IN (SELECT seal FROM audit_events)",
    );
    let running = place.serve();
    let outcome = place.run("audit verify");
    assert_eq!(outcome.code, 1);
    assert!(outcome.out.contains("the end was cut off"), "{}", outcome.out);
    place.run("feature enable three --force").ok();
    let outcome = place.run("audit verify");
    assert_eq!(outcome.code, 1);
    assert!(outcome.out.contains("is missing, and its records with it"), "{}", outcome.out);
    running.stop();
}
