//! Restoring a backup. Everything is made beside what is there, checked, compared and put right, and takes its place at
//! the end in one decision ([`crate::swap`]): whatever cuts it short, the old state counts or the new one.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use tessera_git::{RepositoryId, snapshot};
use tessera_model::time::Timestamp;
use tessera_service::restore::{Choice, Settled, Since};
use tessera_store::portable::{self, Loading, PortableError};
use tessera_store::{DbError, Single, StoreConfig, staging};

use super::manifest::{Manifest, Place};
use super::scratch::{self, private};
use super::{RestoreArgs, archive, counted};
use crate::commands::{Operator, Output};
use crate::config::Config;
use crate::data_dir::{DataDir, Lock, PAUSE};
use crate::progress::Progress;
use crate::{Failure, instance, say, swap};

/// How long connections of a process that has just ended may still be counted.
const LEAVING: Duration = Duration::from_secs(5);

/// What there is to compare a backup with, and what it said.
struct Compared {
    since: Since,
    /// What was looked at.
    with: Vec<&'static str>,
}

/// Restores a backup and says what came of it.
///
/// # Errors
/// One line; nothing was changed then.
pub(super) fn run(args: &RestoreArgs) -> Result<Output, Failure> {
    crate::serve::harden();
    let config = args.common.place.load()?;
    let file = File::open(&args.file)
        .map_err(|error| Failure::Failed(format!("{}: {error}", args.file.display())))?;
    let exported = args.audit.as_deref().map(exported).transpose()?;
    let data = DataDir::prepare(&config.server.data_dir)?;
    let store = instance::store_config(&config, &data);
    let _lock = alone(&data, &store)?;
    swap::finish(&data, &store)?;
    swap::check(&data)?;
    swap::discard(&data, &store)?;
    let made = make(args, &config, &data, &store, &file, exported);
    let done = made.and_then(|made| swap::decide(&data, &store).map(|()| made));
    let output = match done {
        Ok(output) => output,
        Err(failure) => {
            // What was made is of no use; the next one removes it where it cannot be removed now.
            let _ = swap::discard(&data, &store);
            let _ = staging::discard(&store);
            return Err(failure);
        }
    };
    swap::finish(&data, &store)?;
    if !output.1 {
        // There was nothing to keep.
        let _ = fs::remove_dir_all(swap::kept(&data));
    }
    Ok(output.0)
}

/// Sees to it that nobody works on the instance.
fn alone(data: &DataDir, store: &StoreConfig) -> Result<Lock, Failure> {
    let lock = data.try_lock()?.map_err(|owner| {
        Failure::Failed(format!(
            "{} is in use by process {owner}: a backup is restored while nothing runs, so stop the server first",
            data.path().display()
        ))
    })?;
    if scratch::is_busy(data).map_err(Failure::failed)? {
        return Err(Failure::Failed("a backup is being taken: wait until it is done".to_owned()));
    }
    let mut waited = Duration::ZERO;
    loop {
        match staging::others(store).map_err(Failure::failed)? {
            0 => return Ok(lock),
            others if waited >= LEAVING => {
                return Err(Failure::Failed(format!(
                    "{others} connections of other nodes or commands work on the database: stop them first"
                )));
            }
            _ => {
                std::thread::sleep(PAUSE);
                waited += PAUSE;
            }
        }
    }
}

fn exported(path: &Path) -> Result<Since, Failure> {
    let trouble = |error: &dyn std::fmt::Display| Failure::Failed(format!("{}: {error}", path.display()));
    let file = File::open(path).map_err(|error| trouble(&error))?;
    Since::of_export(BufReader::new(file)).map_err(|error| match error {
        tessera_model::Error::Refused(text) => trouble(&text),
        other => trouble(&other),
    })
}

/// Makes the new state beside the old one; says what came of it and whether there was an old one.
fn make(
    args: &RestoreArgs,
    config: &Config,
    data: &DataDir,
    store: &StoreConfig,
    file: &File,
    exported: Option<Since>,
) -> Result<(Output, bool), Failure> {
    let folder = swap::folder(data);
    private(&folder).map_err(Failure::failed)?;
    let staged = DataDir::prepare(&folder)?;
    let rows = folder.join("database");
    let manifest = unpack(file, &staged, &rows)?;
    let place = match store {
        StoreConfig::Sqlite(path) => StoreConfig::Sqlite(swap::beside(path)),
        _ => staging::prepare(store).map_err(Failure::failed)?,
    };
    let replaced = Replaced::open(store);
    let (counters, keeps) = (replaced.counters(), !matches!(replaced, Replaced::Nothing));
    fill(&place, &manifest, &rows, &counters, exported.as_ref())?;
    fs::remove_dir_all(&rows).map_err(Failure::failed)?;
    let compared = compare(replaced, &place, counters, exported)?;
    let choice = choose(args, &manifest, &compared, &place)?;
    // Whoever compares the log with notes of its seals finds the numbers of those that were replaced once more.
    let seal = fs::read_to_string(data.join("secrets/audit_head")).ok();
    let details = json!({
        "created_at": manifest.head.created_at, "version": manifest.head.version, "compared_with": compared.with,
        "kept_all": choice == Choice::KeepAll, "revoked_all": choice == Choice::RevokeAll,
        "replaced_seal": seal.as_deref().map(str::trim),
    });
    let settled = settle(config, &staged, place, (&manifest, details), &compared, choice)?;
    let kept = keeps.then(|| {
        let schema = staging::kept(store).map_or_else(String::new, |schema| format!(" and {schema}"));
        format!("{}{schema}", swap::kept(data).display())
    });
    Ok((report(&manifest, &compared, choice, &settled, kept)?, keeps))
}

