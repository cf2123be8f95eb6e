//! What administrators see of the instance: the overview, lists, the log, jobs, the system.

use serde_json::json;

use crate::app;

#[tokio::test]
async fn the_overview_counts_and_leads_on() {
    let app = app().await;
    app.person("ada").await;
    let project = app.admin().project("app").await;
    let ends = json!({ "name": "soon", "scopes": ["api"], "expires_at": app.clock.in_days(3) });
    app.admin().project_token_with(project, ends).await;
    app.admin().put("/application/settings?user_cap=9", json!({})).await.ok();
    let shown = app.session("root").await.get("/admin").await.text();
    for text in [
        "<a href=\"/admin/users?state=active\">2</a>",
        "<p>of 9 seats</p>",
        "<a href=\"/admin/users?kind=bots\">1</a>",
        "<a href=\"/admin/projects\">1</a>",
        "<a href=\"/admin/tokens?ends=7&#38;sort=expires_asc\">1</a>",
    ] {
        assert!(shown.contains(text), "{text}: {shown}");
    }
}

#[tokio::test]
async fn groups_and_projects_are_found() {
    let app = app().await;
    app.admin().group("harbour").await;
    app.admin().group("depot").await;
    let project = app.admin().project_with(json!({ "name": "tides", "path": "tides" })).await;
    app.admin().post(&format!("/projects/{project}/archive"), json!({})).await.created();
    app.admin().project("gauges").await;
    let root = app.session("root").await;
    let all = root.get("/admin/groups").await.text();
    assert!(all.contains(">harbour</a>") && all.contains(">depot</a>") && all.contains("2 groups"), "{all}");
    let found = root.get("/admin/groups?search=harb").await.text();
    assert!(found.contains(">harbour</a>") && !found.contains(">depot</a>"), "{found}");
    let found = root.get("/admin/projects?state=archived").await.text();
    assert!(found.contains(">root/tides</a>") && !found.contains(">root/gauges</a>"), "{found}");
    let none = root.get("/admin/projects?search=lighthouse").await.text();
    assert!(none.contains("No project fits"), "{none}");
}

#[tokio::test]
async fn the_log_is_read_by_who_did_what_where_and_when() {
    let app = app().await;
    let ada = app.person("ada").await;
    let project = ada.client.project("app").await;
    ada.client.project_token(project, "nightly", &["api"]).await;
    app.settle().await;
    let root = app.session("root").await;
    let page = root.get("/admin/audit_events").await.text();
    assert!(page.contains("Sealed up to") && page.contains("with seal"), "{page}");
    let today = app.service.now().date();
    for (query, has, has_not) in [
        ("?author=ada".to_owned(), "project.create", "user.create"),
        ("?author=%40root&action=user".to_owned(), "user.create", "project.create"),
        ("?entity=ada%2Fapp".to_owned(), "project.create", "user.create"),
        ("?kind=user&entity=ada".to_owned(), "user.create", "project.create"),
        (format!("?from={today}&to={today}"), "project.create", "No record fits"),
        (format!("?to={}", today.plus_days(-1)), "No record fits", "project.create"),
    ] {
        let reply = root.get(&format!("/admin/audit_events{query}")).await;
        let text = reply.text();
        assert_eq!(reply.status, 200, "{query}: {text}");
        assert!(text.contains(has) && !text.contains(has_not), "{query}: {text}");
    }
    for (query, complaint) in
        [("?entity=no%2Fsuch", "There is no project, group or user"), ("?from=yesterday", "is no date")]
    {
        let reply = root.get(&format!("/admin/audit_events{query}")).await;
        assert_eq!(reply.status, 422, "{query}");
        assert!(reply.text().contains(complaint), "{query}: {reply}");
    }
}

#[tokio::test]
async fn the_log_goes_on_where_a_page_ends() {
    let app = app().await;
    let root = app.session("root").await;
    for number in 0..55 {
        let body = json!({ "value": "true", "force": true });
        app.admin().post(&format!("/features/flag_{number}"), body).await.created();
    }
    let first = root.get("/admin/audit_events?action=feature").await.text();
    assert!(first.contains("flag_54") && !first.contains("feature flag_4<"), "{first}");
    let (_, rest) = first.split_once("rel=\"next\"").map(|(before, after)| (after, before)).unwrap();
    let older = rest.rsplit_once("href=\"").unwrap().1.split('"').next().unwrap().replace("&#38;", "&");
    let second = root.get(&older).await.text();
    assert!(second.contains("feature flag_4<") && !second.contains("flag_54"), "{older}: {second}");
    assert!(second.contains(">Newest</a>") && !second.contains(">Older</a>"), "{second}");
}

#[tokio::test]
async fn failed_work_is_shown_and_tried_again() {
    let app = app().await;
    let root = app.session("root").await;
    app.settle().await;
    let page = root.get("/admin/jobs").await.text();
    assert!(page.contains("Nothing waits: every job is done.") && page.contains("audit_retention"), "{page}");
    app.tamper(
        "INSERT INTO jobs (kind, args, run_at, attempts, last_error, created_at)
            VALUES ('no_such_job', '{}', 9000000000000000, 3, 'it broke', 1)",
    )
    .await;
    let page = root.get("/admin/jobs").await.text();
    assert!(page.contains("no_such_job") && page.contains("it broke") && page.contains("3 tries"), "{page}");
    let (_, rest) = page.split_once("name=\"job\" value=\"").unwrap();
    let id = rest.split('"').next().unwrap();
    let done = root.submit("/admin/jobs", "/admin/jobs", &[("job", id)]).await;
    assert_eq!(done.status, 303, "{done}");
    let page = root.get("/admin/jobs").await.text();
    assert!(page.contains("The job no_such_job is tried again now."), "{page}");
    app.settle().await;
    let page = root.get("/admin/jobs").await.text();
    assert!(page.contains("4 tries") && page.contains("no job is called no_such_job"), "{page}");
    let gone = root.submit("/admin/jobs", "/admin/jobs", &[("job", "12345")]).await;
    assert_eq!(gone.status, 422);
    assert!(gone.text().contains("not there any more"), "{gone}");
    let mails = root.submit("/admin/jobs", "/admin/jobs", &[("mails", "1")]).await;
    assert_eq!(mails.status, 303);
    let events = app.admin().get("/audit_events?per_page=100").await.ok().to_string();
    assert!(events.contains("job_retry") && events.contains("mail_retry"), "{events}");
}

#[tokio::test]
async fn the_system_is_told_without_a_path() {
    let app = app().await;
    let shown = app.session("root").await.get("/admin/system_info").await.text();
    for text in ["Running since", "free where the repositories lie", "0 repositories with content", "<dd>2."]
    {
        assert!(shown.contains(text), "{text}: {shown}");
    }
    assert!(shown.contains("SQLite") || shown.contains("PostgreSQL"), "{shown}");
    assert!(!shown.contains(&*app.folder().to_string_lossy()), "{shown}");
}
