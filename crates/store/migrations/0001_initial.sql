-- One text for SQLite and PostgreSQL. {id} is a number never used twice (D32), {name} a text compared
-- byte by byte, {strict} SQLite's STRICT. Times are microseconds UTC, dates ISO texts, names that
-- must be unique whatever their case have a lower-cased column ending in _key.

CREATE TABLE users (
    id {id},
    username {name} NOT NULL,
    username_key {name} NOT NULL UNIQUE,
    name {name} NOT NULL,
    email {name} NOT NULL,
    email_key {name} NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    admin {bool} NOT NULL DEFAULT FALSE,
    external {bool} NOT NULL DEFAULT FALSE,
    can_create_group {bool} NOT NULL DEFAULT TRUE,
    private_profile {bool} NOT NULL DEFAULT FALSE,
    projects_limit {int} NOT NULL DEFAULT 100000,
    password_hash TEXT,
    -- What stands between the password and the account, a bit each: 1, it must be changed first; 2, a second factor;
    -- 4, it was made by the server at the first start.
    sign_in {int} NOT NULL DEFAULT 0,
    bio TEXT NOT NULL DEFAULT '',
    public_email TEXT,
    note TEXT,
    -- A bot's project; the project's deletion ends its bots first.
    bot_project_id {int},
    created_by_id {int} REFERENCES users (id),
    created_at {int} NOT NULL,
    updated_at {int} NOT NULL,
    last_activity_on TEXT,
    -- The second factor. Its secret is sealed under a key in secrets/; until the bit of sign_in is set it waits to be
    -- confirmed, until it expires. A code of the consumed step or an earlier one is taken no more.
    otp_secret {bytes},
    otp_secret_expires_at {int},
    otp_consumed_timestep {int},
    -- When the time for setting it up began, where the instance asks for it.
    otp_grace_period_started_at {int}
) {strict};
CREATE INDEX users_by_creator ON users (created_by_id);
CREATE INDEX users_by_bot_project ON users (bot_project_id);
CREATE INDEX users_ghosted ON users (id) WHERE state = 'ghosted';
CREATE INDEX users_people ON users (state) WHERE kind = 'human';
CREATE INDEX users_in_grace ON users (id) WHERE otp_grace_period_started_at IS NOT NULL;

-- Recovery codes that were not used yet, as codes under a key in secrets/.
CREATE TABLE otp_backup_codes (
    id {id},
    user_id {int} NOT NULL REFERENCES users (id),
    digest {bytes} NOT NULL,
    UNIQUE (user_id, digest)
) {strict};

-- Browsers in which somebody is signed in. The cookie's secret is not here: the digest is made with a key in secrets/.
CREATE TABLE sessions (
    id {id},
    user_id {int} NOT NULL REFERENCES users (id),
    digest {bytes} NOT NULL UNIQUE,
    -- Whether the second factor is still to come.
    pending {bool} NOT NULL,
    address {name} NOT NULL,
    user_agent TEXT NOT NULL,
    created_at {int} NOT NULL,
    last_seen_at {int} NOT NULL,
    -- What the next page says once, a new token's secret perhaps: sealed under a key in secrets/.
    message {bytes},
    message_until {int}
) {strict};
CREATE INDEX sessions_by_user ON sessions (user_id, id);
CREATE INDEX sessions_by_use ON sessions (last_seen_at);

CREATE TABLE namespaces (
    id {id},
    parent_id {int} REFERENCES namespaces (id),
    owner_id {int} UNIQUE REFERENCES users (id),
    path {name} NOT NULL,
    full_path {name} NOT NULL,
    full_path_key {name} NOT NULL UNIQUE,
    name {name} NOT NULL,
    full_name {name} NOT NULL,
    description TEXT NOT NULL DEFAULT '',
    visibility {int} NOT NULL,
    token_creation_allowed {bool} NOT NULL DEFAULT TRUE,
    created_at {int} NOT NULL,
    updated_at {int} NOT NULL
) {strict};
CREATE INDEX namespaces_by_parent ON namespaces (parent_id);