/// Unpacks and checks the whole archive; tables go to `rows`.
fn unpack(file: &File, staged: &DataDir, rows: &Path) -> Result<Manifest, Failure> {
    private(rows).map_err(Failure::failed)?;
    let repositories = staged.join("repositories");
    let size = file.metadata().map_err(Failure::failed)?.len();
    let mut progress = Progress::new("bytes", Some(size));
    let mut prepared: BTreeMap<u64, PathBuf> = BTreeMap::new();
    let unpack = |place: &Place, content: &mut dyn Read| -> io::Result<()> {
        let path = match place {
            Place::Table(name) => rows.join(format!("{name}.jsonl")),
            Place::Secret(name) => staged.join("secrets").join(name),
            Place::Object(name) => staged.join("objects").join(name),
            Place::Repository(id, name) => {
                let folder = match prepared.get(id) {
                    Some(folder) => folder.clone(),
                    None => snapshot::prepare(&repositories, RepositoryId(*id))?,
                };
                let path = folder.join(name);
                prepared.insert(*id, folder);
                path
            }
            Place::Head | Place::Manifest | Place::Digest => return Ok(()),
        };
        if let Some(folder) = path.parent() {
            private(folder)?;
        }
        io::copy(content, &mut File::create(&path)?).map(drop)
    };
    let read = archive::read(BufReader::with_capacity(1 << 20, file), |bytes| progress.step(bytes), unpack);
    progress.end();
    read.map_err(Failure::Failed)
}

/// Fills the new database from the rows.
fn fill(
    place: &StoreConfig,
    manifest: &Manifest,
    rows: &Path,
    counters: &BTreeMap<String, i64>,
    exported: Option<&Since>,
) -> Result<(), Failure> {
    let cannot = |error: PortableError| Failure::Failed(format!("the backup's rows cannot be read: {error}"));
    let database = |error: DbError| Failure::Failed(format!("the database cannot be made: {error}"));
    let mut loading = Loading::begin(place, manifest.head.schema.len()).map_err(database)?;
    let names: Vec<String> = loading.tables().map(str::to_owned).collect();
    if !names.iter().eq(manifest.rows.keys()) {
        return Err(Failure::Failed("the backup's tables are not those of its schema".to_owned()));
    }
    let mut progress = Progress::new("rows", Some(manifest.rows.values().sum()));
    for (name, expected) in &manifest.rows {
        let file = File::open(rows.join(format!("{name}.jsonl"))).map_err(Failure::failed)?;
        let count = loading.table(&mut BufReader::with_capacity(1 << 20, file)).map_err(cannot)?;
        if count != *expected {
            return Err(Failure::Failed(format!("the backup holds {count} of {expected} rows of {name}")));
        }
        progress.step(count);
    }
    progress.end();
    // No number is given twice, also not one that was given after the backup was taken (D32).
    for (table, last) in counters.iter().chain(exported.iter().flat_map(|since| &since.last)) {
        loading.raise(table, *last).map_err(database)?;
    }
    loading.finish().map_err(database)
}

/// The database that is to be replaced, as far as it can be read.
enum Replaced {
    There(Box<Single>, BTreeMap<String, i64>),
    /// There is none.
    Nothing,
    /// There is one, but it says nothing.
    Damaged(String),
}

impl Replaced {
    fn open(store: &StoreConfig) -> Self {
        if matches!(store, StoreConfig::Sqlite(path) if !path.exists()) {
            return Self::Nothing;
        }
        let opened = Single::reading(store).and_then(|mut single| {
            let dialect = single.dialect();
            let counters = portable::counters(&mut single, dialect)?;
            Ok(Self::There(Box::new(single), counters.into_iter().collect()))
        });
        match opened {
            Ok(found) => found,
            // A server of databases has nothing of ours yet.
            Err(DbError::Failed(_)) if !matches!(store, StoreConfig::Sqlite(_)) => Self::Nothing,
            Err(error) => Self::Damaged(error.to_string()),
        }
    }

    fn counters(&self) -> BTreeMap<String, i64> {
        match self {
            Self::There(_, counters) => counters.clone(),
            Self::Nothing | Self::Damaged(_) => BTreeMap::new(),
        }
    }
}

