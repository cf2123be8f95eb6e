//! `tessera token import`: many tokens from a file, batch by batch. A batch is stored whole or not at all; what
//! is there already is left as it is, so that an import that was cut is simply run again.

pub(crate) mod args;
mod records;
mod rows;
mod wire;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};

use serde::{Deserialize, Serialize};
use tessera_model::operation::personal_tokens::CreateUserToken;
use tessera_model::{Error, Result};
use tessera_service::keys::gitlab_digest;
use tessera_service::tokens::import::{self, Imported};
use zeroize::Zeroizing;

use self::args::{Format, ImportArgs};
use self::rows::{Reader, Rows};
use self::wire::{Material, Row};
use super::secret::Secret;
use super::{Command, Operator, Output};
use crate::Failure;
use crate::control::client::{self, Link};
use crate::progress::Progress;

/// Tokens of a batch in a running server: few, so that other writers hardly wait.
const BATCH: usize = 2_000;
/// Tokens of a batch when nobody else writes: the more at once, the fewer pages of the index are written twice.
const OWN_BATCH: usize = 20_000;
/// How many unknown users are told by name.
const TOLD: usize = 10;

/// What is asked, in this order: one beginning, batches, one end.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Request {
    Begin(Begin),
    Batch { rows: Vec<Row>, skip_unknown_users: bool },
    End { source: String, total: Total },
}

/// Where the tokens come from.
#[derive(Serialize, Deserialize)]
pub(crate) struct Begin {
    source: String,
    gitlab: bool,
    db_key_base: Option<Secret>,
}

/// What became of the tokens.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Total {
    imported: u64,
    present: u64,
    without_user: BTreeMap<String, u64>,
    #[serde(default)]
    without_scope: u64,
}

impl Total {
    fn add(&mut self, batch: Self) {
        self.imported += batch.imported;
        self.present += batch.present;
        for (name, count) in batch.without_user {
            *self.without_user.entry(name).or_default() += count;
        }
    }

    fn text(&self) -> String {
        use std::fmt::Write as _;
        let mut text = format!("imported {}, already there {}", self.imported, self.present);
        if self.without_scope > 0 {
            let _ = write!(text, ", without a known scope {}", self.without_scope);
        }
        let left_out: u64 = self.without_user.values().sum();
        if left_out > 0 {
            let names: Vec<String> =
                self.without_user.keys().take(TOLD).map(|name| format!("{name:?}")).collect();
            let more = if self.without_user.len() > TOLD { ", …" } else { "" };
            let _ = write!(text, ", of unknown users {left_out} ({}{more})", names.join(", "));
        }
        text
    }
}

impl From<Imported> for Total {
    fn from(batch: Imported) -> Self {
        let Imported { imported, present, without_user } = batch;
        Self { imported, present, without_user, without_scope: 0 }
    }
}

pub(super) async fn execute(operator: &Operator, request: Request) -> Result<Output> {
    let (service, ask) = (&operator.service, operator.ask()?);
    match request {
        Request::Begin(Begin { source, gitlab, db_key_base }) => {
            if let Some(key) = db_key_base {
                service.add_gitlab_key(Zeroizing::new(key.expose().to_owned())).await?;
            } else if gitlab && !service.knows_gitlab_key() {
                return Err(Error::Refused(
                    "no db_key_base of a GitLab is known, without which its digests say nothing: \
                     --gitlab-db-key-base-stdin or --gitlab-db-key-base-file gives it"
                        .to_owned(),
                ));
            }
            let act = move |tx: &mut tessera_service::Tx<'_>| {
                let right = tx.instance::<CreateUserToken>()?;
                import::begin(tx, &right, &source)
            };
            service.write::<CreateUserToken, _, _>(&ask, act).await?;
            Ok(Output::default())
        }
        Request::Batch { rows, skip_unknown_users } => {
            let rows: Vec<import::Row> = rows.into_iter().map(Into::into).collect();
            let act = move |tx: &mut tessera_service::Tx<'_>| {
                let right = tx.instance::<CreateUserToken>()?;
                import::batch(tx, &right, &rows, skip_unknown_users)
            };
            let done = service.write::<CreateUserToken, _, _>(&ask, act).await?;
            Output::new("", Total::from(done))
        }
        Request::End { source, total } => {
            let counts = Imported {
                imported: total.imported,
                present: total.present,
                without_user: total.without_user.clone(),
            };
            let act = move |tx: &mut tessera_service::Tx<'_>| {
                let right = tx.instance::<CreateUserToken>()?;
                import::end(tx, &right, &source, &counts)
            };
            service.write::<CreateUserToken, _, _>(&ask, act).await?;
            Output::new(total.text(), &total)
        }
    }
}

