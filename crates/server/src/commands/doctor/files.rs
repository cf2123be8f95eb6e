//! The data directory: that it is there, closed to others, and has room; and the URL that clients are told.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use url::{Host, Url};

use super::{Report, some};
use crate::config::Config;
use crate::data_dir::DataDir;
use crate::swap;

/// Below this part of a hundred, or this many bytes, free space is told; below the last, nothing can be written soon.
const LITTLE_PART: u64 = 5;
const LITTLE: u64 = 1 << 30;
const NOTHING: u64 = 100 << 20;

/// The data directory, if there is one to look at.
pub(super) fn directory(path: &Path, report: &mut Report) -> Option<DataDir> {
    const CHECK: &str = "data directory";
    let Ok(found) = fs::metadata(path) else {
        report.fail(
            CHECK,
            format!("{} is not there", path.display()),
            "start the server once, or name it by --data-dir",
        );
        return None;
    };
    if !found.is_dir() {
        report.fail(CHECK, format!("{} is no folder", path.display()), "name another one by --data-dir");
        return None;
    }
    let own = rustix::process::geteuid().as_raw();
    let mode = found.permissions().mode() & 0o777;
    let shown = path.display();
    if found.uid() != own {
        let fix = format!("chown it to the user that the server runs as (this is user {own})");
        report.fail(CHECK, format!("{shown} belongs to user {}", found.uid()), fix);
    } else if mode != 0o700 {
        report.fail(CHECK, format!("{shown} has the mode {mode:04o}"), format!("chmod 700 {shown}"));
    } else {
        report.ok(CHECK, format!("{shown}, for its owner alone"));
    }
    Some(DataDir::as_it_is(path))
}

/// Whether what must be closed to others is.
pub(super) fn permissions(data: &Path, report: &mut Report) {
    const CHECK: &str = "permissions";
    let mut open = Vec::new();
    let mut look = |path: &Path| {
        if let Ok(found) = fs::metadata(path)
            && found.permissions().mode() & 0o077 != 0
        {
            open.push(path.display().to_string());
        }
    };
    for name in ["secrets", "repositories", "objects", "mail", "tmp", "run"] {
        look(&data.join(name));
    }
    for name in
        ["tessera.db", "tessera.db-wal", "tessera.db-shm", "run/control.sock", "initial_root_password"]
    {
        look(&data.join(name));
    }
    for entry in fs::read_dir(data.join("secrets")).into_iter().flatten().flatten() {
        look(&entry.path());
    }
    if open.is_empty() {
        report.ok(CHECK, "keys, database and folders are closed to others");
    } else {
        let fix = "chmod go= takes their rights away";
        report.fail(CHECK, format!("open to other users: {}", some(&open)), fix);
    }
}

/// Whether there is room.
pub(super) fn space(data: &Path, report: &mut Report) {
    const CHECK: &str = "disk space";
    let found = match rustix::fs::statvfs(data) {
        Ok(found) => found,
        Err(error) => return report.warn(CHECK, error.to_string(), "look whether the disk answers"),
    };
    let (free, total) = (found.f_bavail * found.f_frsize, (found.f_blocks * found.f_frsize).max(1));
    let part = u64::try_from(u128::from(free) * 100 / u128::from(total)).unwrap_or(100);
    let told = format!("{} MiB free, {part} %", free >> 20);
    match judge(free, part) {
        Room::Enough => report.ok(CHECK, told),
        Room::Little => report.warn(CHECK, told, "make room before writes are refused"),
        Room::Nothing => report.fail(CHECK, told, "make room: writes are refused soon"),
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Room {
    Enough,
    Little,
    Nothing,
}

fn judge(free: u64, part: u64) -> Room {
    if free < NOTHING {
        Room::Nothing
    } else if free < LITTLE || part < LITTLE_PART {
        Room::Little
    } else {
        Room::Enough
    }
}

/// Whether a restore was cut short.
pub(super) fn restores(data: &DataDir, report: &mut Report) {
    const CHECK: &str = "restore";
    if swap::is_pending(data) {
        let fix = "the next start of the server ends it";
        report.warn(CHECK, "one was decided and not brought to its end", fix);
    } else if swap::folder(data).exists() {
        let fix =
            format!("nothing was changed by it: run it again, or remove {}", swap::folder(data).display());
        report.warn(CHECK, "one was cut short", fix);
    } else if swap::kept(data).exists() {
        let kept = swap::kept(data);
        report.ok(CHECK, format!("what the last one replaced is kept in {}", kept.display()));
    }
}

/// Whether the URL that clients are told can be theirs.
pub(super) fn url(config: &Config, report: &mut Report) {
    const CHECK: &str = "external URL";
    let given = &config.server.external_url;
    if given.is_empty() {
        let fix = "set server.external_url to the one that they reach";
        report.warn(CHECK, format!("clients are told http://{}", config.server.listen), fix);
        return;
    }
    match trouble(given) {
        None => report.ok(CHECK, given.clone()),
        Some(why) => report.warn(CHECK, format!("{given} {why}"), "change server.external_url"),
    }
}

/// What is odd about a URL.
fn trouble(given: &str) -> Option<&'static str> {
    let Ok(url) = Url::parse(given) else { return Some("is no URL") };
    let near = match url.host() {
        None => return Some("has no host"),
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback() || address.is_private(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
    };
    if url.path() != "/" || url.query().is_some() {
        return Some("has a path, under which nothing is served");
    }
    (url.scheme() == "http" && !near).then_some("is not encrypted: tokens travel in the clear")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_urls_are_told() {
        for (url, part) in [
            ("https://git.example.com", None),
            ("https://git.example.com/", None),
            ("http://127.0.0.1:8080", None),
            ("http://localhost", None),
            ("http://git.example.com", Some("in the clear")),
            ("https://git.example.com/tessera", Some("has a path")),
            ("https://", Some("is no URL")),
        ] {
            let told = trouble(url);
            assert_eq!(told.is_some(), part.is_some(), "{url}: {told:?}");
            assert!(part.is_none_or(|part| told.unwrap().contains(part)), "{url}: {told:?}");
        }
    }

    #[test]
    fn little_room_is_told_by_part_and_by_size() {
        assert_eq!(judge(50 << 30, 50), Room::Enough);
        assert_eq!(judge(50 << 30, 4), Room::Little);
        assert_eq!(judge(1 << 29, 50), Room::Little);
        assert_eq!(judge(1 << 20, 50), Room::Nothing);
    }
}
