//! From the records of a file to tokens.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tessera_model::scope::{Scope, ScopeSet};
use tessera_model::time::{Date, Timestamp};

use super::args::{Format, ImportArgs};
use super::records::{Record, Records};
use super::wire::{Material, Row};
use crate::Failure;
use crate::commands::secret::Secret;

/// The tokens of a file, one after the other.
pub(super) struct Rows<R> {
    records: Records<R>,
    reader: Reader,
    /// Tokens left out since no scope of theirs exists here.
    pub(super) without_scope: u64,
}

/// How a file is to be read.
#[derive(Clone)]
pub(super) struct Reader {
    format: Format,
    user: String,
    scopes: ScopeSet,
    name_prefix: String,
    expires_on: Option<String>,
    drop_unknown_scopes: bool,
    usernames: Option<HashMap<String, String>>,
}

impl Reader {
    /// What the flags say.
    ///
    /// # Errors
    /// Unknown scopes, or a list of users that cannot be read.
    pub(super) fn new(args: &ImportArgs) -> Result<Self, Failure> {
        let scopes = args.scopes.iter().map(|name| {
            Scope::parse(name.trim()).ok_or_else(|| Failure::Failed(format!("there is no scope {name:?}")))
        });
        let usernames = match &args.users {
            Some(path) => {
                let trouble = |why: String| Failure::Failed(format!("{}: {why}", path.display()));
                let file = File::open(path).map_err(|error| trouble(error.to_string()))?;
                Some(usernames(BufReader::new(file)).map_err(trouble)?)
            }
            None => None,
        };
        Ok(Self {
            format: args.format,
            user: args.user.clone().unwrap_or_default(),
            scopes: scopes.collect::<Result<_, _>>()?,
            name_prefix: args.name_prefix.clone(),
            expires_on: args.expires_at.clone(),
            drop_unknown_scopes: args.drop_unknown_scopes,
            usernames,
        })
    }

    fn plain(&self, line: u64, text: String) -> Row {
        Row {
            line,
            user: self.user.clone(),
            name: format!("{}{line}", self.name_prefix),
            description: None,
            scopes: self.scopes.bits(),
            expires_on: self.expires_on.clone(),
            created_at: None,
            last_used_at: None,
            impersonation: false,
            revoked: false,
            secret: Material::Plain(Secret::new(text)),
        }
    }

    /// A token from a record; `None` when it has no scope that exists here and may be left out.
    fn row(&self, mut record: Record) -> Result<Option<Row>, String> {
        let line = record.line;
        let fault = |why: String| format!("line {line}: {why}");
        let scopes = record.take("scopes").unwrap_or_default();
        let scopes = self.read_scopes(&scopes).map_err(fault)?;
        if scopes.is_empty() && self.drop_unknown_scopes {
            return Ok(None);
        }
        let expires_on = record.take("expires_at").map(|text| day(&text)).transpose().map_err(fault)?;
        let mut time = |name: &str| {
            let text = record.take(name);
            let read = |text: String| {
                Timestamp::parse(&text).ok_or_else(|| fault(format!("{name} {text:?} is no point in time")))
            };
            text.map(read).transpose().map(|time| time.map(|time| time.0))
        };
        let (created_at, last_used_at) = (time("created_at")?, time("last_used_at")?);
        let mut truth = |name: &str| match record.take(name).as_deref() {
            None | Some("f" | "false" | "0") => Ok(false),
            Some("t" | "true" | "1") => Ok(true),
            Some(other) => Err(fault(format!("{name} {other:?} is neither true nor false"))),
        };
        let (impersonation, revoked) = (truth("impersonation")?, truth("revoked")?);
        let secret = self.secret(&mut record).map_err(fault)?;
        Ok(Some(Row {
            line,
            user: self.user(&mut record).map_err(fault)?,
            name: record.take("name").ok_or_else(|| fault("the token has no name".to_owned()))?,
            description: record.take("description"),
            scopes: scopes.bits(),
            expires_on,
            created_at,
            last_used_at,
            impersonation,
            revoked,
            secret,
        }))
    }

