//! Where mails go: a mail server, or a folder of files.

mod files;
mod message;
mod smtp;

use std::path::PathBuf;
use std::sync::Arc;

use lettre::message::Mailbox;
use tessera_service::mail::Outbox;
use url::Url;

use crate::Failure;
use crate::config;
use crate::data_dir::DataDir;
use message::Writer;

/// What the configuration asks for. `host` is that of the external URL.
///
/// # Errors
/// One line that names the key.
pub(crate) fn outbox(config: &config::Mail, data: &DataDir, host: &str) -> Result<Arc<dyn Outbox>, Failure> {
    let writer = Writer {
        from: mailbox("mail.from", &config.from, &format!("tessera@{host}"), &config.display_name)?,
        reply_to: match config.reply_to.as_str() {
            "" => None,
            address => Some(mailbox("mail.reply_to", address, "", "")?),
        },
    };
    match place(config)? {
        Place::Folder(folder) => {
            Ok(Arc::new(files::Files::new(folder.unwrap_or_else(|| data.join("mail")), writer)))
        }
        Place::Server(url) => Ok(Arc::new(smtp::Smtp::new(config, &url, host, writer)?)),
    }
}

fn wrong(key: &str, why: impl std::fmt::Display) -> Failure {
    Failure::Usage(format!("configuration: {key} {why}"))
}

enum Place {
    Folder(Option<PathBuf>),
    Server(Url),
}

/// What `mail.url` names.
fn place(config: &config::Mail) -> Result<Place, Failure> {
    if config.url.is_empty() {
        return Ok(Place::Folder(None));
    }
    if let Some(path) = config.url.strip_prefix("file://") {
        return Ok(Place::Folder((!path.is_empty()).then(|| PathBuf::from(path))));
    }
    let url = Url::parse(&config.url).map_err(|error| wrong("mail.url", format!("is no URL: {error}")))?;
    if !["smtp", "smtps"].contains(&url.scheme()) {
        return Err(wrong("mail.url", "must begin with smtp://, smtps:// or file://"));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(wrong("mail.url", "names no host"));
    }
    Ok(Place::Server(url))
}

/// Judges the section, without touching the network.
///
/// # Errors
/// One line that names the key.
pub(crate) fn check(config: &config::Mail) -> Result<(), Failure> {
    if let Place::Server(url) = place(config)? {
        smtp::check(config, &url)?;
    }
    for (key, address) in [("mail.from", &config.from), ("mail.reply_to", &config.reply_to)] {
        if !address.is_empty() {
            mailbox(key, address, "", "")?;
        }
    }
    Ok(())
}

fn mailbox(key: &str, address: &str, fallback: &str, name: &str) -> Result<Mailbox, Failure> {
    let address = if address.is_empty() { fallback } else { address };
    let parsed = address.parse().map_err(|error| wrong(key, format!("is no mail address: {error}")))?;
    Ok(Mailbox::new((!name.is_empty()).then(|| name.to_owned()), parsed))
}
