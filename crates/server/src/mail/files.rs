//! One file per mail, in a folder: what is used until a mail server is configured.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use tessera_service::mail::{Mail, Outbox, SendError, Sending};

use super::message::Writer;

/// The folder.
pub(super) struct Files {
    folder: PathBuf,
    writer: Writer,
}

impl Files {
    pub(super) fn new(folder: PathBuf, writer: Writer) -> Self {
        Self { folder, writer }
    }
}

impl Outbox for Files {
    fn send<'a>(&'a self, mail: &'a Mail) -> Sending<'a> {
        Box::pin(async move {
            let bytes = self.writer.message(mail)?.formatted();
            let (folder, name) = (self.folder.clone(), name(mail));
            let stored = tokio::task::spawn_blocking(move || store(&folder, &name, &bytes)).await;
            let stored = stored.map_err(|error| SendError::Unavailable(error.to_string()))?;
            stored.map_err(|error| SendError::Unavailable(format!("{}: {error}", self.folder.display())))
        })
    }
}

/// The name of a mail's file: in the order of their times, and the same for the same mail.
fn name(mail: &Mail) -> String {
    let time: String = mail.created_at.to_string().chars().filter(|letter| *letter != ':').collect();
    let id = mail.message_id.split('@').next().unwrap_or_default();
    format!("{time}-{id}.eml")
}

/// Writes a file whole or not at all, readable by its owner alone.
fn store(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let temporary = folder.join(format!(".{name}"));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&temporary, folder.join(name))?;
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use tessera_model::time::Timestamp;

    use super::*;

    #[tokio::test]
    async fn a_mail_that_is_handed_over_again_is_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let writer = Writer { from: "tessera@tessera.test".parse().unwrap(), reply_to: None };
        let files = Files::new(folder.path().join("mail"), writer);
        let mail = Mail {
            message_id: "0123@tessera.test".to_owned(),
            to: "ada@people.test".to_owned(),
            to_name: "Ada".to_owned(),
            subject: "News".to_owned(),
            text: "text".to_owned(),
            html: "html".to_owned(),
            created_at: Timestamp(1_804_148_130_120_000),
        };
        files.send(&mail).await.unwrap();
        files.send(&mail).await.unwrap();
        let found: Vec<_> =
            std::fs::read_dir(folder.path().join("mail")).unwrap().map(Result::unwrap).collect();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].file_name(), "2027-03-04T081530.120Z-0123.eml");
        assert_eq!(found[0].metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}
