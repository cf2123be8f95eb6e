//! Configuration: defaults, then a TOML file, then the environment, then flags.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use crate::Failure;

/// The prefix of environment variables: `TESSERA_<SECTION>__<KEY>`.
const ENVIRONMENT: &str = "TESSERA_";

/// Everything that can be configured.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    pub(crate) server: Server,
    pub(crate) database: Database,
    pub(crate) git: Git,
    pub(crate) mail: Mail,
    pub(crate) tokens: Tokens,
    pub(crate) limits: Limits,
    pub(crate) log: Log,
}

/// How the server is reached.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Server {
    /// The address to listen at.
    pub(crate) listen: String,
    /// The URL that clients use; empty: made of the address.
    pub(crate) external_url: String,
    /// The folder of everything that is kept.
    pub(crate) data_dir: PathBuf,
    /// Addresses of proxies whose `X-Forwarded-For` is believed.
    pub(crate) trusted_proxies: Vec<String>,
    /// The largest body of a REST request, in bytes.
    pub(crate) rest_body_limit: u64,
    /// Seconds that requests in flight get to finish after SIGTERM.
    pub(crate) shutdown_seconds: u64,
}

/// Where the database is.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Database {
    /// `sqlite://PATH` or `postgres://…`; empty: `tessera.db` in the data directory.
    pub(crate) url: String,
}

/// The system's git.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Git {
    /// The program.
    pub(crate) program: String,
    /// Clones, fetches and pushes at once; more wait in line. 0: four a core.
    pub(crate) max_processes: u64,
    /// Seconds that a request waits in that line.
    pub(crate) queue_seconds: u64,
    /// The largest push, in bytes; 0: no limit.
    pub(crate) max_push_bytes: u64,
}

/// How mails leave.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Mail {
    /// `smtp://USER:PASSWORD@HOST:PORT`, `smtps://…`, or `file://FOLDER`; empty: files in `mail` of the data directory.
    pub(crate) url: String,
    /// The address that mails come from; empty: `tessera@` the host of the external URL.
    pub(crate) from: String,
    /// The name that stands beside it.
    pub(crate) display_name: String,
    /// Where answers go; empty: nowhere else.
    pub(crate) reply_to: String,
    /// Whether `smtp://` is encrypted: `required`, `opportunistic` or `never`.
    pub(crate) starttls: String,
    /// A PEM file with the authorities that vouch for the mail server, instead of the system's.
    pub(crate) ca_file: String,
    /// Seconds that the mail server may take for a step.
    pub(crate) timeout_seconds: u64,
}

/// Switches of tokens that only the operator has.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Tokens {
    /// Whether impersonation tokens work.
    pub(crate) impersonation_enabled: bool,
}

/// How many failures a minute are taken before 429; 0: any number.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Limits {
    /// Wrong passwords from one address, and for one account from addresses that it never came from.
    pub(crate) failed_passwords_per_minute: u32,
    /// Unknown tokens from one address. A live token is accepted whatever its address has failed.
    pub(crate) failed_tokens_per_minute: u32,
}

/// The log.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Log {
    /// `error`, `warn`, `info`, `debug` or `trace`, or a filter of tracing.
    pub(crate) level: String,
    /// `json` or `text`.
    pub(crate) format: String,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".to_owned(),
            external_url: String::new(),
            data_dir: PathBuf::from("data"),
            trusted_proxies: Vec::new(),
            rest_body_limit: 20 << 20,
            shutdown_seconds: 30,
        }
    }
}

impl Default for Git {
    fn default() -> Self {
        Self { program: "git".to_owned(), max_processes: 0, queue_seconds: 60, max_push_bytes: 0 }
    }
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            url: String::new(),
            from: String::new(),
            display_name: "Tessera".to_owned(),
            reply_to: String::new(),
            starttls: "required".to_owned(),
            ca_file: String::new(),
            timeout_seconds: 30,
        }
    }
}