CREATE TABLE projects (
    id {id},
    namespace_id {int} NOT NULL REFERENCES namespaces (id),
    path {name} NOT NULL,
    full_path {name} NOT NULL,
    full_path_key {name} NOT NULL UNIQUE,
    name {name} NOT NULL,
    description TEXT NOT NULL DEFAULT '',
    visibility {int} NOT NULL,
    default_branch {name} NOT NULL,
    archived {bool} NOT NULL DEFAULT FALSE,
    empty {bool} NOT NULL DEFAULT TRUE,
    issues_enabled {bool} NOT NULL DEFAULT TRUE,
    -- Whether web hooks hear of its tokens 60 and 30 days before their end too.
    extended_expiry_hooks {bool} NOT NULL DEFAULT FALSE,
    -- How many bots it ever had (D2) and how many issues.
    bot_counter {int} NOT NULL DEFAULT 0,
    issue_counter {int} NOT NULL DEFAULT 0,
    creator_id {int} REFERENCES users (id),
    created_at {int} NOT NULL,
    updated_at {int} NOT NULL,
    last_activity_at {int} NOT NULL
) {strict};
CREATE INDEX projects_by_namespace ON projects (namespace_id);
CREATE INDEX projects_by_creator ON projects (creator_id);
-- The orders that lists of projects are asked for in, beside that of their numbers.
CREATE INDEX projects_by_creation ON projects (created_at, id);
CREATE INDEX projects_by_activity ON projects (last_activity_at, id);

-- A member of a group or of a project.
CREATE TABLE members (
    id {id},
    namespace_id {int} REFERENCES namespaces (id),
    project_id {int} REFERENCES projects (id),
    user_id {int} NOT NULL REFERENCES users (id),
    -- A copy, for the index of people: a project may have thousands of bots.
    person {bool} NOT NULL,
    access_level {int} NOT NULL,
    expires_on TEXT,
    created_by_id {int} REFERENCES users (id),
    created_at {int} NOT NULL,
    updated_at {int} NOT NULL
) {strict};
CREATE UNIQUE INDEX members_of_project ON members (project_id, user_id) WHERE project_id IS NOT NULL;
CREATE UNIQUE INDEX members_of_namespace ON members (namespace_id, user_id) WHERE namespace_id IS NOT NULL;
CREATE INDEX members_people ON members (project_id) WHERE project_id IS NOT NULL AND person = TRUE;
CREATE INDEX members_by_user ON members (user_id);
CREATE INDEX members_by_creator ON members (created_by_id);
CREATE INDEX members_by_end ON members (expires_on) WHERE expires_on IS NOT NULL;

-- Tokens of all kinds. Rows outlive their users and projects for the record (D8).
CREATE TABLE tokens (
    id {id},
    kind TEXT NOT NULL,
    user_id {int} REFERENCES users (id),
    -- The same number and name for the record, when the user is gone.
    bearer_id {int} NOT NULL,
    bearer_username {name} NOT NULL,
    project_id {int} REFERENCES projects (id),
    name {name} NOT NULL,
    description TEXT,
    scopes {int} NOT NULL,
    access_level {int},
    digest {bytes} UNIQUE,
    key_id {int} NOT NULL,
    -- GitLab's own digest of an imported token, which is kept when it has one of ours (docs/decisions.md).
    gitlab_digest {name} UNIQUE,
    expires_on TEXT,
    revoked {bool} NOT NULL DEFAULT FALSE,
    revoked_at {int},
    revoked_by {name},
    created_by_id {int},
    created_by {name} NOT NULL,
    created_at {int} NOT NULL,
    last_used_at {int},
    last_used_ips TEXT NOT NULL DEFAULT '',
    previous_id {int} REFERENCES tokens (id),
    -- The first token of the rotation family.
    family_id {int},
    -- When its people were told that it ends in so many days or less, and that it has ended. Whoever moves the end
    -- of a token sets them back.
    notice_60_at {int},
    notice_30_at {int},
    notice_7_at {int},
    expired_notice_at {int}
) {strict};
CREATE INDEX tokens_by_user ON tokens (user_id);
CREATE INDEX tokens_by_bearer ON tokens (bearer_id);
CREATE INDEX tokens_by_creator ON tokens (created_by_id);
CREATE INDEX tokens_by_project ON tokens (project_id);
CREATE INDEX tokens_by_previous ON tokens (previous_id);
CREATE INDEX tokens_by_family ON tokens (family_id);
CREATE INDEX tokens_by_end ON tokens (expires_on, kind) WHERE revoked = FALSE AND expires_on IS NOT NULL;

