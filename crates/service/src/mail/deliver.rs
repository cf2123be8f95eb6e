//! Hands waiting mails over, outside of any transaction. A mail is marked after it was accepted: when the process
//! dies between the two it is sent once more, with the same Message-ID. Nothing else makes one twice, and none is lost.

use std::fmt;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tessera_model::time::Timestamp;
use tessera_model::{Error, Result};
use tessera_store::query;
use tessera_store::query::mails::ClaimedMail;
use tokio::sync::watch;

use super::{Letter, Mail, SendError};
use crate::{Service, Trouble, failpoint};

/// How long a sender may be silent before another takes its mail over, in seconds; longer than any attempt.
const LEASE: i64 = 300;
/// The wait after the first failure, which doubles with each, and the longest, in seconds.
const FIRST_WAIT: i64 = 30;
const LONGEST_WAIT: i64 = 3600;
/// Attempts after which a mail that the server refuses is kept aside: about a day.
const PATIENCE: i64 = 28;
/// The pause after each mail of a long queue: whoever makes a thousand tokens is to have them soon, the news of them
/// can come bit by bit, and mail servers like it so.
const PACE: Duration = Duration::from_millis(50);
/// How often the table is looked at without being called.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// What an attempt to send everything came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivered {
    /// Mails that were accepted.
    pub sent: u64,
    /// Mails that wait for another attempt, and those that were refused for good and are kept.
    pub unsent: (i64, i64),
    /// The last thing that went wrong.
    pub error: Option<String>,
}

impl fmt::Display for Delivered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} mails sent", self.sent)?;
        let (waiting, refused) = self.unsent;
        if waiting > 0 {
            write!(f, ", {waiting} wait")?;
        }
        if refused > 0 {
            write!(f, ", {refused} were refused for good and are kept")?;
        }
        match &self.error {
            Some(error) => write!(f, ": {error}"),
            None => Ok(()),
        }
    }
}

impl Service {
    /// Sends mails until told to stop. The one that is being handed over is finished.
    pub async fn run_mails(&self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let now = self.now();
            let due = self.store().read(move |conn| query::mails::due(conn, now).map_err(Trouble::from));
            if matches!(due.await, Ok(true)) {
                let ended = || *stop.borrow();
                let _ = self.send_due(now, PACE, &ended).await;
            }
            tokio::select! {
                () = self.mail_bell().notified() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Rings for the sender if a mail was written.
    pub(crate) fn ring_for_mail(&self) {
        if self.core().mail_written.swap(false, Ordering::AcqRel) {
            self.mail_bell().notify_one();
        }
    }

    /// Hands over every mail that is due at `now`.
    ///
    /// # Errors
    /// When the database does not answer. What cannot be sent is no error: it waits.
    pub async fn deliver_mails(&self, now: Timestamp) -> Result<Delivered> {
        let (sent, error) = self.send_due(now, Duration::ZERO, &|| false).await?;
        let unsent = self.store().read(|conn| query::mails::unsent(conn).map_err(Trouble::from));
        let unsent = unsent.await.map_err(|trouble| trouble.0)?;
        Ok(Delivered { sent, unsent, error })
    }

    /// Hands over what is due, if this process wrote a mail and nobody sent it yet, and begins no mail after so long. What
    /// goes wrong is logged, and waits.
    pub async fn deliver_own(&self, span: Duration) {
        self.ring_for_mail();
        // The bell that nobody heard still rings.
        if tokio::time::timeout(Duration::ZERO, self.mail_bell().notified()).await.is_err() {
            return;
        }
        let end = self.core().clock.monotonic() + span;
        let late = || self.core().clock.monotonic() >= end;
        if let Err(error) = self.send_due(self.now(), Duration::ZERO, &late).await {
            tracing::warn!(%error, "mails could not be sent");
        }
    }

    /// Tries every mail at once, those too that were refused for good.
    pub(crate) async fn deliver_all(&self, now: Timestamp) -> Result<Delivered> {
        let revived = self.store().write(move |conn| query::mails::revive(conn, now).map_err(Trouble::from));
        revived.await.map_err(|trouble| trouble.0)?;
        self.deliver_mails(now).await
    }

    async fn send_due(
        &self,
        now: Timestamp,
        pace: Duration,
        ended: &(dyn Fn() -> bool + Sync),
    ) -> Result<(u64, Option<String>)> {
        let (mut sent, mut last_error) = (0, None);
        while !ended() {
            let Some(mail) = self.claim_mail(now).await? else { break };
            failpoint::reach("a mail was claimed");
            let outcome = match as_mail(&mail) {
                Ok(mail) => self.outbox().send(&mail).await,
                Err(error) => Err(SendError::Refused(error.to_string())),
            };
            failpoint::reach("a mail was handed over");
            self.settle_mail(&mail, now, &outcome).await?;
            failpoint::reach("a mail was settled");
            tokio::time::sleep(pace).await;
            match outcome {
                Ok(()) => sent += 1,
                Err(error) => {
                    tracing::warn!(mail = mail.id, attempts = mail.attempts, %error, "a mail was not accepted");
                    let unavailable = matches!(error, SendError::Unavailable(_));
                    last_error = Some(error.to_string());
                    // The others would fare no better.
                    if unavailable {
                        break;
                    }
                }
            }
        }
        Ok((sent, last_error))
    }

    async fn claim_mail(&self, now: Timestamp) -> Result<Option<ClaimedMail>> {
        let until = now.max(self.now()).plus_seconds(LEASE);
        let claimed =
            self.store().write(move |conn| query::mails::claim(conn, now, until).map_err(Trouble::from));
        claimed.await.map_err(|trouble| trouble.0)
    }

    async fn settle_mail(
        &self,
        mail: &ClaimedMail,
        now: Timestamp,
        outcome: &Result<(), SendError>,
    ) -> Result<()> {
        let (id, attempts, outcome) = (mail.id, mail.attempts, outcome.clone());
        let now = now.max(self.now());
        let done = self.store().write(move |conn| {
            match &outcome {
                Ok(()) => query::mails::sent(conn, id, now)?,
                Err(error) => {
                    let refused = matches!(error, SendError::Refused(_)) && attempts >= PATIENCE;
                    let next = now.plus_seconds(wait(attempts));
                    query::mails::put_back(conn, id, refused, next, &error.to_string())?;
                }
            }
            Ok::<_, Trouble>(())
        });
        done.await.map_err(|trouble| {
            tracing::error!(mail = id, error = %trouble.0, "the fate of a mail could not be written down");
            Error::from(trouble)
        })
    }
}

/// How long a mail waits after so many attempts, in seconds.
fn wait(attempts: i64) -> i64 {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(u32::MAX);
    FIRST_WAIT.saturating_mul(2_i64.saturating_pow(doublings)).min(LONGEST_WAIT)
}

fn as_mail(mail: &ClaimedMail) -> serde_json::Result<Mail> {
    let letter: Letter = serde_json::from_str(&mail.letter)?;
    Ok(Mail {
        message_id: mail.message_id.clone(),
        to: mail.to.0.clone(),
        to_name: mail.to.1.clone(),
        subject: mail.subject.clone(),
        text: letter.text(),
        html: letter.html(),
        created_at: mail.created_at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_an_hour() {
        assert_eq!([1, 2, 3, 7, 8, 9, 1000].map(wait), [30, 60, 120, 1920, 3600, 3600, 3600]);
        let patience: i64 = (1..PATIENCE).map(wait).sum();
        assert!((20 * 3600..26 * 3600).contains(&patience), "{patience} seconds");
    }
}