impl Default for Tokens {
    fn default() -> Self {
        Self { impersonation_enabled: true }
    }
}

impl Default for Limits {
    fn default() -> Self {
        let limits = tessera_service::Limits::default();
        Self { failed_passwords_per_minute: limits.passwords, failed_tokens_per_minute: limits.tokens }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { level: "info".to_owned(), format: "json".to_owned() }
    }
}

impl Config {
    /// Reads the file, if there is one, and the environment.
    ///
    /// # Errors
    /// One line that names the file or variable, the key, and what is wrong.
    pub(crate) fn load(file: Option<&Path>) -> Result<Self, Failure> {
        Self::from_sources(file, std::env::vars())
    }

    fn from_sources(
        file: Option<&Path>,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, Failure> {
        let mut table = Table::new();
        if let Some(path) = file {
            let text = std::fs::read_to_string(path)
                .map_err(|error| Failure::Usage(format!("configuration {}: {error}", path.display())))?;
            let explain = |error: toml::de::Error| {
                Failure::Usage(format!("configuration {}: {}", path.display(), error.message()))
            };
            // Read as a whole first, so that a mistake is told with the file's name.
            toml::from_str::<Self>(&text).map_err(explain)?;
            table = toml::from_str(&text).map_err(explain)?;
        }
        for (name, text) in environment {
            overlay(&mut table, &name, &text)?;
        }
        let config: Self = Value::Table(table).try_into().map_err(|error: toml::de::Error| {
            Failure::Usage(format!("configuration: {}", error.message()))
        })?;
        config.check()
    }

    /// Judges what stands in it, from wherever it came.
    ///
    /// # Errors
    /// One line that names the key.
    pub(crate) fn check(self) -> Result<Self, Failure> {
        let wrong = |key: &str, why: &str| Err(Failure::Usage(format!("configuration: {key} {why}")));
        if self.server.listen.parse::<std::net::SocketAddr>().is_err() {
            return wrong("server.listen", "must be an address with a port, such as 127.0.0.1:8080");
        }
        let url = &self.server.external_url;
        let web = ["http://", "https://"].iter().any(|scheme| url.starts_with(scheme));
        if !url.is_empty() && !web {
            return wrong("server.external_url", "must begin with http:// or https://");
        }
        if !["json", "text"].contains(&self.log.format.as_str()) {
            return wrong("log.format", "must be json or text");
        }
        for address in &self.server.trusted_proxies {
            if address.parse::<std::net::IpAddr>().is_err() {
                return wrong("server.trusted_proxies", "must be a list of IP addresses");
            }
        }
        let database = &self.database.url;
        let known =
            ["sqlite://", "postgres://", "postgresql://"].iter().any(|scheme| database.starts_with(scheme));
        if !database.is_empty() && !known {
            return wrong("database.url", "must begin with sqlite:// or postgres://");
        }
        crate::mail::check(&self.mail)?;
        Ok(self)
    }

    /// Whether the database is one with a server of its own, which several processes share.
    pub(crate) fn has_own_server(&self) -> bool {
        !self.database.url.is_empty() && !self.database.url.starts_with("sqlite://")
    }

    /// The effective configuration as TOML; passwords in URLs are hidden.
    ///
    /// # Errors
    /// When it cannot be written as TOML.
    pub(crate) fn show(&self) -> Result<String, Failure> {
        let mut shown = self.clone();
        shown.database.url = hide_password(&self.database.url);
        shown.mail.url = hide_password(&self.mail.url);
        toml::to_string(&shown).map_err(Failure::failed)
    }
}

/// Puts one variable into the table. Its value takes the type of the key's default.
fn overlay(table: &mut Table, name: &str, text: &str) -> Result<(), Failure> {
    let Some((section, key)) = name.strip_prefix(ENVIRONMENT).and_then(|rest| rest.split_once("__")) else {
        return Ok(());
    };
    let (section, key) = (section.to_lowercase(), key.to_lowercase());
    let defaults = Table::try_from(Config::default()).map_err(Failure::failed)?;
    let default = defaults.get(&section).and_then(|section| section.get(&key));
    let value = match default {
        None => return Err(Failure::Usage(format!("environment {name}: there is no such setting"))),
        Some(Value::Integer(_)) => text.parse().map(Value::Integer).ok(),
        Some(Value::Boolean(_)) => text.parse().map(Value::Boolean).ok(),
        Some(Value::Array(_)) => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            Some(Value::Array(items.map(|item| Value::String(item.to_owned())).collect()))
        }
        Some(_) => Some(Value::String(text.to_owned())),
    };
    let value =
        value.ok_or_else(|| Failure::Usage(format!("environment {name}: {text:?} is not of its type")))?;
    let section = table.entry(section).or_insert_with(|| Value::Table(Table::new()));
    if let Some(section) = section.as_table_mut() {
        section.insert(key, value);
    }
    Ok(())
}