-- Who is to be told of which token; gone in the transaction that writes the mail.
CREATE TABLE token_notices (
    id {id},
    user_id {int} NOT NULL REFERENCES users (id),
    token_id {int} NOT NULL REFERENCES tokens (id),
    notice {name} NOT NULL,
    UNIQUE (user_id, notice, token_id)
) {strict};
CREATE INDEX token_notices_by_notice ON token_notices (notice, user_id);

-- Who used a token, when, from where, for what and with what success: a row for each minute in which it was.
CREATE TABLE token_uses (
    -- A copy: rows of tokens are never removed, and looking each up would cost as much as the line.
    token_id {int} NOT NULL,
    -- Minutes since 1970.
    minute {int} NOT NULL,
    address {name} NOT NULL,
    operation {name} NOT NULL,
    -- A copy; 0 where no project was asked for.
    project_id {int} NOT NULL,
    -- The first digit of the status.
    class {int} NOT NULL,
    uses {int} NOT NULL,
    PRIMARY KEY (token_id, minute, address, operation, project_id, class)
) {strict};
CREATE INDEX token_uses_by_minute ON token_uses (minute);

-- How often each token was used on the days before today: a row for each token that ever was.
CREATE TABLE token_days (
    -- A copy, as above.
    token_id {int} NOT NULL PRIMARY KEY,
    -- The last day of those counted, in days since 1970.
    day {int} NOT NULL,
    -- Numbers for that day and the days before it, its own at the end: how often, and how often of that without success.
    uses TEXT NOT NULL,
    failed TEXT NOT NULL
) {strict};

CREATE TABLE issues (
    id {id},
    project_id {int} NOT NULL REFERENCES projects (id),
    iid {int} NOT NULL,
    title TEXT NOT NULL,
    description TEXT,
    state TEXT NOT NULL,
    confidential {bool} NOT NULL DEFAULT FALSE,
    due_date TEXT,
    author_id {int} NOT NULL REFERENCES users (id),
    updated_by_id {int} REFERENCES users (id),
    closed_by_id {int} REFERENCES users (id),
    closed_at {int},
    created_at {int} NOT NULL,
    updated_at {int} NOT NULL,
    UNIQUE (project_id, iid)
) {strict};
CREATE INDEX issues_by_author ON issues (author_id);
CREATE INDEX issues_by_updater ON issues (updated_by_id) WHERE updated_by_id IS NOT NULL;
CREATE INDEX issues_by_closer ON issues (closed_by_id) WHERE closed_by_id IS NOT NULL;

CREATE TABLE issue_labels (
    id {id},
    issue_id {int} NOT NULL REFERENCES issues (id),
    label {name} NOT NULL,
    UNIQUE (issue_id, label)
) {strict};

CREATE TABLE issue_assignees (
    id {id},
    issue_id {int} NOT NULL REFERENCES issues (id),
    user_id {int} NOT NULL REFERENCES users (id),
    UNIQUE (issue_id, user_id)
) {strict};
CREATE INDEX issue_assignees_by_user ON issue_assignees (user_id);

CREATE TABLE notes (
    id {id},
    issue_id {int} NOT NULL REFERENCES issues (id),
    author_id {int} NOT NULL REFERENCES users (id),
    updated_by_id {int} REFERENCES users (id),
    body TEXT NOT NULL,
    created_at {int} NOT NULL,
    updated_at {int} NOT NULL
) {strict};
CREATE INDEX notes_by_issue ON notes (issue_id);
CREATE INDEX notes_by_author ON notes (author_id);
CREATE INDEX notes_by_updater ON notes (updated_by_id) WHERE updated_by_id IS NOT NULL;

