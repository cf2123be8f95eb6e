//! A commit with what it changed, line by line.

use gix_imara_diff::{Algorithm, Diff, InternedInput, sources};

use super::blob::is_binary;
use super::changes::{Pair, Side};
use super::tree::Kind;
use super::{GitPath, Reader};
use crate::error::Result;
use crate::oid::Oid;
use crate::{Commit, ObjectKind};

/// Most files whose changes are given.
const FILES: usize = 100;

/// Most lines of one file that are given.
const LINES_A_FILE: usize = 1000;

/// Most lines that are given in all.
const LINES: usize = 5000;

/// Most bytes of lines that are given in all.
const BYTES: usize = 1 << 20;

/// Most bytes of one line that are given.
const LONGEST_LINE: usize = 4096;

/// Largest file that is compared.
const LARGEST: u64 = 1 << 20;

/// Most lines of a file that is compared.
const MOST_LINES: usize = 100_000;

/// Most bytes of files that are compared in all.
const COMPARED: usize = 32 << 20;

/// Lines around a change.
const CONTEXT: u32 = 3;

/// Most bytes of a message.
const MESSAGE: usize = 64 << 10;

/// A commit and what it changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// The commit, its message cut at 64 KiB.
    pub commit: Commit,
    /// Whether the message goes on.
    pub message_cut: bool,
    /// What it changed against its first parent, or against nothing.
    pub changes: Changes,
}

/// What differs between two commits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    /// The first 100 files, by path.
    pub files: Vec<FileChange>,
    /// How many files were found to differ.
    pub total: usize,
    /// Whether the search for them was given up: there may be more than `total`.
    pub search_cut: bool,
}

impl Changes {
    /// Whether there are files that are not given.
    pub fn is_cut(&self) -> bool {
        self.search_cut || self.total > self.files.len()
    }

    /// Lines that were added and removed in the files that are given and were compared.
    pub fn lines(&self) -> (usize, usize) {
        let add = |(added, removed), file: &FileChange| (added + file.added, removed + file.removed);
        self.files.iter().fold((0, 0), add)
    }
}

/// What happened to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// It is new.
    Added,
    /// It is gone.
    Deleted,
    /// Its content, its mode or its kind changed.
    Modified,
    /// It lies elsewhere, and may be changed as well.
    Renamed,
}

/// One file that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// What happened to it.
    pub status: Status,
    /// What it was; `None` for a new file.
    pub old: Option<Side>,
    /// What it is; `None` for a deleted file.
    pub new: Option<Side>,
    /// How its content differs.
    pub body: Body,
    /// Lines added, if it was compared, whether they are given or not.
    pub added: usize,
    /// Lines removed, if it was compared.
    pub removed: usize,
}

impl FileChange {
    /// Where it lies, or lay when it is gone.
    pub fn path(&self) -> GitPath {
        let side = self.new.as_ref().or(self.old.as_ref());
        side.map(|side| side.path.clone()).unwrap_or_default()
    }

    /// The old and the new mode, if both are there and differ.
    pub fn mode_change(&self) -> Option<(u32, u32)> {
        let (old, new) = (self.old.as_ref()?.mode, self.new.as_ref()?.mode);
        (old != new).then_some((old, new))
    }
}

/// How the content of a file differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// Not at all: it was moved, or has another mode, or is empty.
    Same,
    /// Line by line.
    Text {
        /// The changed places, from the top down.
        hunks: Vec<Hunk>,
        /// Whether lines were left out: there is more than 1,000 lines of this file, or enough of all.
        cut: bool,
    },
    /// It is not text.
    Binary {
        /// Bytes of what it was.
        old: u64,
        /// Bytes of what it is.
        new: u64,
    },
    /// It is text that is too large to compare, or there was enough to compare before it.
    TooLarge,
    /// Another commit of another repository; see the objects of both sides.
    Submodule,
}

/// A changed place, with up to three lines around it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hunk {
    /// Its first line in the old file, from 1 on; 0 when it has none there.
    pub old_start: u32,
    /// How many lines of the old file it covers.
    pub old_lines: u32,
    /// Its first line in the new file, from 1 on; 0 when it has none there.
    pub new_start: u32,
    /// How many lines of the new file it covers.
    pub new_lines: u32,
    /// The lines, in order.
    pub lines: Vec<Line>,
}

