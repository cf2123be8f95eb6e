//! Signing in and out, and what a session opens.

use serde_json::json;
use tessera_model::operation::{Method, pages};
use tessera_testkit::proof_on;

use std::time::Duration;

use crate::app;

fn days(count: u64) -> Duration {
    Duration::from_secs(count * 86_400)
}

#[tokio::test]
async fn somebody_signs_in_looks_around_and_signs_out() {
    let app = app().await;
    app.person("ada").await;
    let browser = app.browser();
    let reply = browser.get("/").await;
    assert_eq!((reply.status, reply.header("location")), (303, "/users/sign_in"));
    let reply = browser.get("/projects/new?x=1").await;
    assert!(["/users/sign_in?return_to=%2Fprojects%2Fnew%3Fx%3D1", ""].contains(&reply.header("location")));

    let wrong = browser.sign_in("ada", "not this").await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.text().contains("do not fit together"), "{wrong}");
    let unknown = browser.sign_in("nobody-of-that-name", "not this").await;
    assert_eq!(unknown.status, 422);

    let before = browser.cookie();
    let right = browser.sign_in("ADA", "a password of the tests").await;
    assert_eq!((right.status, right.header("location")), (303, "/"));
    assert_ne!(browser.cookie(), before, "a session has a secret that nobody knew before");
    let home = browser.get("/").await;
    assert_eq!(home.status, 200);
    assert!(home.text().contains("Your projects") && home.text().contains("@ada"), "{home}");
    assert_eq!(home.header("cache-control"), "no-store");
    assert!(home.header("content-security-policy").contains("frame-ancestors 'none'"));
    assert!(!home.header("content-security-policy").contains("unsafe"));

    let former = browser.cookie();
    let out = browser.submit("/", "/users/sign_out", &[]).await;
    assert_eq!((out.status, out.header("location")), (303, "/users/sign_in"));
    assert_eq!(browser.cookie(), None);
    browser.take_cookie(former);
    assert_eq!(
        browser.get("/").await.header("location"),
        "/users/sign_in",
        "the session is gone, not only the cookie"
    );
}

#[tokio::test]
async fn a_form_is_taken_from_the_browser_that_was_given_it() {
    let app = app().await;
    app.person("ada").await;
    let (browser, other) = (app.session("ada").await, app.session("root").await);
    let foreign = proof_on(&other.get("/").await.text()).unwrap();
    for fields in [vec![], vec![("authenticity_token", "")], vec![("authenticity_token", &*foreign)]] {
        let refused = browser.post("/users/sign_out", &fields).await;
        assert_eq!(refused.status, 422);
        assert!(refused.text().contains("This form is out of date"), "{refused}");
    }
    let own = proof_on(&browser.get("/").await.text()).unwrap();
    for from in ["cross-site", "same-site"] {
        let request = browser.request(tessera_testkit::Method::POST, "/users/sign_out");
        let body = format!("authenticity_token={own}");
        assert_eq!(request.form(&body).header("sec-fetch-site", from).await.status, 422, "{from}");
    }
    assert_eq!(browser.get("/").await.status, 200, "nothing of that signed ada out");
    assert_eq!(browser.post("/users/sign_out", &[("authenticity_token", &own)]).await.status, 303);
}

#[tokio::test]
async fn no_token_opens_a_page_and_none_is_given_a_session() {
    let app = app().await;
    let ada = app.person("ada").await;
    let (admin, ada) = (app.admin(), ada.client);
    for row in pages::all() {
        let path = row.path.replace("*rest", "main").replace(":path", "root/nothing");
        let path: Vec<&str> =
            path.split('/').map(|part| if part.starts_with(':') { "1" } else { part }).collect();
        let path = path.join("/");
        let method = if row.method == Method::Get {
            tessera_testkit::Method::GET
        } else {
            tessera_testkit::Method::POST
        };
        let nobody = app.anonymous().at(method.clone(), &path).await;
        for client in [&admin, &ada] {
            let secret = client.secret().to_owned();
            let carriers = [
                client.at(method.clone(), &path),
                client.at(method.clone(), &path).bearer(&secret),
                client.at(method.clone(), &path).basic("ada", &secret),
                client.at(method.clone(), &format!("{path}?private_token={secret}")),
            ];
            for request in carriers {
                let reply = request.await;
                assert_eq!(reply.status, nobody.status, "{} {path}", row.name);
                assert!(
                    !reply.text().contains("@ada") && !reply.text().contains("@root"),
                    "{} {reply}",
                    row.name
                );
                let cookie = reply.header("set-cookie");
                assert!(cookie.is_empty() || path.starts_with("/users/sign_in"), "{}: {cookie}", row.name);
            }
        }
    }
}

#[tokio::test]
async fn a_session_ends_with_time_with_its_person_and_with_the_password() {
    let app = app().await;
    let ada = app.person("ada").await;
    let signed_in = |session: tessera_testkit::Reply| session.status == 200;

    let session = app.session("ada").await;
    for _ in 0..4 {
        app.clock.advance(days(6));
        assert!(signed_in(session.get("/").await), "who comes back within a week stays");
    }
    app.clock.advance(days(6));
    assert!(!signed_in(session.get("/").await), "after thirty days everybody signs in anew");

    let session = app.session("ada").await;
    app.clock.advance(days(7));
    assert!(!signed_in(session.get("/").await), "a week without a visit ends it");

    let session = app.session("ada").await;
    app.admin().post(&format!("/users/{}/block", ada.id), json!({})).await.created();
    assert!(!signed_in(session.get("/").await), "a blocked person is nobody");
    let refused = app.browser().sign_in("ada", "a password of the tests").await;
    assert_eq!(refused.status, 403);
    assert!(refused.text().contains("Your account has been blocked."), "{refused}");
    app.admin().post(&format!("/users/{}/unblock", ada.id), json!({})).await.created();

    let session = app.session("ada").await;
    app.admin().put(&format!("/users/{}", ada.id), json!({ "password": "set by somebody else" })).await.ok();
    assert!(!signed_in(session.get("/").await), "a new password ends the sessions of the former one");
    let browser = app.browser();
    assert_eq!(browser.sign_in("ada", "set by somebody else").await.status, 303);
    assert_eq!(browser.get("/").await.header("location"), "/users/password", "it must be changed first");
    let fields = [
        ("current_password", "set by somebody else"),
        ("password", "one that only ada knows"),
        ("password_confirmation", "one that only ada knows"),
    ];
    let same = [
        ("current_password", "set by somebody else"),
        ("password", "set by somebody else"),
        ("password_confirmation", "set by somebody else"),
    ];
    let refused = browser.submit("/users/password", "/users/password", &same).await;
    assert!(
        refused.status == 422 && refused.text().contains("must differ from the current one"),
        "{refused}"
    );
    let former = browser.cookie();
    assert_eq!(browser.submit("/users/password", "/users/password", &fields).await.status, 303);
    assert_ne!(browser.cookie(), former);
    assert!(signed_in(browser.get("/").await));
}

#[tokio::test]
async fn guesses_at_a_password_are_limited_and_written_down() {
    let app = app().await;
    app.person("ada").await;
    let browser = app.browser();
    let mut last = 0;
    for _ in 0..12 {
        last = browser.sign_in("ada", "not this").await.status;
    }
    assert_eq!(last, 429);
    app.settle().await;
    let events = app.admin().get("/audit_events").await.ok().to_string();
    assert!(events.contains("ada") && events.contains("unknown_credential"), "{events}");
}
