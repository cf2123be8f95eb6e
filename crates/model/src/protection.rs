//! Protected branches and tags: who may move which reference (semantics sheet 5.7). One decision for
//! pushes and for the API's own writers.

use crate::role::Role;

/// What kind of reference a rule protects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RefKind {
    /// `refs/heads/…`.
    Branch,
    /// `refs/tags/…`.
    Tag,
}

impl RefKind {
    /// Its name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Branch => "branch",
            Self::Tag => "tag",
        }
    }

    /// What full names of this kind begin with.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Branch => "refs/heads/",
            Self::Tag => "refs/tags/",
        }
    }
}

/// What a rule lets somebody do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Move a branch by pushing or through the API.
    Push,
    /// Merge into a branch.
    Merge,
    /// Lift the protection of a branch.
    Unprotect,
    /// Make a tag.
    Create,
}

impl Action {
    /// Its name in the database and in parameters (`push_access_level`, `allowed_to_push`).
    pub const fn name(self) -> &'static str {
        match self {
            Self::Push => "push",
            Self::Merge => "merge",
            Self::Unprotect => "unprotect",
            Self::Create => "create",
        }
    }

    /// The action of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Push, Self::Merge, Self::Unprotect, Self::Create]
            .into_iter()
            .find(|action| action.name() == name)
    }

    /// The levels that may be given for it, as numbers on the wire.
    pub const fn levels(self) -> &'static [i64] {
        match self {
            Self::Unprotect => &[30, 40, 60],
            _ => &[0, 30, 40, 60],
        }
    }
}

/// A class of people in a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Level {
    /// Nobody, administrators included.
    NoOne,
    /// Developers and above.
    Developers,
    /// Maintainers and above.
    Maintainers,
    /// Administrators of the instance.
    Admins,
}

impl Level {
    /// Its number on the wire and in the database.
    pub const fn number(self) -> i64 {
        match self {
            Self::NoOne => 0,
            Self::Developers => 30,
            Self::Maintainers => 40,
            Self::Admins => 60,
        }
    }

    /// The level of this number; unknown ones let nobody in.
    pub const fn from_number(number: i64) -> Self {
        match number {
            30 => Self::Developers,
            40 => Self::Maintainers,
            60 => Self::Admins,
            _ => Self::NoOne,
        }
    }

    /// Its `access_level_description`.
    pub const fn description(self) -> &'static str {
        match self {
            Self::NoOne => "No one",
            Self::Developers => "Developers + Maintainers",
            Self::Maintainers => "Maintainers",
            Self::Admins => "Administrators",
        }
    }
}

/// Who holds a grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// Everybody of a level.
    Level(Level),
    /// One user, who may be a bot.
    User {
        /// The user's number.
        id: i64,
        /// Its display name.
        name: String,
    },
}

/// One line of a rule: who may do what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Its number.
    pub id: i64,
    /// What.
    pub action: Action,
    /// Who.
    pub holder: Holder,
}

/// A protected branch or tag, or a wildcard of either.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtectedRef {
    /// Its number.
    pub id: i64,
    /// What it protects.
    pub kind: RefKind,
    /// A name without `refs/heads/` or `refs/tags/`; `*` stands for any text, slashes included.
    pub name: String,
    /// Whether those who may push may also force.
    pub allow_force_push: bool,
    /// Who may do what.
    pub grants: Vec<Grant>,
}

impl ProtectedRef {
    /// Whether the rule is about this name.
    pub fn covers(&self, kind: RefKind, name: &str) -> bool {
        self.kind == kind && matches(&self.name, name)
    }

    /// Whether the rule lets this person do something.
    pub fn permits(&self, actor: Actor, action: Action) -> bool {
        self.grants.iter().filter(|grant| grant.action == action).any(|grant| actor.holds(&grant.holder))
    }

    /// Whether the rule lets this person lift it; one that names nobody leaves it to the role.
    pub fn may_be_lifted_by(&self, actor: Actor) -> bool {
        let mut named = self.grants.iter().filter(|grant| grant.action == Action::Unprotect).peekable();
        named.peek().is_none() || named.any(|grant| actor.holds(&grant.holder))
    }
}

/// Whether a name fits a pattern in which `*` stands for any text. Takes time in proportion to the
/// product of both lengths at worst.
pub fn matches(pattern: &str, name: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut left) = name.strip_prefix(head) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let tail = parts.pop().unwrap_or_default();
    // The earliest place of each part leaves the most for those after it.
    for part in parts {
        let Some(at) = left.find(part) else { return false };
        left = &left[at + part.len()..];
    }
    left.ends_with(tail)
}

