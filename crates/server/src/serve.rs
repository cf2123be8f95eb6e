//! `tessera serve`.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tessera_model::secret::{Entropy, PlainToken};
use tessera_service::Service;
use tessera_web::{AccessLog, AccessLogGuard, Web, WebConfig};
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use crate::cli::ServeArgs;
use crate::commands::Operator;
use crate::config::Config;
use crate::control::client;
use crate::control::listener::ControlSocket;
use crate::data_dir::{DataDir, Lock, PATIENCE, PAUSE};
use crate::system::SystemEntropy;
use crate::{Failure, initial_password, instance, listener, logging, say};

/// How often last uses of tokens are written: neighbours in the table share the cost of a page, so that waiting
/// a little makes each much cheaper.
const FLUSH_EVERY: Duration = Duration::from_secs(10);
/// After how many of those settings that are kept in memory are read again.
const REFRESH_EVERY: u32 = 3;
/// What no node has touched for so long in folders that nodes may share, none works on any more.
const ABANDONED: Duration = Duration::from_hours(1);
/// How often what is new in the audit log is sealed.
const SEAL_EVERY: Duration = Duration::from_millis(500);

/// Runs the server until it is told to stop.
///
/// # Errors
/// One line that says why it cannot start.
pub(crate) fn run(mut args: ServeArgs) -> Result<(), Failure> {
    harden();
    let ephemeral = args.ephemeral.then(tempfile::tempdir).transpose().map_err(Failure::failed)?;
    if let Some(folder) = &ephemeral {
        args.place.data_dir = Some(folder.path().join("data"));
    }
    let mut config = args.place.load()?;
    if let Some(address) = &args.listen {
        config.server.listen.clone_from(address);
    }
    if let Some(url) = &args.external_url {
        config.server.external_url.clone_from(url);
    }
    let config = config.check()?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::failed)?;
    let _log = logging::start(&config.log)?;
    let result = runtime.block_on(serve(&config, &args));
    runtime.shutdown_timeout(Duration::from_secs(1));
    result
}

/// Files are the owner's alone from the first on, and a crash leaves no secrets in a core file (A8).
pub(crate) fn harden() {
    rustix::process::umask(rustix::fs::Mode::from_bits_truncate(0o077));
    let none = rustix::process::Rlimit { current: Some(0), maximum: Some(0) };
    let _ = rustix::process::setrlimit(rustix::process::Resource::Core, none);
}

async fn serve(config: &Config, args: &ServeArgs) -> Result<(), Failure> {
    let listen: SocketAddr = config
        .server
        .listen
        .parse()
        .map_err(|_| Failure::Usage(format!("{} is no address with a port", config.server.listen)))?;
    let data = DataDir::prepare(&config.server.data_dir)?;
    data.takes_sockets()?;
    let told = StopSignals::listen()?;
    let _lock = own(&data).await?;
    let listener = TcpListener::bind(listen)
        .await
        .map_err(|error| Failure::Failed(format!("cannot listen at {listen}: {error}")))?;
    let address = listener.local_addr().map_err(Failure::failed)?;
    let external_url = match config.server.external_url.as_str() {
        "" => format!("http://{address}"),
        given => given.to_owned(),
    };
    let instance = instance::open(config, &data, &external_url).await?;
    let service = instance.service;
    first_start(&service, &data, args).await?;
    // Pushes that a crash cut are settled before new ones can come.
    service.reconcile_pushes().await.map_err(Failure::failed)?;
    let shared = config.database.url.starts_with("postgres");
    let untouched = if shared { ABANDONED } else { Duration::ZERO };
    service.clear_unfinished(untouched).await.map_err(Failure::failed)?;
    service.start_hooks(&data.join("run")).await.map_err(Failure::failed)?;

    let mut boot = [0_u8; 8];
    SystemEntropy.fill(&mut boot).map_err(Failure::failed)?;
    let web = WebConfig {
        rest_body_limit: usize::try_from(config.server.rest_body_limit).unwrap_or(usize::MAX),
        boot_id: u64::from_le_bytes(boot),
    };
    let (access_log, _written) = access_log()?;
    let web = Arc::new(Web::new(service.clone(), instance.clock, web, access_log));
    let (stopping, stop) = watch::channel(false);
    let jobs = tokio::spawn({
        let (service, stop) = (service.clone(), stop.clone());
        async move { service.run_jobs(stop).await }
    });
    let mails = tokio::spawn({
        let (service, stop) = (service.clone(), stop.clone());
        async move { service.run_mails(stop).await }
    });
    let web_hooks = tokio::spawn({
        let (service, stop) = (service.clone(), stop.clone());
        async move { service.run_web_hooks(stop).await }
    });
    let keeper = tokio::spawn(keep(service.clone(), data.clone(), stop.clone()));
    let auditor = tokio::spawn(audit(service.clone(), stop.clone()));
    let grace = Duration::from_secs(config.server.shutdown_seconds);
    let control = ControlSocket::bind(data.control_socket())?;
    let operator = Operator::new(service.clone(), data.clone());
    let control = tokio::spawn(control.serve(operator, stop.clone(), grace));
    say(&format!("tessera {} listens at {external_url}", env!("CARGO_PKG_VERSION")));
    tracing::info!(%address, external_url, data_dir = %data.path().display(), "ready");

    let proxies: Vec<IpAddr> =
        config.server.trusted_proxies.iter().filter_map(|proxy| proxy.parse().ok()).collect();
    let serving =
        tokio::spawn(listener::serve(listener, tessera_web::app(web), Arc::new(proxies), stop, grace));
    told.wait().await;
    tracing::info!("stopping");
    let _ = stopping.send(true);
    let _ = serving.await;
    let _ = control.await;
    let _ = jobs.await;
    // A mail server that does not answer keeps nobody from stopping; the mail waits for the next start.
    let _ = tokio::time::timeout(grace, mails).await;
    let _ = tokio::time::timeout(grace, web_hooks).await;
    let _ = keeper.await;
    let _ = auditor.await;
    service.flush_usage().await;
    service.end_audit().await;
    tracing::info!("stopped");
    Ok(())
}

