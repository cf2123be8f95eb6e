//! Puts an instance together: its data directory, database, keys, repositories and service.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tessera_git::{Git, GitConfig};
use tessera_model::time::Clock;
use tessera_service::{Limits, Outward, Service, ServiceConfig, keys};
use tessera_store::{Store, StoreConfig};

use crate::config::Config;
use crate::data_dir::DataDir;
use crate::system::{SystemClock, SystemEntropy};
use crate::{Failure, courier, initial_password, mail, say, swap};

/// An instance that can serve or run a command.
pub(crate) struct Instance {
    pub(crate) service: Service,
    pub(crate) clock: Arc<dyn Clock>,
}

/// Opens an instance, after ending a restore that was cut short. The caller holds the lock of the data directory, if it
/// is to be held.
///
/// # Errors
/// One line that says what is missing or does not fit.
pub(crate) async fn open(config: &Config, data: &DataDir, external_url: &str) -> Result<Instance, Failure> {
    let database = store_config(config, data);
    swap::finish(data, &database)?;
    open_on(database, config, data, external_url).await
}

/// Opens an instance on another database than the configured one.
///
/// # Errors
/// As [`open`].
pub(crate) async fn open_on(
    database: StoreConfig,
    config: &Config,
    data: &DataDir,
    external_url: &str,
) -> Result<Instance, Failure> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let (opened, opening) = (database.clone(), Arc::clone(&clock));
    let store = tokio::task::spawn_blocking(move || Store::open(&opened, opening));
    let store = store.await.map_err(Failure::failed)?.map_err(|error| match &database {
        StoreConfig::Sqlite(path) => Failure::Failed(format!("{}: {error}", path.display())),
        StoreConfig::Postgres(_) | StoreConfig::PostgresSchema { .. } => Failure::failed(error),
    })?;
    let git = Git::open(git_config(config, data)?).await.map_err(Failure::failed)?;
    let secrets = data.join("secrets");
    let entropy = Arc::new(SystemEntropy);
    let keys = keys::open(&secrets, &store, &*entropy).await.map_err(Failure::failed)?;
    let host = tessera_service::host_of(external_url);
    let outbox = mail::outbox(&config.mail, data, host)?;
    let courier = Arc::new(courier::Client::default());
    let service = ServiceConfig {
        external_url: external_url.trim_end_matches('/').to_owned(),
        impersonation_enabled: config.tokens.impersonation_enabled,
        secrets,
        max_push_bytes: Some(config.git.max_push_bytes).filter(|limit| *limit > 0),
        limits: Limits {
            passwords: config.limits.failed_passwords_per_minute,
            tokens: config.limits.failed_tokens_per_minute,
        },
    };
    let service =
        Service::new(service, store, git, keys, Arc::clone(&clock), entropy, Outward { outbox, courier });
    let service = service.await.map_err(Failure::failed)?;
    Ok(Instance { service, clock })
}

/// The URL that clients use, for commands that nobody connects to.
pub(crate) fn external_url(config: &Config) -> String {
    match config.server.external_url.as_str() {
        "" => format!("http://{}", config.server.listen),
        given => given.to_owned(),
    }
}

/// Makes the administrator when there is none yet. A generated password is told once: on a terminal, else in a
/// file of its own.
///
/// # Errors
/// When the database does not answer or the file cannot be written.
pub(crate) async fn ensure_administrator(
    service: &Service,
    data: &DataDir,
    password: Option<&str>,
) -> Result<(), Failure> {
    let Some(made) = service.ensure_administrator(password).await.map_err(Failure::failed)? else {
        return Ok(());
    };
    if std::io::stderr().is_terminal() {
        say(&format!("administrator: root, password: {}", made.as_str()));
    } else {
        let path = initial_password::write(data, &made)?;
        say(&format!("administrator: root, password: in {}", path.display()));
    }
    Ok(())
}

/// Where the database of an instance is.
pub(crate) fn store_config(config: &Config, data: &DataDir) -> StoreConfig {
    let url = &config.database.url;
    match url.strip_prefix("sqlite://") {
        Some(path) => StoreConfig::Sqlite(PathBuf::from(path)),
        None if url.is_empty() => StoreConfig::Sqlite(data.join("tessera.db")),
        None => StoreConfig::Postgres(url.clone()),
    }
}

/// How git is run.
///
/// # Errors
/// When this program does not know where it lies.
pub(crate) fn git_config(config: &Config, data: &DataDir) -> Result<GitConfig, Failure> {
    let hook = std::env::current_exe().map_err(Failure::failed)?;
    let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let mut git = GitConfig::new(&data.join(""), &hook);
    git.program = PathBuf::from(&config.git.program);
    git.home_dir = data.join("run/home");
    git.hooks_dir = data.join("run/hooks");
    // The allocator would clear two huge pages for the few kilobytes that the hook needs in its short life: a quarter
    // of its time.
    git.hook_environment = vec![("MIMALLOC_ARENA_EAGER_COMMIT".into(), "0".into())];
    git.max_services = match config.git.max_processes {
        0 => cores * 4,
        given => usize::try_from(given).unwrap_or(usize::MAX),
    };
    git.queue_timeout = Duration::from_secs(config.git.queue_seconds);
    Ok(git)
}
