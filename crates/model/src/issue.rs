//! Issues and their notes, and who may see and change them beyond what the operation table says.

use crate::ability::Ability;
use crate::caller::Caller;
use crate::role::Role;
use crate::time::{Date, Timestamp};
use crate::user::User;

/// Longest title, in characters.
pub const LONGEST_TITLE: usize = 255;
/// Longest description, in characters.
pub const LONGEST_DESCRIPTION: usize = 1_048_576;
/// Longest note, in characters.
pub const LONGEST_NOTE: usize = 1_000_000;
/// Longest label, in characters.
pub const LONGEST_LABEL: usize = 255;
/// Most labels of one issue.
pub const MOST_LABELS: usize = 200;
/// Most assignees of one issue.
pub const MOST_ASSIGNEES: usize = 200;

/// Whether an issue is still to be dealt with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IssueState {
    /// It is.
    Opened,
    /// It is not.
    Closed,
}

impl IssueState {
    /// Its name in the database and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Closed => "closed",
        }
    }

    /// The state of this name; anything unknown is open.
    pub fn parse(name: &str) -> Self {
        if name == "closed" { Self::Closed } else { Self::Opened }
    }
}

/// An issue. Its people are those that it shows: whoever is on the way out is the Ghost User here (D8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// Its number in the instance.
    pub id: i64,
    /// Its number in the project.
    pub iid: i64,
    /// Its project.
    pub project_id: i64,
    /// The full path of its project.
    pub project_path: String,
    /// What it is about.
    pub title: String,
    /// The same at length.
    pub description: Option<String>,
    /// Whether it is open.
    pub state: IssueState,
    /// Whether only its people and those who plan see it.
    pub confidential: bool,
    /// When it should be done.
    pub due_date: Option<Date>,
    /// Who opened it.
    pub author: User,
    /// Who is to deal with it, in the order in which they were named.
    pub assignees: Vec<User>,
    /// Who closed it.
    pub closed_by: Option<User>,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// Its labels in alphabetical order.
    pub labels: Vec<String>,
    /// How many notes it has.
    pub notes: i64,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it or a note of it last changed.
    pub updated_at: Timestamp,
}

/// A note on an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Its number in the instance.
    pub id: i64,
    /// Its issue.
    pub issue_id: i64,
    /// The number of its issue in the project.
    pub issue_iid: i64,
    /// Its project.
    pub project_id: i64,
    /// What it says.
    pub body: String,
    /// Who wrote it, shown as in [`Issue`].
    pub author: User,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What a caller is to an issue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Its effective role in the project.
    pub role: Option<Role>,
    /// Whether it opened the issue.
    pub author: bool,
    /// Whether the issue is assigned to it.
    pub assignee: bool,
}

/// How much of an issue a caller may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Nothing.
    Nothing,
    /// Title, description and state: an author or assignee without the role.
    Words,
    /// Everything, labels and assignees included.
    All,
}

impl Standing {
    /// What a caller with this role in the project is to an issue of it.
    pub fn of(caller: &Caller, role: Option<Role>, issue: &Issue) -> Self {
        // D6: outside its project a bot has what an anonymous caller has.
        let inside = caller.fence().is_none_or(|fence| fence == issue.project_id);
        let is_caller = |user: &User| inside && caller.user_id() == Some(user.id);
        Self {
            role: role.filter(|_| inside),
            author: is_caller(&issue.author),
            assignee: issue.assignees.iter().any(is_caller),
        }
    }

    fn plans(self) -> bool {
        plans(self.role)
    }

    /// Whether it sees a confidential issue.
    pub fn sees_confidential(self) -> bool {
        self.plans() || self.author || self.assignee
    }

    /// How much of the issue it may change.
    pub fn edit(self) -> Edit {
        match self {
            _ if self.plans() => Edit::All,
            _ if self.author || self.assignee => Edit::Words,
            _ => Edit::Nothing,
        }
    }
}

/// Whether a role manages issues: changes those of others and sees confidential ones.
pub fn plans(role: Option<Role>) -> bool {
    Ability::EditIssues.rule().is_some_and(|rule| role.is_some_and(|role| role >= rule.role))
}

/// Whether somebody may change and delete a note.
pub fn may_edit_note(role: Option<Role>, author: bool) -> bool {
    author || role.is_some_and(|role| role >= Role::Maintainer)
}

/// Whether somebody may say when an issue or note was written: administrators and owners, who bring
/// records along from elsewhere.
pub fn may_date(role: Option<Role>) -> bool {
    role == Some(Role::Owner)
}

/// How many boxes of a task list a description has, and how many are ticked.
pub fn tasks(description: &str) -> (usize, usize) {
    let boxes = description.lines().filter_map(ticked);
    boxes.fold((0, 0), |(all, done), ticked| (all + 1, done + usize::from(ticked)))
}

/// Whether the box at the start of a list item is ticked; `None` for lines that are no tasks.
fn ticked(line: &str) -> Option<bool> {
    let line = line.trim_start();
    let item = line.strip_prefix(['-', '*', '+']).or_else(|| {
        let number = line.trim_start_matches(|letter: char| letter.is_ascii_digit());
        (number.len() < line.len()).then(|| number.strip_prefix(['.', ')'])).flatten()
    })?;
    let spaced = item.trim_start();
    if spaced.len() == item.len() {
        return None;
    }
    let rest = spaced.strip_prefix('[')?;
    let mut letters = rest.chars();
    let done = match letters.next()? {
        'x' | 'X' => true,
        ' ' => false,
        _ => return None,
    };
    let closed = letters.next() == Some(']') && letters.next().is_some_and(char::is_whitespace);
    closed.then_some(done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planners_change_everything_and_others_only_their_own_words() {
        let of = |role, author, assignee| Standing { role, author, assignee };
        for (standing, edit, sees) in [
            (of(None, false, false), Edit::Nothing, false),
            (of(Some(Role::Guest), false, false), Edit::Nothing, false),
            (of(None, true, false), Edit::Words, true),
            (of(Some(Role::Guest), true, false), Edit::Words, true),
            (of(Some(Role::Guest), false, true), Edit::Words, true),
            (of(Some(Role::Planner), false, false), Edit::All, true),
            (of(Some(Role::Reporter), true, true), Edit::All, true),
            (of(Some(Role::Owner), false, false), Edit::All, true),
        ] {
            assert_eq!((standing.edit(), standing.sees_confidential()), (edit, sees), "{standing:?}");
        }
    }

    #[test]
    fn notes_belong_to_their_authors_and_to_maintainers() {
        assert!(may_edit_note(Some(Role::Guest), true));
        assert!(may_edit_note(None, true));
        assert!(may_edit_note(Some(Role::Maintainer), false));
        assert!(!may_edit_note(Some(Role::Developer), false));
        assert!(!may_edit_note(None, false));
    }

    #[test]
    fn only_owners_date_records() {
        assert!(may_date(Some(Role::Owner)));
        assert!(!may_date(Some(Role::Maintainer)));
        assert!(!may_date(None));
    }

    #[test]
    fn boxes_are_counted_and_other_brackets_are_not() {
        let text = "- [ ] a\n* [x] b\n  + [X] c\n1. [ ] d\n12) [x] e\n-[ ] no\n- [y] no\n- [ ]no\n[ ] no\n- [] no\ntext";
        assert_eq!(tasks(text), (5, 3));
        assert_eq!(tasks(""), (0, 0));
    }
}
