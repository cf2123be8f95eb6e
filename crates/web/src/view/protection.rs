//! Protected branches and tags.

use serde::Serialize;
use tessera_model::protection::{Action, Grant, Holder, ProtectedRef, RefKind};

/// One line of who may do something.
#[derive(Serialize)]
struct GrantView<'a> {
    id: i64,
    access_level: Option<i64>,
    access_level_description: &'a str,
    deploy_key_id: Option<i64>,
    user_id: Option<i64>,
    group_id: Option<i64>,
}

/// A protected branch.
#[derive(Serialize)]
pub(crate) struct BranchView<'a> {
    id: i64,
    name: &'a str,
    push_access_levels: Vec<GrantView<'a>>,
    merge_access_levels: Vec<GrantView<'a>>,
    allow_force_push: bool,
    unprotect_access_levels: Vec<GrantView<'a>>,
    code_owner_approval_required: bool,
    inherited: bool,
}

/// A protected tag.
#[derive(Serialize)]
pub(crate) struct TagView<'a> {
    name: &'a str,
    create_access_levels: Vec<GrantView<'a>>,
}

fn grant(grant: &Grant) -> GrantView<'_> {
    let (access_level, access_level_description, user_id) = match &grant.holder {
        Holder::Level(level) => (Some(level.number()), level.description(), None),
        Holder::User { id, name } => (None, name.as_str(), Some(*id)),
    };
    let (deploy_key_id, group_id) = (None, None);
    GrantView { id: grant.id, access_level, access_level_description, deploy_key_id, user_id, group_id }
}

fn grants(rule: &ProtectedRef, action: Action) -> Vec<GrantView<'_>> {
    rule.grants.iter().filter(|grant| grant.action == action).map(grant).collect()
}

/// A rule of either kind.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum RuleView<'a> {
    Branch(BranchView<'a>),
    Tag(TagView<'a>),
}

/// A rule of either kind.
pub(crate) fn rule(rule: &ProtectedRef) -> RuleView<'_> {
    match rule.kind {
        RefKind::Branch => RuleView::Branch(branch(rule)),
        RefKind::Tag => RuleView::Tag(tag(rule)),
    }
}

/// A protected branch.
fn branch(rule: &ProtectedRef) -> BranchView<'_> {
    BranchView {
        id: rule.id,
        name: &rule.name,
        push_access_levels: grants(rule, Action::Push),
        merge_access_levels: grants(rule, Action::Merge),
        allow_force_push: rule.allow_force_push,
        unprotect_access_levels: grants(rule, Action::Unprotect),
        code_owner_approval_required: false,
        inherited: false,
    }
}

/// A protected tag.
fn tag(rule: &ProtectedRef) -> TagView<'_> {
    TagView { name: &rule.name, create_access_levels: grants(rule, Action::Create) }
}
