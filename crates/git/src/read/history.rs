//! Walks through history.

use super::commit::Commit;
use crate::error::{GitError, Result};
use crate::hook::Quarantine;
use crate::oid::Oid;
use crate::repository::Repository;
use crate::treepath::check_lookup;

/// Where a walk begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogStart {
    /// At one commit.
    Commit(Oid),
    /// At one commit, leaving out everything in the history of the second one.
    Range {
        /// Where it begins.
        from: Oid,
        /// What is left out, with all before it.
        without: Oid,
    },
    /// At all branches and tags.
    All,
}

/// Which commits [`Repository::log`] gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// Where to begin.
    pub start: LogStart,
    /// Only commits that change this file or something in this folder.
    pub path: Option<String>,
    /// Only commits made at or after this time, in seconds since 1970.
    pub since: Option<i64>,
    /// Only commits made at or before this time, in seconds since 1970.
    pub until: Option<i64>,
    /// Follow only the first parent of merges.
    pub first_parent: bool,
    /// No parent before all its children, instead of by time alone.
    pub topological: bool,
    /// How many to leave out first.
    pub skip: u64,
    /// How many to give at most.
    pub limit: u64,
}

impl Log {
    /// The newest `limit` commits of the history of `commit`.
    pub fn of(commit: Oid, limit: u64) -> Self {
        Self {
            start: LogStart::Commit(commit),
            path: None,
            since: None,
            until: None,
            first_parent: false,
            topological: false,
            skip: 0,
            limit,
        }
    }

    /// As arguments of `rev-list`, without the limits.
    fn arguments(&self) -> Result<Vec<String>> {
        // Some versions of git read these as 32 bit numbers.
        let age = |time: i64| time.clamp(0, i64::from(i32::MAX));
        let mut args = Vec::new();
        args.extend(self.since.map(|time| format!("--max-age={}", age(time))));
        args.extend(self.until.map(|time| format!("--min-age={}", age(time))));
        args.extend(self.first_parent.then(|| "--first-parent".to_owned()));
        args.extend(self.topological.then(|| "--topo-order".to_owned()));
        match self.start {
            LogStart::Commit(oid) => args.push(oid.to_string()),
            LogStart::Range { from, without } => args.extend([from.to_string(), format!("^{without}")]),
            LogStart::All => args.extend(["--branches".to_owned(), "--tags".to_owned()]),
        }
        args.push("--".to_owned());
        let path = self.path.as_deref().map(check_lookup).transpose()?;
        args.extend(path.filter(|path| !path.is_empty()).map(str::to_owned));
        Ok(args)
    }
}

/// How much a commit changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DiffStats {
    /// Lines added, in text files.
    pub additions: u64,
    /// Lines removed, in text files.
    pub deletions: u64,
    /// Files changed.
    pub files: u64,
}

/// The empty directory, which every repository knows.
const EMPTY_TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

impl Repository {
    /// Commits, newest first. [`GitError::NotFound`] when the walk would begin at a commit that is not there.
    pub async fn log(&self, log: &Log) -> Result<Vec<Commit>> {
        if log.limit == 0 {
            return Ok(Vec::new());
        }
        let command = self
            .reading("rev-list")
            .arg(format!("--max-count={}", log.limit))
            .arg(format!("--skip={}", log.skip))
            .args(log.arguments()?);
        let oids = self.walk(command).await?;
        self.commits(&oids).await
    }

    /// How many commits [`log`](Self::log) would give without its limits.
    pub async fn log_count(&self, log: &Log) -> Result<u64> {
        let finished = self.reading("rev-list").arg("--count").args(log.arguments()?).finish().await?;
        if !finished.status.success() {
            return Err(missing_or_failed(finished));
        }
        let text = String::from_utf8_lossy(&finished.stdout);
        text.trim()
            .parse()
            .map_err(|_| GitError::Protocol { command: "rev-list", detail: "count is no number".to_owned() })
    }

    /// The newest commit in the history of `commit` that changed this path; `None` when none did.
    pub async fn last_commit_for_path(&self, commit: Oid, path: &str) -> Result<Option<Commit>> {
        let log = Log { path: Some(path.to_owned()), ..Log::of(commit, 1) };
        Ok(self.log(&log).await?.pop())
    }

    async fn walk(&self, command: crate::plumbing::Plumbing<'_>) -> Result<Vec<Oid>> {
        let finished = command.finish().await?;
        if !finished.status.success() {
            return Err(missing_or_failed(finished));
        }
        let lines = finished.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let surprise = || GitError::Protocol { command: "rev-list", detail: "malformed line".to_owned() };
        lines.map(|line| Oid::from_hex(line).ok_or_else(surprise)).collect()
    }

    /// Whether `old` is in the history of `new` (or is the same), seen with the objects of a push in quarantine. A push
    /// from `old` to `new` that is not so is a forced one. `false` as well when `old` is not there any more.
    pub async fn is_ancestor(&self, old: Oid, new: Oid, quarantine: Option<&Quarantine>) -> Result<bool> {
        let finished = self
            .reading("merge-base")
            .arg("--is-ancestor")
            .args([old.to_string(), new.to_string()])
            .quarantine(self, quarantine)
            .finish()
            .await?;
        match finished.status.code() {
            Some(0) => Ok(true),
            Some(1) => Ok(false),
            _ if self.object_kind(new, quarantine).await?.is_none() => Err(GitError::NotFound),
            _ if self.object_kind(old, quarantine).await?.is_none() => Ok(false),
            _ => Err(finished.failure()),
        }
    }

    /// The best common ancestor of two commits; `None` when they have none.
    pub async fn merge_base(&self, one: Oid, other: Oid) -> Result<Option<Oid>> {
        let finished = self.reading("merge-base").args([one.to_string(), other.to_string()]).finish().await?;
        match finished.status.code() {
            Some(0) => Ok(Oid::from_hex(finished.stdout.trim_ascii_end())),
            Some(1) => Ok(None),
            _ => Err(missing_or_failed(finished)),
        }
    }

    /// What changed from `parent` (nothing at all, for a root) to `commit`.
    pub async fn diff_stats(&self, parent: Option<Oid>, commit: Oid) -> Result<DiffStats> {
        let from = parent.map_or_else(|| EMPTY_TREE.to_owned(), |parent| parent.to_string());
        let answer = self
            .reading("diff-tree")
            .args(["-r", "-z", "--numstat", "--no-renames"])
            .args([from, commit.to_string()])
            .finish()
            .await?;
        if !answer.status.success() {
            return Err(missing_or_failed(answer));
        }
        let mut stats = DiffStats::default();
        for record in answer.stdout.split(|byte| *byte == 0).filter(|record| !record.is_empty()) {
            let text = String::from_utf8_lossy(record);
            let mut fields = text.split('\t');
            // A dash stands for binary files.
            let mut number = || fields.next().and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
            stats.additions += number();
            stats.deletions += number();
            stats.files += 1;
        }
        Ok(stats)
    }
}

fn missing_or_failed(finished: crate::plumbing::Finished) -> GitError {
    let missing = ["bad object", "Not a valid commit name", "Not a valid object name", "bad revision"];
    if missing.iter().any(|text| finished.stderr.contains(text)) {
        GitError::NotFound
    } else {
        finished.failure()
    }
}
