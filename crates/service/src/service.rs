//! The service: what the doors call.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use tessera_git::Git;
use tessera_git::hook::server::HookServer;
use tessera_model::error::Unauthenticated;
use tessera_model::operation::Operation;
use tessera_model::policy;
use tessera_model::secret::Entropy;
use tessera_model::time::Clock;
use tessera_model::{Error, Result};
use tessera_store::{Store, query};
use tokio::sync::{Notify, Semaphore};
use zeroize::Zeroizing;

use crate::audit::Audit;
use crate::authenticate;
use crate::ends::Ends;
use crate::guard::{Guard, Limits};
use crate::keys::Keys;
use crate::ledger::{LEDGER_DAYS, Ledger, TokenUse};
use crate::mail::Outbox;
use crate::repository::Lanes;
use crate::request::Ask;
use crate::usage::Usage;
use crate::vault::Vault;
use crate::web_hooks::courier::Courier;
use crate::{Credential, Trouble, Tx, settings, tokens};

/// What the service needs to know of its surroundings.
#[derive(Clone, Debug)]
pub struct ServiceConfig {
    /// The URL under which people and clients reach the server, without a slash at its end.
    pub external_url: String,
    /// Whether impersonation tokens work (a switch of the configuration, as in GitLab).
    pub impersonation_enabled: bool,
    /// The folder of keys.
    pub secrets: PathBuf,
    /// The largest push, in bytes, if there is a limit.
    pub max_push_bytes: Option<u64>,
    /// How many failed attempts are taken.
    pub limits: Limits,
}

/// What leaves the house.
#[derive(Clone)]
pub struct Outward {
    /// Where mails go.
    pub outbox: Arc<dyn Outbox>,
    /// Who calls web hooks.
    pub courier: Arc<dyn Courier>,
}

/// What every transaction shares.
pub(crate) struct Core {
    pub(crate) keys: Keys,
    pub(crate) vault: Vault,
    pub(crate) audit: Audit,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) usage: Usage,
    ledger: Ledger,
    pub(crate) external_url: String,
    pub(crate) impersonation_enabled: bool,
    pub(crate) max_push_bytes: Option<u64>,
    /// Whether a mail was written since the sender was last called.
    pub(crate) mail_written: AtomicBool,
    prefix: RwLock<Arc<str>>,
    refresh_hours: AtomicI64,
    /// Whether uses of tokens are kept at all.
    keeps_ledger: AtomicBool,
}

impl Core {
    /// The prefix of generated tokens, as last read: a stale one can only cost a look-up.
    pub(crate) fn token_prefix(&self) -> Arc<str> {
        self.prefix.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn last_used_refresh_hours(&self) -> i64 {
        self.refresh_hours.load(Ordering::Relaxed)
    }

    /// The host of the external URL, which the addresses of bots end in (D3).
    pub(crate) fn host(&self) -> &str {
        host_of(&self.external_url)
    }

    /// The domain of bots' addresses, in which people may have none (D3).
    pub(crate) fn bot_domain(&self) -> String {
        format!("noreply.{}", self.host())
    }
}

/// The host of a URL, without its port.
pub fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or(rest);
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

struct Inner {
    core: Arc<Core>,
    store: Store,
    git: Git,
    /// Answers the hooks of pushes, once it was started.
    hooks: OnceLock<HookServer>,
    edits: Lanes,
    jobs: Notify,
    /// Rung when the ledger should not wait for its time to be written.
    ledger_full: Notify,
    /// When the daily jobs must be looked at again, as a timestamp.
    next_daily_job: AtomicI64,
    guard: Guard,
    outward: Outward,
    /// How many tokens end when, as last counted.
    ends: tokio::sync::Mutex<Ends>,
    mails: Notify,
    /// Password checks at once: each takes 19 MiB and tens of milliseconds.
    passwords: Semaphore,
    started_at: tessera_model::time::Timestamp,
}

/// The use cases' surroundings; clones share them.
#[derive(Clone)]
pub struct Service {
    inner: Arc<Inner>,
}

impl Service {
    /// Puts the parts together and reads what is kept in memory.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn new(
        config: ServiceConfig,
        store: Store,
        git: Git,
        keys: Keys,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        outward: Outward,
    ) -> Result<Self> {
        let core = Arc::new(Core {
            audit: Audit::new(&keys, &*entropy)?,
            vault: keys.vault().map_err(Error::internal)?,
            keys,
            entropy,
            clock,
            usage: Usage::default(),
            ledger: Ledger::default(),
            external_url: config.external_url,
            impersonation_enabled: config.impersonation_enabled,
            max_push_bytes: config.max_push_bytes,
            mail_written: AtomicBool::new(false),
            prefix: RwLock::new("".into()),
            refresh_hours: AtomicI64::new(24),
            keeps_ledger: AtomicBool::new(true),
        });
        let hooks = OnceLock::new();
        let guard = Guard::new(config.limits, core.clock.now());
        let started_at = core.clock.now();
        let inner = Inner {
            core,
            store,
            git,
            hooks,
            edits: Lanes::default(),
            jobs: Notify::new(),
            ledger_full: Notify::new(),
            guard,
            next_daily_job: AtomicI64::new(i64::MIN),
            outward,
            ends: tokio::sync::Mutex::default(),
            mails: Notify::new(),
            passwords: Semaphore::new(2),
            started_at,
        };
        let service = Self { inner: Arc::new(inner) };
        service.refresh().await?;
        Ok(service)
    }

