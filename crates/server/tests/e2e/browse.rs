//! What pages read of repositories, below the pages: who gets what, and what a URL leads to.

use std::sync::Arc;

use serde_json::json;
use tessera_model::operation::Surface;
use tessera_model::operation::files::{GetFile, GetRawFile};
use tessera_model::operation::projects::GetProject;
use tessera_model::secret::PlainToken;
use tessera_model::{Error, Result};
use tessera_service::repository::browse::{self, GitPath, HeadKind, Kind, Shown};
use tessera_service::repository::{Content, Place, open};
use tessera_service::{Ask, Credential, Key, Meta, Service};
use tessera_testkit::program::GitClient;
use tessera_testkit::{Client, TestApp};

use crate::git::access::url;
use crate::{app, instance};

fn path(text: &str) -> GitPath {
    GitPath::new(text.as_bytes()).unwrap()
}

fn ask(app: &TestApp, token: Option<&Client>) -> Arc<Ask> {
    let credential = match token {
        Some(client) => {
            Credential::Token { token: PlainToken::new(client.secret().to_owned()), in_query: false }
        }
        None => Credential::Anonymous,
    };
    let meta = Meta {
        address: "192.0.2.1".to_owned(),
        request_id: "1".to_owned(),
        received_at: app.service.now(),
        surface: Some(Surface::Rest),
    };
    Arc::new(Ask::new(credential, None, meta))
}

/// Opens a repository as a page of files does.
async fn opened(app: &TestApp, project: i64, token: Option<&Client>) -> Result<Place> {
    let (ask, key) = (ask(app, token), Key::Id(project));
    let open = app.service.read::<GetFile, _, _>(&ask, move |tx| {
        let project = tx.project::<GetFile>(&key)?;
        open(tx, project)
    });
    open.await
}

/// Whether a project's first page shows code.
async fn shows_code(app: &TestApp, project: i64, token: Option<&Client>) -> Result<bool> {
    let (ask, key) = (ask(app, token), Key::Id(project));
    let open = app.service.read::<GetProject, _, _>(&ask, move |tx| {
        let project = tx.project::<GetProject>(&key)?;
        browse::open_if_readable(tx, project)
    });
    open.await.map(|(_, place)| place.is_some())
}

#[tokio::test]
async fn who_gets_code() {
    let app = app().await;
    let closed = app.admin().project("closed").await;
    let public = json!({ "name": "open", "visibility": "public" });
    let public = app.admin().project_with(public).await;
    let guest = app.person_in(closed, "gabi", 10).await.client;
    let reporter = app.person_in(closed, "rita", 20).await.client;
    let nobody = app.person("nora").await.client;
    assert!(shows_code(&app, closed, Some(&reporter)).await.unwrap());
    assert!(!shows_code(&app, closed, Some(&guest)).await.unwrap());
    assert!(shows_code(&app, closed, Some(&app.admin())).await.unwrap());
    for stranger in [Some(&nobody), None] {
        assert!(matches!(shows_code(&app, closed, stranger).await, Err(Error::NotFound(_))));
        assert!(opened(&app, closed, stranger).await.is_err());
        assert!(shows_code(&app, public, stranger).await.unwrap());
        assert!(opened(&app, public, stranger).await.is_ok());
    }
    assert!(opened(&app, closed, Some(&guest)).await.is_err());
    assert!(opened(&app, closed, Some(&reporter)).await.is_ok());
}

#[tokio::test]
async fn empty_repositories() {
    let app = app().await;
    let project = app.admin().project("demo").await;
    let place = opened(&app, project, Some(&app.admin())).await.unwrap();
    let service = &app.service;
    for rest in ["", "main", "main/a", "HEAD"] {
        let rest = path(rest);
        assert_eq!(browse::tree::show(service, &place, &rest, None).await.unwrap(), Shown::Empty);
        assert_eq!(browse::file::show(service, &place, &rest, None).await.unwrap(), Shown::Empty);
        assert_eq!(browse::history::list(service, &place, &rest, None, 1).await.unwrap(), Shown::Empty);
        assert_eq!(browse::commit::show(service, &place, &rest).await.unwrap(), Shown::Empty);
    }
    let overview = browse::overview::show(service, &place).await.unwrap();
    assert!(overview.folder.is_none() && overview.counts.is_empty());
    assert_eq!(browse::heads::list(service, &place, HeadKind::Tag, None, 1).await.unwrap().total, 0);
}

