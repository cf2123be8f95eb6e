//! The live schema, read from the database itself, and rows that fit into it.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicI64, Ordering};

use tessera_store::{Conn, DbError, Row, Value};

/// A column as the database knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) table: String,
    pub(crate) name: String,
    pub(crate) ty: String,
    pub(crate) required: bool,
    pub(crate) references: Option<(String, String)>,
}

fn texts(row: Row, count: usize) -> Result<Vec<String>, DbError> {
    let mut cells = row.cells();
    (0..count).map(|_| Ok(cells.opt_text()?.unwrap_or_default())).collect()
}

/// Every column of every table of ours.
pub(crate) fn columns(conn: &mut dyn Conn, postgres: bool) -> Result<Vec<Column>, DbError> {
    let sql = if postgres {
        "SELECT CAST(c.table_name AS TEXT), CAST(c.column_name AS TEXT), CAST(c.data_type AS TEXT),
            CASE WHEN c.is_nullable = 'NO' AND c.column_default IS NULL AND c.is_identity = 'NO' THEN 'yes' END,
            f.target, f.target_column
         FROM information_schema.columns c
         LEFT JOIN (SELECT CAST(s.relname AS TEXT) AS source, CAST(a.attname AS TEXT) AS source_column,
                CAST(t.relname AS TEXT) AS target, CAST(b.attname AS TEXT) AS target_column
             FROM pg_constraint k JOIN pg_class s ON s.oid = k.conrelid JOIN pg_class t ON t.oid = k.confrelid
             JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
             JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = k.confkey[1]
             WHERE k.contype = 'f' AND k.connamespace = CAST(current_schema() AS regnamespace)) f
             ON f.source = c.table_name AND f.source_column = c.column_name
         WHERE c.table_schema = current_schema() ORDER BY c.table_name, c.ordinal_position"
    } else {
        "SELECT m.name, c.name, c.type,
            CASE WHEN c.\"notnull\" = 1 AND c.dflt_value IS NULL AND NOT (c.pk > 0 AND c.type = 'INTEGER'
                AND (SELECT COUNT(*) FROM pragma_table_info(m.name) WHERE pk > 0) = 1) THEN 'yes' END, f.\"table\", f.\"to\"
         FROM sqlite_master m JOIN pragma_table_info(m.name) c
         LEFT JOIN pragma_foreign_key_list(m.name) f ON f.\"from\" = c.name
         WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY m.name, c.cid"
    };
    let mut columns = Vec::new();
    for row in conn.rows(sql, &[])? {
        let [table, name, ty, required, target, target_column] =
            <[String; 6]>::try_from(texts(row, 6)?).map_err(|_| DbError::Failed("columns".to_owned()))?;
        let references = (!target.is_empty()).then_some((target, target_column));
        columns.push(Column { table, name, ty: ty.to_uppercase(), required: required == "yes", references });
    }
    Ok(columns)
}

/// What makes every value of every filler another one.
static COUNT: AtomicI64 = AtomicI64::new(0);

/// Makes rows with the least that their tables ask for.
pub(crate) struct Filler {
    columns: Vec<Column>,
}

impl Filler {
    pub(crate) fn new(conn: &mut dyn Conn, postgres: bool) -> Result<Self, DbError> {
        Ok(Self { columns: columns(conn, postgres)? })
    }

    /// The tables whose rows have numbers.
    pub(crate) fn numbered(&self) -> BTreeSet<String> {
        self.columns.iter().filter(|column| column.name == "id").map(|column| column.table.clone()).collect()
    }

    /// Inserts a row, with rows that it must point at, and returns one of its columns.
    pub(crate) fn insert(
        &self,
        conn: &mut dyn Conn,
        table: &str,
        given: &[(&str, Value)],
        wanted: &str,
    ) -> Result<Value, DbError> {
        let needed: Vec<Column> =
            self.columns.iter().filter(|column| column.table == table).cloned().collect();
        let (mut names, mut args) = (Vec::new(), Vec::new());
        for column in needed {
            let value = match given.iter().find(|(name, _)| *name == column.name) {
                Some((_, value)) => value.clone(),
                None if !column.required => continue,
                None => self.value(conn, &column)?,
            };
            names.push(column.name);
            args.push(value);
        }
        let places: Vec<String> = (1..=names.len()).map(|place| format!("?{place}")).collect();
        let (names, places) = (names.join(", "), places.join(", "));
        let sql = format!("INSERT INTO {table} ({names}) VALUES ({places}) RETURNING {wanted}");
        let row = conn.row(&sql, &args)?.ok_or_else(|| DbError::Failed(format!("{table} gave no row")))?;
        let text = self.columns.iter().any(|c| c.table == table && c.name == wanted && c.ty == "TEXT");
        let mut cells = row.cells();
        Ok(if text { cells.text()?.into() } else { cells.int()?.into() })
    }

    fn value(&self, conn: &mut dyn Conn, column: &Column) -> Result<Value, DbError> {
        if let Some((table, key)) = column.references.clone() {
            return self.insert(conn, &table, &[], &key);
        }
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        Ok(match column.ty.as_str() {
            "INTEGER" | "BIGINT" => count.into(),
            "TEXT" => format!("{} {count}", column.name).into(),
            "BOOLEAN" => false.into(),
            "BLOB" | "BYTEA" => Value::Bytes(count.to_be_bytes().to_vec()),
            other => return Err(DbError::Failed(format!("no value for the type {other}"))),
        })
    }
}
