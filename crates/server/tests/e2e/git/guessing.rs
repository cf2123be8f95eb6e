//! Guesses are limited, and whoever has a live token never notices.

use std::time::Duration;

use tessera_testkit::{Client, Method, Reply};

use crate::{app, instance};

const HOME: &str = "198.51.100.7";
const ELSEWHERE: &str = "203.0.113.66";

async fn fetch(nobody: &Client, from: &str, user: &str, password: &str) -> Reply {
    let path = "/ada/demo.git/info/refs?service=git-upload-pack";
    nobody.at(Method::GET, path).basic(user, password).sent_from(from).await
}

#[tokio::test]
async fn too_many_unknown_tokens_of_an_address_are_told_to_wait() {
    let app = app().await;
    let ada = app.person("ada").await;
    let guess = app.token("glpat-nobody-ever-made-this-1");
    for _ in 0..300 {
        assert_eq!(guess.get("/user").sent_from(ELSEWHERE).await.status, 401);
    }
    let refused = guess.get("/user").sent_from(ELSEWHERE).await;
    assert_eq!(
        refused.to_string(),
        r#"429 {"message":{"error":"Too many failed attempts. Try again in 60 seconds."}}"#
    );
    assert_eq!(refused.header("retry-after"), "60");
    // Git answers in its own words.
    let refused = fetch(&app.anonymous(), ELSEWHERE, "ada", "glpat-nobody-ever-made-this-1").await;
    assert_eq!(
        (refused.status, refused.text().as_str()),
        (429, "Too many failed attempts. Try again in 60 seconds.\n")
    );
    // Runners behind the same address have live tokens, and others guess from elsewhere.
    assert_eq!(ada.client.get("/user").sent_from(ELSEWHERE).await.status, 200);
    assert_eq!(guess.get("/user").sent_from(HOME).await.status, 401);
    app.clock.advance(Duration::from_mins(2));
    assert_eq!(guess.get("/user").sent_from(ELSEWHERE).await.status, 401);
}

#[tokio::test]
async fn a_revoked_token_is_no_guess() {
    let app = app().await;
    let ada = app.person("ada").await;
    assert_eq!(ada.client.delete("/personal_access_tokens/self").await.status, 204);
    for _ in 0..310 {
        assert_eq!(ada.client.get("/user").sent_from(ELSEWHERE).await.status, 401);
    }
}

#[tokio::test]
async fn too_many_wrong_passwords_are_told_to_wait_whoever_they_are_meant_for() {
    let app = instance().start().await;
    let ada = app.person("ada").await;
    ada.client.project("demo").await;
    let nobody = app.anonymous();
    // A password that fitted makes its place known.
    assert_eq!(fetch(&nobody, HOME, "ada", "a password of the tests").await.status, 200);
    for who in ["ada", "nobody-of-this-name"] {
        for host in 1..=10 {
            let guess = fetch(&nobody, &format!("203.0.113.{host}"), who, "wrong wrong").await;
            assert_eq!(guess.status, 401, "{who} {host}");
        }
        let refused = fetch(&nobody, "203.0.113.99", who, "wrong wrong").await;
        assert_eq!((refused.status, refused.header("retry-after")), (429, "60"), "{who}");
    }
    // Even the right one, from a place that it never came from; at home it does, and so does a token anywhere.
    assert_eq!(fetch(&nobody, "203.0.113.99", "ada", "a password of the tests").await.status, 429);
    assert_eq!(fetch(&nobody, HOME, "ada", "a password of the tests").await.status, 200);
    assert_eq!(fetch(&nobody, "203.0.113.99", "ada", ada.client.secret()).await.status, 200);
    app.clock.advance(Duration::from_mins(2));
    assert_eq!(fetch(&nobody, "203.0.113.99", "ada", "a password of the tests").await.status, 200);
}
