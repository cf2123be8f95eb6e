//! What the fields of a group may hold.

use tessera_model::Result;
use tessera_model::name::complaint_on_path;
use tessera_model::project::Namespace;
use tessera_model::visibility::Visibility;
use tessera_store::query;

use crate::{Tx, fault};

/// How deep groups may lie in groups, as in GitLab.
const DEEPEST: usize = 20;

/// Fields with what is wrong in each.
pub(super) type Complaints = Vec<(&'static str, String)>;

/// What is wrong with the place at which a group shall stand; `id` is that of a group that exists, or 0.
pub(super) fn complaints_on_path(
    tx: &mut Tx<'_>,
    path: &str,
    full_path: &str,
    id: i64,
) -> Result<Complaints> {
    let top = full_path == path;
    if let Some(text) = complaint_on_path(path, top) {
        return Ok(vec![("path", text)]);
    }
    if full_path.split('/').count() > DEEPEST {
        return Ok(vec![("parent_id", "has too deep level of nesting".to_owned())]);
    }
    // Bots and the Ghost User have no namespace, but their names are taken all the same.
    let taken = query::namespaces::path_taken(tx.conn, full_path, id, 0).map_err(fault)?
        || (top && query::users::by_username(tx.conn, path).map_err(fault)?.is_some());
    Ok(taken.then(|| ("path", "has already been taken".to_owned())).into_iter().collect())
}

/// What is wrong with a group's visibility below its parent, if anything.
pub(super) fn complaint_on_visibility(parent: Option<&Namespace>, visibility: Visibility) -> Option<String> {
    let parent = parent.filter(|parent| visibility > parent.visibility)?;
    Some(format!(
        "{} is not allowed since the parent group has a {} visibility.",
        visibility.name(),
        parent.visibility.name()
    ))
}

/// What is wrong with a group's visibility above what lies in it, if anything.
pub(super) fn complaint_on_narrowing(
    visibility: Visibility,
    (projects, groups): (Option<Visibility>, Option<Visibility>),
) -> Option<String> {
    let name = visibility.name();
    if projects.is_some_and(|widest| widest > visibility) {
        return Some(format!(
            "{name} is not allowed since this group contains projects with higher visibility."
        ));
    }
    groups
        .is_some_and(|widest| widest > visibility)
        .then(|| format!("{name} is not allowed since there are sub-groups with higher visibility."))
}

#[cfg(test)]
mod tests {
    use tessera_model::visibility::Visibility::{Internal, Private, Public};

    use super::*;

    #[test]
    fn what_lies_in_a_group_is_no_wider_than_it() {
        assert_eq!(complaint_on_narrowing(Private, (None, None)), None);
        assert_eq!(complaint_on_narrowing(Internal, (Some(Internal), Some(Private))), None);
        assert_eq!(
            complaint_on_narrowing(Private, (Some(Internal), Some(Public))).as_deref(),
            Some("private is not allowed since this group contains projects with higher visibility.")
        );
        assert_eq!(
            complaint_on_narrowing(Internal, (None, Some(Public))).as_deref(),
            Some("internal is not allowed since there are sub-groups with higher visibility.")
        );
    }
}
