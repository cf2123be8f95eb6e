//! CSV and JSON lines, read record by record.

use std::collections::HashMap;
use std::io::BufRead;

use serde_json::Value;

/// One record: its fields that are not empty, and the line where it begins.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) line: u64,
    fields: HashMap<String, String>,
}

impl Record {
    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        self.fields.remove(name)
    }
}

/// The records of a file, whose first character tells which form it has.
pub(super) struct Records<R> {
    input: R,
    form: Option<Form>,
    line: u64,
}

enum Form {
    Csv(Vec<String>),
    Json,
}

impl<R: BufRead> Records<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, form: None, line: 0 }
    }

    /// The next line without its end; an empty text at the end of the file has no line.
    pub(super) fn line(&mut self) -> Result<Option<(u64, String)>, String> {
        let mut text = String::new();
        let count =
            self.input.read_line(&mut text).map_err(|error| format!("line {}: {error}", self.line + 1))?;
        if count == 0 {
            return Ok(None);
        }
        self.line += 1;
        text.truncate(text.trim_end_matches(['\n', '\r']).len());
        Ok(Some((self.line, text)))
    }

    /// The next record.
    ///
    /// # Errors
    /// One line that names the faulty one.
    pub(super) fn next(&mut self) -> Result<Option<Record>, String> {
        loop {
            let Some((line, text)) = self.line()? else { return Ok(None) };
            let text = if line == 1 { text.trim_start_matches('\u{feff}').to_owned() } else { text };
            if text.trim().is_empty() {
                continue;
            }
            match &self.form {
                None if text.trim_start().starts_with('{') => self.form = Some(Form::Json),
                None => {
                    let head = self.cells(text, line)?;
                    self.form = Some(Form::Csv(head.iter().map(|name| name.trim().to_lowercase()).collect()));
                    continue;
                }
                Some(_) => {}
            }
            if matches!(self.form, Some(Form::Json)) {
                return json(line, &text).map(Some);
            }
            let cells = self.cells(text, line)?;
            let Some(Form::Csv(head)) = &self.form else { continue };
            if cells.len() != head.len() {
                return Err(format!("line {line}: {} fields where the head has {}", cells.len(), head.len()));
            }
            let fields = head.iter().cloned().zip(cells).filter(|(_, cell)| !cell.is_empty()).collect();
            return Ok(Some(Record { line, fields }));
        }
    }

    /// The cells of a CSV record (RFC 4180); one in quotes may go over several lines.
    fn cells(&mut self, mut text: String, line: u64) -> Result<Vec<String>, String> {
        let (mut cells, mut cell) = (Vec::new(), String::new());
        let mut quoted = false;
        loop {
            let mut letters = text.chars().peekable();
            while let Some(letter) = letters.next() {
                match (quoted, letter) {
                    (true, '"') if letters.next_if_eq(&'"').is_some() => cell.push('"'),
                    (true, '"') => quoted = false,
                    (false, '"') if cell.is_empty() => quoted = true,
                    (false, ',') => cells.push(std::mem::take(&mut cell)),
                    (_, other) => cell.push(other),
                }
            }
            if !quoted {
                cells.push(cell);
                return Ok(cells);
            }
            let unclosed = || format!("line {line}: a quote is not closed");
            let (_, more) = self.line()?.ok_or_else(unclosed)?;
            cell.push('\n');
            text = more;
        }
    }
}

/// A record of JSON. Lists become texts with commas; what is null is not there.
fn json(line: u64, text: &str) -> Result<Record, String> {
    let map: HashMap<String, Value> =
        serde_json::from_str(text).map_err(|error| format!("line {line}: no JSON object: {error}"))?;
    let mut fields = HashMap::with_capacity(map.len());
    for (name, value) in map {
        let text = match value {
            Value::Null => continue,
            Value::String(text) => text,
            Value::Array(items) => {
                let texts: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
                texts.ok_or_else(|| format!("line {line}: {name} is no list of texts"))?.join(",")
            }
            Value::Object(_) => return Err(format!("line {line}: {name} is an object")),
            other => other.to_string(),
        };
        if !text.is_empty() {
            fields.insert(name, text);
        }
    }
    Ok(Record { line, fields })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Result<Vec<Vec<(String, String)>>, String> {
        let mut records = Records::new(text.as_bytes());
        let mut found = Vec::new();
        while let Some(record) = records.next()? {
            let mut fields: Vec<_> = record.fields.into_iter().collect();
            fields.sort();
            found.push(fields);
        }
        Ok(found)
    }

    fn fields(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn csv_with_quotes_commas_and_line_breaks() {
        let text = "\u{feff}User,name,scopes\r\nada,\"a \"\"b\"\", c\",\"---\n- api\n\"\r\n\r\nbob,x,\r\n";
        let expected = vec![
            fields(&[("name", "a \"b\", c"), ("scopes", "---\n- api\n"), ("user", "ada")]),
            fields(&[("name", "x"), ("user", "bob")]),
        ];
        assert_eq!(all(text).unwrap(), expected);
    }

    #[test]
    fn json_lines() {
        let text = "{\"user\":\"ada\",\"scopes\":[\"api\",\"sudo\"],\"revoked\":false,\"expires_at\":null}\n";
        let expected = vec![fields(&[("revoked", "false"), ("scopes", "api,sudo"), ("user", "ada")])];
        assert_eq!(all(text).unwrap(), expected);
    }

    #[test]
    fn faults_name_their_line() {
        assert_eq!(all("a,b\n1\n").unwrap_err(), "line 2: 1 fields where the head has 2");
        assert_eq!(all("a,b\n1,\"2\n").unwrap_err(), "line 2: a quote is not closed");
        assert!(all("{\"a\":1}\n{\"a\":\n").unwrap_err().starts_with("line 2: no JSON object"));
        assert!(all("{\"a\":{}}\n").unwrap_err().starts_with("line 1: a is an object"));
    }
}
