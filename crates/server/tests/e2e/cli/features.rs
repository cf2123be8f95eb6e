//! `tessera feature …`

use serde_json::json;

use super::both_ways;

const FLAG: &str = "resource_access_token";

#[test]
fn a_feature_is_switched_and_forgotten() {
    both_ways(|place| {
        let status = |place: &super::Place| place.run(&format!("feature status {FLAG}")).ok();
        assert_eq!(status(place), format!("{FLAG} is enabled\n"));
        assert_eq!(place.run(&format!("feature disable {FLAG}")).ok(), format!("{FLAG} is disabled\n"));
        assert_eq!(status(place), format!("{FLAG} is disabled\n"));
        assert_eq!(place.run(&format!("feature remove {FLAG}")).ok(), format!("{FLAG} is enabled\n"));
        assert!(place.run("feature disable nonsense").refused().contains(FLAG), "the known ones are named");
        assert!(
            place
                .run(&format!("feature disable {FLAG} --project a/b"))
                .refused()
                .contains("project not found")
        );
        assert_eq!(place.json("feature enable other --force")["enabled"], json!(true));
    });
}
