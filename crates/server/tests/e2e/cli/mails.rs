//! Mails as the real binary writes them: a file each, until a mail server is configured.

use std::fs;
use std::net::TcpListener;

use serde_json::json;

use super::{Place, both_ways};

/// The mails in the data directory, in the order of their times.
pub(super) fn written(place: &Place) -> Vec<String> {
    let Ok(folder) = fs::read_dir(place.data().join("mail")) else { return Vec::new() };
    let mut paths: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "eml"));
    paths.sort();
    paths.into_iter().map(|path| fs::read_to_string(path).unwrap()).collect()
}

#[test]
fn a_job_delivers_its_mails_before_it_answers() {
    both_ways(|place| {
        place.run("user create --username ada --name Ada --email ada@people.test").ok();
        let made =
            place.run("token create --user ada --name laptop --scopes api --expires-at 2099-01-20").ok();
        // The news of the new token may still wait; it is not to be counted below.
        place.run("jobs run mail_delivery").ok();
        let early = place.json("jobs run token_expiry_notice --now 2098-06-01T01:00:00Z");
        assert_eq!(early["result"], json!("0 mails written"));
        let told = place.json("jobs run token_expiry_notice --now 2099-01-14T01:00:00Z");
        assert_eq!(told["result"], json!("1 mails written, 1 mails sent"));
        let again = place.json("jobs run token_expiry_notice --now 2099-01-15T01:00:00Z");
        assert_eq!(again["result"], json!("0 mails written"));
        let mails = written(place);
        let notices: Vec<_> = mails.iter().filter(|mail| mail.contains("will expire in 7 days")).collect();
        assert_eq!(notices.len(), 1, "{mails:?}");
        assert!(
            notices[0].contains("To: Ada <ada@people.test>") && notices[0].contains("laptop"),
            "{notices:?}"
        );
        assert!(mails.iter().all(|mail| !mail.contains(made.trim())), "a secret stands in a mail");
    });
}

#[test]
fn a_mail_server_that_is_away_loses_nothing() {
    let place = Place::new();
    // A port at which nobody listens.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let away = place
        .file("away.toml", &format!("[mail]\nurl = \"smtp://127.0.0.1:{port}\"\nstarttls = \"never\"\n"));
    place.run(&format!("user create --username ada --name Ada --email ada@people.test --config {away}")).ok();
    place.run(&format!("token create --user ada --name laptop --scopes api --config {away}")).ok();
    let tried = place.json(&format!("jobs run mail_delivery --config {away}"));
    let result = tried["result"].as_str().unwrap();
    assert!(result.starts_with("0 mails sent, 1 wait: "), "{result}");
    assert!(written(&place).is_empty());
    assert_eq!(place.json("jobs run mail_delivery")["result"], json!("1 mails sent"));
    assert_eq!(written(&place).len(), 1);
}

#[test]
fn a_bad_mail_section_is_a_usage_error() {
    let place = Place::new();
    for (line, key) in [
        ("url = \"smtp://ada:secret@mail.test\"\nstarttls = \"never\"", "mail.starttls"),
        ("url = \"smtps://mail.test\"\nca_file = \"/nonexistent/ca.pem\"", "mail.ca_file"),
    ] {
        let file = place.file("bad.toml", &format!("[mail]\n{line}\n"));
        let outcome = place.run(&format!("token list --config {file}"));
        assert_eq!(outcome.code, 2, "{}", outcome.err);
        assert!(outcome.err.contains(key), "{}", outcome.err);
    }
}
