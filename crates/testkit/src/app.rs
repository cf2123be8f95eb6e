//! An instance in a temporary folder.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::Request;
use axum::response::Response;
use tempfile::TempDir;
use tessera_git::{Git, GitConfig};
use tessera_model::secret::{Entropy, PlainToken};
use tessera_model::time::Clock;
use tessera_service::mail::Mail;
use tessera_service::{Outward, Service, ServiceConfig, keys};
use tessera_store::{Store, StoreConfig};
use tessera_web::{AccessLog, AccessLogGuard, Web, WebConfig};
use tokio::net::TcpListener;
use tokio::task::AbortHandle;
use tower::util::BoxCloneService;

use crate::canary::{Canary, Keep};
use crate::client::Client;
use crate::clock::TestClock;
use crate::courier;
use crate::database::{self, Database};
use crate::entropy::Seeded;
use crate::listener;
use crate::outbox::Memory;
use crate::world::PASSWORD;

/// The URL of an instance without a listener.
const NOWHERE: &str = "http://tessera.test";
/// The administrator's token in every test.
pub(crate) const ROOT_TOKEN: &str = "glpat-root-token-of-the-tests";
/// The administrator's password in every test.
pub(crate) const ROOT_PASSWORD: &str = "correct horse battery staple";

type Http = BoxCloneService<Request, Response, Infallible>;

/// The HTTP side of an instance, shared by threads.
#[derive(Clone)]
pub(crate) struct App(Arc<Mutex<Http>>);

impl App {
    pub(crate) fn service(&self) -> Http {
        self.0.lock().unwrap().clone()
    }
}

/// What an instance is made of.
pub struct Builder {
    hook: PathBuf,
    listens: bool,
}

impl Builder {
    /// Also listens on the loopback interface, and makes that address its external URL.
    #[must_use]
    pub fn listening(self) -> Self {
        Self { listens: true, ..self }
    }

    /// Starts it.
    pub async fn start(self) -> TestApp {
        let canary = Arc::new(Canary::begin());
        canary.watch(ROOT_TOKEN);
        canary.watch(ROOT_PASSWORD);
        canary.watch(PASSWORD);
        let folder = tempfile::tempdir().unwrap();
        let listener = if self.listens {
            Some(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap())
        } else {
            None
        };
        let address = listener.as_ref().map(|listener| listener.local_addr().unwrap());
        let url = address.map_or_else(|| NOWHERE.to_owned(), |address| format!("http://{address}"));
        let clock = Arc::new(TestClock::new());
        let database = Database::chosen(folder.path());
        let (outbox, courier) = (Arc::new(Memory::default()), Arc::new(courier::Memory::default()));
        let outward = (&outbox, &courier);
        let service = open(true, &self.hook, folder.path(), &database, &clock, &url, outward).await;
        service.ensure_administrator(Some(ROOT_PASSWORD)).await.unwrap();
        service.plant_root_token(PlainToken::new(ROOT_TOKEN.to_owned())).await.unwrap();
        let (http, log_guard) = serve(&service, &clock, folder.path()).await;
        let app = App(Arc::new(Mutex::new(http)));
        let serving = listener.map(|listener| listener::serve(listener, app.clone()));
        let (hook, log_guard) = (self.hook, Some(log_guard));
        TestApp {
            app,
            canary,
            service,
            clock,
            outbox,
            courier,
            url,
            address,
            serving,
            log_guard,
            database,
            hook,
            folder,
        }
    }
}

async fn open(
    impersonation: bool,
    hook: &Path,
    folder: &Path,
    database: &Database,
    clock: &Arc<TestClock>,
    url: &str,
    outward: (&Arc<Memory>, &Arc<courier::Memory>),
) -> Service {
    let clock: Arc<dyn Clock> = Arc::clone(clock) as Arc<dyn Clock>;
    let entropy: Arc<dyn Entropy> = Arc::new(Seeded::distinct());
    let secrets = folder.join("secrets");
    std::fs::create_dir_all(&secrets).unwrap();
    let (config, opening) = (database.config.clone(), Arc::clone(&clock));
    let store = tokio::task::spawn_blocking(move || Store::open(&config, opening)).await.unwrap().unwrap();
    let mut git = GitConfig::new(folder, hook);
    // That a machine has much else to do is no fault of what is tested.
    (git.command_timeout, git.queue_timeout) = (Duration::from_mins(10), Duration::from_mins(10));
    let git = Git::open(git).await.unwrap();
    let keys = keys::open(&secrets, &store, &*entropy).await.unwrap();
    let config = ServiceConfig {
        limits: tessera_service::Limits::default(),
        external_url: url.to_owned(),
        impersonation_enabled: impersonation,
        secrets,
        max_push_bytes: None,
    };
    let outward = Outward { outbox: Arc::clone(outward.0) as _, courier: Arc::clone(outward.1) as _ };
    Service::new(config, store, git, keys, clock, entropy, outward).await.unwrap()
}