#[tokio::test]
async fn what_urls_lead_to() {
    let app = instance().listening().start().await;
    let project = app.admin().project("demo").await;
    let token = app.admin().project_token(project, "ci", &["write_repository"]).await.client;
    let work = GitClient::in_folder(app.folder().join("work")).repository("mine").await;
    work.commit("docs/guide.md", "guide\n").await;
    work.commit("docs/readme.txt", "about docs\n").await;
    std::os::unix::fs::symlink("docs/guide.md", work.folder().join("README")).unwrap();
    work.run(&["rm", "-q", "README.md"]).await.ok();
    work.commit("large.txt", &"many lines\n".repeat(200_000)).await;
    work.run(&["tag", "v1"]).await.ok();
    work.run(&["branch", "feature/x", "HEAD~1"]).await.ok();
    let url = url(&app, "ci", &token, "root/demo");
    work.run(&["push", "-q", &url, "main", "feature/x", "v1"]).await.ok();
    let tip = work.run(&["rev-parse", "HEAD"]).await.ok().trim().to_owned();

    let (service, reader) = (&app.service, app.admin());
    let place = opened(&app, project, Some(&reader)).await.unwrap();
    let overview = browse::overview::show(service, &place).await.unwrap();
    assert_eq!((overview.counts.branches, overview.counts.tags), (2, 1));
    let folder = overview.folder.unwrap();
    assert_eq!(folder.latest.unwrap().oid.to_string(), tip);
    assert_eq!(folder.readme.unwrap().text().as_deref(), Some("guide\n"), "through the link");
    let names: Vec<_> = folder.tree.entries.iter().map(|entry| entry.name.to_string()).collect();
    assert_eq!(names, ["docs", "README", "large.txt"]);
    let last: Vec<_> =
        folder.last_commits.commits.iter().map(|commit| &*commit.as_ref().unwrap().title).collect();
    assert_eq!(last, ["Write docs/readme.txt", "Write large.txt", "Write large.txt"]);

    for (rest, name, below) in [
        ("", "main", ""),
        ("HEAD/docs", "main", "docs"),
        ("main/docs", "main", "docs"),
        ("feature/x/docs", "feature/x", "docs"),
        (&format!("{tip}/docs"), &*tip, "docs"),
    ] {
        let Shown::Found(folder) = browse::tree::show(service, &place, &path(rest), None).await.unwrap()
        else {
            panic!("{rest}")
        };
        assert_eq!((folder.at.name, folder.at.path.to_string()), (path(name), below.to_owned()));
        if below == "docs" {
            assert_eq!(folder.readme.unwrap().text().as_deref(), Some("about docs\n"));
            assert_eq!(folder.latest.unwrap().title, "Write docs/readme.txt");
        }
    }
    let kind = async |rest: &str, as_file| {
        let rest = path(rest);
        if as_file {
            match browse::file::show(service, &place, &rest, None).await.unwrap() {
                Shown::Found(file) => file.blob.entry.kind,
                Shown::Elsewhere { at: _, kind } => kind,
                Shown::Empty => panic!(),
            }
        } else {
            match browse::tree::show(service, &place, &rest, None).await.unwrap() {
                Shown::Found(_) => Kind::Tree,
                Shown::Elsewhere { at: _, kind } => kind,
                Shown::Empty => panic!(),
            }
        }
    };
    for (rest, expected) in [
        ("main/docs", Kind::Tree),
        ("v1", Kind::Tree),
        ("v1/large.txt", Kind::Blob),
        ("main/README", Kind::Symlink),
    ] {
        assert_eq!((kind(rest, true).await, kind(rest, false).await), (expected, expected), "{rest}");
    }
    for absent in ["nope", "main/nope", "main/docs/nope", "main/large.txt/x", "HEAD/x"] {
        let rest = path(absent);
        assert!(
            matches!(browse::tree::show(service, &place, &rest, None).await, Err(Error::NotFound(_))),
            "{absent}"
        );
        assert!(
            matches!(browse::file::show(service, &place, &rest, None).await, Err(Error::NotFound(_))),
            "{absent}"
        );
    }

    histories(service, &place, &tip).await;
    raw(&app, &place, &reader).await;
}

async fn histories(service: &Service, place: &Place, tip: &str) {
    let history = browse::history::list(service, place, &path("main/docs"), None, 1).await.unwrap();
    let Shown::Found(history) = history else { panic!() };
    let titles: Vec<_> = history.history.commits.iter().map(|commit| &*commit.title).collect();
    assert_eq!((titles, history.history.more), (vec!["Write docs/readme.txt", "Write docs/guide.md"], false));
    for name in [&tip[..8], "v1", "main"] {
        let Shown::Found(shown) = browse::commit::show(service, place, &path(name)).await.unwrap() else {
            panic!()
        };
        assert_eq!((shown.commit.oid.to_string(), shown.changes.total), (tip.to_owned(), 3), "{name}");
    }
    assert!(browse::commit::show(service, place, &path("main/docs")).await.is_err());
    let branches = browse::heads::list(service, place, HeadKind::Branch, None, 1).await.unwrap();
    let list: Vec<_> = branches
        .heads
        .iter()
        .map(|shown| (shown.head.name.to_string(), shown.default, shown.protected))
        .collect();
    assert_eq!(
        list.iter().filter(|(name, ..)| name == "main").collect::<Vec<_>>(),
        [&("main".to_owned(), true, true)]
    );
    assert!(list.contains(&("feature/x".to_owned(), false, false)));
    assert_eq!(browse::heads::list(service, place, HeadKind::Branch, None, 2).await.unwrap().heads, []);
}

async fn raw(app: &TestApp, place: &Place, reader: &Client) {
    let ask = ask(app, Some(reader));
    let get =
        async |rest: &str| browse::raw::get::<GetRawFile>(&app.service, &ask, place, &path(rest), None).await;
    for (rest, size) in [("main/docs/guide.md", 6), ("main/large.txt", 2_200_000)] {
        let Ok(Shown::Found(raw)) = get(rest).await else { panic!("{rest}") };
        assert_eq!(raw.blob.size, size);
        let length = match raw.content {
            Content::Held(bytes) => bytes.len(),
            Content::Streamed(pieces) => {
                let body = axum::body::Body::from_stream(pieces.into_stream());
                axum::body::to_bytes(body, usize::MAX).await.unwrap().len()
            }
        };
        assert_eq!(length as u64, size, "{rest}");
    }
    assert!(matches!(get("main/docs").await, Err(Error::NotFound(_))));
}
