//! A database as texts that both back ends read: a text for each table, the schema itself says which there are.
//!
//! The first line of a text names the table, its columns and the last number that was given; every other line is a row,
//! its cells in the order of the columns. Truth values may stand as `true` or `1`, bytes are hexadecimal: what is meant
//! follows from the column that reads them.

use std::io::{self, BufRead, Write};

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use tessera_model::secret::hex;

use crate::migration::{self, Dialect};
use crate::sql::{Conn, DbError, Row, Single, StoreConfig, Value};

/// Rows read at once.
const PAGE: usize = 2000;
/// Parameters of one statement that stores rows; both databases take more.
const PARAMETERS: usize = 8000;
/// What says which migrations ran is made by running them.
const LEDGER: &str = "schema_migrations";

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Int,
    Bool,
    Text,
    Bytes,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Column {
    name: String,
    kind: Kind,
    /// Its place in the primary key, from 1; 0 outside of it.
    key: i64,
}

/// A table as the schema knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    columns: Vec<Column>,
}

/// The first line of a text.
#[derive(Serialize, Deserialize)]
struct Head {
    table: String,
    columns: Vec<String>,
    /// The last number that a row was given, where rows have numbers.
    counter: Option<i64>,
}

/// Why a database could not be written out or read in.
#[derive(Debug, thiserror::Error)]
pub enum PortableError {
    /// The database's reason.
    #[error("{0}")]
    Database(#[from] DbError),
    /// The text could not be read or written.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The text is not what was written, or of another schema.
    #[error("table {table}, line {line}: {why}")]
    Malformed {
        /// Which table.
        table: String,
        /// Which line, from 1.
        line: u64,
        /// What is wrong.
        why: String,
    },
}

/// Every table, by name, but for that of the migrations.
///
/// # Errors
/// When the database does not answer, or has a column of a type that is not ours.
pub fn tables(conn: &mut dyn Conn, dialect: Dialect) -> Result<Vec<Table>, DbError> {
    let sql = match dialect {
        Dialect::Sqlite => {
            "SELECT m.name, c.name, c.type, c.pk FROM sqlite_master m JOIN pragma_table_info(m.name) c
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY m.name, c.cid"
        }
        Dialect::Postgres => {
            "SELECT CAST(c.relname AS TEXT), CAST(a.attname AS TEXT), CAST(format_type(a.atttypid, NULL) AS TEXT),
                CAST(COALESCE(array_position(CAST(i.indkey AS INT2[]), a.attnum) + 1, 0) AS BIGINT)
             FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
             LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
             WHERE c.relkind = 'r' AND c.relnamespace = CAST(current_schema() AS regnamespace)
             ORDER BY CAST(c.relname AS TEXT) COLLATE \"C\", a.attnum"
        }
    };
    let mut tables: Vec<Table> = Vec::new();
    for row in conn.rows(sql, &[])? {
        let mut cells = row.cells();
        let (table, name, ty, key) = (cells.text()?, cells.text()?, cells.text()?, cells.int()?);
        if table == LEDGER {
            continue;
        }
        let kind = match ty.to_uppercase().as_str() {
            "INTEGER" | "BIGINT" => Kind::Int,
            "BOOLEAN" => Kind::Bool,
            "TEXT" => Kind::Text,
            "BLOB" | "BYTEA" => Kind::Bytes,
            other => return Err(DbError::Failed(format!("{table}.{name} is of the type {other}"))),
        };
        let column = Column { name, kind, key };
        match tables.last_mut().filter(|last| last.name == table) {
            Some(last) => last.columns.push(column),
            None => tables.push(Table { name: table, columns: vec![column] }),
        }
    }
    match tables.iter().find(|table| table.key().is_empty()) {
        Some(table) => Err(DbError::Failed(format!("the table {} has no primary key", table.name))),
        None => Ok(tables),
    }
}

impl Table {
    /// The places of the columns of the primary key, in its order.
    fn key(&self) -> Vec<usize> {
        let mut key: Vec<usize> =
            (0..self.columns.len()).filter(|place| self.columns[*place].key > 0).collect();
        key.sort_by_key(|place| self.columns[*place].key);
        key
    }

    fn names(&self) -> Vec<&str> {
        self.columns.iter().map(|column| column.name.as_str()).collect()
    }

