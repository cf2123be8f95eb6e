//! `tessera jobs …`, and the jobs of every day in processes of their own.

use serde_json::Value;
use tessera_testkit::Shared;

use super::nodes::{Node, share_keys};
use super::{Place, both_ways};

#[test]
fn jobs_are_run_by_name() {
    both_ways(|place| {
        let refused = place.run("jobs run nonsense").refused();
        assert!(refused.contains("waiting_jobs") && refused.contains("membership_expiry"), "{refused}");
        // A server that has just started may be about to do the daily jobs that it missed: then some wait.
        let waiting = place.json("jobs run waiting_jobs --now 2100-01-01T00:00:00Z")["result"].to_string();
        assert!(waiting.trim_matches('"').strip_suffix(" done").unwrap().parse::<u64>().is_ok(), "{waiting}");
        assert_eq!(place.run("jobs run waiting_jobs --now soon").code, 2);
        let ran = place.run("jobs run inactive_bots_cleanup --now 2100-01-01T00:00:00Z").ok();
        assert_eq!(ran, "inactive_bots_cleanup: 0 bots ended\n");
        let listed = place.json("jobs list");
        let row = listed.as_array().unwrap().iter().find(|row| row["name"] == "membership_expiry").unwrap();
        assert_eq!(row["at"], "00:10");
    });
}

#[test]
fn of_two_processes_on_one_database_one_runs_each_daily_job() {
    let Some(database) = Shared::create() else {
        println!("not run: two processes share no SQLite database");
        return;
    };
    let (first, second) = (Place::new(), Place::new());
    let url = database.url();
    let listed = |place: &Place| -> Vec<Value> {
        let mut command = place.command(&["jobs", "list", "--json"]);
        let output = command.env("TESSERA_DATABASE__URL", &url).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    };
    // The first command makes the schema and the keys.
    let daily = listed(&first).iter().filter(|job| !job["at"].is_null()).count();
    assert!(daily >= 2);
    share_keys(&first, &second);
    // A command that found no server would be one more node, and do the jobs itself: both listen by now.
    let nodes = [Node::start(&first, &url), Node::start(&second, &url)];
    // Every job was missed, so both look for it at once.
    while listed(&first).iter().any(|job| !job["at"].is_null() && job["last_run"].is_null()) {}
    let log: Vec<String> = nodes.into_iter().flat_map(Node::stop).collect();
    for job in listed(&first).iter().filter(|job| !job["at"].is_null()) {
        for message in ["a daily job is due", "a daily job ran"] {
            let name = job["name"].as_str().unwrap();
            let told = |line: &&String| line.contains(message) && line.contains(&format!("\"{name}\""));
            assert_eq!(log.iter().filter(told).count(), 1, "{name}: {message}\n{}", log.join("\n"));
        }
    }
}
