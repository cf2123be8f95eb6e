//! Column lists that several files join into their queries.

/// The columns of a user, of a table called `u`.
macro_rules! user_columns {
    () => {
        "u.id, u.username, u.name, u.email, u.kind, u.state, u.admin, u.external, u.can_create_group, \
         u.projects_limit, u.password_expired, u.private_profile, u.bio, u.public_email, u.note, u.created_at, \
         u.created_by_id, u.bot_project_id, u.last_activity_on, u.updated_at"
    };
}

/// The columns of a namespace, of a table called `n`.
macro_rules! namespace_columns {
    () => {
        "n.id, n.parent_id, n.owner_id, n.path, n.full_path, n.name, n.full_name, n.description, n.visibility, \
         n.token_creation_allowed, n.created_at"
    };
}
