//! Moving what lies below a namespace when its own path or name changes.

use tessera_model::project::Namespace;
use tessera_model::time::Timestamp;

use crate::sql::{Conn, DbError, Value};

/// The numbers of a namespace and of every one below it.
macro_rules! tree {
    () => {
        "(WITH RECURSIVE tree (id) AS (SELECT n.id FROM namespaces n WHERE n.id = ?1
            UNION ALL SELECT n.id FROM namespaces n JOIN tree ON n.parent_id = tree.id) SELECT id FROM tree)"
    };
}

queries! {
    GROUPS = concat!("UPDATE namespaces SET
            full_path = ?3 || SUBSTR(full_path, LENGTH(CAST(?2 AS TEXT)) + 1),
            full_path_key = ?4 || SUBSTR(full_path_key, LENGTH(CAST(?2 AS TEXT)) + 1),
            full_name = ?6 || SUBSTR(full_name, LENGTH(CAST(?5 AS TEXT)) + 1),
            updated_at = ?7
        WHERE id <> ?1 AND id IN ", tree!());
    PROJECTS = concat!("UPDATE projects SET
            full_path = ?3 || SUBSTR(full_path, LENGTH(CAST(?2 AS TEXT)) + 1),
            full_path_key = ?4 || SUBSTR(full_path_key, LENGTH(CAST(?2 AS TEXT)) + 1),
            updated_at = ?5
        WHERE namespace_id IN ", tree!());
}

/// Gives everything below a namespace, groups and projects at every depth, the full path (and groups the
/// full name) that follows from its new ones. `before` and `after` are the same namespace; its own row is
/// stored by [`super::namespaces::update`]. Paths are ASCII, so that a path and its key have one length.
///
/// # Errors
/// [`DbError::Taken`] when something else stands at one of the new paths.
pub fn follow(
    conn: &mut dyn Conn,
    before: &Namespace,
    after: &Namespace,
    now: Timestamp,
) -> Result<(), DbError> {
    let moved = before.full_path != after.full_path;
    let [old, new] = [Value::from(&before.full_path), Value::from(&after.full_path)];
    let key = Value::from(after.full_path.to_lowercase());
    if moved || before.full_name != after.full_name {
        let [was, is] = [Value::from(&before.full_name), Value::from(&after.full_name)];
        conn.exec(GROUPS, &[before.id.into(), old.clone(), new.clone(), key.clone(), was, is, now.into()])?;
    }
    if moved {
        conn.exec(PROJECTS, &[before.id.into(), old, new, key, now.into()])?;
    }
    Ok(())
}