fn compare(
    replaced: Replaced,
    place: &StoreConfig,
    counters: BTreeMap<String, i64>,
    exported: Option<Since>,
) -> Result<Compared, Failure> {
    let mut compared = Compared { since: Since::default(), with: Vec::new() };
    match replaced {
        Replaced::There(mut single, _) => {
            let mut restored = Single::reading(place).map_err(Failure::failed)?;
            match Since::of_database(&mut *single, &mut restored, counters) {
                Ok(Some(since)) => {
                    compared.since = since;
                    compared.with.push("the database that was replaced");
                }
                Ok(None) => say("the database that is being replaced is another instance's"),
                Err(error) => {
                    say(&format!("the database that is being replaced cannot be compared: {error}"));
                }
            }
        }
        Replaced::Nothing => {}
        Replaced::Damaged(why) => {
            say(&format!("the database that is being replaced cannot be compared: {why}"));
        }
    }
    if let Some(exported) = exported {
        compared.since.join(exported);
        compared.with.push("the audit export");
    }
    Ok(compared)
}

/// What becomes of the tokens. A backup never brings a revoked one back in silence (D23).
fn choose(
    args: &RestoreArgs,
    manifest: &Manifest,
    compared: &Compared,
    place: &StoreConfig,
) -> Result<Choice, Failure> {
    if args.revoke_all {
        return Ok(Choice::RevokeAll);
    }
    if args.keep_all {
        return Ok(Choice::KeepAll);
    }
    if !compared.with.is_empty() {
        return Ok(Choice::RevokeAgain);
    }
    let mut live = 0_u64;
    let mut restored = Single::reading(place).map_err(Failure::failed)?;
    tessera_store::query::restores::live(&mut restored, |_| live += 1).map_err(Failure::failed)?;
    if live == 0 {
        return Ok(Choice::KeepAll);
    }
    Err(Failure::Failed(format!(
        "nothing here tells which of the backup's {} were revoked since it was taken at {}: give --audit FILE with an \
         audit export, --revoke-all to revoke all of them, or --keep-all to bring all of them back",
        counted(live, "live token"),
        manifest.head.created_at
    )))
}

/// Opens the new instance in its own folder and puts right what it would bring back.
fn settle(
    config: &Config,
    staged: &DataDir,
    place: StoreConfig,
    (manifest, details): (&Manifest, Value),
    compared: &Compared,
    choice: Choice,
) -> Result<Settled, Failure> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::failed)?;
    // Clocks of several nodes differ; a push that is looked at again for nothing costs nothing.
    let copied_from = Timestamp(manifest.copied_from).plus_seconds(-60);
    let settled = runtime.block_on(async {
        let url = instance::external_url(config);
        let service = instance::open_on(place, config, staged, &url).await?.service;
        let operator = Operator::new(service.clone(), staged.clone());
        let ask = operator.ask().map_err(Failure::failed)?;
        let settled = service.settle_restore(&ask, &compared.since, choice, copied_from, details).await;
        service.end_audit().await;
        settled.map_err(Failure::failed)
    })?;
    // Waits until the database is closed.
    drop(runtime);
    Ok(settled)
}

fn report(
    manifest: &Manifest,
    compared: &Compared,
    choice: Choice,
    settled: &Settled,
    kept: Option<String>,
) -> Result<Output, Failure> {
    let mut lines = vec![format!(
        "restored the backup of {}: {}, {}, {} alive",
        manifest.head.created_at,
        counted(manifest.rows.get("projects").copied().unwrap_or(0), "project"),
        counted(manifest.repositories, "repository"),
        counted(settled.live, "token"),
    )];
    let with = compared.with.join(" and ");
    let revived = counted(settled.revived, "token");
    let was = if settled.revived == 1 { "was" } else { "were" };
    match choice {
        Choice::RevokeAll => {
            lines.push(format!("revoked all of them: {}", counted(settled.revoked, "token")));
        }
        Choice::RevokeAgain => lines.push(format!(
            "{revived} {was} revoked since, by {with}, and {was} revoked again, with {}",
            counted(settled.bots, "bot")
        )),
        Choice::KeepAll if compared.with.is_empty() => {
            lines.push("which of them were revoked since is not known: all were brought back".to_owned());
        }
        Choice::KeepAll => {
            lines.push(format!("{revived} {was} revoked since, by {with}, and brought back all the same"));
        }
    }
    if settled.users > 0 {
        lines.push(format!(
            "blocked again, or because they were removed since: {}",
            counted(settled.users, "user")
        ));
    }
    if let Some(kept) = &kept {
        lines.push(format!("what was there is kept in {kept} until the next restore"));
    }
    let json: Value = json!({
        "created_at": manifest.head.created_at, "version": manifest.head.version, "rows": manifest.rows,
        "repositories": manifest.repositories, "compared_with": compared.with, "tokens_alive": settled.live,
        "tokens_revoked_since": settled.revived, "tokens_revoked": settled.revoked, "bots_ended": settled.bots,
        "users_blocked": settled.users, "kept": kept,
    });
    Output::new(lines.join("\n"), json).map_err(Failure::failed)
}
