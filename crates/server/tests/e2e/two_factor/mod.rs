//! Second factors (U3): setting one up, what it closes, who is asked for one.

mod admin;
mod enforcement;
mod enrol;
mod git;
mod secrets;

use serde_json::{Value, json};
use tessera_testkit::{Client, Method, Reply};

const PASSWORD: &str = "a password of the tests";
const OFF: &str = r#"{"two_factor_enabled":false,"recovery_codes_left":0,"two_factor_required":false,"two_factor_grace_period_ends_at":null}"#;

/// What git asks first when it fetches `ada/demo`.
async fn refs(client: &Client, login: &str, secret: &str) -> Reply {
    let path = "/ada/demo.git/info/refs?service=git-upload-pack";
    client.at(Method::GET, path).basic(login, secret).await
}

/// `DELETE /user/two_factor`.
async fn disable(person: &Client, password: &str, code: &str) -> Reply {
    let shown = json!({ "current_password": password, "otp_attempt": code });
    person.delete("/user/two_factor").json(&shown).await
}

async fn confirm(person: &Client, code: &str) -> Reply {
    person.post("/user/two_factor/confirm", json!({ "otp_attempt": code })).await
}

fn flag(user: &Value) -> bool {
    user["two_factor_enabled"].as_bool().unwrap()
}
