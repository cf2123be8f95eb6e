//! The rows that one create leaves in the product's database, and the same inserts with fresh keys in a copy of it.
//!
//! Nothing about the schema is written down here: rows are found by comparing the database before and after one
//! create, keys by the declared primary keys, foreign keys and unique indexes.

use crate::error::{Context, Result, failed};
use crate::rng::Rng;
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, Statement};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// Added to texts that must be unique; long enough not to meet the product's own numbering.
const FIRST_FRESH: i64 = 1_000_000_000;

/// The shape of one table.
#[derive(Debug, Clone)]
struct Table {
    name: String,
    columns: Vec<String>,
    /// The column that is an alias of the row id.
    id: Option<usize>,
    /// The columns that identify a row where there is no such alias.
    key: Vec<usize>,
    /// Column, the table it refers to, the column there (None: its primary key).
    references: Vec<(usize, String, Option<String>)>,
    /// Columns of each unique index.
    unique: Vec<Vec<usize>>,
}

/// All rows of all tables at one moment, by what identifies them.
#[derive(Debug)]
pub struct Snapshot {
    tables: Vec<Table>,
    rows: Vec<BTreeMap<String, Vec<Value>>>,
}

/// What one create changed.
#[derive(Debug)]
pub struct Footprint {
    tables: Vec<Table>,
    inserted: Vec<(usize, Vec<Value>)>,
    /// Table, the whole old row, the columns that changed.
    updated: Vec<(usize, Vec<Value>, Vec<usize>)>,
}

/// Opens a database of the product for reading; it may be in use.
pub fn open(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).context("the product's database")?;
    connection.busy_timeout(std::time::Duration::from_secs(10)).context("busy timeout")?;
    Ok(connection)
}

/// A page-by-page copy of the database behind `from`.
pub fn copy(from: &Connection, to: &Path) -> Result<()> {
    let mut target = Connection::open(to).context("copy of the database")?;
    let backup = rusqlite::backup::Backup::new(from, &mut target).context("copy of the database")?;
    backup.run_to_completion(1_000, std::time::Duration::ZERO, None).context("copy of the database")
}

fn strings(connection: &Connection, sql: &str, argument: &str) -> Result<Vec<Vec<Value>>> {
    let mut statement = connection.prepare(sql).context(sql)?;
    let width = statement.column_count();
    let rows = statement.query_map([argument], |row| (0..width).map(|index| row.get(index)).collect());
    rows.context(sql)?.collect::<std::result::Result<_, _>>().context(sql)
}

fn text(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        _ => String::new(),
    }
}

fn number(value: &Value) -> i64 {
    if let Value::Integer(number) = value { *number } else { 0 }
}

fn describe(connection: &Connection, name: &str) -> Result<Table> {
    // Hidden and generated columns (`hidden` <> 0) cannot be inserted.
    let sql = "SELECT name, type, pk FROM pragma_table_xinfo(?1) WHERE hidden = 0 ORDER BY cid";
    let described = strings(connection, sql, name)?;
    let columns: Vec<String> = described.iter().map(|row| text(&row[0])).collect();
    let key: Vec<usize> = (0..columns.len()).filter(|index| number(&described[*index][2]) > 0).collect();
    let without_rowid =
        strings(connection, "SELECT wr FROM pragma_table_list(?1) WHERE schema = 'main'", name)?;
    let rowid = without_rowid.first().is_some_and(|row| number(&row[0]) == 0);
    let is_alias = |index: &usize| text(&described[*index][1]).eq_ignore_ascii_case("integer");
    let id = if rowid && key.len() == 1 { key.first().copied().filter(is_alias) } else { None };
    let place = |column: &str| columns.iter().position(|known| known.eq_ignore_ascii_case(column));
    let mut references = Vec::new();
    for row in
        strings(connection, "SELECT \"from\", \"table\", \"to\" FROM pragma_foreign_key_list(?1)", name)?
    {
        let to = if let Value::Text(to) = &row[2] { Some(to.clone()) } else { None };
        references.extend(place(&text(&row[0])).map(|from| (from, text(&row[1]), to)));
    }
    let mut unique = Vec::new();
    for index in strings(connection, "SELECT name FROM pragma_index_list(?1) WHERE \"unique\" = 1", name)? {
        let index = text(&index[0]);
        let parts = strings(connection, "SELECT name FROM pragma_index_info(?1)", &index)?;
        let mut members: Vec<usize> = parts.iter().filter_map(|row| place(&text(&row[0]))).collect();
        if members.len() < parts.len() {
            // An expression has no name here: take the columns that the index text names.
            let sql = strings(connection, "SELECT sql FROM sqlite_schema WHERE name = ?1", &index)?;
            let sql = sql.first().map(|row| text(&row[0])).unwrap_or_default();
            members = (0..columns.len()).filter(|column| sql.contains(&columns[*column])).collect();
        }
        unique.push(members);
    }
    Ok(Table { name: name.to_owned(), columns, id, key, references, unique })
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
}

