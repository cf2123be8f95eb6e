//! Every operation that changes something leaves a record, joined by the number of the request; those that
//! need none are named here.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tessera_model::operation::{self, Access};
use tessera_testkit::program::GitClient;
use tessera_testkit::{Client, Device, Method, TestApp};

use crate::git::access::url;
use crate::instance;

/// Operations of the table that write without a record, and why.
const UNAUDITED: &[(&str, &str)] = &[
    ("CreateIssue", "an issue says itself who opened it and when"),
    ("UpdateIssue", "an issue says itself who changed it and when"),
    ("DeleteIssue", "content of a project, as its issues are"),
    ("CreateNote", "a note says itself who wrote it and when"),
    ("UpdateNote", "a note says itself who wrote it and when"),
    ("DeleteNote", "content of a project, as its issues are"),
    ("AdvertiseReceivePack", "it reads; the push that follows is recorded"),
];

struct Walk {
    app: TestApp,
    done: BTreeSet<String>,
    missing: Vec<String>,
}

impl Walk {
    /// Has a client do an operation, and looks for its record.
    async fn act(&mut self, name: &str, client: &Client, path: &str, body: Value) -> Value {
        let row =
            operation::all().find(|row| row.name == name).unwrap_or_else(|| panic!("{name} is no operation"));
        let method: Method = row.method.name().parse().unwrap();
        let reply = client.request(method, path).json(&body).await;
        assert!((200..300).contains(&reply.status), "{name}: {reply:?}");
        let request = reply.header("x-request-id").to_owned();
        let events = self.app.admin().get("/audit_events?per_page=20").await;
        let events = events.json.as_array().unwrap();
        let own: Vec<&Value> =
            events.iter().filter(|event| event["details"]["correlation_id"] == request.as_str()).collect();
        if own.is_empty() {
            self.missing.push(name.to_owned());
        }
        for event in own {
            assert_eq!(event["details"]["ip_address"], "192.0.2.10", "{name}: {event}");
            assert!(event["details"]["token_id"].is_i64(), "{name}: {event}");
            assert!(event["author_id"].as_i64().unwrap() > 0, "{name}: {event}");
        }
        self.done.insert(name.to_owned());
        reply.json
    }

    async fn admin(&mut self, name: &str, path: &str, body: Value) -> Value {
        let admin = self.app.admin();
        self.act(name, &admin, path, body).await
    }
}

fn id(made: &Value) -> i64 {
    made["id"].as_i64().unwrap()
}

async fn people_and_groups(walk: &mut Walk) -> i64 {
    let person = |name: &str| json!({ "username": name, "name": name, "email": format!("{name}@people.test"), "password": "long enough for all" });
    let ada = id(&walk.admin("CreateUser", "/users", person("ada")).await);
    walk.admin("UpdateUser", &format!("/users/{ada}"), json!({ "name": "Ada L." })).await;
    walk.admin("BlockUser", &format!("/users/{ada}/block"), json!({})).await;
    walk.admin("UnblockUser", &format!("/users/{ada}/unblock"), json!({})).await;
    let group = id(&walk.admin("CreateGroup", "/groups", json!({ "name": "Group", "path": "group" })).await);
    walk.admin("UpdateGroup", &format!("/groups/{group}"), json!({ "name": "Renamed" })).await;
    let members = format!("/groups/{group}/members");
    walk.admin("AddGroupMember", &members, json!({ "user_id": ada, "access_level": 30 })).await;
    walk.admin("UpdateGroupMember", &format!("{members}/{ada}"), json!({ "access_level": 40 })).await;
    walk.admin("RemoveGroupMember", &format!("{members}/{ada}"), json!({})).await;
    walk.admin("DeleteGroup", &format!("/groups/{group}"), json!({})).await;
    let spare = id(&walk.admin("CreateUser", "/users", person("spare")).await);
    walk.admin("DeleteUser", &format!("/users/{spare}"), json!({})).await;
    walk.admin("UpdateSettings", "/application/settings", json!({ "default_projects_limit": 7 })).await;
    walk.admin("SetFeature", "/features/some_flag", json!({ "value": true, "force": true })).await;
    walk.admin("DeleteFeature", "/features/some_flag", json!({})).await;
    ada
}