/// What a line of a hunk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LineKind {
    /// In both files.
    Context,
    /// Only in the new one.
    Added,
    /// Only in the old one.
    Removed,
}

/// A line of a hunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it is.
    pub kind: LineKind,
    /// Its number in the old file, from 1 on.
    pub old: Option<u32>,
    /// Its number in the new file, from 1 on.
    pub new: Option<u32>,
    /// Its text without the line break, with U+FFFD for what is not UTF-8, cut at 4 KiB.
    pub text: String,
    /// Whether it ends the file without a line break.
    pub unended: bool,
}

/// What may still be given of a commit.
struct Room {
    lines: usize,
    bytes: usize,
    compared: usize,
}

impl Reader {
    /// A commit with what it changed against its first parent, with renames. [`GitError::NotFound`](crate::GitError::NotFound)
    /// when there is no such commit.
    pub fn details(&self, oid: Oid) -> Result<Details> {
        let mut commit = self.commit(oid)?;
        let whole = commit.message.len();
        commit.message.truncate(commit.message.floor_char_boundary(MESSAGE));
        let before = match commit.parents.first() {
            // A parent that is not there is damage.
            Some(parent) => Some(self.linked_commit(*parent)?.tree),
            None => None,
        };
        let changes = self.changes(before, commit.tree)?;
        Ok(Details { message_cut: commit.message.len() < whole, commit, changes })
    }

    fn changes(&self, old: Option<Oid>, new: Oid) -> Result<Changes> {
        let found = self.pairs(old, Some(new))?;
        let total = found.pairs.len();
        let mut room = Room { lines: LINES, bytes: BYTES, compared: COMPARED };
        let files = found.pairs.into_iter().take(FILES).map(|pair| self.change(pair, &mut room));
        Ok(Changes { files: files.collect::<Result<_>>()?, total, search_cut: found.cut })
    }

    fn change(&self, pair: Pair, room: &mut Room) -> Result<FileChange> {
        let status = match (&pair.old, &pair.new) {
            (None, _) => Status::Added,
            (_, None) => Status::Deleted,
            (Some(old), Some(new)) if old.path == new.path => Status::Modified,
            _ => Status::Renamed,
        };
        let Pair { old, new } = pair;
        let mut change = FileChange { status, old, new, body: Body::Same, added: 0, removed: 0 };
        let sides = [change.old.as_ref(), change.new.as_ref()];
        if let [Some(old), Some(new)] = sides
            && old.oid == new.oid
        {
            return Ok(change);
        }
        if sides.iter().flatten().any(|side| side.kind == Kind::Submodule) {
            change.body = Body::Submodule;
            return Ok(change);
        }
        let [old, new] = sides.map(|side| self.size(side));
        let (old_size, new_size) = (old?, new?);
        if old_size.max(new_size) > LARGEST {
            change.body = Body::TooLarge;
            return Ok(change);
        }
        let [before, after] = sides.map(|side| side.map_or(Ok(None), |side| self.content(side, LARGEST)));
        let (before, after) = (before?.unwrap_or_default(), after?.unwrap_or_default());
        let bytes = before.len() + after.len();
        if is_binary(&before) || is_binary(&after) {
            change.body = Body::Binary { old: old_size, new: new_size };
        } else if bytes > room.compared || count_lines(&before).max(count_lines(&after)) > MOST_LINES {
            change.body = Body::TooLarge;
        } else {
            room.compared -= bytes;
            compare(&before, &after, &mut change, room);
        }
        Ok(change)
    }

    fn size(&self, side: Option<&Side>) -> Result<u64> {
        let Some(side) = side else { return Ok(0) };
        match self.header(side.oid)? {
            Some((ObjectKind::Blob, size)) => Ok(size),
            _ => Err(super::damaged(format_args!("there is no blob {}", side.oid))),
        }
    }
}

fn count_lines(content: &[u8]) -> usize {
    content.split(|byte| *byte == b'\n').count()
}