impl Snapshot {
    /// Reads everything in one transaction.
    pub fn take(connection: &Connection) -> Result<Self> {
        connection.execute_batch("BEGIN").context("snapshot")?;
        let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' \
                   AND sql NOT LIKE 'CREATE VIRTUAL%' AND name <> ?1 ORDER BY name";
        let mut snapshot = Self { tables: Vec::new(), rows: Vec::new() };
        for name in strings(connection, sql, "")? {
            let table = describe(connection, &text(&name[0]))?;
            let sql = format!("SELECT {} FROM \"{}\" WHERE ?1 = ?1", quoted(&table.columns), table.name);
            let rows = strings(connection, &sql, "")?;
            snapshot.rows.push(rows.into_iter().map(|row| (table.identity(&row), row)).collect());
            snapshot.tables.push(table);
        }
        connection.execute_batch("COMMIT").context("snapshot")?;
        Ok(snapshot)
    }

    /// What is new or different in `later`.
    pub fn changes(&self, later: &Self) -> Footprint {
        let mut footprint =
            Footprint { tables: later.tables.clone(), inserted: Vec::new(), updated: Vec::new() };
        for (index, rows) in later.rows.iter().enumerate() {
            let earlier = self.rows.get(index);
            for (identity, row) in rows {
                match earlier.and_then(|earlier| earlier.get(identity)) {
                    None => footprint.inserted.push((index, row.clone())),
                    Some(old) if old != row => {
                        let changed = (0..row.len()).filter(|column| old[*column] != row[*column]).collect();
                        footprint.updated.push((index, row.clone(), changed));
                    }
                    Some(_) => {}
                }
            }
        }
        footprint.order_parents_first();
        footprint
    }
}

impl Table {
    /// What stays the same about a row; a table without any key is taken as a bag of whole rows.
    fn identity(&self, row: &[Value]) -> String {
        let columns: Vec<usize> =
            if self.key.is_empty() { (0..row.len()).collect() } else { self.key.clone() };
        columns.iter().map(|column| format!("{:?}", row[*column])).collect::<Vec<_>>().join("|")
    }
}

impl Footprint {
    /// How many rows were written: the smaller of two footprints holds less that was not the create's own.
    pub fn size(&self) -> usize {
        self.inserted.len() + self.updated.len()
    }

    /// For the report: `users +1, projects ~1`.
    pub fn summary(&self) -> String {
        let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for (table, _) in &self.inserted {
            counts.entry(&self.tables[*table].name).or_default().0 += 1;
        }
        for (table, ..) in &self.updated {
            counts.entry(&self.tables[*table].name).or_default().1 += 1;
        }
        let part = |(name, (new, changed)): (&&str, &(usize, usize))| match (new, changed) {
            (new, 0) => format!("{name} +{new}"),
            (0, changed) => format!("{name} ~{changed}"),
            (new, changed) => format!("{name} +{new} ~{changed}"),
        };
        counts.iter().map(part).collect::<Vec<_>>().join(", ")
    }