/// Reads the file and has its tokens stored.
///
/// # Errors
/// One line: the first faulty line of a file that can be read twice, before anything is stored; else that of a
/// batch, together with what was stored before.
pub(crate) fn run(args: ImportArgs) -> Result<(), Failure> {
    let (key, check) = args.gitlab()?;
    let reader = Reader::new(&args)?;
    let rows = if args.reads_stdin() {
        None
    } else {
        Some(look_through(&args, &reader, key.as_ref(), check.as_ref())?)
    };
    let input: Box<dyn BufRead> = match rows {
        None => Box::new(std::io::stdin().lock()),
        Some(_) => Box::new(open(&args)?),
    };
    let source = format!("{} {}", args.format.name(), args.file.display());
    let begin = Begin { source: source.clone(), gitlab: args.format == Format::Gitlab, db_key_base: key };
    let output = client::with_link(&args.common.place, async |link| {
        link.call(Command::Import(Request::Begin(begin))).await?;
        let mut total = Total::default();
        let stored = store(link, &mut Rows::new(input, reader), &args, rows, &mut total).await;
        let before = total.text();
        let end = link.call(Command::Import(Request::End { source, total })).await;
        match stored {
            Ok(()) => end,
            Err(why) => Err(Failure::Failed(format!("{why} ({before} before that)"))),
        }
    })?;
    crate::cli::print(&output.rendered(args.common.json)?)
}

fn open(args: &ImportArgs) -> Result<BufReader<File>, Failure> {
    let file = File::open(&args.file);
    let file = file.map_err(|error| Failure::Failed(format!("{}: {error}", args.file.display())))?;
    Ok(BufReader::with_capacity(1 << 20, file))
}

/// Reads the whole file once, so that nothing is stored of one with a faulty line or with a wrong key; says how
/// many tokens it holds.
fn look_through(
    args: &ImportArgs,
    reader: &Reader,
    key: Option<&Secret>,
    check: Option<&Secret>,
) -> Result<u64, Failure> {
    let wanted = key.zip(check).map(|(key, token)| gitlab_digest(token.expose(), key.expose()));
    let mut rows = Rows::new(open(args)?, reader.clone());
    let (mut count, mut found) = (0, false);
    let trouble = |why: String| Failure::Failed(format!("{}: {why}", args.file.display()));
    while let Some(row) = rows.next().map_err(trouble)? {
        count += 1;
        found = found
            || matches!((&row.secret, &wanted), (Material::Gitlab(digest), Some(wanted)) if digest == wanted);
    }
    if wanted.is_some() && !found {
        return Err(trouble(
            "the check token's digest is in no row: the key or the token is another one".to_owned(),
        ));
    }
    Ok(count)
}

async fn store<R: BufRead>(
    link: &mut Link,
    rows: &mut Rows<R>,
    args: &ImportArgs,
    count: Option<u64>,
    total: &mut Total,
) -> Result<(), String> {
    let mut progress = Progress::new("tokens", count);
    let size = if link.is_own() { OWN_BATCH } else { BATCH };
    loop {
        let batch = rows.batch(size)?;
        total.without_scope = rows.without_scope;
        if batch.is_empty() {
            progress.end();
            return Ok(());
        }
        let tokens = batch.len() as u64;
        let request = Request::Batch { rows: batch, skip_unknown_users: args.skip_unknown_users };
        let done = link.call(Command::Import(request)).await;
        let done = done.inspect_err(|_| progress.end()).map_err(Failure::into_text)?;
        total.add(serde_json::from_value(done.into_json()).map_err(|error| error.to_string())?);
        progress.step(tokens);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_add_up_and_read_well() {
        let mut total = Total::default();
        let unknown = BTreeMap::from([("bob".to_owned(), 2)]);
        total.add(Total { imported: 5, present: 1, without_user: unknown.clone(), without_scope: 0 });
        total.add(Total { imported: 5, present: 0, without_user: unknown, without_scope: 0 });
        assert_eq!(total.text(), "imported 10, already there 1, of unknown users 4 (\"bob\")");
        assert_eq!(Total::default().text(), "imported 0, already there 0");
    }
}