/// Begins to take requests and the questions of pushes.
async fn serve(service: &Service, clock: &Arc<TestClock>, folder: &Path) -> (Http, AccessLogGuard) {
    service.reconcile_pushes().await.unwrap();
    service.start_hooks(folder).await.unwrap();
    let config = WebConfig { rest_body_limit: 20 << 20, boot_id: 7 };
    let (access_log, guard) = AccessLog::start(Keep).unwrap();
    let clock: Arc<dyn Clock> = Arc::clone(clock) as Arc<dyn Clock>;
    let web = Arc::new(Web::new(service.clone(), clock, config, access_log));
    (BoxCloneService::new(tessera_web::app(web)), guard)
}

/// A running instance; its data goes with it.
pub struct TestApp {
    pub(crate) app: App,
    pub(crate) canary: Arc<Canary>,
    /// The use cases behind the doors.
    pub service: Service,
    /// The clock of the instance.
    pub clock: Arc<TestClock>,
    /// Where its mails go.
    pub outbox: Arc<Memory>,
    /// Who calls its web hooks.
    pub courier: Arc<courier::Memory>,
    url: String,
    address: Option<SocketAddr>,
    serving: Option<AbortHandle>,
    log_guard: Option<AccessLogGuard>,
    database: Database,
    hook: PathBuf,
    folder: TempDir,
}

impl TestApp {
    /// An instance whose pre-receive hook is the given program: that of the server, or any other where a
    /// test pushes nothing.
    pub fn builder(hook: impl Into<PathBuf>) -> Builder {
        Builder { hook: hook.into(), listens: false }
    }

    fn outward(&self) -> (&Arc<Memory>, &Arc<courier::Memory>) {
        (&self.outbox, &self.courier)
    }

    /// Where programs reach it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The address of its listener.
    pub fn address(&self) -> SocketAddr {
        self.address.expect("this test needs a listener: Builder::listening")
    }

    /// A folder for what a test leaves lying about.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A client without any credential.
    pub fn anonymous(&self) -> Client {
        Client::new(self, None)
    }

    /// The administrator, with a token of the scopes `api`, `sudo` and `admin_mode`.
    pub fn admin(&self) -> Client {
        self.token(ROOT_TOKEN)
    }

    /// A client with this token.
    pub fn token(&self, token: &str) -> Client {
        self.canary.watch(token);
        Client::new(self, Some(token.to_owned()))
    }

    /// Stops and starts again on the same data and at the same address, with impersonation tokens on or off. Nothing may
    /// be under way.
    pub async fn restart(&mut self, impersonation: bool) {
        let (folder, clock) = (self.folder.path(), &self.clock);
        let next =
            open(impersonation, &self.hook, folder, &self.database, clock, &self.url, self.outward()).await;
        // The old one lets go of the socket of its hooks before the new one makes its own.
        *self.app.0.lock().unwrap() = Http::new(tower::service_fn(|_| async { Ok(Response::default()) }));
        self.service = next;
        let (http, log_guard) = serve(&self.service, clock, folder).await;
        *self.app.0.lock().unwrap() = http;
        self.log_guard = Some(log_guard);
    }

    /// Another node: the use cases once more, over the same database. Only PostgreSQL is shared by nodes.
    pub async fn second_node(&self) -> Option<Service> {
        if matches!(self.database.config, StoreConfig::Sqlite(_)) {
            return None;
        }
        let (folder, clock) = (self.folder.path(), &self.clock);
        Some(open(true, &self.hook, folder, &self.database, clock, &self.url, self.outward()).await)
    }

    /// Does what the server does in the background: jobs that are due, last uses that wait.
    pub async fn settle(&self) {
        self.service.flush_usage().await;
        self.service.ask_for_daily_jobs().await;
        self.service.run_due_jobs().await;
        self.service.keep_audit().await;
        self.service.deliver_mails(self.service.now()).await.unwrap();
        self.service.call_web_hooks(self.service.now()).await.unwrap();
    }

    /// What a request answers, and how many statements of SQL it ran. Nothing else may be under way.
    pub async fn statements_of<R: IntoFuture>(&self, request: R) -> (R::Output, u64) {
        let before = self.service.statements();
        let answer = request.await;
        (answer, self.service.statements() - before)
    }

    /// Does what the server does in the background, and takes out the mails that were sent since the last time, in the
    /// order of the people's addresses.
    pub async fn mails(&self) -> Vec<Mail> {
        self.settle().await;
        let mut mails = self.outbox.take();
        mails.sort_by(|one, other| one.to.cmp(&other.to));
        mails
    }

    /// Runs statements on the database as somebody would who can write all of it, past the product.
    pub async fn tamper(&self, sql: &str) {
        database::tamper(self.database.config.clone(), sql).await;
    }

    /// Everything that the database holds, as text; bytes as the list of their numbers.
    pub async fn dump(&self) -> String {
        database::dump(self.database.config.clone()).await
    }

    /// Everything that was logged since the test began, by whichever test.
    pub fn log(&self) -> String {
        self.canary.text()
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if let Some(serving) = &self.serving {
            serving.abort();
        }
        // Lines of the access log that still wait are written now.
        drop(self.log_guard.take());
        if !std::thread::panicking() {
            let found = self.canary.found();
            assert!(found.is_empty(), "secrets stand in the log:\n{}", found.join("\n"));
        }
    }
}