-- Protected branches and tags, exact names and wildcards.
CREATE TABLE protected_refs (
    id {id},
    project_id {int} NOT NULL REFERENCES projects (id),
    kind TEXT NOT NULL,
    name {name} NOT NULL,
    allow_force_push {bool} NOT NULL DEFAULT FALSE,
    created_at {int} NOT NULL,
    UNIQUE (project_id, kind, name)
) {strict};

-- Who may push to, merge into, unprotect or create a protected ref: a role or a named user.
CREATE TABLE protected_ref_access (
    id {id},
    protected_ref_id {int} NOT NULL REFERENCES protected_refs (id),
    action TEXT NOT NULL,
    access_level {int},
    user_id {int} REFERENCES users (id)
) {strict};
CREATE INDEX protected_ref_access_by_ref ON protected_ref_access (protected_ref_id);
CREATE INDEX protected_ref_access_by_user ON protected_ref_access (user_id) WHERE user_id IS NOT NULL;

-- Web hooks of projects.
CREATE TABLE web_hooks (
    id {id},
    project_id {int} NOT NULL REFERENCES projects (id),
    -- URL, secret token and signing token, under a key that is not in the database.
    sealed {bytes} NOT NULL,
    name TEXT,
    description TEXT,
    -- A bit for each kind of event.
    events {int} NOT NULL,
    branch_filter TEXT,
    branch_strategy {name} NOT NULL,
    verifies_tls {bool} NOT NULL,
    -- Failures since the last success, and until when it is left alone for them.
    failures {int} NOT NULL DEFAULT 0,
    disabled_until {int},
    created_at {int} NOT NULL,
    updated_at {int} NOT NULL
) {strict};
CREATE INDEX web_hooks_by_project ON web_hooks (project_id);

-- Calls of web hooks: written in the transaction that decides that a token is told of, kept as the mark that it was.
CREATE TABLE web_hook_deliveries (
    id {id},
    web_hook_id {int} NOT NULL REFERENCES web_hooks (id),
    -- A copy: rows of tokens are never removed.
    token_id {int} NOT NULL,
    notice {name} NOT NULL,
    -- The end that is told of: whoever moves it has it told again.
    expires_on TEXT NOT NULL,
    -- What every attempt bears.
    idempotency_key {name} NOT NULL UNIQUE,
    event_uuid {name} NOT NULL,
    body TEXT NOT NULL,
    -- waiting, sent, or dropped because it was not true any longer
    state {name} NOT NULL,
    attempts {int} NOT NULL DEFAULT 0,
    -- A caller that takes one puts this off, so that no other takes it too.
    next_try_at {int} NOT NULL,
    last_error TEXT,
    created_at {int} NOT NULL,
    UNIQUE (web_hook_id, token_id, notice, expires_on)
) {strict};
CREATE INDEX web_hook_deliveries_waiting ON web_hook_deliveries (next_try_at, id) WHERE state = 'waiting';
CREATE INDEX web_hook_deliveries_by_time ON web_hook_deliveries (created_at);

-- What became of each attempt to call a web hook, for some days.
CREATE TABLE web_hook_events (
    id {id},
    web_hook_id {int} NOT NULL REFERENCES web_hooks (id),
    trigger_name {name} NOT NULL,
    idempotency_key {name} NOT NULL,
    request_headers TEXT NOT NULL,
    request_body TEXT NOT NULL,
    response_headers TEXT NOT NULL,
    response_body TEXT NOT NULL,
    -- None when there was no answer; then there is an error.
    status {int},
    error TEXT,
    micros {int} NOT NULL,
    created_at {int} NOT NULL
) {strict};
CREATE INDEX web_hook_events_by_hook ON web_hook_events (web_hook_id, id);
CREATE INDEX web_hook_events_by_time ON web_hook_events (created_at);

-- Pushes whose refs were granted; a row still open at start is reconciled with the repository.
CREATE TABLE pushes (
    id {id},
    project_id {int} NOT NULL REFERENCES projects (id),
    user_id {int} REFERENCES users (id),
    token_id {int},
    updates TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at {int} NOT NULL,
    ended_at {int}
) {strict};
CREATE INDEX pushes_open ON pushes (id) WHERE state = 'granted';
CREATE INDEX pushes_by_project ON pushes (project_id);
CREATE INDEX pushes_by_user ON pushes (user_id);