    /// Writes the table out, in the order of its key; says how many rows it has.
    ///
    /// # Errors
    /// When the database does not answer or the text cannot be written.
    pub fn write_out(
        &self,
        conn: &mut dyn Conn,
        dialect: Dialect,
        out: &mut dyn Write,
    ) -> Result<u64, PortableError> {
        let columns = self.names().into_iter().map(str::to_owned).collect();
        let head = Head { table: self.name.clone(), columns, counter: counter(conn, dialect, &self.name)? };
        line(out, &head)?;
        let key = self.key();
        let names: Vec<&str> = key.iter().map(|place| self.columns[*place].name.as_str()).collect();
        let names = names.join(", ");
        let marks: Vec<String> = (1..=key.len()).map(|place| format!("?{place}")).collect();
        let (columns, table, marks) = (self.names().join(", "), &self.name, marks.join(", "));
        let first = format!("SELECT {columns} FROM {table} ORDER BY {names} LIMIT {PAGE}");
        let next = format!(
            "SELECT {columns} FROM {table} WHERE ({names}) > ({marks}) ORDER BY {names} LIMIT {PAGE}"
        );
        let (mut count, mut after) = (0, Vec::new());
        loop {
            let page = conn.rows(if after.is_empty() { &first } else { &next }, &after)?;
            for Row(cells) in &page {
                line(out, &cells.iter().map(text_of).collect::<Vec<Json>>())?;
            }
            count += page.len() as u64;
            match page.into_iter().nth(PAGE - 1) {
                Some(Row(last)) => after = key.iter().map(|place| last[*place].clone()).collect(),
                None => return Ok(count),
            }
        }
    }

    /// Reads the rows after a text's first line; says how many there were.
    fn read_in(&self, conn: &mut dyn Conn, input: &mut dyn BufRead) -> Result<u64, PortableError> {
        let width = self.columns.len();
        let at_once = (PARAMETERS / width).max(1);
        let (mut text, mut count) = (String::new(), 0_u64);
        let mut args: Vec<Value> = Vec::with_capacity(width * at_once);
        loop {
            text.clear();
            let ended = input.read_line(&mut text)? == 0;
            if !ended {
                count += 1;
                let cells: Vec<Json> = serde_json::from_str(&text)
                    .map_err(|error| malformed(&self.name, count + 1, error.to_string()))?;
                if cells.len() != width {
                    return Err(malformed(&self.name, count + 1, "a row of another width".to_owned()));
                }
                for (column, cell) in self.columns.iter().zip(cells) {
                    let value = column.kind.value(cell);
                    args.push(value.ok_or_else(|| {
                        malformed(&self.name, count + 1, format!("{} cannot be that", column.name))
                    })?);
                }
            }
            if !args.is_empty() && (ended || args.len() == width * at_once) {
                conn.exec(&self.insertion(args.len() / width), &args)?;
                args.clear();
            }
            if ended {
                return Ok(count);
            }
        }
    }

    fn insertion(&self, rows: usize) -> String {
        let width = self.columns.len();
        let row = |row: usize| {
            let marks: Vec<String> = (1..=width).map(|place| format!("?{}", row * width + place)).collect();
            format!("({})", marks.join(", "))
        };
        let rows: Vec<String> = (0..rows).map(row).collect();
        format!("INSERT INTO {} ({}) VALUES {}", self.name, self.names().join(", "), rows.join(", "))
    }
}

fn malformed(table: &str, line: u64, why: String) -> PortableError {
    PortableError::Malformed { table: table.to_owned(), line, why }
}

fn line(out: &mut dyn Write, content: &impl Serialize) -> io::Result<()> {
    let mut text = serde_json::to_vec(content)?;
    text.push(b'\n');
    out.write_all(&text)
}

fn text_of(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Int(number) => Json::from(*number),
        Value::Bool(truth) => Json::from(*truth),
        Value::Text(text) => Json::from(text.as_str()),
        Value::Bytes(bytes) => Json::from(hex(bytes)),
    }
}

impl Kind {
    /// What a cell says to a column of this kind.
    fn value(self, cell: Json) -> Option<Value> {
        Some(match (self, cell) {
            (_, Json::Null) => Value::Null,
            (Self::Int, Json::Bool(truth)) => Value::Int(i64::from(truth)),
            (Self::Int, cell) => Value::Int(cell.as_i64()?),
            (Self::Bool, Json::Bool(truth)) => Value::Bool(truth),
            (Self::Bool, cell) => Value::Bool(cell.as_i64()? != 0),
            (Self::Text, Json::String(text)) => Value::Text(text),
            (Self::Bytes, Json::String(digits)) => {
                let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
                // A digit without its fellow is no byte.
                let pairs = digits.as_bytes().chunks(2).filter(|pair| pair.len() == 2);
                let bytes = pairs.map(pair).collect::<Option<Vec<u8>>>()?;
                if bytes.len() * 2 != digits.len() {
                    return None;
                }
                Value::Bytes(bytes)
            }
            _ => return None,
        })
    }
}

