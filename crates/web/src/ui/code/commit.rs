//! `/:path/-/commit/:sha`: one commit with what it changed.

use askama::Template;
use tessera_model::operation::code_pages::ShowCommit;
use tessera_model::{Error, Result};
use tessera_service::repository::browse::{Body, FileChange, GitPath, Kind, LineKind, Shown, Status, commit};

use super::views::{Step, instant, size};
use super::{open, short};
use crate::reply::Reply;
use crate::ui::frame::{Frame, initials};
use crate::ui::places::ProjectPage;
use crate::ui::visit::{Page, Visit};
use crate::ui::when::When;

/// A file of the difference.
struct FileDiff {
    path: String,
    was: String,
    added: usize,
    removed: usize,
    note: String,
    lines: Vec<DiffLine>,
}

/// A line of it.
struct DiffLine {
    kind: &'static str,
    old: String,
    new: String,
    text: String,
}

#[derive(Template)]
#[template(path = "code/commit.html")]
struct CommitPage {
    frame: Frame,
    title: String,
    /// The message below its title.
    message: String,
    sha: String,
    author: String,
    initials: String,
    hue: u32,
    authored: When,
    /// Who made the commit, where that is another.
    committer: Option<(String, When)>,
    parents: Vec<Step>,
    browse: String,
    files: usize,
    added: usize,
    removed: usize,
    cut: bool,
    diffs: Vec<FileDiff>,
}

fn difference(change: &FileChange) -> FileDiff {
    let note = match (&change.body, change.status) {
        (Body::Binary { old, new }, _) => format!("Not text: {} before, {} after.", size(*old), size(*new)),
        (Body::TooLarge, _) => "Too large to be shown here.".to_owned(),
        (Body::Submodule, _) => {
            "Another repository is linked here; the commit that is linked changed.".to_owned()
        }
        (Body::Same, Status::Renamed) => "Moved without a change.".to_owned(),
        (Body::Same, _) => "No line changed.".to_owned(),
        (Body::Text { hunks, .. }, Status::Added) if hunks.is_empty() => {
            "An empty file was added.".to_owned()
        }
        (Body::Text { hunks, .. }, Status::Deleted) if hunks.is_empty() => {
            "An empty file was deleted.".to_owned()
        }
        (Body::Text { .. }, _) => String::new(),
    };
    let note = match change.mode_change().filter(|_| !note.is_empty()) {
        Some((from, to)) => format!("{note} Its mode changed from {from:o} to {to:o}."),
        None => note,
    };
    let mut lines = Vec::new();
    if let Body::Text { hunks, cut } = &change.body {
        for hunk in hunks {
            let text = format!(
                "@@ -{},{} +{},{} @@",
                hunk.old_start, hunk.old_lines, hunk.new_start, hunk.new_lines
            );
            lines.push(DiffLine { kind: "hunk", old: String::new(), new: String::new(), text });
            lines.extend(hunk.lines.iter().map(|line| DiffLine {
                kind: match line.kind {
                    LineKind::Context => "",
                    LineKind::Added => "add",
                    LineKind::Removed => "del",
                },
                old: line.old.map(|number| number.to_string()).unwrap_or_default(),
                new: line.new.map(|number| number.to_string()).unwrap_or_default(),
                text: line.text.clone(),
            }));
        }
        if *cut {
            let text = "More lines changed than are shown here.".to_owned();
            lines.push(DiffLine { kind: "hunk", old: String::new(), new: String::new(), text });
        }
    }
    let path = change.path().to_string();
    let was = change.old.as_ref().map(|side| side.path.to_string()).filter(|was| *was != path);
    let deleted = if change.status == Status::Deleted { " (deleted)" } else { "" };
    let link = change.new.as_ref().is_some_and(|side| side.kind == Kind::Symlink);
    let link = if link { " (symbolic link)" } else { "" };
    FileDiff {
        path: format!("{path}{deleted}{link}"),
        was: was.unwrap_or_default(),
        added: change.added,
        removed: change.removed,
        note,
        lines,
    }
}

impl Page for ShowCommit {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let opened = open(&visit).await?;
        let name =
            GitPath::new(visit.form().place("sha").as_bytes()).map_err(|_| Error::missing("Commit"))?;
        let Shown::Found(details) = commit::show(visit.service(), &opened.place, &name).await? else {
            return Err(Error::missing("Commit"));
        };
        let (at, now) = (opened.at, visit.service().now());
        let commit = &details.commit;
        let title = if commit.title().is_empty() { "(no message)" } else { commit.title() }.to_owned();
        let message = commit.message.trim_start_matches('\n').split_once('\n').map_or("", |(_, rest)| rest);
        let by_other =
            commit.committer.name != commit.author.name || commit.committer.email != commit.author.email;
        let parents = commit.parents.iter().map(|parent| {
            let sha = parent.to_string();
            Step { name: short(&sha), href: at.at(&format!("/-/commit/{sha}")) }
        });
        let (added, removed) = details.changes.lines();
        let frame = at.frame(visit.frame(title.clone()).await?, ProjectPage::Commits, "Commit");
        let page = CommitPage {
            frame,
            title,
            message: message.trim().to_owned(),
            sha: commit.oid.to_string(),
            author: commit.author.name.clone(),
            initials: initials(&commit.author.name),
            hue: crc32fast::hash(commit.author.email.as_bytes()) % 6,
            authored: When::at(instant(commit.author.time), now),
            committer: by_other
                .then(|| (commit.committer.name.clone(), When::at(instant(commit.committer.time), now))),
            parents: parents.collect(),
            browse: at.at(&format!("/-/tree/{}", commit.oid)),
            files: details.changes.total,
            added,
            removed,
            cut: details.changes.is_cut(),
            diffs: details.changes.files.iter().map(difference).collect(),
        };
        visit.show(opened.proof, &page)
    }
}