    fn secret(&self, record: &mut Record) -> Result<Material, String> {
        let column = if self.format == Format::Gitlab { "token_digest" } else { "digest" };
        let text = record.take(column).ok_or_else(|| format!("there is no {column}"))?;
        if self.format == Format::Gitlab {
            let sound = text.len() == 44 && STANDARD.decode(&text).is_ok_and(|bytes| bytes.len() == 32);
            return if sound {
                Ok(Material::Gitlab(text))
            } else {
                Err("token_digest is not base64 of 32 bytes (44 characters)".to_owned())
            };
        }
        let sound = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if sound { Ok(Material::Digest(text)) } else { Err("digest is not 64 hexadecimal digits".to_owned()) }
    }

    fn user(&self, record: &mut Record) -> Result<String, String> {
        if let Some(name) = record.take("user").or_else(|| record.take("username")) {
            return Ok(name);
        }
        let id = record.take("user_id").ok_or("there is no user")?;
        let names =
            self.usernames.as_ref().ok_or("user_id needs --users FILE with the columns id and username")?;
        names.get(&id).cloned().ok_or_else(|| format!("--users knows no user of number {id}"))
    }

    /// Scopes as lists, texts and YAML have them: their names, whatever stands between.
    fn read_scopes(&self, text: &str) -> Result<ScopeSet, String> {
        let names = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
        let mut scopes = Vec::new();
        for name in names.filter(|name| !name.is_empty()) {
            match Scope::parse(name) {
                Some(scope) => scopes.push(scope),
                None if self.drop_unknown_scopes => {}
                None => {
                    return Err(format!(
                        "there is no scope {name:?} here (--drop-unknown-scopes leaves such out)"
                    ));
                }
            }
        }
        Ok(scopes.into_iter().collect())
    }
}

/// A date, or the date of a point in time.
fn day(text: &str) -> Result<String, String> {
    let date = Date::parse(text).or_else(|| Timestamp::parse(text).map(Timestamp::date));
    date.map(|date| date.to_string()).ok_or_else(|| format!("expires_at {text:?} is no date"))
}

fn usernames(input: impl BufRead) -> Result<HashMap<String, String>, String> {
    let mut records = Records::new(input);
    let mut names = HashMap::new();
    while let Some(mut record) = records.next()? {
        let (Some(id), Some(name)) = (record.take("id"), record.take("username")) else {
            return Err(format!("line {}: the columns id and username are needed", record.line));
        };
        names.insert(id, name);
    }
    Ok(names)
}

impl<R: BufRead> Rows<R> {
    pub(super) fn new(input: R, reader: Reader) -> Self {
        Self { records: Records::new(input), reader, without_scope: 0 }
    }

    /// The next token.
    ///
    /// # Errors
    /// One line that names the faulty one.
    pub(super) fn next(&mut self) -> Result<Option<Row>, String> {
        if self.reader.format == Format::Plain {
            while let Some((line, text)) = self.records.line()? {
                if !text.is_empty() {
                    return Ok(Some(self.reader.plain(line, text)));
                }
            }
            return Ok(None);
        }
        while let Some(record) = self.records.next()? {
            match self.reader.row(record)? {
                Some(row) => return Ok(Some(row)),
                None => self.without_scope += 1,
            }
        }
        Ok(None)
    }

