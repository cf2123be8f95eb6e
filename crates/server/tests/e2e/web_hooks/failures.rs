//! What becomes of calls that fail, and of the hooks that they are of.

use serde_json::{Value, json};

use super::World;

async fn status(world: &World) -> (Value, Value) {
    let hook = world.ada.get(&world.hook).await.ok();
    (hook["alert_status"].clone(), hook["disabled_until"].clone())
}

#[tokio::test]
async fn a_call_that_fails_is_made_again_until_it_is_answered_well() {
    let world = World::new().await;
    world.token("ci", "2027-03-16").await;
    world.app.courier.answer(503);
    world.app.courier.answer(302);
    world.at("2027-03-09", 1).await;
    let mut keys: Vec<String> = Vec::new();
    for wait in [59, 1, 119, 1, 86_400] {
        let calls = world.app.courier.take();
        keys.extend(calls.iter().map(|call| call.header("Idempotency-Key").to_owned()));
        world.later(wait).await;
    }
    assert_eq!(keys.len(), 3, "one minute after the first failure, two after the second");
    assert!(keys.iter().all(|key| *key == keys[0]));
    assert_eq!(world.told(), [] as [&str; 0], "once answered it is never made again");
}

#[tokio::test]
async fn a_hook_that_fails_four_times_is_left_alone_for_longer_and_longer() {
    let world = World::new().await;
    for name in ["one", "two", "three", "four", "five"] {
        world.token(name, "2027-03-16").await;
    }
    for _ in 0..6 {
        world.app.courier.answer(500);
    }
    world.at("2027-03-09", 1).await;
    assert_eq!(world.told().len(), 4, "the fifth waits without an attempt");
    let until = "2027-03-09T01:01:00.000Z";
    assert_eq!(status(&world).await, (json!("temporarily_disabled"), json!(until)));
    world.later(60).await;
    assert_eq!(world.told().len(), 0);
    world.later(1).await;
    assert_eq!(world.told().len(), 1, "one attempt for every rest");
    assert_eq!(status(&world).await.0, json!("temporarily_disabled"));
    world.later(120).await;
    assert_eq!(world.told().len(), 0, "now it is two minutes");
    world.later(1).await;
    assert_eq!(world.told().len(), 1);
    world.later(241).await;
    assert_eq!(world.told().len(), 5, "after a good answer all that waited goes at once");
    assert_eq!(status(&world).await, (json!("executable"), Value::Null));
}

#[tokio::test]
async fn after_forty_failures_only_a_test_brings_it_back() {
    let world = World::new().await;
    let trial = || world.ada.post(&format!("{}/test/resource_access_token_events", world.hook), json!({}));
    for _ in 0..40 {
        world.app.courier.answer(410);
        assert_eq!(trial().await.status, 422);
    }
    assert_eq!(status(&world).await, (json!("disabled"), Value::Null));
    world.token("ci", "2027-03-16").await;
    world.app.courier.take();
    world.at("2027-03-09", 1).await;
    assert_eq!(world.told(), [] as [&str; 0]);
    trial().await.created();
    assert_eq!(status(&world).await.0, json!("executable"));
    world.app.courier.take();
    world.at("2027-03-10", 1).await;
    assert_eq!(world.told(), ["ci seven_days"], "what it missed is told as long as it is true");
}

#[tokio::test]
async fn what_is_not_true_any_longer_is_not_told() {
    let world = World::new().await;
    let revoked = world.token("revoked", "2027-03-16").await;
    world.token("ended", "2027-03-11").await;
    world.app.courier.fail("connection refused");
    world.app.courier.fail("connection refused");
    world.at("2027-03-09", 1).await;
    assert_eq!(world.told().len(), 2);
    world.ada.delete(&format!("/projects/{}/access_tokens/{revoked}", world.project)).await.gone();
    world.at("2027-03-11", 0).await;
    assert_eq!(world.told(), [] as [&str; 0]);
}

#[tokio::test]
async fn a_hook_that_is_removed_is_called_no_more() {
    let world = World::new().await;
    world.token("ci", "2027-03-16").await;
    world.app.courier.fail("connection refused");
    world.at("2027-03-09", 1).await;
    assert_eq!(world.told().len(), 1);
    world.ada.delete(&world.hook).await.gone();
    world.later(3600).await;
    assert_eq!(world.told(), [] as [&str; 0]);
}

/// A name that led outside when it was saved, and leads into the house when it is called.
#[tokio::test]
async fn where_a_name_leads_is_judged_at_every_call() {
    let world = World::new().await;
    world.token("ci", "2027-03-16").await;
    for addresses in [&["10.0.0.7"][..], &["93.184.215.14", "127.0.0.1"], &["::ffff:169.254.169.254"]] {
        world.app.courier.lead("ci.example.com", addresses);
        let trial =
            world.ada.post(&format!("{}/test/resource_access_token_events", world.hook), json!({})).await;
        assert_eq!(trial.to_string(), r#"422 {"message":"Requests to the local network are not allowed"}"#);
    }
    world.at("2027-03-09", 1).await;
    assert_eq!(world.told(), [] as [&str; 0], "nothing was sent");
    let events = world.ada.get(&format!("{}/events", world.hook)).await;
    let why = "Requests to the local network are not allowed";
    assert_eq!(events.each("internal_error_message"), [why; 4]);
    world.app.courier.lead("ci.example.com", &["93.184.215.14"]);
    world.later(120).await;
    let calls = world.app.courier.take();
    assert_eq!(calls[0].addresses, ["93.184.215.14:443"], "the call goes to the address that was judged");
}
