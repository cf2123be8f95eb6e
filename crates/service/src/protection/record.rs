//! Deciding over references that are to move, in the transaction that writes it down.

use serde_json::json;
use tessera_git::Oid;
use tessera_model::Result;
use tessera_model::operation::Operation;
use tessera_model::project::Project;
use tessera_model::protection::{
    Action, Actor, Change, Door, Holder, Level, ProtectedRef, RefKind, RefUpdate, Refusal, Rules,
    decide_ref_update, first_protection,
};
use tessera_store::query;

use crate::audit::Event;
use crate::git_access::{First, Journal, JournalRef};
use crate::{Authorized, Tx, fault};

/// How many references one audit record names; a push may have many thousands.
const NAMED: usize = 200;

/// One reference that is to move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefMove {
    /// Its full name.
    pub name: String,
    /// Where it points now; zero for a new one.
    pub old: Oid,
    /// Where it shall point; zero for one that goes.
    pub new: Oid,
    /// Whether commits are left behind; where nobody looked: yes. Means something only for branches
    /// that move.
    pub forced: bool,
}

impl RefMove {
    fn change(&self) -> Change {
        match (self.old.is_zero(), self.new.is_zero()) {
            (_, true) => Change::Delete,
            (true, false) => Change::Create,
            (false, false) => Change::Update { forced: self.forced },
        }
    }

    fn branch(&self) -> Option<&str> {
        self.name.strip_prefix(RefKind::Branch.prefix())
    }
}

/// References that may move now. What became of them is written down under the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Granted {
    /// The number under which it is written down.
    pub push_id: i64,
}

/// Decides over all references together, and writes down what was granted: the audit record, the row
/// by which an interrupted push is found again, and for a project's first branch that it is the
/// default one and how it is protected. One refusal refuses all, and then nothing is written.
///
/// # Errors
/// When the database does not answer.
pub fn check_and_record<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
    moves: &[RefMove],
    door: Door,
) -> Result<Result<Granted, Refusal>> {
    let refs = query::protection::of_project(tx.conn, project.id).map_err(fault)?;
    let default_protection = tx.setting("default_branch_protection")?.as_i64().unwrap_or(2);
    let rules = Rules {
        default_branch: &project.default_branch,
        empty: project.empty,
        default_protection,
        refs: &refs,
    };
    let actor = actor(tx, project);
    for update in moves {
        let update = RefUpdate { name: &update.name, change: update.change() };
        if let Err(refusal) = decide_ref_update(actor, &rules, update, door) {
            return Ok(Err(refusal));
        }
    }
    let first = first_branch(tx, project, moves, &refs, default_protection)?;
    if first.is_none() {
        query::projects::touch(tx.conn, project.id, tx.now).map_err(fault)?;
    }
    write_down(tx, project, moves, first).map(Ok)
}

/// The caller, as the rules see it.
pub(crate) fn actor<'tx, Op: Operation>(tx: &Tx<'tx>, project: &Authorized<'tx, Op, Project>) -> Actor {
    let admin = tx.caller.fence().is_none() && tx.caller.is_admin();
    Actor { user_id: tx.caller.user_id(), role: project.role(), admin }
}

/// The first push to a project without branches makes one of them the default one: the one that is so
/// already, or the first that came.
fn first_branch(
    tx: &mut Tx<'_>,
    project: &Project,
    moves: &[RefMove],
    refs: &[ProtectedRef],
    default_protection: i64,
) -> Result<Option<First>> {
    let mut made = moves.iter().filter(|update| !update.new.is_zero()).filter_map(RefMove::branch).peekable();
    let Some(earliest) = made.peek().copied().filter(|_| project.empty) else { return Ok(None) };
    let branch = made.find(|name| *name == project.default_branch).unwrap_or(earliest).to_owned();
    query::projects::filled(tx.conn, project.id, &branch, tx.now).map_err(fault)?;
    let mut rule = None;
    if let Some((push, merge)) = first_protection(default_protection)
        && !refs.iter().any(|rule| rule.kind == RefKind::Branch && rule.name == branch)
    {
        rule = protect(tx, project.id, &branch, push, merge)?;
    }
    Ok(Some(First { before: project.default_branch.clone(), branch, rule }))
}

fn protect(tx: &mut Tx<'_>, project_id: i64, branch: &str, push: Level, merge: Level) -> Result<Option<i64>> {
    let made = query::protection::insert(tx.conn, project_id, RefKind::Branch, branch, false, tx.now);
    let Some(id) = made.map_err(fault)? else { return Ok(None) };
    for (action, level) in [(Action::Push, push), (Action::Merge, merge)] {
        query::protection::add_grant(tx.conn, id, action, &Holder::Level(level)).map_err(fault)?;
    }
    Ok(Some(id))
}

fn write_down(
    tx: &mut Tx<'_>,
    project: &Project,
    moves: &[RefMove],
    first: Option<First>,
) -> Result<Granted> {
    let named: Vec<_> = moves
        .iter()
        .take(NAMED)
        .map(|update| json!({ "ref": update.name, "from": update.old.to_string(), "to": update.new.to_string() }))
        .collect();
    let mut details = json!({ "refs": named, "count": moves.len() });
    if let (Some(first), Some(object)) = (&first, details.as_object_mut()) {
        object.insert("default_branch".to_owned(), json!(first.branch));
    }
    tx.audit(&Event {
        action: "repository.push",
        target: ("project", Some(project.id), &project.full_path),
        project_id: Some(project.id),
        details,
    })?;
    let refs = moves.iter().map(|update| JournalRef {
        name: update.name.clone(),
        old: update.old.to_string(),
        new: update.new.to_string(),
    });
    let journal = Journal { refs: refs.collect(), first };
    let updates = serde_json::to_string(&journal).map_err(tessera_model::Error::internal)?;
    let (user, token) = (tx.caller.user_id(), tx.caller.token().map(|token| token.id));
    let push_id = query::pushes::grant(tx.conn, project.id, user, token, &updates, tx.now).map_err(fault)?;
    Ok(Granted { push_id })
}
