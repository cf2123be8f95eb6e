//! `tessera user two-factor …`

use serde_json::{Value, json};
use tessera_model::time::Timestamp;
use tessera_testkit::Device;

use super::{Place, both_ways};

/// The code that a device shows now: these stories have the real clock.
#[expect(clippy::disallowed_methods, reason = "the real binary has the real clock")]
fn code(device: &Device) -> String {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    device.code_at(Timestamp::from_seconds(i64::try_from(since.as_secs()).unwrap()))
}

fn status(place: &Place) -> Value {
    let status = place.json("user two-factor status ada");
    json!([status["two_factor_enabled"], status["recovery_codes_left"]])
}

#[test]
fn the_operator_sets_one_up_for_somebody_and_takes_it_away() {
    both_ways(|place| {
        place.run("user create --username ada --name Ada --email ada@people.test").ok();
        assert_eq!(status(place), json!([false, 0]));
        assert!(place.fed("user two-factor confirm ada", "123456\n").refused().contains("start anew"));
        let told = place.json("user two-factor enable ada");
        assert!(told["otp_provisioning_uri"].as_str().unwrap().contains("ada%40people.test"));
        let device = Device::told(&told);
        assert_eq!(status(place), json!([false, 0]), "a secret alone counts nothing");
        assert!(
            place.fed("user two-factor confirm ada", "12345\n").refused().contains("Invalid two-factor code")
        );
        let codes = place.fed("user two-factor confirm ada", &format!("{}\n", code(&device))).ok();
        assert_eq!(codes.lines().filter(|line| line.len() == 16).count(), 10, "{codes}");
        assert_eq!(status(place), json!([true, 10]));
        assert_eq!(place.json("user show ada")["two_factor_enabled"], true);
        assert!(place.run("user two-factor enable ada").refused().contains("already enabled"));
        let renewed = place.json("user two-factor recovery-codes ada");
        assert_eq!(renewed["recovery_codes"].as_array().unwrap().len(), 10);
        assert!(!codes.contains(renewed["recovery_codes"][0].as_str().unwrap()));
        assert_eq!(place.run("user two-factor disable ada").ok(), "ada has no second factor\n");
        assert!(place.run("user two-factor disable ada").refused().contains("is not enabled"));
        assert!(place.run("user two-factor recovery-codes ada").refused().contains("is not enabled"));
        assert_eq!(status(place), json!([false, 0]));
    });
}

#[test]
fn an_administrator_is_helped_and_a_bot_has_none() {
    let place = Place::new();
    let device = Device::told(&place.json("user two-factor enable root"));
    place.fed("user two-factor confirm root", &code(&device)).ok();
    place.run("user two-factor disable root").ok();
    assert!(place.run("user two-factor enable nobody").refused().contains("user \"nobody\" not found"));
    assert!(place.run("user two-factor confirm root").refused().contains("standard input holds no code"));
}
