//! Walking along the whole log, a page at a time.

use std::collections::VecDeque;
use std::sync::Arc;

use tessera_model::Result;
use tessera_model::audit::{Report, Seal, Stored, Verifier};
use tessera_store::{Store, query};

use crate::{Service, Trouble};

/// Records, and seals, read at once.
const PAGE: i64 = 1000;
/// How often a walk begins anew when retention went on meanwhile.
const WALKS: u32 = 5;
/// How many records beyond the newest seal are named.
const STRAYS: i64 = 20;

impl Service {
    /// Looks whether the audit log is as it was written, from its first record to its last. What is new is
    /// sealed before.
    ///
    /// # Errors
    /// When the database does not answer, or the head cannot be read.
    pub async fn verify_audit(&self) -> Result<Report> {
        self.seal_audit().await?;
        let mut walk = 1;
        loop {
            let before = self.audit_anchor().await?;
            let report = self.walk().await?;
            // Records that retention took while we walked would look as if somebody had removed them.
            if report.is_whole() || walk == WALKS || self.audit_anchor().await? == before {
                return Ok(report);
            }
            walk += 1;
        }
    }

    async fn audit_anchor(&self) -> Result<Option<i64>> {
        Ok(self.store().read(|conn| query::audit::anchor(conn).map_err(Trouble::from)).await?)
    }

    async fn walk(&self) -> Result<Report> {
        // The head first: a seal that is laid now is newer than it, never the other way round.
        let head = self.head().await?;
        let newest = self.store().read(|conn| query::audit::newest(conn).map_err(Trouble::from)).await?;
        let end = newest.map_or(0, |seal| seal.number);
        let core = Arc::clone(self.core());
        let mut verifier = Verifier::new(&core.audit.key, head);
        let (mut records, mut seals) = (Records::new(self.store(), end), Seals::new(self.store(), end));
        while let Some(seal) = seals.next().await? {
            while let Some(stored) = records.up_to(seal.number - 1).await? {
                verifier.record(&stored);
            }
            verifier.seal(&seal);
            while let Some(stored) = records.up_to(seal.number).await? {
                verifier.record(&stored);
            }
        }
        while let Some(stored) = records.up_to(end).await? {
            verifier.record(&stored);
        }
        self.look_beyond(&mut verifier).await?;
        Ok(verifier.finish())
    }

    /// What no seal covers: records that came just now, and such as name a seal that there is not.
    async fn look_beyond(&self, verifier: &mut Verifier<'_>) -> Result<()> {
        let read = self.store().read(|conn| {
            let newest = query::audit::newest(conn)?.map_or(0, |seal| seal.number);
            Ok::<_, Trouble>((newest, query::audit::strays(conn, newest, STRAYS)?))
        });
        let (newest, strays) = read.await?;
        for id in strays {
            verifier.stray(id, newest);
        }
        let mut after = 0;
        loop {
            let read = self
                .store()
                .read(move |conn| query::audit::unsealed(conn, after, PAGE).map_err(Trouble::from));
            let page = read.await?;
            for stored in &page {
                verifier.unsealed(stored);
            }
            match page.last() {
                Some(last) => after = last.id,
                None => return Ok(()),
            }
        }
    }
}

/// The sealed records, in the order of their seals.
pub(super) struct Records<'s> {
    store: &'s Store,
    waiting: VecDeque<Stored>,
    after: (i64, i64),
    end: i64,
    done: bool,
}

impl<'s> Records<'s> {
    fn new(store: &'s Store, end: i64) -> Self {
        // Numbers of seals begin with 1; one below that has no business here and shows.
        Self { store, waiting: VecDeque::new(), after: (i64::MIN, i64::MIN), end, done: false }
    }

    /// The next one, if its seal is not beyond `seal`.
    async fn up_to(&mut self, seal: i64) -> Result<Option<Stored>> {
        if self.waiting.is_empty() && !self.done {
            let after = self.after;
            let read =
                self.store.read(move |conn| query::audit::sealed(conn, after, PAGE).map_err(Trouble::from));
            self.waiting = read.await?.into();
            match self.waiting.back() {
                Some(last) => self.after = (last.seal.unwrap_or(i64::MAX), last.id),
                None => self.done = true,
            }
        }
        let limit = seal.min(self.end);
        Ok(self.waiting.pop_front_if(|next| next.seal.is_some_and(|own| own <= limit)))
    }
}

/// The seals in order.
struct Seals<'s> {
    store: &'s Store,
    waiting: VecDeque<Seal>,
    after: i64,
    end: i64,
}

impl<'s> Seals<'s> {
    fn new(store: &'s Store, end: i64) -> Self {
        Self { store, waiting: VecDeque::new(), after: i64::MIN, end }
    }

    async fn next(&mut self) -> Result<Option<Seal>> {
        if self.waiting.is_empty() && self.after < self.end {
            let after = self.after;
            let read =
                self.store.read(move |conn| query::audit::seals(conn, after, PAGE).map_err(Trouble::from));
            self.waiting = read.await?.into();
            self.after = self.waiting.back().map_or(self.end, |last| last.number);
        }
        Ok(self.waiting.pop_front_if(|seal| seal.number <= self.end))
    }
}
