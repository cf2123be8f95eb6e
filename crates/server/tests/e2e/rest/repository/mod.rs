//! Files, branches and tags of a project.

mod bots;
mod branches;
mod files;
mod first_commit;
mod tags;

use serde_json::{Value, json};
use tessera_testkit::Client;

/// The path of a project's repository.
fn at(project: i64, below: &str) -> String {
    format!("/projects/{project}/repository/{below}")
}

/// A project that begins with a README.
async fn project(client: &Client) -> i64 {
    client.project_with(json!({ "name": "demo", "initialize_with_readme": true })).await
}

/// Commits a new file; the path is part of a URL.
async fn add(client: &Client, project: i64, path: &str, more: Value) {
    let mut wanted = json!({ "branch": "main", "content": path, "commit_message": format!("Add {path}") });
    if let (Value::Object(wanted), Value::Object(more)) = (&mut wanted, more) {
        wanted.extend(more);
    }
    client.post(&at(project, &format!("files/{path}")), wanted).await.created();
}