/// Compares two texts and puts what differs into the change.
fn compare(before: &[u8], after: &[u8], change: &mut FileChange, room: &mut Room) {
    let input = InternedInput::new(sources::byte_lines(before), sources::byte_lines(after));
    let mut diff = Diff::compute(Algorithm::Histogram, &input);
    diff.postprocess_lines(&input);
    change.added = diff.count_additions() as usize;
    change.removed = diff.count_removals() as usize;
    let mut writer = Writer { input: &input, room, left: LINES_A_FILE, hunks: Vec::new(), cut: false };
    let (mut hunk, mut at) = (Hunk::default(), (0, 0));
    let end = u32::try_from(input.before.len()).unwrap_or(u32::MAX);
    let mut hunks = diff.hunks().peekable();
    while let Some(place) = hunks.next() {
        if hunk.lines.is_empty() && hunk.old_lines == 0 && hunk.new_lines == 0 {
            let context = place.before.start.min(CONTEXT);
            at = (place.before.start - context, place.after.start - context);
            hunk = Hunk { old_start: at.0 + 1, new_start: at.1 + 1, ..Hunk::default() };
        }
        // What stands between this place and the one before it, or the beginning of the hunk.
        let leading = place.before.start - at.0;
        writer.context(&mut hunk, &mut at, leading);
        for old in place.before.clone() {
            writer.line(&mut hunk, LineKind::Removed, (Some(old), None));
        }
        for new in place.after.clone() {
            writer.line(&mut hunk, LineKind::Added, (None, Some(new)));
        }
        at = (place.before.end, place.after.end);
        let next = hunks.peek().map_or(end, |next| next.before.start);
        let between = next - place.before.end;
        if hunks.peek().is_some() && between <= 2 * CONTEXT {
            continue;
        }
        writer.context(&mut hunk, &mut at, between.min(CONTEXT));
        writer.finish(std::mem::take(&mut hunk));
        if writer.cut {
            break;
        }
    }
    change.body = if change.added + change.removed == 0 {
        Body::Same
    } else {
        Body::Text { cut: writer.cut, hunks: writer.hunks }
    };
}

struct Writer<'a, 'b> {
    input: &'a InternedInput<&'b [u8]>,
    room: &'a mut Room,
    left: usize,
    hunks: Vec<Hunk>,
    cut: bool,
}

impl Writer<'_, '_> {
    fn context(&mut self, hunk: &mut Hunk, at: &mut (u32, u32), count: u32) {
        for _ in 0..count {
            self.line(hunk, LineKind::Context, (Some(at.0), Some(at.1)));
            *at = (at.0 + 1, at.1 + 1);
        }
    }

    /// Adds a line, by its index in the files; counts it even when there is no room for it.
    fn line(&mut self, hunk: &mut Hunk, kind: LineKind, at: (Option<u32>, Option<u32>)) {
        hunk.old_lines += u32::from(at.0.is_some());
        hunk.new_lines += u32::from(at.1.is_some());
        let token = match at {
            (Some(old), _) => self.input.before.get(old as usize),
            (None, Some(new)) => self.input.after.get(new as usize),
            (None, None) => None,
        };
        let Some(token) = token.filter(|_| !self.cut) else { return };
        let bytes: &[u8] = self.input.interner[*token];
        let (text, unended) = match bytes.strip_suffix(b"\n") {
            Some(text) => (text, false),
            None => (bytes, true),
        };
        let text = String::from_utf8_lossy(&text[..text.len().min(LONGEST_LINE)]).into_owned();
        if self.left == 0 || self.room.lines == 0 || self.room.bytes < text.len() {
            self.cut = true;
            return;
        }
        self.left -= 1;
        self.room.lines -= 1;
        self.room.bytes -= text.len();
        let number = |index: Option<u32>| index.map(|index| index + 1);
        hunk.lines.push(Line { kind, old: number(at.0), new: number(at.1), text, unended });
    }

    fn finish(&mut self, mut hunk: Hunk) {
        // As git writes it: a hunk without lines of a file names the line before it.
        if hunk.old_lines == 0 {
            hunk.old_start -= 1;
        }
        if hunk.new_lines == 0 {
            hunk.new_start -= 1;
        }
        if !hunk.lines.is_empty() {
            self.hunks.push(hunk);
        }
    }
}
