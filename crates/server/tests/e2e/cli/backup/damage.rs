//! Archives that are not what was written: nothing of them is taken, and nothing that is there is touched.

use std::fs;
use std::ops::Range;

use serde_json::json;

use super::{Api, backup, content, push, remote, root_token, working_copy};
use crate::cli::{Place, line};

/// The names of the members of a tar, and where their contents stand.
fn members(bytes: &[u8]) -> Vec<(String, Range<usize>)> {
    let (mut members, mut place) = (Vec::new(), 0);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_matches('\0').to_owned();
    while bytes[place] != 0 {
        let size = usize::from_str_radix(text(&bytes[place + 124..place + 135]).trim(), 8).unwrap();
        members.push((text(&bytes[place..place + 100]), place + 512..place + 512 + size));
        place += 512 + size.div_ceil(512) * 512;
    }
    members
}

#[test]
fn a_damaged_archive_is_refused_and_nothing_is_touched() {
    let place = Place::on_chosen_database();
    let root = root_token(&place);
    let copy = place.folder.path().join("copy");
    working_copy(&copy, "main");
    let server = place.serve();
    Api::of(&server, &root).post("/projects", &json!({ "name": "demo" }));
    assert!(push(&copy, &remote(&server, &root, "root/demo"), "main", "one").1);
    server.stop();
    let whole = fs::read(backup(&place, "backup.tar")).unwrap();
    let before = content(&place.data());
    let damaged = place.folder.path().join("damaged.tar");
    let refused = |bytes: &[u8], what: &str| {
        fs::write(&damaged, bytes).unwrap();
        let refused = place.run(&format!("backup restore {} --keep-all", damaged.display()));
        assert_eq!(refused.code, 1, "{what}");
        // The first member says who wrote it: another one, when that is changed.
        let told = line(&refused.err);
        let other = what.starts_with("backup.json") && told.contains("the backup was written by");
        assert!(told.contains("the backup is damaged") || other, "{what}: {told}");
        assert!(content(&place.data()) == before, "{what}: nothing was touched");
    };
    let members = members(&whole);
    assert!(members.len() > 30, "{}", members.len());
    let kinds = [
        "backup.json",
        "secrets/",
        "database/",
        "repositories/1/objects/",
        "manifest.json",
        "manifest.sha256",
    ];
    for kind in kinds {
        assert!(members.iter().any(|(name, _)| name.starts_with(kind)), "{kind}");
    }
    for (name, span) in &members {
        let mut bytes = whole.clone();
        bytes[span.start + span.len() / 2] ^= 0x20;
        refused(&bytes, &format!("{name} with another byte"));
    }
    for (name, span) in members.iter().rev().step_by(7) {
        refused(&whole[..span.start + span.len() / 2], &format!("cut in {name}"));
    }
    let newer = String::from_utf8_lossy(&whole).find("\"format\": 1").unwrap();
    let mut bytes = whole.clone();
    bytes[newer + 10] = b'7';
    fs::write(&damaged, bytes).unwrap();
    let told = place.run(&format!("backup restore {} --keep-all", damaged.display()));
    assert!(line(&told.err).contains("its form is 7, this version reads 1"), "{}", told.err);
    fs::write(&damaged, &whole).unwrap();
    place.run(&format!("backup restore {} --keep-all", damaged.display())).ok();
    assert_eq!(super::fsck(&place.data()), 1);
}

#[test]
fn what_is_no_backup_is_named() {
    let place = Place::on_chosen_database();
    root_token(&place);
    for (text, part) in [("", "damaged"), ("some text", "damaged")] {
        let file = place.file("other", text);
        let refused = place.run(&format!("backup restore {file}"));
        assert!(line(&refused.err).contains(part), "{}", refused.err);
    }
    let refused = place.run("backup restore /nonexistent/backup.tar");
    assert!(line(&refused.err).contains("/nonexistent/backup.tar"), "{}", refused.err);
    let refused = place.run("backup create /nonexistent/backup.tar");
    assert!(line(&refused.err).contains("/nonexistent/backup.tar"), "{}", refused.err);
}
