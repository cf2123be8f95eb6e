//! A device that shows codes, as people carry one.

use std::time::Duration;

use serde_json::{Value, json};
use tessera_model::time::{Clock, Timestamp};

use crate::app::TestApp;
use crate::client::Client;
use crate::world::PASSWORD;

/// A device that was told a secret.
pub struct Device(totp_rs::Totp);

impl Device {
    /// Tells it the secret that an answer holds.
    pub fn told(answer: &Value) -> Self {
        let secret = answer["otp_secret"].as_str().unwrap();
        let secret = totp_rs::Secret::try_from_base32(secret).unwrap();
        Self(totp_rs::Builder::new().with_secret(secret).build().unwrap())
    }

    /// The bytes of its secret.
    pub fn secret(&self) -> Vec<u8> {
        self.0.secret().to_vec()
    }

    /// The code that it shows at an instant.
    pub fn code_at(&self, now: Timestamp) -> String {
        self.0.generate(now.seconds().unsigned_abs()).to_string()
    }

    /// The code that it shows now.
    pub fn code(&self, app: &TestApp) -> String {
        self.code_at(app.clock.now())
    }

    /// A code that was not shown before: waits until the device shows the next one.
    pub fn next_code(&self, app: &TestApp) -> String {
        app.clock.advance(Duration::from_secs(30));
        self.code(app)
    }
}

impl TestApp {
    /// Turns the second factor of a person on; the device, and the recovery codes.
    pub async fn two_factor(&self, person: &Client) -> (Device, Vec<String>) {
        let started =
            person.post("/user/two_factor", json!({ "current_password": PASSWORD })).await.created();
        let device = Device::told(&started);
        let code = device.code(self);
        let confirmed =
            person.post("/user/two_factor/confirm", json!({ "otp_attempt": code })).await.created();
        let codes = confirmed["recovery_codes"].as_array().unwrap();
        (device, codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect())
    }
}
