//! What pages show of folders, commits and files.

use tessera_model::time::Timestamp;
use tessera_service::repository::browse::tree::Folder;
use tessera_service::repository::browse::{Blob, Brief, Entry, GitPath, Kind, Resolved};

use super::{address, short};
use crate::ui::frame::initials;
use crate::ui::markdown::{self, Base};
use crate::ui::places::ProjectPlace;
use crate::ui::when::When;

/// A line of a folder.
pub(super) struct EntryLine {
    pub(super) name: String,
    pub(super) href: String,
    pub(super) folder: bool,
    pub(super) message: String,
    pub(super) message_href: String,
    pub(super) iso: String,
    pub(super) exact: String,
    pub(super) when: String,
}

/// A commit in one line.
pub(super) struct CommitLine {
    pub(super) title: String,
    pub(super) href: String,
    pub(super) author: String,
    pub(super) initials: String,
    pub(super) hue: u32,
    pub(super) iso: String,
    pub(super) exact: String,
    pub(super) when: String,
    pub(super) short: String,
}

/// A step on the way to a file.
pub(super) struct Step {
    pub(super) name: String,
    pub(super) href: String,
}

/// A rendered document.
pub(super) struct Document {
    pub(super) name: String,
    pub(super) html: String,
    pub(super) cut: bool,
}

/// An instant of git, which counts seconds.
pub(super) fn instant(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

impl CommitLine {
    /// How lists show a commit.
    pub(super) fn of(brief: &Brief, at: &ProjectPlace, now: Timestamp) -> Self {
        let sha = brief.oid.to_string();
        let when = When::at(instant(brief.committer.time), now);
        Self {
            title: if brief.title.is_empty() { "(no message)".to_owned() } else { brief.title.clone() },
            href: at.at(&format!("/-/commit/{sha}")),
            author: brief.author.name.clone(),
            initials: initials(&brief.author.name),
            hue: crc32fast::hash(brief.author.email.as_bytes()) % 6,
            iso: when.iso,
            exact: when.exact,
            when: when.words,
            short: short(&sha),
        }
    }
}

/// The lines of a folder, and before them the way up.
pub(super) fn entries(folder: &Folder, at: &ProjectPlace, now: Timestamp) -> Vec<EntryLine> {
    let found = &folder.at;
    let mut lines = Vec::new();
    if let Some(parent) = found.path.parent() {
        lines.push(EntryLine {
            name: "..".to_owned(),
            href: at.at(&address("tree", &found.name, &parent)),
            folder: true,
            message: String::new(),
            message_href: String::new(),
            iso: String::new(),
            exact: String::new(),
            when: String::new(),
        });
    }
    let commits = folder.last_commits.commits.iter().map(Option::as_deref).chain(std::iter::repeat(None));
    let own = folder.tree.entries.iter().zip(commits);
    lines.extend(own.map(|(entry, commit)| line(entry, commit, found, at, now)));
    lines
}

fn line(
    entry: &Entry,
    commit: Option<&Brief>,
    found: &Resolved,
    at: &ProjectPlace,
    now: Timestamp,
) -> EntryLine {
    let path = found.path.join(&entry.name);
    let view = if entry.kind == Kind::Tree { "tree" } else { "blob" };
    let when = commit.map(|commit| When::at(instant(commit.committer.time), now));
    let (iso, exact, when) = when.map(|when| (when.iso, when.exact, when.words)).unwrap_or_default();
    EntryLine {
        name: match entry.kind {
            Kind::Submodule => format!("{} (another repository)", entry.name),
            _ => entry.name.to_string(),
        },
        href: match entry.kind {
            Kind::Submodule => String::new(),
            _ => at.at(&address(view, &found.name, &path)),
        },
        folder: matches!(entry.kind, Kind::Tree | Kind::Submodule),
        message: commit.map(|commit| commit.title.clone()).unwrap_or_default(),
        message_href: commit.map(|commit| at.at(&format!("/-/commit/{}", commit.oid))).unwrap_or_default(),
        iso,
        exact,
        when,
    }
}

/// The way from the top to a file or folder; the last step is the thing itself.
pub(super) fn steps(found: &Resolved, at: &ProjectPlace) -> Vec<Step> {
    let top = Step {
        name: at.project.name.clone(),
        href: at.at(&address("tree", &found.name, &GitPath::default())),
    };
    let below = found.path.steps().filter(|path| !path.is_empty());
    let below =
        below.map(|path| Step { name: path.name(), href: at.at(&address("tree", &found.name, &path)) });
    std::iter::once(top).chain(below).collect()
}

/// Whether a file's name says that it is Markdown.
pub(super) fn is_markdown(path: &GitPath) -> bool {
    let name = path.name().to_ascii_lowercase();
    [".md", ".markdown", ".mdown", ".mkd"].iter().any(|end| name.ends_with(end))
}

/// A document of the repository, rendered where it is Markdown. Takes milliseconds: not for the async threads.
pub(super) fn document(blob: &Blob, text: &str, found: &Resolved, at: &ProjectPlace) -> Document {
    let rendered = if is_markdown(&blob.path) {
        let base = Base {
            project: at.at(""),
            reference: found.name.clone(),
            folder: blob.path.parent().unwrap_or_default(),
        };
        markdown::render(text, &base)
    } else {
        markdown::plain(text)
    };
    Document { name: blob.path.name(), html: rendered.html, cut: rendered.cut }
}

/// A size such as `1.2 kB`.
pub(super) fn size(bytes: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "one digit after the point is shown")]
    let of = |unit: u64| bytes as f64 / unit as f64;
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{:.1} kB", of(1_000)),
        1_000_000..1_000_000_000 => format!("{:.1} MB", of(1_000_000)),
        _ => format!("{:.1} GB", of(1_000_000_000)),
    }
}
