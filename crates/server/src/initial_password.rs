//! The administrator's first password, in a file for whoever starts the server without a terminal. It goes when
//! the password is no longer the first one.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use tessera_model::Error;
use tessera_service::Service;
use zeroize::Zeroizing;

use crate::Failure;
use crate::data_dir::DataDir;

const FILE: &str = "initial_root_password";
const ROOT: &str = "root";

/// Writes the password and says where.
///
/// # Errors
/// One line that names the file.
pub(crate) fn write(data: &DataDir, password: &str) -> Result<PathBuf, Failure> {
    let path = data.join(FILE);
    let written = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path);
    let written = written.and_then(|mut file| {
        writeln!(file, "{password}")?;
        file.sync_all()
    });
    match written {
        Ok(()) => Ok(path),
        Err(error) => Err(Failure::Failed(format!("{}: {error}", path.display()))),
    }
}

/// Removes the file once the password in it does not fit any more, however it was changed.
pub(crate) async fn tidy(service: &Service, data: &DataDir) {
    let path = data.join(FILE);
    let Ok(text) = std::fs::read_to_string(&path) else { return };
    let text = Zeroizing::new(text);
    let fits = service.password(ROOT, text.trim_end().to_owned(), "local").await;
    if matches!(fits, Err(Error::Unauthenticated(_)))
        && let Err(error) = std::fs::remove_file(&path)
    {
        tracing::warn!(%error, "the first password of the administrator counts no more, but its file stays");
    }
}