/// The sequence of a PostgreSQL table's numbers.
fn sequence(conn: &mut dyn Conn, table: &str) -> Result<Option<String>, DbError> {
    let sql = "SELECT pg_get_serial_sequence(?1, 'id') FROM information_schema.columns
        WHERE table_schema = current_schema() AND table_name = ?1 AND column_name = 'id'";
    conn.row(sql, &[table.into()])?.map_or(Ok(None), |row| row.cells().opt_text())
}

/// The last number that a row of a table was given, if rows have numbers. On PostgreSQL it may be of a row that is
/// younger than the snapshot.
fn counter(conn: &mut dyn Conn, dialect: Dialect, table: &str) -> Result<Option<i64>, DbError> {
    let row = match dialect {
        Dialect::Sqlite => conn.row("SELECT seq FROM sqlite_sequence WHERE name = ?1", &[table.into()])?,
        Dialect::Postgres => match sequence(conn, table)? {
            None => None,
            Some(name) => {
                let sql = format!("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {name}");
                conn.row(&sql, &[])?
            }
        },
    };
    row.map_or(Ok(None), |row| row.cells().opt_int())
}

/// The last number given in every table whose rows have numbers.
///
/// # Errors
/// When the database does not answer.
pub fn counters(conn: &mut dyn Conn, dialect: Dialect) -> Result<Vec<(String, i64)>, DbError> {
    let mut found = Vec::new();
    for table in tables(conn, dialect)? {
        if let Some(last) = counter(conn, dialect, &table.name)? {
            found.push((table.name, last));
        }
    }
    Ok(found)
}

/// Gives no row of a table a number up to `last` from now on (D32).
fn raise(conn: &mut dyn Conn, dialect: Dialect, table: &str, last: i64) -> Result<(), DbError> {
    if counter(conn, dialect, table)?.unwrap_or(0) >= last {
        return Ok(());
    }
    match dialect {
        Dialect::Sqlite => {
            conn.exec("DELETE FROM sqlite_sequence WHERE name = ?1", &[table.into()])?;
            conn.exec(
                "INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)",
                &[table.into(), last.into()],
            )?;
        }
        Dialect::Postgres => {
            if let Some(name) = sequence(conn, table)? {
                conn.rows(
                    "SELECT setval(CAST(CAST(?1 AS TEXT) AS regclass), ?2)",
                    &[name.into(), last.into()],
                )?;
            }
        }
    }
    Ok(())
}

/// A new database that is being filled. Nothing of it is there before [`Loading::finish`].
pub struct Loading {
    single: Single,
    tables: Vec<Table>,
    /// What makes the foreign keys again.
    keys: Vec<String>,
    known: usize,
}

