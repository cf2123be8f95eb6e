//! Lists: filters joined from fixed fragments, counted and paged.

use crate::sql::{Conn, DbError, Row, Value};

/// A list query in the making. Fragments use `?` for their parameters, which are numbered here; only
/// what was asked for is joined, since `?1 IS NULL OR …` would scan whole tables.
pub struct Filter {
    columns: &'static str,
    from: String,
    conditions: String,
    args: Vec<Value>,
}

/// A slice of a list, counted in rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    /// How many rows at most.
    pub limit: i64,
    /// How many rows to leave out first.
    pub offset: i64,
}

/// One page and how many rows there are in all, if they were counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed<T> {
    /// The rows of the page.
    pub items: Vec<T>,
    /// All rows; `None` above [`COUNT_LIMIT`].
    pub total: Option<i64>,
}

/// Lists longer than this are not counted (semantics sheet 4.4).
pub const COUNT_LIMIT: i64 = 10_000;

impl Filter {
    /// Starts a list of `columns` from tables; parameters of `from` come first.
    pub fn new(columns: &'static str, from: &str, args: &[Value]) -> Self {
        let mut filter = Self { columns, from: String::new(), conditions: String::new(), args: Vec::new() };
        filter.from = filter.numbered(from, args);
        filter
    }

    /// Adds a condition.
    pub fn and(&mut self, fragment: &str, args: &[Value]) -> &mut Self {
        let fragment = self.numbered(fragment, args);
        self.conditions.push_str(if self.conditions.is_empty() { " WHERE (" } else { ") AND (" });
        self.conditions.push_str(&fragment);
        self
    }

    /// Adds a condition when there is something to compare with.
    pub fn and_some<T: Into<Value>>(&mut self, fragment: &str, value: Option<T>) -> &mut Self {
        match value {
            Some(value) => self.and(fragment, &[value.into()]),
            None => self,
        }
    }

    fn numbered(&mut self, fragment: &str, args: &[Value]) -> String {
        let mut text = String::with_capacity(fragment.len() + 8);
        let mut given = args.iter();
        for part in fragment.split_inclusive('?') {
            text.push_str(part);
            if part.ends_with('?') {
                self.args.extend(given.next().cloned());
                text.push_str(&self.args.len().to_string());
            }
        }
        text
    }

    fn tail(&self) -> &'static str {
        if self.conditions.is_empty() { "" } else { ")" }
    }

    /// The text of the page's query.
    pub fn page_sql(&self, order: &str) -> String {
        let count = self.args.len();
        format!(
            "SELECT {} FROM {}{}{} ORDER BY {order} LIMIT ?{} OFFSET ?{}",
            self.columns,
            self.from,
            self.conditions,
            self.tail(),
            count + 1,
            count + 2
        )
    }

    /// The text of the counting query, which stops just above [`COUNT_LIMIT`].
    pub fn count_sql(&self) -> String {
        format!(
            "SELECT COUNT(*) FROM (SELECT 1 AS one FROM {}{}{} LIMIT {}) AS counted",
            self.from,
            self.conditions,
            self.tail(),
            COUNT_LIMIT + 1
        )
    }

    /// Counts the rows, however many there are.
    ///
    /// # Errors
    /// What the database answers.
    pub fn total(&self, conn: &mut dyn Conn) -> Result<i64, DbError> {
        conn.number(
            &format!("SELECT COUNT(*) FROM {}{}{}", self.from, self.conditions, self.tail()),
            &self.args,
        )
    }

    /// Counts the rows and reads one page.
    ///
    /// # Errors
    /// What the database answers, or what `read` finds wrong with a row.
    pub fn list<T>(
        &self,
        conn: &mut dyn Conn,
        order: &str,
        slice: Slice,
        read: impl FnMut(Row) -> Result<T, DbError>,
    ) -> Result<Listed<T>, DbError> {
        let counted = conn.number(&self.count_sql(), &self.args)?;
        let items = self.page(conn, order, slice, read)?;
        Ok(Listed { items, total: (counted <= COUNT_LIMIT).then_some(counted) })
    }

    /// Reads one page; nothing is counted.
    ///
    /// # Errors
    /// What the database answers, or what `read` finds wrong with a row.
    pub fn page<T>(
        &self,
        conn: &mut dyn Conn,
        order: &str,
        slice: Slice,
        read: impl FnMut(Row) -> Result<T, DbError>,
    ) -> Result<Vec<T>, DbError> {
        let mut args = self.args.clone();
        args.extend([Value::Int(slice.limit), Value::Int(slice.offset)]);
        conn.rows(&self.page_sql(order), &args)?.into_iter().map(read).collect()
    }

    /// Reads the first rows, and whether more follow; nothing is counted (keyset pagination).
    ///
    /// # Errors
    /// What the database answers, or what `read` finds wrong with a row.
    pub fn first<T>(
        &self,
        conn: &mut dyn Conn,
        order: &str,
        limit: i64,
        read: impl FnMut(Row) -> Result<T, DbError>,
    ) -> Result<(Vec<T>, bool), DbError> {
        let mut args = self.args.clone();
        args.extend([Value::Int(limit.saturating_add(1)), Value::Int(0)]);
        let mut rows = conn.rows(&self.page_sql(order), &args)?;
        let wanted = usize::try_from(limit).unwrap_or(0);
        let more = rows.len() > wanted;
        rows.truncate(wanted);
        Ok((rows.into_iter().map(read).collect::<Result<_, _>>()?, more))
    }
}

/// The names of the orders of a list, each with its text ascending and descending.
pub type Orders = [(&'static str, &'static str, &'static str)];

/// The text of an order by its name; an unknown name is the first one.
pub fn order(orders: &Orders, name: &str, descending: bool) -> &'static str {
    let known = orders.iter().find(|(known, ..)| *known == name).or(orders.first());
    known.map_or("1", |(_, up, down)| if descending { down } else { up })
}

/// A pattern for LIKE that finds the text anywhere; `\` escapes its wildcards.
pub fn containing(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for letter in text.to_lowercase().chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_asked_for_is_joined_and_numbered() {
        let mut filter =
            Filter::new("t.id", "tokens t JOIN users u ON u.id = t.user_id AND u.id > ?", &[7.into()]);
        assert_eq!(
            filter.page_sql("t.id"),
            "SELECT t.id FROM tokens t JOIN users u ON u.id = t.user_id AND u.id > ?1 ORDER BY t.id LIMIT ?2 OFFSET ?3"
        );
        filter
            .and("t.project_id = ?", &[1.into()])
            .and_some("t.revoked = ?", Some(true))
            .and_some::<i64>("x = ?", None);
        assert_eq!(
            filter.count_sql(),
            "SELECT COUNT(*) FROM (SELECT 1 AS one FROM tokens t JOIN users u ON u.id = t.user_id AND u.id > ?1 \
             WHERE (t.project_id = ?2) AND (t.revoked = ?3) LIMIT 10001) AS counted"
        );
    }

    #[test]
    fn orders_by_name() {
        let orders = [("id", "t.id", "t.id DESC"), ("name", "t.name, t.id", "t.name DESC, t.id DESC")];
        assert_eq!(order(&orders, "name", true), "t.name DESC, t.id DESC");
        assert_eq!(order(&orders, "id", false), "t.id");
        assert_eq!(order(&orders, "name; DROP TABLE t", false), "t.id");
    }

    #[test]
    fn wildcards_of_the_text_are_plain_letters() {
        assert_eq!(containing("50%_Off\\"), "%50\\%\\_off\\\\%");
    }
}