    fn order_parents_first(&mut self) {
        let mut pending = std::mem::take(&mut self.inserted);
        while !pending.is_empty() {
            let waiting: Vec<usize> = pending.iter().map(|(table, _)| *table).collect();
            let free = |table: usize| {
                let parents = self.tables[table].references.iter().map(|(_, name, _)| name.as_str());
                let own = self.tables[table].name.as_str();
                !parents
                    .filter(|name| *name != own)
                    .any(|name| waiting.iter().any(|w| self.tables[*w].name == name))
            };
            let (ready, rest): (Vec<_>, Vec<_>) = pending.into_iter().partition(|(table, _)| free(*table));
            if ready.is_empty() {
                // A circle of references: the transaction defers the check.
                self.inserted.extend(rest);
                return;
            }
            self.inserted.extend(ready);
            pending = rest;
        }
    }
}

/// How a value of a repeated row comes about.
#[derive(Debug, Clone)]
enum Cell {
    Same(Value),
    /// The new id of the inserted row at this place.
    Id(usize),
    Blob(usize),
    Text(String),
    Counter,
}

#[derive(Debug)]
struct Write {
    sql: String,
    cells: Vec<Cell>,
}

/// Repeats a footprint as often as wanted.
#[derive(Debug)]
pub struct Replay {
    writes: Vec<Write>,
    /// For each inserted row the table whose next id it takes.
    id_table: Vec<Option<usize>>,
    next_id: HashMap<usize, i64>,
    counter: i64,
    rng: Rng,
}

impl Replay {
    /// Prepares the repetition of `footprint` in `connection`, a copy of the database with triggers dropped (what
    /// they wrote is in the footprint already) and the product's durability.
    pub fn new(footprint: &Footprint, connection: &Connection) -> Result<Self> {
        for trigger in
            strings(connection, "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND name <> ?1", "")?
        {
            connection
                .execute_batch(&format!("DROP TRIGGER \"{}\"", text(&trigger[0])))
                .context("drop trigger")?;
        }
        connection
            .execute_batch(
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; \
                 PRAGMA mmap_size=1073741824; PRAGMA cache_size=-8192;",
            )
            .context("pragmas")?;
        let mut replay = Self {
            writes: Vec::new(),
            id_table: Vec::new(),
            next_id: HashMap::new(),
            counter: FIRST_FRESH,
            rng: Rng::new(1),
        };
        for (table, _) in &footprint.inserted {
            let described = &footprint.tables[*table];
            replay.id_table.push(described.id.map(|_| *table));
            if let Some(id) = described.id {
                let sql = format!(
                    "SELECT coalesce(max(\"{}\"), 0) + 1 FROM \"{}\"",
                    described.columns[id], described.name
                );
                let next = connection.query_row(&sql, [], |row| row.get(0)).context(&sql)?;
                replay.next_id.insert(*table, next);
            }
        }
        for (place, (table, row)) in footprint.inserted.iter().enumerate() {
            replay.writes.push(insert(footprint, place, &footprint.tables[*table], row));
        }
        for (table, row, changed) in &footprint.updated {
            replay.writes.extend(update(&footprint.tables[*table], row, changed));
        }
        Ok(replay)
    }

    /// Repeats the create `per_transaction` times a transaction until `seconds` have passed; creates a second.
    pub fn run(&mut self, connection: &Connection, per_transaction: usize, seconds: f64) -> Result<f64> {
        let mut statements = Vec::new();
        for write in &self.writes {
            statements.push(connection.prepare(&write.sql).context(&write.sql)?);
        }
        let mut defer = connection.prepare("PRAGMA defer_foreign_keys=ON").context("defer")?;
        let begin = std::time::Instant::now();
        let mut done = 0_usize;
        while begin.elapsed().as_secs_f64() < seconds {
            connection.execute_batch("BEGIN IMMEDIATE").context("begin")?;
            defer
                .execute([])
                .or_else(|error| match error {
                    rusqlite::Error::ExecuteReturnedResults => Ok(0),
                    other => Err(other),
                })
                .context("defer")?;
            for _ in 0..per_transaction {
                self.once(&mut statements)?;
            }
            connection.execute_batch("COMMIT").context("commit")?;
            done += per_transaction;
        }
        Ok(done as f64 / begin.elapsed().as_secs_f64())
    }