async fn tokens(walk: &mut Walk, ada: i64, project: i64) {
    let wanted = || json!({ "name": "t", "scopes": ["api"], "access_level": 40 });
    let path = format!("/projects/{project}/access_tokens");
    let first = walk.admin("CreateProjectToken", &path, wanted()).await;
    let second = walk.admin("RotateProjectToken", &format!("{path}/{}/rotate", id(&first)), json!({})).await;
    let bot = walk.app.token(second["token"].as_str().unwrap());
    let third = walk.act("RotateOwnProjectToken", &bot, &format!("{path}/self/rotate"), json!({})).await;
    walk.admin("RevokeProjectToken", &format!("{path}/{}", id(&third)), json!({})).await;
    let path = format!("/users/{ada}/personal_access_tokens");
    let first = walk.admin("CreateUserToken", &path, wanted()).await;
    let client = walk.app.token(first["token"].as_str().unwrap());
    let own = json!({ "name": "own", "scopes": ["self_rotate"] });
    let extra = walk.act("CreateOwnToken", &client, "/user/personal_access_tokens", own).await;
    walk.act("RevokeToken", &client, &format!("/personal_access_tokens/{}", id(&extra)), json!({})).await;
    let rotated = format!("/personal_access_tokens/{}/rotate", id(&first));
    let second = walk.act("RotateToken", &client, &rotated, json!({})).await;
    let client = walk.app.token(second["token"].as_str().unwrap());
    let third = walk.act("RotateOwnToken", &client, "/personal_access_tokens/self/rotate", json!({})).await;
    let client = walk.app.token(third["token"].as_str().unwrap());
    walk.act("RevokeOwnToken", &client, "/personal_access_tokens/self", json!({})).await;
    let path = format!("/users/{ada}/impersonation_tokens");
    let made = walk.admin("CreateImpersonationToken", &path, wanted()).await;
    walk.admin("RevokeImpersonationToken", &format!("{path}/{}", id(&made)), json!({})).await;
    let wanted = json!({ "name": "t", "scopes": ["api"], "expires_at": "2027-04-01" });
    let made = walk.admin("CreateImpersonationToken", &path, wanted).await;
    let extend = json!({ "ids": [id(&made)], "expires_at": "2027-05-01", "dry_run": false });
    walk.admin("ExtendTokens", "/admin/tokens/extend", extend).await;
    let revoke = json!({ "ids": [id(&made)], "dry_run": false });
    walk.admin("RevokeTokens", "/admin/tokens/revoke", revoke).await;
}

async fn second_factor(walk: &mut Walk, ada: i64) {
    let (client, password) = (walk.app.personal_token(ada, &["api"]).await, "long enough for all");
    let start = || json!({ "current_password": password });
    let shown = |code: String| json!({ "current_password": password, "otp_attempt": code });
    let path = "/user/two_factor";
    let device = Device::told(&walk.act("StartTwoFactor", &client, path, start()).await);
    let code = json!({ "otp_attempt": device.code(&walk.app) });
    walk.act("ConfirmTwoFactor", &client, "/user/two_factor/confirm", code).await;
    let code = shown(device.next_code(&walk.app));
    walk.act("RenewRecoveryCodes", &client, "/user/two_factor/recovery_codes", code).await;
    let code = shown(device.next_code(&walk.app));
    walk.act("DisableTwoFactor", &client, path, code).await;
    let device = Device::told(&walk.act("StartTwoFactor", &client, path, start()).await);
    let code = json!({ "otp_attempt": device.code(&walk.app) });
    walk.act("ConfirmTwoFactor", &client, "/user/two_factor/confirm", code).await;
    walk.admin("DisableUserTwoFactor", &format!("/users/{ada}/disable_two_factor"), json!({})).await;
}

async fn repository(walk: &mut Walk, project: i64) {
    let (name, below) = (format!("/projects/{project}"), format!("/projects/{project}/repository"));
    let file = |text: &str| json!({ "branch": "main", "content": text, "commit_message": text });
    walk.admin("CreateFile", &format!("{below}/files/a.txt"), file("one")).await;
    // Merged is what the default branch has left behind.
    let merged = json!({ "branch": "merged", "ref": "main" });
    walk.admin("CreateBranch", &format!("{below}/branches"), merged).await;
    walk.admin("UpdateFile", &format!("{below}/files/a.txt"), file("two")).await;
    walk.admin("CreateBranch", &format!("{below}/branches"), json!({ "branch": "b", "ref": "main" })).await;
    walk.admin("DeleteBranch", &format!("{below}/branches/b"), json!({})).await;
    walk.admin("DeleteMergedBranches", &format!("{below}/merged_branches"), json!({})).await;
    walk.admin("CreateTag", &format!("{below}/tags"), json!({ "tag_name": "v1", "ref": "main" })).await;
    walk.admin("DeleteTag", &format!("{below}/tags/v1"), json!({})).await;
    walk.admin("DeleteFile", &format!("{below}/files/a.txt"), file("gone")).await;
    walk.admin("ProtectBranch", &format!("{name}/protected_branches"), json!({ "name": "stable" })).await;
    let rule = format!("{name}/protected_branches/stable");
    walk.admin("UpdateProtectedBranch", &rule, json!({ "allow_force_push": true })).await;
    walk.admin("UnprotectBranch", &rule, json!({})).await;
    walk.admin("ProtectTag", &format!("{name}/protected_tags"), json!({ "name": "v*" })).await;
    walk.admin("UnprotectTag", &format!("{name}/protected_tags/v*"), json!({})).await;
}

