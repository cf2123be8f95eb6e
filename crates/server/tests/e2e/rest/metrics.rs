//! What monitors read of the tokens' ends.

use std::time::Duration;

use insta::assert_snapshot;
use serde_json::{Value, json};
use tessera_testkit::{Method, TestApp};

use crate::app;

/// The gauges that are not zero.
async fn gauges(app: &TestApp) -> String {
    let text = app.anonymous().at(Method::GET, "/-/metrics").await.text();
    let mut lines: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("tessera_tokens_by_days_to_expiry"))
        .filter(|line| !line.ends_with(" 0"))
        .collect();
    lines.sort_unstable();
    lines.join("\n")
}

#[tokio::test]
async fn tokens_are_counted_by_kind_and_days_to_their_end() {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = ada.client.project("demo").await;
    let make = async |end: Value| {
        let wanted = json!({ "name": "ci", "scopes": ["api"], "expires_at": end });
        ada.client.project_token_with(project, wanted).await
    };
    // Today is the fourth: what ends today has ended.
    for end in
        ["2027-03-04", "2027-03-05", "2027-03-11", "2027-03-12", "2027-04-04", "2027-06-02", "2027-06-03"]
    {
        make(json!(end)).await;
    }
    let revoked = make(json!("2027-03-05")).await;
    ada.client.delete(&format!("/projects/{project}/access_tokens/{}", revoked.id)).await.gone();
    app.impersonation_token(ada.id, &["api"]).await;
    assert_snapshot!(gauges(&app).await, @r#"
    {kind="impersonation",days="never"} 1
    {kind="personal",days="never"} 2
    {kind="project",days="0-1"} 1
    {kind="project",days="2-7"} 1
    {kind="project",days="31-60"} 1
    {kind="project",days="61-90"} 1
    {kind="project",days="8-30"} 1
    {kind="project",days="91+"} 1
    "#);
    make(json!("2027-03-05")).await;
    let before = gauges(&app).await;
    assert!(before.contains(r#"{kind="project",days="0-1"} 1"#), "counted once a minute: {before}");
    app.clock.advance(Duration::from_mins(1));
    assert!(gauges(&app).await.contains(r#"{kind="project",days="0-1"} 2"#));
    app.clock.to_eve_of("2027-03-06");
    assert!(!gauges(&app).await.contains(r#"kind="project",days="0-1""#), "they have expired");
}
