//! Reading and committing files.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use tessera_testkit::Method;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpSocket;

use super::{add, at, project};
use crate::{app, instance};

#[tokio::test]
async fn the_life_of_a_file() {
    let app = app().await;
    let admin = app.admin();
    let project = project(&admin).await;
    let bot = admin.project_token(project, "Robo", &["api"]).await.client;
    let file = at(project, "files/docs%2Fa%20b.txt");

    let made =
        bot.post(&file, json!({ "branch": "main", "content": "one\n", "commit_message": "Begin" })).await;
    assert_eq!(made.to_string(), r#"201 {"file_path":"docs/a b.txt","branch":"main"}"#);
    let seen = bot.get(&format!("{file}?ref=main")).await.ok();
    assert_eq!(
        (&seen["file_name"], &seen["size"], &seen["content"]),
        (&"a b.txt".into(), &4.into(), &"b25lCg==".into())
    );
    assert_eq!(seen["content_sha256"], "2c8b08da5ce60398e1f19af0e5dccc744df274b826abe585eaba68c525434806");
    assert_eq!(seen["last_commit_id"], seen["commit_id"]);

    let changed = json!({
        "branch": "main", "content": "AP8=", "encoding": "base64", "commit_message": "Go on",
        "last_commit_id": seen["last_commit_id"], "execute_filemode": true,
        "author_name": "Ann", "author_email": "ann@people.test",
    });
    assert_eq!(bot.put(&file, changed.clone()).await.status, 200);
    let again = bot.put(&file, changed).await;
    assert_eq!(
        again.to_string(),
        r#"400 {"message":"You are attempting to update a file that has changed since you started editing it."}"#
    );
    let head = bot.request(Method::HEAD, &format!("{file}?ref=HEAD")).await;
    assert!(head.body.is_empty());
    assert_eq!((head.header("x-gitlab-size"), head.header("x-gitlab-ref")), ("2", "HEAD"));
    assert_eq!(head.header("x-gitlab-execute-filemode"), "true");

    let commit = bot.get(&at(project, "branches/main")).await.ok()["commit"].clone();
    assert_eq!((&commit["author_name"], &commit["committer_name"]), (&"Ann".into(), &"Robo".into()));
    assert_eq!(commit["created_at"], "2027-03-04T08:15:30.000+00:00");

    // One client says it in the query, another in a JSON body.
    let gone = bot.delete(&file).json(&json!({ "branch": "main", "commit_message": "End" })).await;
    gone.gone();
    let gone = bot.delete(&format!("{file}?branch=main&commit_message=End")).await;
    assert_eq!(gone.to_string(), r#"400 {"message":"A file with this name doesn't exist"}"#);
    assert_eq!(
        bot.get(&format!("{file}?ref=main")).await.to_string(),
        r#"404 {"message":"404 File Not Found"}"#
    );
}

#[tokio::test]
async fn what_cannot_be_committed_is_told_in_the_words_that_clients_know() {
    let app = app().await;
    let admin = app.admin();
    let project = project(&admin).await;
    let refused = async |path: &str, more: serde_json::Value| {
        let mut wanted = json!({ "branch": "main", "content": "x", "commit_message": "m" });
        wanted.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let reply = admin.post(&at(project, &format!("files/{path}")), wanted).await;
        assert_eq!(reply.status, 400, "{reply}");
        let text = reply.json["message"].as_str().or(reply.json["error"].as_str());
        text.unwrap_or_default().to_owned()
    };
    let none = json!({});
    assert_eq!(refused("README.md", none.clone()).await, "A file with this name already exists");
    assert_eq!(refused("README.md%2Fx", none.clone()).await, "README.md is a file, not a directory");
    assert_eq!(refused(".git%2Fconfig", none.clone()).await, "The path must not contain .git as a part");
    assert_eq!(refused("..%2Fx", none).await, "file_path should be a valid file path");
    assert_eq!(
        refused("x", json!({ "branch": "nowhere" })).await,
        "You can only create or edit files when you are on a branch"
    );
    assert_eq!(
        refused("x", json!({ "branch": "a..b", "start_branch": "main" })).await,
        "Something went wrong when we tried to create 'a..b' for you: Branch name is invalid"
    );
    add(&admin, project, "x", json!({ "branch": "other", "start_branch": "main" })).await;
    assert_eq!(
        refused("y", json!({ "branch": "other", "start_branch": "main" })).await,
        "A branch called 'other' already exists. Switch to that branch in order to make changes"
    );
    assert_eq!(
        refused("x", json!({ "content": "!", "encoding": "base64" })).await,
        "content is not valid base64"
    );
    assert_eq!(
        refused("x", json!({ "branch": "", "commit_message": "" })).await,
        "branch is empty, commit_message is empty"
    );
}

#[tokio::test]
async fn large_files_come_whole_by_both_ways() {
    let app = app().await;
    let admin = app.admin();
    let project = project(&admin).await;
    let bytes: Vec<u8> =
        (0..3_000_001_u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let content = json!({ "content": STANDARD.encode(&bytes), "encoding": "base64" });
    add(&admin, project, "large", content).await;
    let raw = admin.get(&at(project, "files/large/raw")).await;
    assert_eq!(
        (raw.header("content-length"), raw.header("content-type")),
        ("3000001", "application/octet-stream")
    );
    assert!(raw.body == bytes, "the raw bytes differ");
    let json = admin.get(&at(project, "files/large?ref=main")).await.ok();
    assert!(STANDARD.decode(json["content"].as_str().unwrap()).unwrap() == bytes, "the JSON differs");
    assert_eq!(raw.header("x-gitlab-content-sha256"), json["content_sha256"]);
}

#[tokio::test]
async fn raw_files_are_shown_and_never_run() {
    let app = app().await;
    let admin = app.admin();
    let project = project(&admin).await;
    add(&admin, project, "page.html", json!({ "content": "<script>alert(1)</script>" })).await;
    let raw = admin.get(&at(project, "files/page.html/raw?ref=main")).await;
    assert_eq!(raw.text(), "<script>alert(1)</script>");
    assert_eq!((raw.header("content-type"), raw.header("x-content-type-options")), ("text/plain", "nosniff"));
    assert_eq!(
        raw.header("content-disposition"),
        "inline; filename=\"page.html\"; filename*=UTF-8''page.html"
    );
    let unknown = admin.get(&at(project, "files/page.html/raw?ref=nowhere")).await;
    assert_eq!(unknown.to_string(), r#"404 {"message":"404 Commit Not Found"}"#);
}

#[tokio::test]
async fn read_repository_opens_files_and_nothing_beside() {
    let app = app().await;
    let admin = app.admin();
    let project = project(&admin).await;
    let reader = admin.project_token(project, "reader", &["read_repository"]).await.client;
    reader.get(&at(project, "files/README.md?ref=main")).await.ok();
    reader.get(&at(project, "files/README.md/raw")).await.ok();
    let wanted = json!({ "branch": "main", "content": "x", "commit_message": "m" });
    for refused in [
        reader.get(&at(project, "branches")).await,
        reader.get(&at(project, "tags/x")).await,
        reader.post(&at(project, "files/x"), wanted).await,
    ] {
        assert_eq!((refused.status, &refused.json["error"]), (403, &"insufficient_scope".into()));
    }
}

#[tokio::test]
async fn edits_at_once_all_succeed() {
    let app = app().await;
    let admin = app.admin();
    let project = project(&admin).await;
    let edits = (0..8).map(|number| {
        let wanted = json!({ "branch": "main", "content": "x", "commit_message": "m" });
        tokio::spawn(std::future::IntoFuture::into_future(
            admin.post(&at(project, &format!("files/{number}")), wanted),
        ))
    });
    for edit in edits.collect::<Vec<_>>() {
        edit.await.unwrap().created();
    }
    for number in 0..8 {
        admin.get(&at(project, &format!("files/{number}?ref=main"))).await.ok();
    }
}

#[tokio::test]
async fn a_raw_file_on_its_way_ends_with_its_token() {
    let app = instance().listening().start().await;
    let admin = app.admin();
    let project = project(&admin).await;
    // More than the sockets and the server hold between them.
    add(&admin, project, "large", json!({ "content": "x".repeat(16_000_000) })).await;
    let token = admin.project_token(project, "reader", &["read_repository"]).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(64 * 1024).unwrap();
    let mut stream = socket.connect(app.address()).await.unwrap();
    let ask = format!(
        "GET /api/v4{} HTTP/1.1\r\nHost: x\r\nPRIVATE-TOKEN: {}\r\nConnection: close\r\n\r\n",
        at(project, "files/large/raw"),
        token.client.secret()
    );
    stream.write_all(ask.as_bytes()).await.unwrap();
    let mut first = [0; 15];
    stream.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200 OK");
    admin.delete(&format!("/projects/{project}/access_tokens/{}", token.id)).await.gone();
    // Read slowly, so that the server has had many occasions to look before all is read; the end may come as an
    // error too.
    let (mut read, mut piece) = (0, vec![0; 64 * 1024]);
    while let Ok(count @ 1..) = stream.read(&mut piece).await {
        read += count;
        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    }
    assert!(read < 14_000_000, "{read} bytes came after the token was revoked");
}
