//! What web hooks are told, when, and what becomes of calls that fail.

mod calls;
mod failures;
mod windows;

use std::time::Duration;

use serde_json::{Value, json};
use tessera_testkit::{Client, TestApp};

use crate::app;

/// A project with a hook that hears of its tokens.
struct World {
    app: TestApp,
    ada: Client,
    project: i64,
    /// The path of the hook.
    hook: String,
}

impl World {
    /// With a hook of these properties beside its URL and its event.
    async fn with(more: Value) -> Self {
        let app = app().await;
        let ada = app.person("ada").await.client;
        let project = ada.project("demo").await;
        let mut wanted = json!({
            "url": "https://ci.example.com/hook?for=tokens", "push_events": false, "resource_access_token_events": true,
        });
        wanted.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let hooks = format!("/projects/{project}/hooks");
        let made = ada.post(&hooks, wanted).await.created();
        app.settle().await;
        Self { app, ada, project, hook: format!("{hooks}/{}", made["id"]) }
    }

    async fn new() -> Self {
        Self::with(json!({})).await
    }

    /// A token of the project; its number.
    async fn token(&self, name: &str, end: &str) -> i64 {
        let wanted = json!({ "name": name, "scopes": ["api"], "expires_at": end });
        self.ada.project_token_with(self.project, wanted).await.id
    }

    /// Lives until the second after an hour of a date, and does what the server does.
    async fn at(&self, date: &str, hour: u64) {
        self.app.clock.to_eve_of(date);
        self.app.clock.advance(Duration::from_secs(1) + Duration::from_hours(hour));
        self.app.settle().await;
    }

    async fn later(&self, seconds: u64) {
        self.app.clock.advance(Duration::from_secs(seconds));
        self.app.settle().await;
    }

    /// The tokens that were told of since the last time: their names, and the windows.
    fn told(&self) -> Vec<String> {
        let calls = self.app.courier.take();
        let bodies = calls.iter().map(|call| serde_json::from_str::<Value>(&call.body).unwrap());
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let mut told: Vec<String> = bodies
            .map(|body| format!("{} {}", text(&body["object_attributes"]["name"]), text(&body["interval"])))
            .collect();
        told.sort();
        told
    }
}
