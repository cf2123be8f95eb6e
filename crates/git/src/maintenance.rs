//! Keeping repositories whole and quick: checks, repacking, and clearing up after a crash.

use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::error::Result;
use crate::repository::Repository;
use crate::{Git, blocking};

/// From this number of packs on, reading slows down enough to make [`Repository::maintain`] worthwhile.
const MANY_PACKS: usize = 20;

impl Repository {
    /// Checks every object and every link, as strictly as git can. Returns what is wrong, a line each; nothing wrong
    /// gives an empty list, as does a repository without a folder.
    pub async fn fsck(&self) -> Result<Vec<String>> {
        let finished = self
            .reading("fsck")
            .args(["--full", "--strict", "--no-dangling", "--no-progress"])
            .untimed()
            .finish()
            .await?;
        let text = [&*String::from_utf8_lossy(&finished.stdout), &*finished.stderr].join("\n");
        let mut lines: Vec<_> = text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with("notice:"))
            .map(str::to_owned)
            .collect();
        if !finished.status.success() && lines.is_empty() {
            lines.push(format!("git fsck ended with {}", finished.status));
        }
        if finished.status.success() { Ok(Vec::new()) } else { Ok(lines) }
    }

    /// Whether enough packs have gathered to call [`maintain`](Self::maintain). Every push and every commit through the
    /// API adds one.
    pub async fn needs_maintenance(&self) -> Result<bool> {
        let folder = self.read_path().join("objects/pack");
        let packs = blocking("count packs", move || {
            let names = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path()));
            let mut count = 0;
            for path in names {
                count += usize::from(path?.extension().is_some_and(|extension| extension == "pack"));
            }
            Ok(count)
        })
        .await?;
        Ok(packs >= MANY_PACKS)
    }

    /// Joins packs so that their sizes grow geometrically, indexes all of them together, packs references and writes the
    /// commit graph. Objects nothing leads to are kept. Readers and pushes go on meanwhile. `between` is called after
    /// each step but the last; what was done by then stays, and the next call goes on from there.
    pub async fn maintain(&self, between: impl Fn()) -> Result<()> {
        if !self.exists() {
            return Ok(());
        }
        self.writing("repack")
            .args(["-d", "-q", "--geometric=2", "--write-midx", "--write-bitmap-index"])
            .untimed()
            .output()
            .await?;
        between();
        self.writing("pack-refs").arg("--all").untimed().output().await?;
        between();
        self.writing("commit-graph")
            .args(["write", "--reachable", "--split", "--changed-paths", "--no-progress"])
            .untimed()
            .output()
            .await?;
        Ok(())
    }

    /// Removes what killed processes left behind: lock files, which would block their reference for ever, and objects of
    /// pushes that were never decided. Only what was last touched `min_age` before `now` or earlier counts as left
    /// behind; at a start without any process running, zero is safe. Returns how many were removed.
    pub async fn clear_remains(&self, now: SystemTime, min_age: Duration) -> Result<usize> {
        let path = self.path().to_owned();
        blocking("clear remains", move || {
            let Some(limit) = now.checked_sub(min_age) else { return Ok(0) };
            let mut removed = remove_old(&path, limit, false, &is_lock)?;
            removed += remove_old(&path.join("refs"), limit, true, &is_lock)?;
            removed += remove_old(&path.join("objects"), limit, false, &|name| name.contains("incoming-"))?;
            let unfinished =
                |name: &str| name.starts_with("tmp_") || name.starts_with(".tmp-") || is_lock(name);
            removed += remove_old(&path.join("objects/pack"), limit, false, &unfinished)?;
            Ok(removed)
        })
        .await
    }
}

impl Git {
    /// Removes unfinished work of earlier runs from the scratch folder, by the same rule of age as
    /// [`Repository::clear_remains`]. Returns how many entries were removed.
    pub async fn clear_scratch(&self, now: SystemTime, min_age: Duration) -> Result<usize> {
        let scratch = self.inner.scratch();
        blocking("clear the scratch folder", move || {
            now.checked_sub(min_age).map_or(Ok(0), |limit| remove_old(&scratch, limit, false, &|_| true))
        })
        .await
    }
}

fn is_lock(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == "lock")
}

fn remove_old(
    folder: &Path,
    limit: SystemTime,
    deep: bool,
    matches: &dyn Fn(&str) -> bool,
) -> io::Result<usize> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error),
    };
    let mut removed = 0;
    for entry in entries {
        let entry = entry?;
        let Ok(meta) = entry.metadata() else { continue };
        let path = entry.path();
        if matches(&entry.file_name().to_string_lossy()) {
            if meta.modified()? <= limit {
                if meta.is_dir() {
                    fs::remove_dir_all(&path)?;
                } else {
                    fs::remove_file(&path)?;
                }
                removed += 1;
            }
        } else if deep && meta.is_dir() {
            removed += remove_old(&path, limit, deep, matches)?;
        }
    }
    Ok(removed)
}
