//! The people, groups, projects and tokens of a story, made through the API as an administrator would.

use serde_json::{Value, json};

use crate::app::TestApp;
use crate::client::Client;

/// A person with a personal token of the scope `api`.
pub struct Person {
    /// Their number.
    pub id: i64,
    /// Their name.
    pub username: String,
    /// A client with their token.
    pub client: Client,
}

/// A token that was just made.
pub struct Minted {
    /// Its number.
    pub id: i64,
    /// The number of its user: the bot.
    pub user_id: i64,
    /// A client that bears it.
    pub client: Client,
    /// The whole answer.
    pub json: Value,
}

/// The password of everybody in the tests.
pub(crate) const PASSWORD: &str = "a password of the tests";

impl TestApp {
    /// A person, with a token.
    pub async fn person(&self, username: &str) -> Person {
        self.person_with(username, json!({})).await
    }

    /// A person with further properties, such as `external`.
    pub async fn person_with(&self, username: &str, more: Value) -> Person {
        let mut wanted = json!({
            "username": username, "name": title(username), "email": format!("{username}@people.test"),
            "password": PASSWORD, "skip_confirmation": true,
        });
        merge(&mut wanted, more);
        let made = self.admin().post("/users", wanted).await.created();
        let id = made["id"].as_i64().unwrap();
        let client = self.personal_token(id, &["api"]).await;
        Person { id, username: username.to_owned(), client }
    }

    /// A personal token for a user, made by the administrator.
    pub async fn personal_token(&self, user_id: i64, scopes: &[&str]) -> Client {
        let path = format!("/users/{user_id}/personal_access_tokens");
        let made = self.admin().post(&path, json!({ "name": "story", "scopes": scopes })).await.created();
        self.token(made["token"].as_str().unwrap())
    }

    /// An impersonation token for a user.
    pub async fn impersonation_token(&self, user_id: i64, scopes: &[&str]) -> Client {
        let path = format!("/users/{user_id}/impersonation_tokens");
        let made = self.admin().post(&path, json!({ "name": "story", "scopes": scopes })).await.created();
        self.token(made["token"].as_str().unwrap())
    }

    /// Makes a user a member of a project.
    pub async fn member(&self, project: i64, user: i64, level: i64) {
        let path = format!("/projects/{project}/members");
        self.admin().post(&path, json!({ "user_id": user, "access_level": level })).await.created();
    }

    /// A person who is a member of a project.
    pub async fn person_in(&self, project: i64, username: &str, level: i64) -> Person {
        let person = self.person(username).await;
        self.member(project, person.id, level).await;
        person
    }
}

impl Client {
    /// A private project in the client's own namespace; its number.
    pub async fn project(&self, name: &str) -> i64 {
        self.project_with(json!({ "name": name })).await
    }

    /// A project with further properties, such as `visibility`.
    pub async fn project_with(&self, wanted: Value) -> i64 {
        self.post("/projects", wanted).await.created()["id"].as_i64().unwrap()
    }

    /// A group; its number.
    pub async fn group(&self, path: &str) -> i64 {
        let made = self.post("/groups", json!({ "name": title(path), "path": path })).await;
        made.created()["id"].as_i64().unwrap()
    }

    /// A project access token of the level Maintainer.
    pub async fn project_token(&self, project: i64, name: &str, scopes: &[&str]) -> Minted {
        self.project_token_with(project, json!({ "name": name, "scopes": scopes })).await
    }

    /// A project access token with everything that can be said of one.
    pub async fn project_token_with(&self, project: i64, wanted: Value) -> Minted {
        let json = self.post(&format!("/projects/{project}/access_tokens"), wanted).await.created();
        self.minted(json)
    }

    /// A project token that replaces another one.
    pub async fn rotated(&self, project: i64, token: i64) -> Minted {
        let path = format!("/projects/{project}/access_tokens/{token}/rotate");
        let json = self.post(&path, json!({})).await.ok();
        self.minted(json)
    }

    /// What an answer with a token gives.
    pub fn minted(&self, json: Value) -> Minted {
        let number = |key: &str| json[key].as_i64().unwrap();
        let client = self.bearing(json["token"].as_str().unwrap());
        Minted { id: number("id"), user_id: number("user_id"), client, json }
    }
}

/// `ada` as `Ada`.
fn title(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn merge(into: &mut Value, more: Value) {
    let (Value::Object(into), Value::Object(more)) = (into, more) else { return };
    into.extend(more);
}