    /// Reads again the few settings that are kept in memory, none of which decides a verdict.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn refresh(&self) -> Result<()> {
        let read = self.inner.store.read(|conn| {
            let prefix = settings::value(conn, "personal_access_token_prefix")?;
            let hours = settings::value(conn, "last_used_refresh_hours")?;
            let days = settings::value(conn, LEDGER_DAYS)?;
            Ok::<_, Trouble>((prefix, hours, days))
        });
        let (prefix, hours, days) = read.await.map_err(|trouble| trouble.0)?;
        let core = &self.inner.core;
        *core.prefix.write().unwrap_or_else(PoisonError::into_inner) =
            prefix.as_str().unwrap_or_default().into();
        core.refresh_hours.store(hours.as_i64().unwrap_or(24), Ordering::Relaxed);
        core.keeps_ledger.store(days.as_i64() != Some(0), Ordering::Relaxed);
        let core = Arc::clone(core);
        let reloaded = tokio::task::spawn_blocking(move || core.keys.reload_gitlab());
        reloaded.await.map_err(Error::internal)?.map_err(Error::internal)
    }

    /// Whether imported tokens can be tried with any GitLab's key.
    pub fn knows_gitlab_key(&self) -> bool {
        !self.inner.core.keys.gitlab().is_empty()
    }

    /// Adds a GitLab's `db_key_base` to those that imported tokens are tried with, from now on.
    ///
    /// # Errors
    /// When it has characters that no GitLab would have used, or the folder of keys cannot be written.
    pub async fn add_gitlab_key(&self, db_key_base: Zeroizing<String>) -> Result<()> {
        let core = Arc::clone(&self.inner.core);
        let added = tokio::task::spawn_blocking(move || core.keys.add_gitlab(&db_key_base));
        added.await.map_err(Error::internal)?.map_err(|error| Error::Refused(error.to_string()))
    }

    /// Serves an operation that only reads.
    ///
    /// # Errors
    /// Who asks may not, or what the use case answers.
    pub async fn read<Op, T, F>(&self, ask: &Arc<Ask>, action: F) -> Result<T>
    where
        Op: Operation,
        T: Send + 'static,
        F: for<'tx> Fn(&mut Tx<'tx>) -> Result<T> + Send + 'static,
    {
        let (core, asked) = (Arc::clone(&self.inner.core), Arc::clone(ask));
        let store = &self.inner.store;
        let run = move |conn: &mut dyn tessera_store::Conn| perform::<Op, _, _>(conn, &core, &asked, &action);
        let done = if Op::ROW.brief { store.look(run).await } else { store.read(run).await };
        self.conclude(ask, done).await
    }

    /// Serves an operation that may write. The answer comes after the commit.
    ///
    /// # Errors
    /// Who asks may not, or what the use case answers; then nothing was changed.
    pub async fn write<Op, T, F>(&self, ask: &Arc<Ask>, action: F) -> Result<T>
    where
        Op: Operation,
        T: Send + 'static,
        F: for<'tx> Fn(&mut Tx<'tx>) -> Result<T> + Send + 'static,
    {
        let (core, asked) = (Arc::clone(&self.inner.core), Arc::clone(ask));
        let done =
            self.inner.store.write(move |conn| perform::<Op, _, _>(conn, &core, &asked, &action)).await;
        if done.is_ok() {
            self.inner.jobs.notify_one();
            self.ring_for_mail();
        }
        self.conclude(ask, done).await
    }

    /// A revoked token was presented: whoever holds a copy of a rotated secret gives itself away, and
    /// the family dies with it (D22). This is a write of its own, since the refused request had none.
    async fn conclude<T>(&self, ask: &Arc<Ask>, done: Result<T, Trouble>) -> Result<T> {
        let result = done.map_err(|trouble| trouble.0);
        if matches!(result, Err(Error::Unauthenticated(Unauthenticated::Revoked))) {
            self.answer_reuse(ask).await;
        }
        if matches!(result, Err(Error::Unauthenticated(Unauthenticated::Unknown)))
            && matches!(ask.credential, Credential::Token { .. })
            && !ask.tentative
        {
            self.count_unknown_token(&ask.meta.address)?;
        }
        result
    }

    /// Remembers that an unknown token came from this address.
    ///
    /// # Errors
    /// 429 when there were too many.
    pub(crate) fn count_unknown_token(&self, address: &str) -> Result<()> {
        self.inner.guard.token_failed(address, self.now()).map_err(Error::TooMany)
    }

    async fn answer_reuse(&self, ask: &Arc<Ask>) {
        let (core, asked) = (Arc::clone(&self.inner.core), Arc::clone(ask));
        let due = self.inner.store.read(move |conn| {
            let Credential::Token { token, .. } = &asked.credential else { return Ok(false) };
            let Some((token, _)) = authenticate::find(conn, &core, token)? else { return Ok(false) };
            Ok::<_, Trouble>(token.revoked && !query::tokens::live_descendants(conn, token.id)?.is_empty())
        });
        if !matches!(due.await, Ok(true)) {
            return;
        }
        let (core, asked) = (Arc::clone(&self.inner.core), Arc::clone(ask));
        let done = self.inner.store.write(move |conn| {
            let now = core.clock.now();
            let mut tx = Tx::new(conn, &core, &asked.meta, tessera_model::caller::Caller::ANONYMOUS, now);
            tokens::reuse::respond(&mut tx, &asked.credential).map_err(Trouble)
        });
        if let Err(trouble) = done.await {
            tracing::error!(error = %trouble.0, "the reuse of a rotated token could not be answered");
        }
        self.ring_for_mail();
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<()> {
        let answer = self.inner.store.read(|conn| query::instance::get(conn, "ping").map_err(Trouble::from));
        answer.await.map(drop).map_err(|trouble| trouble.0)
    }

    /// How many statements of SQL were run so far, as [`Store::statements`] counts them.
    pub fn statements(&self) -> u64 {
        self.inner.store.statements()
    }

    /// Writes the last uses and the lines of the ledger that wait.
    pub async fn flush_usage(&self) {
        self.inner.core.usage.flush(&self.inner.store).await;
        self.flush_ledger().await;
    }

    /// Writes the lines of the ledger that wait.
    pub async fn flush_ledger(&self) {
        self.inner.core.ledger.flush(&self.inner.store).await;
    }

    /// Counts a use of a token in its ledger, unless none is kept.
    pub fn note_use(&self, used: &TokenUse<'_>) {
        let core = &self.inner.core;
        if core.keeps_ledger.load(Ordering::Relaxed) && core.ledger.note(used, core.clock.now()) {
            self.inner.ledger_full.notify_one();
        }
    }

    /// Waits until so much is in the ledger's memory that it should be written.
    pub async fn ledger_fills(&self) {
        self.inner.ledger_full.notified().await;
    }

    /// How many uses of tokens the ledger could not keep since the start.
    pub fn ledger_dropped(&self) -> u64 {
        self.inner.core.ledger.dropped()
    }

    /// The present.
    pub fn now(&self) -> tessera_model::time::Timestamp {
        self.inner.core.clock.now()
    }

    /// When this process began to serve.
    pub(crate) fn started_at(&self) -> tessera_model::time::Timestamp {
        self.inner.started_at
    }

    /// The URL under which clients reach the server.
    pub fn external_url(&self) -> &str {
        &self.inner.core.external_url
    }

    /// The repositories.
    pub fn git(&self) -> &Git {
        &self.inner.git
    }

    pub(crate) fn hook_slot(&self) -> &OnceLock<HookServer> {
        &self.inner.hooks
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.inner.core
    }

    pub(crate) fn store(&self) -> &Store {
        &self.inner.store
    }

    /// Where edits through the API wait for each other.
    pub(crate) fn edits(&self) -> &Lanes {
        &self.inner.edits
    }

    pub(crate) fn next_daily_job(&self) -> &AtomicI64 {
        &self.inner.next_daily_job
    }

    pub(crate) fn outbox(&self) -> &dyn Outbox {
        &*self.inner.outward.outbox
    }

    pub(crate) fn ends(&self) -> &tokio::sync::Mutex<Ends> {
        &self.inner.ends
    }

    pub(crate) fn courier(&self) -> &dyn Courier {
        &*self.inner.outward.courier
    }

    pub(crate) fn guard(&self) -> &Guard {
        &self.inner.guard
    }

    /// Where checks of passwords wait for their turn.
    pub(crate) fn password_turns(&self) -> &Semaphore {
        &self.inner.passwords
    }

    pub(crate) fn mail_bell(&self) -> &Notify {
        &self.inner.mails
    }

    pub(crate) fn job_bell(&self) -> &Notify {
        &self.inner.jobs
    }
}

/// One request in its transaction: who asks, do their scopes open the operation, then the use case.
fn perform<Op, T, F>(
    conn: &mut dyn tessera_store::Conn,
    core: &Core,
    ask: &Ask,
    action: &F,
) -> Result<T, Trouble>
where
    Op: Operation,
    F: for<'tx> Fn(&mut Tx<'tx>) -> Result<T>,
{
    let now = core.clock.now();
    let caller = authenticate::caller(conn, core, ask, now)?;
    ask.found(&caller);
    policy::admit(&caller, &Op::ROW)?;
    let mut tx = Tx::new(conn, core, &ask.meta, caller, now);
    tx.asked = Some(ask);
    action(&mut tx).map_err(Trouble)
}

impl From<Trouble> for Error {
    fn from(trouble: Trouble) -> Self {
        trouble.0
    }
}
