//! Plain aligned tables.

/// Lays rows out in columns; control characters of foreign names cannot reach the terminal.
pub(super) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let rows: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|cell| printable(cell)).collect()).collect();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain(head.get(column).map(|name| name.chars().count())).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let mut text = line(&widths, head.iter().copied());
    for row in &rows {
        text.push_str(&line(&widths, row.iter().map(String::as_str)));
    }
    text
}

/// Names and values, one a line.
pub(super) fn facts(facts: &[(&str, String)]) -> String {
    let width = facts.iter().map(|(name, _)| name.len()).max().unwrap_or(0) + 1;
    facts.iter().fold(String::new(), |mut text, (name, value)| {
        let name = format!("{name}:");
        text.push_str(format!("{name:width$} {}", printable(value)).trim_end());
        text.push('\n');
        text
    })
}

fn line<'a>(widths: &[usize], cells: impl Iterator<Item = &'a str>) -> String {
    let padded: Vec<String> =
        widths.iter().zip(cells).map(|(width, cell)| format!("{cell:width$}")).collect();
    format!("{}\n", padded.join("  ").trim_end())
}

fn printable(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [vec!["1".to_owned(), "a\u{1b}[2J".to_owned()], vec!["1000".to_owned(), "é".to_owned()]];
        assert_eq!(table(&["id", "name"], &rows), "id    name\n1     a\u{fffd}[2J\n1000  é\n");
        assert_eq!(table(&["id"], &[]), "id\n");
    }

    #[test]
    fn facts_line_up() {
        assert_eq!(facts(&[("id", "1".to_owned()), ("expires", String::new())]), "id:      1\nexpires:\n");
    }
}