/// Who moves a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The user; `None` for whoever operates the server.
    pub user_id: Option<i64>,
    /// Its role in the project; administrators count as owners.
    pub role: Option<Role>,
    /// Whether it administers the instance.
    pub admin: bool,
}

impl Actor {
    fn has(self, role: Role) -> bool {
        self.role.is_some_and(|own| own >= role)
    }

    fn holds(self, holder: &Holder) -> bool {
        match holder {
            Holder::Level(Level::NoOne) => false,
            Holder::Level(Level::Developers) => self.has(Role::Developer),
            Holder::Level(Level::Maintainers) => self.has(Role::Maintainer),
            Holder::Level(Level::Admins) => self.admin,
            // A name in a rule does not replace the role that pushing at all takes.
            Holder::User { id, .. } => self.user_id == Some(*id) && self.has(Role::Developer),
        }
    }
}

/// How a reference moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is new.
    Create,
    /// It moves.
    Update {
        /// Whether commits are left behind. Where nobody looked: yes.
        forced: bool,
    },
    /// It goes.
    Delete,
}

/// One reference that is to move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefUpdate<'a> {
    /// Its full name, such as `refs/heads/main`.
    pub name: &'a str,
    /// How it moves.
    pub change: Change,
}

/// Through which door a reference moves: some things are left to the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// A push.
    Git,
    /// The API's own writers.
    Api,
}

/// What of a project the decision hangs on.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// Its default branch.
    pub default_branch: &'a str,
    /// Whether it has no branch yet.
    pub empty: bool,
    /// The setting `default_branch_protection`, 0 to 4.
    pub default_protection: i64,
    /// Its protected branches and tags.
    pub refs: &'a [ProtectedRef],
}

/// Why a reference may not move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It belongs to the server, or is no reference that one may push.
    Internal,
    /// A branch that looks like the name of a commit.
    HexName,
    /// Only Maintainers make the first branch of a project.
    EmptyProject,
    /// The default branch goes.
    DeleteDefault,
    /// A protected branch is pushed to.
    Push,
    /// A protected branch is forced.
    Force,
    /// A protected branch is made.
    Create,
    /// A protected branch goes.
    Delete,
    /// A protected branch goes by a push of somebody who may otherwise delete it.
    DeleteByPush,
    /// A protected tag is made.
    CreateTag,
    /// A protected tag moves.
    UpdateTag,
    /// A protected tag goes.
    DeleteTag,
    /// A protected tag goes by a push of somebody who may otherwise delete it.
    DeleteTagByPush,
    /// A tag is called like the default branch.
    TagLikeDefault,
}

impl Refusal {
    /// What the client is told, in GitLab's words where it has some. [`Refusal::EmptyProject`] has
    /// more to say: see [`Refusal::lines`].
    pub const fn text(self) -> &'static str {
        match self {
            Self::Internal => "You are not allowed to change references that belong to the server.",
            Self::HexName => "You cannot create a branch with a 40-character hexadecimal branch name.",
            Self::EmptyProject | Self::Push => {
                "You are not allowed to push code to protected branches on this project."
            }
            Self::DeleteDefault => "The default branch of a project cannot be deleted.",
            Self::Force => "You are not allowed to force push code to a protected branch on this project.",
            Self::Create => "You are not allowed to create protected branches on this project.",
            Self::Delete => {
                "You are not allowed to delete protected branches from this project. \
                 Only a project maintainer or owner can delete a protected branch."
            }
            Self::DeleteByPush => "You can only delete protected branches using the web interface.",
            Self::CreateTag => "You are not allowed to create this tag as it is protected.",
            Self::UpdateTag => "Protected tags cannot be updated.",
            Self::DeleteTag => {
                "You are not allowed to delete protected tags from this project. \
                 Only a project maintainer or owner can delete a protected tag."
            }
            Self::DeleteTagByPush => "You can only delete protected tags using the web interface.",
            Self::TagLikeDefault => "You cannot use default branch name to create a tag",
        }
    }

    /// The lines that a pushing client is shown. `members_url` is where the project's members stand.
    pub fn lines(self, project_path: &str, default_branch: &str, members_url: &str) -> Vec<String> {
        if self != Self::EmptyProject {
            return vec![self.text().to_owned()];
        }
        vec![
            format!("A default branch (e.g. {default_branch}) does not yet exist for {project_path}"),
            "Ask a project Owner or Maintainer to create a default branch:".to_owned(),
            String::new(),
            format!("  {members_url}"),
        ]
    }
}

