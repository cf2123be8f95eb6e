//! The audit log: what stands in it, and that nobody changes it unseen.

mod command;
mod coverage;
mod events;
mod failures;
mod nodes;
mod tampering;

use tessera_model::audit::Report;
use tessera_testkit::TestApp;

/// What a walk along the log finds.
async fn walk(app: &TestApp) -> Report {
    app.service.verify_audit().await.unwrap()
}
