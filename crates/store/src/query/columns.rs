//! Column lists that several files join into their queries.

/// The columns of a user, of a table called `u`.
macro_rules! user_columns {
    () => {
        "u.id, u.sign_in, u.username, u.name, u.email, u.kind, u.state, u.admin, u.external, u.can_create_group, \
         u.projects_limit, u.private_profile, u.bio, u.public_email, u.note, u.created_at, \
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

/// The columns of a token `t` with the role that its bot's membership `m` says now.
macro_rules! token_with_role {
    () => {
        "t.id, t.kind, t.user_id, t.bearer_id, t.bearer_username, t.project_id, t.name, t.description, t.scopes, \
         COALESCE(m.access_level, t.access_level), t.expires_on, t.revoked, t.created_at, t.last_used_at, \
         t.last_used_ips, t.previous_id, t.family_id"
    };
}

/// The columns of a token, of the table called `t`, in the order in which `tokens::read` takes them.
macro_rules! token_columns {
    () => {
        "t.id, t.kind, t.user_id, t.bearer_id, t.bearer_username, t.project_id, t.name, t.description, t.scopes, \
         t.access_level, t.expires_on, t.revoked, t.created_at, t.last_used_at, t.last_used_ips, t.previous_id, \
         t.family_id"
    };
}