async fn web_hooks(walk: &mut Walk, project: i64) {
    let hooks = format!("/projects/{project}/hooks");
    let hook = id(&walk.admin("AddWebHook", &hooks, json!({ "url": "https://ci.example.com" })).await);
    let hook = format!("{hooks}/{hook}");
    walk.admin("EditWebHook", &hook, json!({ "name": "ci" })).await;
    walk.admin("TestWebHook", &format!("{hook}/test/resource_access_token_events"), json!({})).await;
    let events = walk.app.admin().get(&format!("{hook}/events")).await.ok();
    let again = format!("{hook}/events/{}/resend", id(&events[0]));
    walk.admin("ResendWebHookEvent", &again, json!({})).await;
    walk.admin("DeleteWebHook", &hook, json!({})).await;
}

async fn push(walk: &mut Walk, project: i64) {
    let token = walk.app.admin().project_token(project, "git", &["write_repository"]).await;
    let place = GitClient::in_folder(walk.app.folder().join("work"));
    let work = place.repository("mine").await;
    let url = url(&walk.app, "x", &token.client, "root/one");
    work.run(&["push", "-q", &url, "main"]).await.ok();
    let events = walk.app.admin().get(&format!("/projects/{project}/audit_events")).await;
    let event = &events.json[0];
    assert_eq!(event["event_name"], "repository_push", "{event}");
    assert_eq!(
        (&event["author_id"], &event["details"]["token_id"]),
        (&json!(token.user_id), &json!(token.id))
    );
    walk.done.insert("ReceivePack".to_owned());
}

#[tokio::test]
async fn every_change_leaves_a_record() {
    let app = instance().listening().start().await;
    let mut walk = Walk { app, done: BTreeSet::new(), missing: Vec::new() };
    let ada = people_and_groups(&mut walk).await;
    let project = id(&walk.admin("CreateProject", "/projects", json!({ "name": "one" })).await);
    let others = format!("/projects/user/{ada}");
    walk.admin("CreateProjectForUser", &others, json!({ "name": "two" })).await;
    let path = format!("/projects/{project}");
    walk.admin("UpdateProject", &path, json!({ "description": "new" })).await;
    let members = format!("{path}/members");
    walk.admin("AddProjectMember", &members, json!({ "user_id": ada, "access_level": 30 })).await;
    walk.admin("UpdateProjectMember", &format!("{members}/{ada}"), json!({ "access_level": 40 })).await;
    walk.admin("RemoveProjectMember", &format!("{members}/{ada}"), json!({})).await;
    tokens(&mut walk, ada, project).await;
    second_factor(&mut walk, ada).await;
    web_hooks(&mut walk, project).await;
    push(&mut walk, project).await;
    repository(&mut walk, project).await;
    walk.admin("ArchiveProject", &format!("{path}/archive"), json!({})).await;
    walk.admin("UnarchiveProject", &format!("{path}/unarchive"), json!({})).await;
    walk.admin("DeleteProject", &path, json!({})).await;

    assert!(walk.missing.is_empty(), "these left no record: {:?}", walk.missing);
    let excepted = |name: &str| UNAUDITED.iter().any(|(known, _)| *known == name);
    let forgotten: Vec<&str> = operation::all()
        .filter(|row| row.access == Access::Write)
        .map(|row| row.name)
        .filter(|name| !walk.done.contains(*name) && !excepted(name))
        .collect();
    assert!(
        forgotten.is_empty(),
        "walk along these as well, or name why they leave no record: {forgotten:?}"
    );
    for (name, _) in UNAUDITED {
        assert!(operation::all().any(|row| row.name == *name), "{name} is no operation any more");
    }
    let report = super::walk(&walk.app).await;
    assert!(report.is_whole(), "{:?}", report.problems);
}
