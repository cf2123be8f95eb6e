//! The newest seal that was seen, kept beside the keys: who can write the database cannot take it back.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tessera_model::audit::Head;
use tessera_model::secret::hex;
use tessera_model::{Error, Result};

const FILE: &str = "audit_head";

/// The file that holds it: one line with the number of a seal and its code. On a shared volume several
/// nodes write it; each writes what it saw to be newer, and the file appears whole or not at all.
pub(super) struct HeadFile {
    path: PathBuf,
    /// One writer at a time within a process.
    turn: Mutex<()>,
}

impl HeadFile {
    pub(super) fn new(secrets: &Path) -> Self {
        Self { path: secrets.join(FILE), turn: Mutex::new(()) }
    }

    /// What it holds; nothing before the first seal.
    ///
    /// # Errors
    /// When it cannot be read or holds something else.
    pub(super) fn read(&self) -> Result<Option<Head>> {
        let mut text = String::new();
        match File::open(&self.path) {
            Ok(mut file) => file.read_to_string(&mut text).map_err(|error| self.trouble(&error))?,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.trouble(&error)),
        };
        parse(&text).map(Some).ok_or_else(|| self.trouble(&"it is not what was written"))
    }

    /// Writes a newer one; one that is not newer changes nothing.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn advance(&self, head: &Head) -> Result<()> {
        let _turn = self.turn.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if self.read()?.is_some_and(|known| known.number >= head.number) {
            return Ok(());
        }
        let draft = self.path.with_extension(format!("{}.new", std::process::id()));
        let written = || -> std::io::Result<()> {
            let mut file =
                File::options().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
            writeln!(file, "{} {}", head.number, hex(&head.code))?;
            file.sync_all()?;
            std::fs::rename(&draft, &self.path)?;
            let folder = self.path.parent().unwrap_or(Path::new("."));
            File::open(folder)?.sync_all()
        };
        written().map_err(|error| self.trouble(&error))
    }

    fn trouble(&self, error: &dyn std::fmt::Display) -> Error {
        Error::internal(format!("{}: {error}", self.path.display()))
    }
}

fn parse(text: &str) -> Option<Head> {
    let (number, code) = text.trim_end().split_once(' ')?;
    let digit = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let code = code.as_bytes().chunks(2).map(digit).collect::<Option<Vec<u8>>>()?;
    Some(Head { number: number.parse().ok()?, code })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_only_goes_forward() {
        let folder = tempfile::tempdir().unwrap();
        let file = HeadFile::new(folder.path());
        assert_eq!(file.read().unwrap(), None);
        let head = |number: u8| Head { number: number.into(), code: vec![7, 255, number] };
        for number in [1, 3, 2, 3] {
            file.advance(&head(number)).unwrap();
        }
        assert_eq!(file.read().unwrap(), Some(head(3)));
        std::fs::write(folder.path().join(FILE), "nonsense").unwrap();
        assert!(file.read().is_err(), "what cannot be read is not taken for nothing");
    }
}
