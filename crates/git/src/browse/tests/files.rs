//! Folders and files.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::sync::Arc;

use super::{browse, commit_all, commit_bytes, last, path, tree_bytes, write_object};
use crate::GitError;
use crate::browse::{GitPath, Kind};
use crate::testing::{Fixture, stored};

#[tokio::test]
async fn every_kind_of_entry() {
    let fixture = Arc::new(Fixture::new().await);
    let work = fixture.work("work");
    work.commit("z/deep/er/file.txt", "deep\n");
    work.commit("run.sh", "#!/bin/sh\n");
    work.git(&["update-index", "--chmod=+x", "run.sh"]);
    std::os::unix::fs::symlink("z/deep", work.0.join("link")).unwrap();
    work.git(&["add", "link"]);
    let sub = "0123456789012345678901234567890123456789";
    work.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{sub},module")]);
    work.git(&["commit", "-q", "-m", "all kinds"]);
    work.commit("binary", [0, 1, 2]);
    let text = "version https://git-lfs.github.com/spec/v1\noid sha256:";
    work.commit("large.bin", format!("{text}{}\nsize 12345\n", "ab".repeat(32)));
    let head = work.commit("b\\s", "not a slash");
    let repository = stored(&fixture, &work).await;
    browse(&repository, move |reader| {
        let root = reader.tree(head, &path(""))?;
        let list: Vec<_> =
            root.entries.iter().map(|entry| (entry.name.to_string(), entry.kind, entry.mode)).collect();
        let expected = [
            ("z", Kind::Tree, 0o040_000),
            ("module", Kind::Submodule, 0o160_000),
            ("README.md", Kind::Blob, 0o100_644),
            ("b\\s", Kind::Blob, 0o100_644),
            ("binary", Kind::Blob, 0o100_644),
            ("large.bin", Kind::Blob, 0o100_644),
            ("link", Kind::Symlink, 0o120_000),
            ("run.sh", Kind::Blob, 0o100_755),
        ];
        assert_eq!(list, expected.map(|(name, kind, mode)| (name.to_owned(), kind, mode)));
        assert_eq!((root.total, root.is_cut()), (8, false));
        assert!(root.entries[7].is_executable() && !root.entries[2].is_executable());
        assert_eq!(root.entries[1].oid.to_string(), sub);

        let deep = reader.tree(head, &path("z/deep/er"))?;
        assert_eq!(deep.entries[0].name, path("file.txt"));
        let file = reader.blob(head, &path("z/deep/er/file.txt"), 100)?;
        assert_eq!((file.text().as_deref(), file.size, file.is_binary()), (Some("deep\n"), 5, false));
        for (folder, is_file) in [("run.sh", true), ("module", false), ("nope", false), ("z/nope", false)] {
            assert!(matches!(reader.tree(head, &path(folder)), Err(GitError::NotFound)), "{folder}");
            assert_eq!(reader.blob(head, &path(folder), 100).is_ok(), is_file, "{folder}");
        }
        for absent in ["", "z", "z/deep", "module/x", "run.sh/x", "link/er"] {
            assert!(matches!(reader.blob(head, &path(absent), 100), Err(GitError::NotFound)), "{absent}");
        }
        assert_eq!(reader.entry(head, &path("z/deep"))?.unwrap().kind, Kind::Tree);
        assert_eq!(reader.entry(head, &path("z/none"))?, None);
        assert_eq!(reader.entry(head, &path(""))?, None);

        let link = reader.blob(head, &path("link"), 100)?;
        assert_eq!((link.link_target().as_deref(), link.lfs()), (Some("z/deep"), None));
        let binary = reader.blob(head, &path("binary"), 100)?;
        assert_eq!((binary.is_binary(), binary.text(), binary.size), (true, None, 3));
        let large = reader.blob(head, &path("large.bin"), 200)?;
        assert_eq!(large.lfs().map(|pointer| pointer.size), Some(12345));
        assert_eq!(large.link_target(), None);
        let cut = reader.blob(head, &path("large.bin"), large.size - 1)?;
        assert_eq!((cut.content, cut.size), (None, large.size));
        assert!(reader.blob(head, &path("large.bin"), large.size)?.content.is_some());
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn names_that_are_not_utf8_are_reached_by_their_bytes() {
    let fixture = Arc::new(Fixture::new().await);
    let work = fixture.work("work");
    let odd = b"f\xfcr\xff/\xe9 ?#%.txt";
    let file = work.0.join(OsStr::from_bytes(odd));
    std::fs::create_dir(file.parent().unwrap()).unwrap();
    std::fs::write(file, "found").unwrap();
    let head = commit_all(&work, "odd");
    let repository = stored(&fixture, &work).await;
    browse(&repository, move |reader| {
        let root = reader.tree(head, &path(""))?;
        assert_eq!(root.entries[0].name.to_string(), "f\u{fffd}r\u{fffd}");
        let folder = GitPath::from_url(&root.entries[0].name.to_url())?;
        let tree = reader.tree(head, &folder)?;
        let url = folder.join(&tree.entries[0].name).to_url();
        assert_eq!(url, "f%FCr%FF/%E9%20%3F%23%25.txt");
        assert_eq!(reader.blob(head, &GitPath::from_url(&url)?, 10)?.text().as_deref(), Some("found"));
        let last = reader.last_commits(head, &folder, &tree.entries)?;
        assert_eq!(last.commits[0].as_ref().unwrap().oid, head);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn readmes() {
    let fixture = Arc::new(Fixture::new().await);
    let work = fixture.work("work");
    work.git(&["rm", "-q", "README.md"]);
    work.git(&["commit", "-q", "-m", "none"]);
    for (folder, names, best) in [
        ("a", &["Readme", "README.txt", "readme.MD", "README.rst"][..], Some("readme.MD")),
        ("b", &["README", "README.adoc", "READMEs.md"], Some("README")),
        ("c", &["Readme.Markdown", "README.txt"], Some("Readme.Markdown")),
        ("d", &["read.me"], None),
        ("e", &["README.md/file", "readme.txt"], Some("readme.txt")),
    ] {
        for name in names {
            work.commit(&format!("{folder}/{name}"), "text");
        }
        let head = work.head();
        let repository = stored(&fixture, &work).await;
        let found = browse(&repository, move |reader| {
            let tree = reader.tree(head, &path(folder))?;
            Ok(tree.readme().map(|entry| entry.name.to_string()))
        });
        assert_eq!(found.await.as_deref(), best, "{folder}");
    }
}

#[tokio::test]
async fn ten_thousand_entries() {
    let fixture = Arc::new(Fixture::new().await);
    let work = fixture.work("work");
    let repository = stored(&fixture, &work).await;
    let blob = write_object(repository.path(), "blob", b"x");
    let names: Vec<_> = (0..10_000).map(|number| format!("{number:05}")).collect();
    let mut entries: Vec<_> = names.iter().map(|name| ("100644", name.as_bytes(), blob)).collect();
    let folder = write_object(repository.path(), "tree", &tree_bytes(&entries[..1]));
    entries.push(("40000", b"zz", folder));
    let tree = write_object(repository.path(), "tree", &tree_bytes(&entries));
    let mut head = write_object(repository.path(), "commit", &commit_bytes(tree, &[], 1));
    let first = head;
    for time in 2..20 {
        head = write_object(repository.path(), "commit", &commit_bytes(tree, &[head], time));
    }
    let shown = browse(&repository, move |reader| reader.tree(head, &path(""))).await;
    assert_eq!((shown.entries.len(), shown.total, shown.is_cut()), (2000, 10_001, true));
    // What sorts last in git is a folder, and comes first.
    assert_eq!((shown.entries[0].name.clone(), shown.entries[1].name.clone()), (path("zz"), path("00000")));
    let (found, cut) = last(&repository, head, "").await;
    assert_eq!((found.len(), cut), (2000, false));
    assert!(found.values().all(|oid| *oid == first));
    let deep = browse(&repository, move |reader| reader.blob(head, &path("09999"), 10)).await;
    assert_eq!(deep.text().as_deref(), Some("x"));
}