/// The access log is part of the log at level `info`.
fn access_log() -> Result<(AccessLog, Option<AccessLogGuard>), Failure> {
    if !tracing::enabled!(tracing::Level::INFO) {
        return Ok((AccessLog::default(), None));
    }
    let (log, guard) = AccessLog::start(std::io::stderr()).map_err(Failure::failed)?;
    Ok((log, Some(guard)))
}

/// Makes the administrator when there is none yet, and gives them the token that was asked for.
async fn first_start(service: &Service, data: &DataDir, args: &ServeArgs) -> Result<(), Failure> {
    instance::ensure_administrator(service, data, args.root_password.as_deref()).await?;
    if let Some(token) = &args.root_token {
        let token = PlainToken::new(token.clone());
        service
            .plant_root_token(token)
            .await
            .map_err(|error| Failure::Failed(format!("--root-token: {error}")))?;
    }
    Ok(())
}

/// Takes the data directory. A command may have it for a moment; a server does not let go of it.
async fn own(data: &DataDir) -> Result<Lock, Failure> {
    let mut waited = Duration::ZERO;
    loop {
        match data.lock() {
            Err(_) if waited < PATIENCE && !client::is_served(data).await => {
                tokio::time::sleep(PAUSE).await;
                waited += PAUSE;
            }
            taken => return taken,
        }
    }
}

/// Writes last uses and reads settings again, until told to stop.
async fn keep(service: Service, data: DataDir, mut stop: watch::Receiver<bool>) {
    let mut round = 0_u32;
    let mut due = tokio::time::interval(FLUSH_EVERY);
    due.tick().await;
    while !*stop.borrow() {
        tokio::select! {
            _ = due.tick() => {}
            () = service.ledger_fills() => {
                service.flush_ledger().await;
                continue;
            }
            _ = stop.changed() => {}
        }
        service.flush_usage().await;
        round = round.wrapping_add(1);
        if round.is_multiple_of(REFRESH_EVERY)
            && let Err(error) = service.refresh().await
        {
            tracing::warn!(%error, "settings could not be read again");
        }
        if round.is_multiple_of(REFRESH_EVERY) {
            initial_password::tidy(&service, &data).await;
        }
    }
}

/// Writes failed authentications down and seals the audit log, until told to stop.
async fn audit(service: Service, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        tokio::select! {
            () = tokio::time::sleep(SEAL_EVERY) => {}
            _ = stop.changed() => {}
        }
        service.keep_audit().await;
    }
}

/// The signals that tell the server to stop; they are listened for before anything is begun that should end well.
struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignals {
    fn listen() -> Result<Self, Failure> {
        let listen = |kind| signal(kind).map_err(Failure::failed);
        Ok(Self { terminate: listen(SignalKind::terminate())?, interrupt: listen(SignalKind::interrupt())? })
    }

    async fn wait(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
