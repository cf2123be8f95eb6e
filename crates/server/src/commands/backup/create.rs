//! Taking a backup, beside a server that goes on or without one.
//!
//! The order is what makes it consistent. First the end of the audit log as `secrets/` knows it, which only goes
//! forward: the database that is read later holds at least that. Then the repositories: every push that moved a
//! reference was written into the database before it did, so nothing is in a copied repository that the database, read
//! after them all, does not know; and what was answered before the backup began is in both. The database is read in one
//! snapshot. Keys and objects come last: rows name them only when they are there. What was pushed between a
//! repository's copy and the database's snapshot is in the database alone; restoring opens those pushes again, and they
//! are settled by comparing with the repository, as after a crash.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use tessera_git::{RepositoryId, snapshot};
use tessera_model::time::{Clock, Timestamp};
use tessera_service::keys;
use tessera_store::portable::{self, PortableError};
use tessera_store::query::restores;
use tessera_store::{Conn, DbError, Single, StoreConfig, migration};

use super::archive::Writer;
use super::manifest::{self, FORMAT, Head, Manifest};
use super::scratch::{Scratch, private};
use crate::Failure;
use crate::data_dir::DataDir;
use crate::progress::Progress;

/// The file of `secrets/` that belongs to the moment before all others.
const AUDIT_HEAD: &str = "audit_head";

/// What was taken.
pub(super) struct Taken {
    pub(super) created_at: Timestamp,
    pub(super) repositories: u64,
    pub(super) rows: BTreeMap<String, u64>,
    pub(super) bytes: u64,
}

/// Where a backup goes: a file that appears whole or not at all, or standard output.
enum Target {
    File { file: BufWriter<File>, draft: PathBuf, place: PathBuf },
    Output(BufWriter<io::Stdout>),
}

/// Takes a backup. Nothing is left of one that fails.
///
/// # Errors
/// One line that says what is in the way.
pub(super) fn create(
    store: &StoreConfig,
    data: &DataDir,
    clock: &dyn Clock,
    file: Option<&Path>,
    force: bool,
) -> Result<Taken, Failure> {
    let target = Target::open(file, force)?;
    let draft = target.draft().map(Path::to_owned);
    let taken = Scratch::new(data).map_err(Failure::failed).and_then(|scratch| {
        let stage = Stage::of(store, data, clock, &scratch)?;
        stage.write(data, target)
    });
    if let (Err(_), Some(draft)) = (&taken, draft) {
        let _ = fs::remove_file(draft);
    }
    taken
}

/// Whether a backup could be written there: told before anything is done.
///
/// # Errors
/// One line that names the file.
pub(super) fn check(file: Option<&Path>, force: bool) -> Result<(), Failure> {
    let Some(place) = file else { return Ok(()) };
    if place.is_dir() {
        return Err(Failure::Failed(format!("{} is a folder", place.display())));
    }
    if place.exists() && !force {
        return Err(Failure::Failed(format!("{} exists: --force writes over it", place.display())));
    }
    Ok(())
}

impl Target {
    fn open(file: Option<&Path>, force: bool) -> Result<Self, Failure> {
        check(file, force)?;
        let Some(place) = file else { return Ok(Self::Output(BufWriter::new(io::stdout()))) };
        let mut draft = place.as_os_str().to_owned();
        draft.push(format!(".{}.partial", std::process::id()));
        let draft = PathBuf::from(draft);
        let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft);
        let file = opened.map_err(|error| Failure::Failed(format!("{}: {error}", draft.display())))?;
        Ok(Self::File { file: BufWriter::with_capacity(1 << 20, file), draft, place: place.to_owned() })
    }

    fn draft(&self) -> Option<&Path> {
        match self {
            Self::File { draft, .. } => Some(draft),
            Self::Output(_) => None,
        }
    }

    fn finish(self) -> io::Result<()> {
        match self {
            Self::Output(mut output) => output.flush(),
            Self::File { file, draft, place } => {
                let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
                file.sync_all()?;
                fs::rename(&draft, &place)?;
                let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty());
                File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
            }
        }
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::File { file, .. } => file.write(bytes),
            Self::Output(output) => output.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::File { file, .. } => file.flush(),
            Self::Output(output) => output.flush(),
        }
    }
}

/// Everything that changes while a server runs, as it was, and ready to be written out at leisure.
struct Stage<'s> {
    scratch: &'s Scratch,
    audit_head: Option<Vec<u8>>,
    copied_from: Timestamp,
    created_at: Timestamp,
    instance: String,
    repositories: BTreeSet<u64>,
    rows: BTreeMap<String, u64>,
}