    /// Up to so many tokens.
    ///
    /// # Errors
    /// As [`Rows::next`].
    pub(super) fn batch(&mut self, size: usize) -> Result<Vec<Row>, String> {
        let mut rows = Vec::with_capacity(size);
        while rows.len() < size
            && let Some(row) = self.next()?
        {
            rows.push(row);
        }
        Ok(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(format: Format) -> Reader {
        Reader {
            format,
            user: "ada".to_owned(),
            scopes: ScopeSet::of(&[Scope::Api]),
            name_prefix: "n-".to_owned(),
            expires_on: None,
            drop_unknown_scopes: false,
            usernames: None,
        }
    }

    fn rows(reader: Reader, text: &str) -> Result<Vec<Row>, String> {
        Rows::new(text.as_bytes(), reader).batch(100)
    }

    const DIGEST: &str = "SUF9baWtDYTdrBvNz2Vzm+0rcB0fqyuzm56aYM+/gVw=";

    #[test]
    fn a_row_of_gitlab_with_yaml_scopes() {
        let text = format!(
            "user,name,scopes,expires_at,created_at,impersonation,revoked,token_digest\n\
             ada,deploy,\"---\n- api\n- :read_user\n\",2027-01-02,2021-02-03 04:05:06.5,t,f,{DIGEST}\n"
        );
        let row = rows(reader(Format::Gitlab), &text).unwrap().remove(0);
        assert_eq!(ScopeSet::from_bits(row.scopes).names(), ["api", "read_user"]);
        assert_eq!((row.impersonation, row.revoked, row.line), (true, false, 2));
        assert_eq!(row.expires_on.as_deref(), Some("2027-01-02"));
        assert_eq!(row.created_at.map(Timestamp), Timestamp::parse("2021-02-03T04:05:06.5Z"));
        assert!(matches!(row.secret, Material::Gitlab(digest) if digest == DIGEST));
    }

    #[test]
    fn digests_of_another_shape_are_refused() {
        let refused = |format, column: &str, digest: &str| {
            rows(reader(format), &format!("user,name,scopes,{column}\nada,x,api,{digest}\n")).is_err()
        };
        assert!(!refused(Format::Gitlab, "token_digest", DIGEST));
        assert!(refused(Format::Gitlab, "token_digest", &DIGEST[..43]));
        assert!(refused(Format::Gitlab, "token_digest", "!UF9baWtDYTdrBvNz2Vzm+0rcB0fqyuzm56aYM+/gVw="));
        assert!(refused(Format::Gitlab, "token_digest", ""));
        assert!(!refused(Format::Digest, "digest", &"0a".repeat(32)));
        assert!(refused(Format::Digest, "digest", &"0x".repeat(32)));
    }

    #[test]
    fn numbers_of_users_need_their_names() {
        let text = format!("user_id,name,scopes,token_digest\n7,x,api,{DIGEST}\n");
        let why = rows(reader(Format::Gitlab), &text).err().unwrap();
        assert!(why.starts_with("line 2: user_id needs --users"), "{why}");
        let names = usernames("id,username\n7,ada\n".as_bytes()).unwrap();
        let known = Reader { usernames: Some(names), ..reader(Format::Gitlab) };
        assert_eq!(rows(known, &text).unwrap()[0].user, "ada");
    }

    #[test]
    fn unknown_scopes_are_refused_or_left_out() {
        let text = format!(
            "user,name,scopes,token_digest\nada,x,\"api,create_runner\",{DIGEST}\nada,y,create_runner,{DIGEST}\n"
        );
        assert!(rows(reader(Format::Gitlab), &text).err().unwrap().contains("create_runner"));
        let dropping = Reader { drop_unknown_scopes: true, ..reader(Format::Gitlab) };
        let mut found = Rows::new(text.as_bytes(), dropping);
        assert_eq!(found.batch(9).unwrap().len(), 1);
        assert_eq!(found.without_scope, 1);
    }

    #[test]
    fn plain_lines_are_named_after_their_number() {
        let found = rows(reader(Format::Plain), "token-string-here123\n\ntoken-string-here124\r\n").unwrap();
        assert_eq!(found.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["n-1", "n-3"]);
        assert!(matches!(&found[1].secret, Material::Plain(text) if text.expose() == "token-string-here124"));
    }
}
