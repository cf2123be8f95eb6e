//! Makes the calls that wait, outside of any transaction, as mails are sent. A call is marked after it was answered: when
//! the process dies between the two it is made once more, with the same Idempotency-Key. Nothing else makes one twice,
//! and none is lost.

use std::fmt;
use std::time::Duration;

use futures_util::future::join_all;
use tessera_model::time::Timestamp;
use tessera_model::{Error, Result};
use tessera_store::query;
use tessera_store::query::web_hook_deliveries::Claimed;
use tokio::sync::watch;

use super::call::{Call, Made, settle};
use super::payload::TRIGGER;
use crate::{Service, Trouble, failpoint};

/// How long a caller may be silent before another takes its call over, in seconds; longer than any attempt.
const LEASE: i64 = 120;
/// The wait after the first failure, which doubles with each, and the longest, in seconds.
const FIRST_WAIT: i64 = 60;
const LONGEST_WAIT: i64 = 3600;
/// Calls at once: a slow receiver keeps only some of them.
const AT_ONCE: usize = 4;
/// How often the table is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// What an attempt to make every call came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Called {
    /// Calls that were answered well.
    pub made: u64,
    /// Calls that wait for another attempt.
    pub waiting: i64,
    /// The last thing that went wrong.
    pub error: Option<String>,
}

impl fmt::Display for Called {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} web hooks called", self.made)?;
        if self.waiting > 0 {
            write!(f, ", {} wait", self.waiting)?;
        }
        match &self.error {
            Some(error) => write!(f, ": {error}"),
            None => Ok(()),
        }
    }
}

/// What a claim came to.
enum Next {
    /// This call is to be made.
    Ready(Box<(Claimed, Call)>),
    /// That one is not, now or any more.
    Passed,
    /// None is due.
    Nothing,
}

impl Service {
    /// Makes calls until told to stop. Those that are being made are finished.
    pub async fn run_web_hooks(&self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let now = self.now();
            let due = self
                .store()
                .read(move |conn| query::web_hook_deliveries::is_due(conn, now).map_err(Trouble::from));
            if matches!(due.await, Ok(true)) {
                let ended = || *stop.borrow();
                for outcome in join_all((0..AT_ONCE).map(|_| self.call_due(now, &ended))).await {
                    if let Err(error) = outcome {
                        tracing::warn!(%error, "web hooks could not be called");
                    }
                }
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK_EVERY) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Makes every call that is due at `now`.
    ///
    /// # Errors
    /// When the database does not answer. A receiver that does not is no error: the call waits.
    pub async fn call_web_hooks(&self, now: Timestamp) -> Result<Called> {
        let (made, error) = self.call_due(now, &|| false).await?;
        let waiting =
            self.store().read(|conn| query::web_hook_deliveries::waiting(conn).map_err(Trouble::from));
        Ok(Called { made, waiting: waiting.await.map_err(|trouble| trouble.0)?, error })
    }

    /// Tries every call at once, those too whose hooks are left alone for a while.
    pub(crate) async fn call_all(&self, now: Timestamp) -> Result<Called> {
        let revived = self
            .store()
            .write(move |conn| query::web_hook_deliveries::revive(conn, now).map_err(Trouble::from));
        revived.await.map_err(|trouble| trouble.0)?;
        self.call_web_hooks(now).await
    }

    async fn call_due(
        &self,
        now: Timestamp,
        ended: &(dyn Fn() -> bool + Sync),
    ) -> Result<(u64, Option<String>)> {
        let (mut count, mut last_error) = (0, None);
        while !ended() {
            let (claimed, call) = match self.claim_call(now).await? {
                Next::Ready(ready) => *ready,
                Next::Passed => continue,
                Next::Nothing => break,
            };
            failpoint::reach("a web hook was claimed");
            let made = self.make_call(&call, now.max(self.now())).await?;
            failpoint::reach("a web hook was called");
            match &made.outcome {
                Ok(_) => count += 1,
                Err(error) => {
                    tracing::warn!(
                        web_hook = call.hook.id,
                        attempts = claimed.attempts,
                        error,
                        "a web hook failed"
                    );
                    last_error = Some(error.clone());
                }
            }
            self.settle_call(claimed, call, made, now).await?;
            failpoint::reach("a web hook was settled");
        }
        Ok((count, last_error))
    }

    /// Takes the next call. One whose token has ended, or was revoked, tells nothing any more; one whose hook is left
    /// alone waits for as long as that.
    async fn claim_call(&self, now: Timestamp) -> Result<Next> {
        let until = now.max(self.now()).plus_seconds(LEASE);
        let core = self.core().clone();
        let claimed = self.store().write(move |conn| {
            let Some(claimed) = query::web_hook_deliveries::claim(conn, now, until)? else {
                return Ok(Next::Nothing);
            };
            let stored = query::web_hooks::by_number(conn, claimed.web_hook_id)?;
            let (Some(stored), true) = (stored, claimed.holds) else {
                query::web_hook_deliveries::dropped(conn, claimed.id)?;
                return Ok(Next::Passed);
            };
            if let Some(rest) = super::rests_until(stored.hook.health, now) {
                query::web_hook_deliveries::put_back(conn, claimed.id, rest, "the hook is disabled")?;
                return Ok(Next::Passed);
            }
            let uuids = (claimed.idempotency_key.clone(), claimed.event_uuid.clone());
            let call = Call::new(conn, &core, &stored, TRIGGER, uuids, claimed.body.clone())?;
            Ok::<_, Trouble>(Next::Ready(Box::new((claimed, call))))
        });
        claimed.await.map_err(|trouble| trouble.0)
    }

    async fn settle_call(&self, claimed: Claimed, call: Call, made: Made, now: Timestamp) -> Result<()> {
        let (id, now) = (claimed.id, now.max(self.now()));
        let done = self.store().write(move |conn| {
            let Some(()) = settle(conn, &call, &made, now)? else { return Ok(()) };
            match &made.outcome {
                Ok(_) => query::web_hook_deliveries::sent(conn, id)?,
                Err(error) => {
                    let next = now.plus_seconds(wait(claimed.attempts));
                    query::web_hook_deliveries::put_back(conn, id, next, error)?;
                }
            }
            Ok::<_, Trouble>(())
        });
        done.await.map_err(|trouble| {
            tracing::error!(delivery = id, error = %trouble.0, "the fate of a web hook could not be written down");
            Error::from(trouble)
        })
    }
}

/// How long a call waits after so many attempts, in seconds.
fn wait(attempts: i64) -> i64 {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(u32::MAX);
    FIRST_WAIT.saturating_mul(2_i64.saturating_pow(doublings)).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_an_hour() {
        assert_eq!([1, 2, 3, 6, 7, 1000].map(wait), [60, 120, 240, 1920, 3600, 3600]);
    }
}