impl<'s> Stage<'s> {
    fn of(
        store: &StoreConfig,
        data: &DataDir,
        clock: &dyn Clock,
        scratch: &'s Scratch,
    ) -> Result<Self, Failure> {
        let audit_head = match fs::read(data.join("secrets").join(AUDIT_HEAD)) {
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            other => Some(other.map_err(Failure::failed)?),
        };
        let copied_from = clock.now();
        let mut single = Single::reading(store).map_err(database)?;
        let projects = projects(&mut single).map_err(database)?;
        drop(single);
        let mut copied = BTreeSet::new();
        let mut progress = Progress::new("repositories", Some(projects.len() as u64));
        for id in projects {
            let into = scratch.links.join(id.to_string());
            let taken = private(&into)
                .and_then(|()| snapshot::take(&data.join("repositories"), RepositoryId(id), &into));
            if taken.map_err(|error| Failure::Failed(format!("the repository of project {id}: {error}")))? {
                copied.insert(id);
            }
            progress.step(1);
        }
        progress.end();
        let copy = scratch.texts.join("tessera.db");
        let mut single = Single::copied(store, &copy).map_err(database)?;
        let known = self::projects(&mut single).map_err(database)?;
        let created_at = clock.now();
        copied.retain(|id| known.contains(id));
        let instance = keys::fingerprint(&mut single).map_err(database)?.unwrap_or_default();
        let rows = tables(&mut single, &scratch.texts.join("database")).map_err(Failure::failed)?;
        drop(single);
        for suffix in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(scratch.texts.join(format!("tessera.db{suffix}")));
        }
        Ok(Self { scratch, audit_head, copied_from, created_at, instance, repositories: copied, rows })
    }

    fn write(self, data: &DataDir, target: Target) -> Result<Taken, Failure> {
        let head = Head {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            schema: migration::known(),
            created_at: self.created_at.to_string(),
        };
        let written = || -> io::Result<Taken> {
            let time = u64::try_from(self.created_at.0 / 1_000_000).unwrap_or(0);
            let mut writer = Writer::begin(target, &head, time)?;
            let files = self.files(data)?;
            let total =
                files.iter().filter_map(|(_, path)| path.metadata().ok()).map(|meta| meta.len()).sum();
            let mut progress = Progress::new("bytes", Some(total));
            if let Some(text) = &self.audit_head {
                writer.text(&format!("secrets/{AUDIT_HEAD}"), text)?;
            }
            for (name, path) in files {
                let file = match File::open(&path) {
                    // An object that was removed meanwhile, or a key that is replaced just now.
                    Err(error) if error.kind() == ErrorKind::NotFound => continue,
                    other => other?,
                };
                let size = file.metadata()?.len();
                writer.file(&name, size, file)?;
                progress.step(size);
            }
            progress.end();
            let repositories = self.repositories.len() as u64;
            let mut bytes = 0;
            let target = writer.finish(|members| {
                bytes = members.iter().map(|member| member.size).sum();
                Manifest {
                    head,
                    instance: self.instance.clone(),
                    copied_from: self.copied_from.0,
                    rows: self.rows.clone(),
                    repositories,
                    members,
                }
            })?;
            target.finish()?;
            Ok(Taken { created_at: self.created_at, repositories, rows: self.rows.clone(), bytes })
        };
        written().map_err(|error| Failure::Failed(format!("the backup could not be written: {error}")))
    }

    /// Every file with its name in the archive: keys, rows, repositories, objects.
    fn files(&self, data: &DataDir) -> io::Result<Vec<(String, PathBuf)>> {
        let mut files = Vec::new();
        collect(&data.join("secrets"), "secrets", &mut files)?;
        let is_draft = |path: &Path| path.extension().is_some_and(|ending| ending == "new");
        files.retain(|(name, path)| *name != format!("secrets/{AUDIT_HEAD}") && !is_draft(path));
        collect(&self.scratch.texts.join("database"), "database", &mut files)?;
        for id in &self.repositories {
            let folder = self.scratch.links.join(id.to_string());
            collect(&folder, &format!("repositories/{id}"), &mut files)?;
        }
        collect(&data.join("objects"), "objects", &mut files)?;
        Ok(files)
    }
}

fn database(error: DbError) -> Failure {
    Failure::Failed(format!("the database cannot be read: {error}"))
}

fn projects(conn: &mut dyn Conn) -> Result<BTreeSet<u64>, DbError> {
    let mut found = BTreeSet::new();
    restores::counts(conn, |project| found.extend(u64::try_from(project.known.0).ok()))?;
    Ok(found)
}

fn tables(single: &mut Single, folder: &Path) -> Result<BTreeMap<String, u64>, PortableError> {
    private(folder)?;
    let dialect = single.dialect();
    let mut rows = BTreeMap::new();
    for table in portable::tables(single, dialect)? {
        let mut out = BufWriter::new(File::create(folder.join(format!("{}.jsonl", table.name)))?);
        rows.insert(table.name.clone(), table.write_out(single, dialect, &mut out)?);
        out.flush()?;
    }
    Ok(rows)
}

/// All files below a folder, in the order of their names.
fn collect(folder: &Path, name: &str, files: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    let mut waiting = vec![PathBuf::new()];
    let mut found = Vec::new();
    while let Some(below) = waiting.pop() {
        let entries = match fs::read_dir(folder.join(&below)) {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            other => other?,
        };
        for entry in entries {
            let entry = entry?;
            let file = below.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                waiting.push(file);
            } else if let Some(name) = manifest::name(name, &file) {
                found.push((name, folder.join(file)));
            }
        }
    }
    found.sort();
    files.append(&mut found);
    Ok(())
}
