//! Two nodes on one PostgreSQL that write and seal at once.

use std::time::Duration;

use super::tampering::write_some;
use crate::app;

/// Each time the lease has run out and both reach for it in the same moment, new records coming in meanwhile: the worst
/// that clocks and leases can do to a chain.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_that_reach_for_the_lease_at_once_lay_one_chain() {
    let app = app().await;
    let Some(other) = app.second_node().await else {
        println!("not run: two nodes share no SQLite database");
        return;
    };
    let one = app.service.clone();
    let (mut by_one, mut by_other) = (0, 0);
    for round in 0..40 {
        app.clock.advance(Duration::from_secs(3));
        // Whoever loses may be told so; what it did is undone.
        let ((), (), first, second) = tokio::join!(
            write_some(&one, round, 5),
            write_some(&other, round, 5),
            one.seal_audit(),
            other.seal_audit()
        );
        by_one += first.unwrap_or(0);
        by_other += second.unwrap_or(0);
    }
    app.clock.advance(Duration::from_secs(3));
    for node in [&one, &other] {
        let report = node.verify_audit().await.unwrap();
        assert!(report.is_whole(), "{:?}", report.problems);
        assert_eq!(report.unsealed, 0);
        assert!(report.records >= 400, "{}", report.records);
    }
    assert!(by_one > 0 && by_other > 0, "{by_one} sealed by one, {by_other} by the other");
}