CREATE TABLE settings (
    name {name} NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) {strict};

CREATE TABLE features (
    name {name} NOT NULL PRIMARY KEY,
    created_at {int} NOT NULL
) {strict};

CREATE TABLE feature_gates (
    id {id},
    feature {name} NOT NULL REFERENCES features (name),
    gate {name} NOT NULL,
    value {name} NOT NULL,
    UNIQUE (feature, gate, value)
) {strict};

-- Written in the transaction that does what it tells of. Names and numbers are copies: no key binds
-- them to rows that may go. Each row carries a code over all that it says, made with a key that is
-- not in the database, and is covered by a seal soon after.
CREATE TABLE audit_events (
    id {id},
    created_at {int} NOT NULL,
    action TEXT NOT NULL,
    actor_id {int},
    actor_username {name} NOT NULL,
    token_id {int},
    target_kind TEXT NOT NULL,
    target_id {int},
    target_name {name} NOT NULL,
    -- What it belongs to: the instance, or a project, group or user.
    entity_kind TEXT NOT NULL,
    entity_id {int},
    address TEXT NOT NULL,
    request_id TEXT NOT NULL,
    surface TEXT NOT NULL,
    details TEXT NOT NULL,
    -- The process that wrote it, and which of that one's records it is.
    writer {int} NOT NULL,
    number {int} NOT NULL,
    code {bytes} NOT NULL,
    seal {int}
) {strict};
CREATE INDEX audit_events_by_seal ON audit_events (seal, id);
CREATE INDEX audit_events_by_entity ON audit_events (entity_kind, entity_id, id);
CREATE INDEX audit_events_by_time ON audit_events (created_at, id);

-- The chain over the records: each seal covers some of them and the seal before it. Their order is that
-- of sealing, since records come to light in another order than that of their numbers.
CREATE TABLE audit_seals (
    number {int} NOT NULL PRIMARY KEY,
    sealed_at {int} NOT NULL,
    ids TEXT NOT NULL,
    content {bytes} NOT NULL,
    code {bytes} NOT NULL,
    -- Set when retention has removed its records and everything before.
    anchor {bytes}
) {strict};

CREATE TABLE jobs (
    id {id},
    kind TEXT NOT NULL,
    args TEXT NOT NULL,
    -- At most one waiting job of a kind with this key.
    unique_key TEXT UNIQUE,
    run_at {int} NOT NULL,
    attempts {int} NOT NULL DEFAULT 0,
    leased_until {int},
    last_error TEXT,
    created_at {int} NOT NULL
) {strict};
CREATE INDEX jobs_by_time ON jobs (run_at);

-- Jobs of every day: the point in time for which each was last asked, whichever node did, and its last end.
CREATE TABLE daily_jobs (
    name {name} NOT NULL PRIMARY KEY,
    asked_for {int} NOT NULL,
    done_at {int}
) {strict};

-- Mails on their way out, written in the transaction that causes them, marked when they were accepted.
CREATE TABLE mails (
    id {id},
    message_id {name} NOT NULL UNIQUE,
    recipient {name} NOT NULL,
    recipient_name TEXT NOT NULL,
    subject TEXT NOT NULL,
    -- What it says, as JSON; its text and its HTML are made when it is sent.
    letter TEXT NOT NULL,
    -- waiting, sent, or refused for good
    state {name} NOT NULL,
    attempts {int} NOT NULL DEFAULT 0,
    -- A sender that takes a mail puts this off, so that no other takes it too.
    next_try_at {int} NOT NULL,
    last_error TEXT,
    created_at {int} NOT NULL,
    sent_at {int}
) {strict};
CREATE INDEX mails_waiting ON mails (next_try_at, id) WHERE state = 'waiting';
CREATE INDEX mails_sent ON mails (sent_at) WHERE state = 'sent';
CREATE INDEX mails_unsent ON mails (state) WHERE state <> 'sent';

-- Facts of the instance: the fingerprint of the token key, the number of the Ghost User.
CREATE TABLE instance (
    name {name} NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) {strict};
