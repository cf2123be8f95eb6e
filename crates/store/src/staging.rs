//! A new database beside the one in use, and how it takes that one's place.
//!
//! On SQLite both are files, and files are renamed by whoever knows their folders. On PostgreSQL both are schemas of one
//! database: the tables change their schema in one transaction.

use crate::sql::{Conn, DbError, Single, StoreConfig};

const RESTORING: &str = "_restoring";
const REPLACED: &str = "_replaced";

/// How many other connections of ours work in the same schema of a PostgreSQL; none on SQLite, whose owner holds a
/// lock.
///
/// # Errors
/// When the database does not answer.
pub fn others(config: &StoreConfig) -> Result<i64, DbError> {
    if matches!(config, StoreConfig::Sqlite(_)) {
        return Ok(0);
    }
    let mut single = Single::writing(config)?;
    let conn: &mut dyn Conn = &mut single;
    conn.number(
        "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database()
            AND application_name = current_setting('application_name') AND pid <> pg_backend_pid()",
        &[],
    )
}

/// Makes an empty place for a new PostgreSQL database beside the one in use, and says where it is; what an earlier try
/// left there goes.
///
/// # Errors
/// When the database does not answer or allows no schemas.
pub fn prepare(config: &StoreConfig) -> Result<StoreConfig, DbError> {
    let StoreConfig::Postgres(url) = config else { return Ok(config.clone()) };
    let mut single = Single::writing(config)?;
    let schema = format!("{}{RESTORING}", current(&mut single)?);
    single.batch(&format!("DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}"))?;
    single.commit()?;
    Ok(StoreConfig::PostgresSchema { url: url.clone(), schema })
}

/// Removes what [`prepare`] made.
///
/// # Errors
/// When the database does not answer.
pub fn discard(config: &StoreConfig) -> Result<(), DbError> {
    if matches!(config, StoreConfig::Sqlite(_)) {
        return Ok(());
    }
    let mut single = Single::writing(config)?;
    let schema = format!("{}{RESTORING}", current(&mut single)?);
    single.batch(&format!("DROP SCHEMA IF EXISTS {schema} CASCADE"))?;
    single.commit()
}

/// Puts the tables that lie ready in the place of those in use, which are kept in a schema of their own instead of
/// those that were kept before. All of it or nothing; once more changes nothing.
///
/// # Errors
/// When the database does not answer.
pub fn put_in_place(config: &StoreConfig) -> Result<(), DbError> {
    if matches!(config, StoreConfig::Sqlite(_)) {
        return Ok(());
    }
    let mut single = Single::writing(config)?;
    let schema = current(&mut single)?;
    let (restoring, replaced) = (format!("{schema}{RESTORING}"), format!("{schema}{REPLACED}"));
    let tables = tables(&mut single, &restoring)?;
    if tables.is_empty() {
        return Ok(());
    }
    let in_use = self::tables(&mut single, &schema)?;
    single.batch(&format!("DROP SCHEMA IF EXISTS {replaced} CASCADE; CREATE SCHEMA {replaced}"))?;
    for table in tables.iter().filter(|table| in_use.contains(table)) {
        single.batch(&format!("ALTER TABLE {schema}.{table} SET SCHEMA {replaced}"))?;
    }
    for table in &tables {
        single.batch(&format!("ALTER TABLE {restoring}.{table} SET SCHEMA {schema}"))?;
    }
    single.batch(&format!("DROP SCHEMA {restoring} CASCADE"))?;
    single.commit()
}

/// Where the tables that were replaced are kept, as a person would look for them.
pub fn kept(config: &StoreConfig) -> Option<&'static str> {
    (!matches!(config, StoreConfig::Sqlite(_)))
        .then_some("a schema of the database whose name ends in _replaced")
}

fn current(conn: &mut dyn Conn) -> Result<String, DbError> {
    let row = conn.row("SELECT CAST(current_schema() AS TEXT)", &[])?;
    let name = row.map_or(Ok(None), |row| row.cells().opt_text())?.unwrap_or_default();
    // It becomes part of statements, and of a setting.
    let plain = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'_';
    if name.is_empty() || !name.bytes().all(plain) {
        return Err(DbError::Failed(format!(
            "the tables lie in the schema {name:?}; a backup is restored only where its name consists of lower-case \
             letters, digits and underscores"
        )));
    }
    Ok(name)
}

fn tables(conn: &mut dyn Conn, schema: &str) -> Result<Vec<String>, DbError> {
    let sql = "SELECT CAST(table_name AS TEXT) FROM information_schema.tables
        WHERE table_schema = ?1 AND table_type = 'BASE TABLE' ORDER BY table_name";
    conn.rows(sql, &[schema.into()])?.into_iter().map(|row| row.cells().text()).collect()
}