/// `postgres://user:secret@host` as `postgres://user:***@host`.
fn hide_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let Some((login, place)) = rest.rsplit_once('@') else { return url.to_owned() };
    match login.split_once(':') {
        Some((user, _)) => format!("{scheme}://{user}:***@{place}"),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(file: &str, environment: &[(&str, &str)]) -> Result<Config, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tessera.toml");
        std::fs::write(&path, file).unwrap();
        let variables = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Config::from_sources(Some(&path), variables).map_err(|failure| match failure {
            Failure::Usage(text) | Failure::Failed(text) => text,
        })
    }

    #[test]
    fn the_environment_wins_over_the_file_and_the_file_over_the_default() {
        let file = "[server]\nlisten = \"127.0.0.1:1\"\nshutdown_seconds = 5\n";
        let config =
            from(file, &[("TESSERA_SERVER__LISTEN", "127.0.0.1:2"), ("TESSERA_GIT__MAX_PROCESSES", "3")]);
        let config = config.unwrap();
        assert_eq!(config.server.listen, "127.0.0.1:2");
        assert_eq!((config.server.shutdown_seconds, config.git.max_processes), (5, 3));
        assert_eq!(config.git.program, "git");
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        assert!(
            from("[server]\nlistn = 1\n", &[]).unwrap_err().contains("tessera.toml: unknown field `listn`")
        );
        assert!(from("", &[("TESSERA_SERVER__LISTN", "x")]).unwrap_err().contains("TESSERA_SERVER__LISTN"));
        assert!(
            from("", &[("TESSERA_TOKENS__IMPERSONATION_ENABLED", "maybe")]).unwrap_err().contains("maybe")
        );
        assert!(from("[server]\nlisten = \"here\"\n", &[]).unwrap_err().contains("server.listen"));
        assert!(from("[database]\nurl = \"mysql://x\"\n", &[]).unwrap_err().contains("database.url"));
        for (line, key) in [
            ("url = \"pop3://x\"", "mail.url"),
            ("url = \"smtp://\"", "mail.url"),
            ("url = \"smtp://x\"\nstarttls = \"maybe\"", "mail.starttls"),
            ("from = \"nobody\"", "mail.from"),
        ] {
            assert!(from(&format!("[mail]\n{line}\n"), &[]).unwrap_err().contains(key), "{line}");
        }
    }

    #[test]
    fn passwords_are_hidden() {
        assert_eq!(hide_password("postgres://ada:s:e@cret@host/db"), "postgres://ada:***@host/db");
        assert_eq!(hide_password("sqlite:///x/y.db"), "sqlite:///x/y.db");
        let config = from("[database]\nurl = \"postgres://ada:lovelace@host/db\"\n", &[]).unwrap();
        assert!(!config.show().unwrap().contains("lovelace"));
        let config = from("[mail]\nurl = \"smtp://ada:lovelace@mail.test\"\n", &[]).unwrap();
        assert!(!config.show().unwrap().contains("lovelace"));
    }
}