impl Loading {
    /// Makes the schema as it was after so many migrations, in an empty place.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn begin(config: &StoreConfig, migrations: usize) -> Result<Self, DbError> {
        let mut single = Single::writing(config)?;
        let dialect = single.dialect();
        migration::run_to(&mut single, dialect, migrations)?;
        let tables = tables(&mut single, dialect)?;
        // Rows come table by table, and not in the order in which they point at each other.
        let keys = match dialect {
            Dialect::Sqlite => {
                single.batch("PRAGMA defer_foreign_keys = ON")?;
                Vec::new()
            }
            Dialect::Postgres => put_keys_off(&mut single)?,
        };
        Ok(Self { single, tables, keys, known: migrations })
    }

    /// The names of the tables that there are to fill.
    pub fn tables(&self) -> impl Iterator<Item = &str> {
        self.tables.iter().map(|table| table.name.as_str())
    }

    /// Fills a table from its text; says how many rows it has.
    ///
    /// # Errors
    /// When the text is of another schema or the rows do not fit.
    pub fn table(&mut self, input: &mut dyn BufRead) -> Result<u64, PortableError> {
        let mut text = String::new();
        input.read_line(&mut text)?;
        let head: Head = serde_json::from_str(&text).map_err(|error| malformed("?", 1, error.to_string()))?;
        let table = self.tables.iter().find(|table| table.name == head.table).cloned();
        let mut table =
            table.ok_or_else(|| malformed(&head.table, 1, "there is no such table".to_owned()))?;
        let place = |name: &String| table.columns.iter().find(|column| column.name == *name).cloned();
        let columns: Option<Vec<Column>> = head.columns.iter().map(place).collect();
        match columns {
            Some(columns) if columns.len() == table.columns.len() => table.columns = columns,
            _ => return Err(malformed(&head.table, 1, "it has other columns".to_owned())),
        }
        let count = table.read_in(&mut self.single, input)?;
        if let Some(last) = head.counter {
            self.raise(&table.name, last)?;
        }
        Ok(count)
    }

    /// Gives no row of a table a number up to `last` from now on (D32).
    ///
    /// # Errors
    /// When the database does not answer.
    pub fn raise(&mut self, table: &str, last: i64) -> Result<(), DbError> {
        let dialect = self.single.dialect();
        if self.tables.iter().any(|known| known.name == table) {
            raise(&mut self.single, dialect, table, last)?;
        }
        Ok(())
    }

    /// The transaction in which it is being filled.
    pub fn conn(&mut self) -> &mut dyn Conn {
        &mut self.single
    }

    /// Checks what points where, brings the schema up to date and keeps it all.
    ///
    /// # Errors
    /// When a row points at one that is not there.
    pub fn finish(mut self) -> Result<(), DbError> {
        let dialect = self.single.dialect();
        for key in &self.keys {
            self.single.batch(key)?;
        }
        if dialect == Dialect::Sqlite && !self.single.rows("PRAGMA foreign_key_check", &[])?.is_empty() {
            return Err(DbError::Failed("rows point at others that are not there".to_owned()));
        }
        if self.known < migration::known().len() {
            migration::run(&mut self.single, dialect)?;
        }
        self.single.commit()
    }
}

/// Takes the foreign keys of the current schema away; returns what makes them again.
fn put_keys_off(conn: &mut dyn Conn) -> Result<Vec<String>, DbError> {
    let sql =
        "SELECT CAST(c.relname AS TEXT), CAST(k.conname AS TEXT), CAST(pg_get_constraintdef(k.oid) AS TEXT)
        FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
        WHERE k.contype = 'f' AND k.connamespace = CAST(current_schema() AS regnamespace) ORDER BY k.oid";
    let mut keys = Vec::new();
    for row in conn.rows(sql, &[])? {
        let mut cells = row.cells();
        let (table, name, definition) = (cells.text()?, cells.text()?, cells.text()?);
        conn.batch(&format!("ALTER TABLE {table} DROP CONSTRAINT {name}"))?;
        keys.push(format!("ALTER TABLE {table} ADD CONSTRAINT {name} {definition}"));
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_says_the_same_to_both_databases() {
        let cell = |kind: Kind, text: &str| kind.value(serde_json::from_str(text).unwrap());
        for text in ["true", "1"] {
            assert_eq!(cell(Kind::Bool, text), Some(Value::Bool(true)));
            assert_eq!(cell(Kind::Int, text), Some(Value::Int(1)));
        }
        assert_eq!(cell(Kind::Bool, "0"), Some(Value::Bool(false)));
        assert_eq!(cell(Kind::Bytes, "\"00ff\""), Some(Value::Bytes(vec![0, 255])));
        assert_eq!(cell(Kind::Text, "\"00ff\""), Some(Value::Text("00ff".to_owned())));
        assert_eq!(cell(Kind::Text, "null"), Some(Value::Null));
        for (kind, text) in [
            (Kind::Int, "\"1\""),
            (Kind::Int, "1.5"),
            (Kind::Bytes, "\"0\""),
            (Kind::Bytes, "\"zz\""),
            (Kind::Text, "1"),
        ] {
            assert_eq!(cell(kind, text), None, "{kind:?} {text}");
        }
        for value in [Value::Int(i64::MIN), Value::Text("\u{0}\n\"".to_owned())] {
            let kind = if matches!(value, Value::Int(_)) { Kind::Int } else { Kind::Text };
            assert_eq!(kind.value(text_of(&value)), Some(value));
        }
        assert_eq!(Kind::Bytes.value(text_of(&Value::Bytes(vec![7, 0]))), Some(Value::Bytes(vec![7, 0])));
    }
}