    fn once(&mut self, statements: &mut [Statement<'_>]) -> Result<()> {
        self.counter += 1;
        let mut ids = Vec::with_capacity(self.id_table.len());
        for table in &self.id_table {
            let next = table.and_then(|table| self.next_id.get_mut(&table));
            ids.push(next.map_or(0, |next| {
                *next += 1;
                *next - 1
            }));
        }
        for (write, statement) in self.writes.iter().zip(statements) {
            for (index, cell) in write.cells.iter().enumerate() {
                let place = index + 1;
                let bound = match cell {
                    Cell::Same(value) => statement.raw_bind_parameter(place, value),
                    Cell::Id(row) => statement.raw_bind_parameter(place, ids[*row]),
                    Cell::Counter => statement.raw_bind_parameter(place, self.counter),
                    Cell::Text(original) => {
                        statement.raw_bind_parameter(place, fresh_text(original, self.counter))
                    }
                    Cell::Blob(length) => {
                        let mut bytes = vec![0; *length];
                        for byte in &mut bytes {
                            *byte = self.rng.next_u64() as u8;
                        }
                        statement.raw_bind_parameter(place, bytes)
                    }
                };
                bound.context("bind")?;
            }
            statement.raw_execute().context(&write.sql)?;
        }
        Ok(())
    }
}

/// The same length, another end; of an e-mail address another end of its local part.
fn fresh_text(original: &str, counter: i64) -> String {
    let (local, rest) =
        original.split_once('@').map_or((original, ""), |(local, _)| (local, &original[local.len()..]));
    let digits = counter.to_string();
    let kept: String = local.chars().take(local.chars().count().saturating_sub(digits.len())).collect();
    format!("{kept}{digits}{rest}")
}

fn insert(footprint: &Footprint, place: usize, table: &Table, row: &[Value]) -> Write {
    let mut cells: Vec<Cell> = row.iter().cloned().map(Cell::Same).collect();
    let mut fresh = vec![false; row.len()];
    if let Some(id) = table.id {
        cells[id] = Cell::Id(place);
        fresh[id] = true;
    }
    for (column, parent, to) in &table.references {
        let target = footprint.inserted.iter().position(|(other, values)| {
            let other = &footprint.tables[*other];
            let by_id = other.id.filter(|id| to.as_ref().is_none_or(|to| other.columns[*id] == *to));
            other.name == *parent && by_id.is_some_and(|id| values[id] == row[*column])
        });
        if let Some(target) = target {
            cells[*column] = Cell::Id(target);
            fresh[*column] = true;
        }
    }
    for index in &table.unique {
        if !index.iter().any(|column| fresh[*column] || row[*column] == Value::Null) {
            let possible =
                index.iter().filter_map(|column| Some((*column, fresh_cell(footprint, &row[*column])?)));
            if let Some((column, cell)) = possible.max_by_key(|(_, cell)| rank(cell)) {
                cells[column] = cell;
                fresh[column] = true;
            }
        }
    }
    let marks = (1..=row.len()).map(|index| format!("?{index}")).collect::<Vec<_>>().join(", ");
    let sql = format!("INSERT INTO \"{}\" ({}) VALUES ({marks})", table.name, quoted(&table.columns));
    Write { sql, cells }
}

/// A digest varies best, then a name, then the id of another new row, then a bare number.
fn rank(cell: &Cell) -> u8 {
    match cell {
        Cell::Blob(_) => 3,
        Cell::Text(_) => 2,
        Cell::Id(_) => 1,
        Cell::Same(_) | Cell::Counter => 0,
    }
}

fn fresh_cell(footprint: &Footprint, value: &Value) -> Option<Cell> {
    match value {
        Value::Blob(bytes) => Some(Cell::Blob(bytes.len())),
        Value::Text(text) => Some(Cell::Text(text.clone())),
        Value::Integer(_) => {
            let owner = footprint
                .inserted
                .iter()
                .position(|(table, row)| footprint.tables[*table].id.is_some_and(|id| row[id] == *value));
            Some(owner.map_or(Cell::Counter, Cell::Id))
        }
        Value::Null | Value::Real(_) => None,
    }
}

fn update(table: &Table, row: &[Value], changed: &[usize]) -> Option<Write> {
    if table.key.is_empty() {
        return None;
    }
    let assigned: Vec<String> = changed
        .iter()
        .enumerate()
        .map(|(mark, column)| format!("\"{}\" = ?{}", table.columns[*column], mark + 1))
        .collect();
    let found: Vec<String> = table
        .key
        .iter()
        .enumerate()
        .map(|(mark, column)| format!("\"{}\" = ?{}", table.columns[*column], changed.len() + mark + 1))
        .collect();
    let value = |column: &usize| match &row[*column] {
        Value::Integer(_) => Cell::Counter,
        other => Cell::Same(other.clone()),
    };
    let mut cells: Vec<Cell> = changed.iter().map(value).collect();
    cells.extend(table.key.iter().map(|column| Cell::Same(row[*column].clone())));
    let sql = format!("UPDATE \"{}\" SET {} WHERE {}", table.name, assigned.join(", "), found.join(" AND "));
    Some(Write { sql, cells })
}

/// An empty footprint is an error: the create left nothing behind that could be repeated.
pub fn require_rows(footprint: &Footprint) -> Result<()> {
    if footprint.inserted.is_empty() { failed("one create left no new row in the database") } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::{Replay, Snapshot, fresh_text};
    use rusqlite::Connection;

    const SCHEMA: &str = "
        CREATE TABLE users(id INTEGER PRIMARY KEY, username TEXT NOT NULL UNIQUE, email TEXT UNIQUE) STRICT;
        CREATE TABLE projects(id INTEGER PRIMARY KEY, bots INTEGER NOT NULL) STRICT;
        CREATE TABLE members(project INTEGER NOT NULL REFERENCES projects(id), user INTEGER NOT NULL REFERENCES users(id),
            level INTEGER NOT NULL, PRIMARY KEY(project, user)) STRICT, WITHOUT ROWID;
        CREATE TABLE tokens(id INTEGER PRIMARY KEY, user INTEGER NOT NULL REFERENCES users(id), digest BLOB NOT NULL UNIQUE) STRICT;
        CREATE TABLE routes(path TEXT NOT NULL, kind INTEGER NOT NULL, target INTEGER NOT NULL, UNIQUE(kind, target)) STRICT;
        INSERT INTO projects VALUES (5, 1);";

    #[test]
    fn a_create_is_found_and_repeated_with_fresh_keys() {
        let database = Connection::open_in_memory().unwrap();
        database.execute_batch(SCHEMA).unwrap();
        let before = Snapshot::take(&database).unwrap();
        database
            .execute_batch(
                "INSERT INTO users VALUES (9, 'project_5_bot1', 'project_5_bot1@noreply.test');
                 INSERT INTO members VALUES (5, 9, 20);
                 INSERT INTO tokens VALUES (3, 9, x'00112233445566778899');
                 INSERT INTO routes VALUES ('a', 1, 9);
                 UPDATE projects SET bots = 2;",
            )
            .unwrap();
        let footprint = before.changes(&Snapshot::take(&database).unwrap());
        assert_eq!(footprint.summary(), "members +1, projects ~1, routes +1, tokens +1, users +1");
        let mut replay = Replay::new(&footprint, &database).unwrap();
        assert!(replay.run(&database, 4, 0.02).unwrap() > 0.0);
        let count = |sql: &str| database.query_row::<i64, _, _>(sql, [], |row| row.get(0)).unwrap();
        let users = count("SELECT count(*) FROM users");
        assert!(users >= 5 && (users - 1) % 4 == 0);
        let joined = "SELECT count(*) FROM tokens t JOIN users u ON u.id = t.user JOIN members m ON m.user = u.id \
                      JOIN routes r ON r.target = u.id";
        assert_eq!(count(joined), users);
        assert!(count("SELECT bots FROM projects") > 2);
    }

    #[test]
    fn texts_keep_their_length_and_their_host() {
        assert_eq!(fresh_text("project_12345_bot1", 1_000_000_007), "project_1000000007");
        assert_eq!(fresh_text("project_12345@host", 1_000_000_007), "pro1000000007@host");
        assert_eq!(fresh_text("a", 12), "12");
    }
}
