//! Tokens that come in bulk from elsewhere, many rows a statement.

use std::fmt::Write;
use std::sync::LazyLock;

use tessera_model::scope::ScopeSet;
use tessera_model::secret::Digest;
use tessera_model::time::{Date, Timestamp};
use tessera_model::token::TokenKind;

use crate::sql::{Conn, DbError, Value};

/// Rows of one long statement: few enough for every limit on parameters, many enough that the way to a
/// database server is walked seldom.
pub const ROWS: usize = 64;
const COLUMNS: usize = 17;

macro_rules! insert {
    () => {
        "INSERT INTO tokens (kind, user_id, bearer_id, bearer_username, name, description, scopes, digest, key_id,
        gitlab_digest, expires_on, revoked, revoked_at, revoked_by, created_by, created_at, last_used_at) VALUES "
    };
}

queries! {
    ONE = concat!(insert!(), "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
        ON CONFLICT DO NOTHING");
}

static MANY: LazyLock<String> = LazyLock::new(|| {
    let mut sql = insert!().to_owned();
    for row in 0..ROWS {
        sql.push_str(if row == 0 { "(" } else { ", (" });
        for column in 1..=COLUMNS {
            let _ = write!(sql, "{}?{}", if column == 1 { "" } else { ", " }, row * COLUMNS + column);
        }
        sql.push(')');
    }
    sql.push_str(" ON CONFLICT DO NOTHING");
    sql
});

/// How an imported token is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// By our own digest, made with the key of this number.
    Ours(Digest, i64),
    /// By the digest of the GitLab that it comes from; the key's number is that of the key which will take over.
    Gitlab(String, i64),
}

/// One token.
#[derive(Clone, Debug)]
pub struct ImportedToken<'a> {
    /// Its kind.
    pub kind: TokenKind,
    /// Its user: number and username.
    pub user: (i64, &'a str),
    /// Its name.
    pub name: &'a str,
    /// Its description.
    pub description: Option<&'a str>,
    /// What it opens.
    pub scopes: ScopeSet,
    /// By what it is recognised.
    pub known: Known,
    /// Its end.
    pub expires_on: Option<Date>,
    /// Whether it was revoked where it comes from.
    pub revoked: bool,
    /// When it was made; now if that is not known.
    pub created_at: Option<Timestamp>,
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
}

impl ImportedToken<'_> {
    fn args(&self, by: &str, now: Timestamp, args: &mut Vec<Value>) {
        let (digest, key, gitlab) = match &self.known {
            Known::Ours(digest, key) => (Value::from(digest.0), *key, Value::Null),
            Known::Gitlab(digest, key) => (Value::Null, *key, Value::from(digest)),
        };
        args.extend([
            Value::from(self.kind.name()),
            self.user.0.into(),
            self.user.0.into(),
            self.user.1.into(),
            self.name.into(),
            self.description.into(),
            self.scopes.bits().into(),
            digest,
            key.into(),
            gitlab,
            self.expires_on.into(),
            self.revoked.into(),
            self.revoked.then_some(now).into(),
            self.revoked.then_some(by).into(),
            by.into(),
            self.created_at.unwrap_or(now).into(),
            self.last_used_at.into(),
        ]);
    }
}

/// Stores tokens and returns how many were new; those whose digest is there already are left as they are.
///
/// # Errors
/// What the database answers.
pub fn add(
    conn: &mut dyn Conn,
    tokens: &[ImportedToken<'_>],
    by: &str,
    now: Timestamp,
) -> Result<u64, DbError> {
    let mut added = 0;
    let mut args = Vec::with_capacity(ROWS * COLUMNS);
    let (long, rest) = tokens.as_chunks::<ROWS>();
    for chunk in long {
        args.clear();
        for token in chunk {
            token.args(by, now, &mut args);
        }
        added += conn.exec(&MANY, &args)?;
    }
    for token in rest {
        args.clear();
        token.args(by, now, &mut args);
        added += conn.exec(ONE, &args)?;
    }
    Ok(added)
}
