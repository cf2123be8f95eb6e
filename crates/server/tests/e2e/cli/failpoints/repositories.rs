//! The jobs that work on repositories. The server dies just before each of them; then whoever goes on dies at each
//! place of the job.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use super::{Place, REST, WAITING, from_here, root_token, told_here};
use crate::cli::Running;

/// A place with a project that has a branch beside `main`, and the administrator's token.
fn with_project() -> (Place, String, i64) {
    let place = Place::new();
    let root = root_token(&place);
    let server = place.serve();
    let wanted = json!({ "name": "demo", "initialize_with_readme": true });
    let id = server.send("POST", "/projects", &root, &wanted).unwrap()["id"].as_i64().unwrap();
    let branch = json!({ "branch": "next", "ref": "main" });
    server.send("POST", &format!("/projects/{id}/repository/branches"), &root, &branch).unwrap();
    server.stop();
    (place, root, id)
}

/// Has a server do something, and die when it comes to the job of it.
fn cut(place: &Place, job: &str, cause: impl Fn(&Running)) {
    let server = place.serve_with(&[("TESSERA_FAILPOINT", &format!("{job}:1"))]);
    cause(&server);
    server.died();
}

/// The folders of projects' repositories.
fn repositories(place: &Place) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![place.data().join("repositories/@hashed")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            let repository = path.extension().is_some_and(|extension| extension == "git");
            if repository { found.push(path) } else { folders.push(path) }
        }
    }
    found
}

#[expect(clippy::disallowed_methods, reason = "the operator looks at a repository with git")]
fn git(repository: &Path, words: &[&str]) -> String {
    let output = Command::new("git").arg("--git-dir").arg(repository).args(words).output().unwrap();
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// The only repository; it is sound, and nothing waits.
fn only(place: &Place) -> PathBuf {
    let done = place.json(REST)["result"].clone();
    assert_eq!(done, json!("0 done"));
    let found = repositories(place);
    let [repository] = &found[..] else { panic!("{found:?}") };
    git(repository, &["fsck", "--full", "--strict"]);
    repository.clone()
}

#[test]
fn a_new_default_branch() {
    if !told_here() {
        return;
    }
    let (place, root, id) = with_project();
    // The answer may come before the death or not: the change is made.
    cut(&place, "point_head", |server| {
        let wanted = json!({ "default_branch": "next" });
        let _ = server.send("PUT", &format!("/projects/{id}"), &root, &wanted);
    });
    assert_eq!(git(&repositories(&place)[0], &["symbolic-ref", "HEAD"]), "refs/heads/main");
    let deaths = from_here(&place, WAITING, |place| git(&only(place), &["symbolic-ref", "HEAD"]));
    assert!(deaths["point_head"] >= 4, "{deaths:?}");
    place.run(REST).ok();
    assert_eq!(git(&only(&place), &["symbolic-ref", "HEAD"]), "refs/heads/next");
}

#[test]
fn the_folder_of_a_project_that_is_gone() {
    if !told_here() {
        return;
    }
    let (place, root, id) = with_project();
    cut(&place, "remove_repository", |server| {
        let _ = server.send("DELETE", &format!("/projects/{id}"), &root, &json!({}));
    });
    assert_eq!(repositories(&place).len(), 1, "the row went first");
    let deaths = from_here(&place, WAITING, |place| {
        assert_eq!(repositories(place), Vec::<PathBuf>::new());
        assert_eq!(fs::read_dir(place.data().join("repositories/@tmp")).map_or(0, Iterator::count), 0);
        place.json(REST)["result"].clone()
    });
    assert!(deaths["remove_repository"] >= 4, "{deaths:?}");
}

/// A removal moves the folder aside first. Where the process dies before it has removed it there, the next start does.
#[test]
fn what_was_left_unfinished_beside_the_repositories() {
    let (place, ..) = with_project();
    let left = place.data().join("repositories/@tmp/1-1/repository.git");
    fs::create_dir_all(&left).unwrap();
    fs::write(left.join("HEAD"), "ref: refs/heads/main\n").unwrap();
    place.serve().stop();
    assert!(!left.exists());
    git(&only(&place), &["rev-parse", "main"]);
}

#[test]
fn the_care_of_a_repository() {
    if !told_here() {
        return;
    }
    let (place, root, id) = with_project();
    cut(&place, "maintain_repository", |server| {
        // As many packs as it takes; the server dies when it comes to joining them.
        for number in 0..30 {
            let wanted = json!({ "branch": "main", "content": "x", "commit_message": "More" });
            let path = format!("/projects/{id}/repository/files/f{number}");
            if server.send("POST", &path, &root, &wanted).is_err() {
                break;
            }
        }
    });
    let packs = |repository: &Path| {
        let found = fs::read_dir(repository.join("objects/pack")).unwrap();
        found
            .filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|end| end == "pack"))
            .count()
    };
    assert!(packs(&repositories(&place)[0]) >= 20, "{:?}", repositories(&place));
    let deaths = from_here(&place, WAITING, |place| {
        let repository = only(place);
        assert!(packs(&repository) < 20);
        // Every commit is there, each reference stands where it stood, and nothing is locked.
        let all = git(&repository, &["log", "--format=%H", "--all"]);
        let refs = git(&repository, &["for-each-ref"]);
        assert!(all.lines().count() > 18, "{all}");
        (all, refs)
    });
    assert!(deaths["maintain_repository"] >= 6, "{deaths:?}");
}