/// References that the server keeps for itself.
const INTERNAL: &[&str] = &[
    "refs/environments/",
    "refs/keep-around/",
    "refs/merge-requests/",
    "refs/pipelines/",
    "refs/remotes/",
    "refs/replace/",
    "refs/tessera/",
    "refs/tmp/",
];

/// May this person move this reference? The door has asked before whether they may push at all.
///
/// # Errors
/// Why not.
pub fn decide_ref_update(
    actor: Actor,
    rules: &Rules<'_>,
    update: RefUpdate<'_>,
    door: Door,
) -> Result<(), Refusal> {
    if let Some(branch) = update.name.strip_prefix(RefKind::Branch.prefix()) {
        decide_branch(actor, rules, branch, update.change, door)
    } else if let Some(tag) = update.name.strip_prefix(RefKind::Tag.prefix()) {
        decide_tag(actor, rules, tag, update.change, door)
    } else if !update.name.starts_with("refs/") || INTERNAL.iter().any(|own| update.name.starts_with(own)) {
        Err(Refusal::Internal)
    } else {
        Ok(())
    }
}

fn decide_branch(
    actor: Actor,
    rules: &Rules<'_>,
    name: &str,
    change: Change,
    door: Door,
) -> Result<(), Refusal> {
    if change == Change::Delete && name == rules.default_branch {
        return Err(Refusal::DeleteDefault);
    }
    if change == Change::Create && looks_like_commit(name) {
        return Err(Refusal::HexName);
    }
    if rules.empty && change != Change::Delete && !may_fill(actor, rules.default_protection) {
        return Err(Refusal::EmptyProject);
    }
    let covering: Vec<&ProtectedRef> =
        rules.refs.iter().filter(|rule| rule.covers(RefKind::Branch, name)).collect();
    if covering.is_empty() {
        return Ok(());
    }
    // Of several rules over one name the widest counts.
    let may_push = covering.iter().any(|rule| rule.permits(actor, Action::Push));
    match change {
        Change::Update { forced: true } if !covering.iter().any(|rule| rule.allow_force_push) => {
            Err(Refusal::Force)
        }
        Change::Update { .. } if !may_push => Err(Refusal::Push),
        Change::Create if !may_push => Err(Refusal::Create),
        Change::Delete if !actor.has(Role::Maintainer) => Err(Refusal::Delete),
        Change::Delete if door == Door::Git => Err(Refusal::DeleteByPush),
        Change::Update { .. } | Change::Create | Change::Delete => Ok(()),
    }
}

fn decide_tag(
    actor: Actor,
    rules: &Rules<'_>,
    name: &str,
    change: Change,
    door: Door,
) -> Result<(), Refusal> {
    if change == Change::Create && name == rules.default_branch {
        return Err(Refusal::TagLikeDefault);
    }
    let covering: Vec<&ProtectedRef> =
        rules.refs.iter().filter(|rule| rule.covers(RefKind::Tag, name)).collect();
    if covering.is_empty() {
        return Ok(());
    }
    match change {
        Change::Update { .. } => Err(Refusal::UpdateTag),
        Change::Create if !covering.iter().any(|rule| rule.permits(actor, Action::Create)) => {
            Err(Refusal::CreateTag)
        }
        Change::Delete if !actor.has(Role::Maintainer) => Err(Refusal::DeleteTag),
        Change::Delete if door == Door::Git => Err(Refusal::DeleteTagByPush),
        Change::Create | Change::Delete => Ok(()),
    }
}

/// Whether somebody may make the first branch of a project, by the setting `default_branch_protection`.
fn may_fill(actor: Actor, protection: i64) -> bool {
    match first_protection(protection) {
        None => true,
        Some((Level::Developers, _)) => actor.has(Role::Developer),
        Some(_) => actor.has(if protection == 4 { Role::Developer } else { Role::Maintainer }),
    }
}

/// Who may push to and merge into a default branch that has just come to be, by the setting
/// `default_branch_protection`; `None`: it is not protected.
pub fn first_protection(setting: i64) -> Option<(Level, Level)> {
    match setting {
        0 => None,
        1 => Some((Level::Developers, Level::Developers)),
        3 => Some((Level::Maintainers, Level::Developers)),
        _ => Some((Level::Maintainers, Level::Maintainers)),
    }
}

/// Whether a branch could be taken for a commit: 40 hexadecimal digits, alone or before a slash.
fn looks_like_commit(name: &str) -> bool {
    let first = name.split('/').next().unwrap_or(name);
    first.len() == 40 && first.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
#[path = "protection_tests.rs"]
mod tests;
