//! Laying seals: one process at a time, by a lease in the database, within a second of what is new.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tessera_model::audit::{ContentHash, Head, Ranges, Seal, Stored};
use tessera_model::secret::hex;
use tessera_model::time::Timestamp;
use tessera_model::{Error, Result};
use tessera_store::{Conn, query};

use crate::service::Core;
use crate::{Service, Trouble, fault};

/// Records of one seal, at most: small, so that other writers hardly wait for it.
const SEAL_RECORDS: i64 = 500;
/// Seals looked at in one read.
const SEALS: i64 = 200;
/// For how long whoever lays seals goes on doing so, in seconds, unless it dies.
const LEASE: i64 = 2;
/// Where the lease is: the number of a process and the time until which it is its own.
const LEASE_NAME: &str = "audit_sealer";

impl Service {
    /// Lays seals over all that is new, if no other process does, and brings the head up to the newest seal.
    /// Returns how many records were sealed.
    ///
    /// # Errors
    /// When the database does not answer or the head cannot be written.
    pub async fn seal_audit(&self) -> Result<u64> {
        let mut sealed = 0;
        loop {
            if !self.follow_head().await? {
                return Ok(sealed);
            }
            let head = self.head().await?;
            let core = Arc::clone(self.core());
            let laid = self.store().write(move |conn| lay(conn, &core, head.as_ref()).map_err(Trouble)).await;
            let Some((seal, count)) = laid? else { return Ok(sealed) };
            tracing::info!(
                seal = seal.number,
                records = count,
                code = hex(&seal.code),
                "the audit log was sealed"
            );
            self.advance_head(Head { number: seal.number, code: seal.code }).await?;
            sealed += count;
        }
    }

    /// Seals what is new and lets another process take over at once: the last act of this one.
    pub async fn end_audit(&self) {
        if let Err(error) = self.flush_failures(true).await {
            tracing::warn!(%error, "failed authentications could not be written down");
        }
        self.keep_audit().await;
        let own = self.core().audit.writer;
        let given = self.store().write(move |conn| give_lease(conn, own).map_err(Trouble));
        if let Err(trouble) = given.await {
            tracing::warn!(error = %trouble.0, "the lease of the audit log could not be given back");
        }
    }

    /// What the head file holds.
    pub(super) async fn head(&self) -> Result<Option<Head>> {
        let core = Arc::clone(self.core());
        let read = tokio::task::spawn_blocking(move || core.audit.head.read());
        read.await.map_err(Error::internal)?
    }

    async fn advance_head(&self, head: Head) -> Result<()> {
        let core = Arc::clone(self.core());
        let written = tokio::task::spawn_blocking(move || core.audit.head.advance(&head));
        written.await.map_err(Error::internal)?
    }

    /// Takes over into the head the seals that others laid, or that were laid just before a crash, after
    /// looking whether they follow on it. Says whether any record waits for its seal.
    async fn follow_head(&self) -> Result<bool> {
        let head = self.head().await?;
        let read = self
            .store()
            .read(|conn| Ok::<_, Trouble>((query::audit::newest(conn)?, query::audit::waiting(conn)?)));
        let (newest, waiting) = read.await?;
        let known = head.as_ref().map_or(0, |head| head.number);
        match newest {
            Some(newest) if newest.number > known => self.take_over(head, newest).await?,
            newest => self.missed(known, newest.map_or(0, |newest| newest.number)),
        }
        Ok(waiting)
    }

    async fn take_over(&self, head: Option<Head>, newest: Seal) -> Result<()> {
        if head.is_none() && newest.number > 1 {
            tracing::warn!(
                "secrets/audit_head was missing: the end of the audit log is known from now on only"
            );
        }
        let mut last = head.clone().map(|head| (head.number, head.code));
        let mut after = head.map_or(0, |head| head.number);
        loop {
            let page =
                self.store().read(move |conn| query::audit::seals(conn, after, SEALS).map_err(Trouble::from));
            let page = page.await?;
            for seal in page {
                if !self.follows(&seal, last.as_ref()) {
                    // The records that come are sealed all the same; what is wrong stays visible.
                    tracing::error!(
                        seal = seal.number,
                        "a seal of the audit log does not follow on the one before it: \
                         tessera audit verify tells more"
                    );
                }
                after = seal.number;
                last = Some((seal.number, seal.code));
            }
            match &last {
                Some((number, _)) if *number < newest.number && *number == after => {}
                _ => break,
            }
        }
        match last {
            Some((number, code)) => self.advance_head(Head { number, code }).await,
            None => Ok(()),
        }
    }

    fn follows(&self, seal: &Seal, last: Option<&(i64, Vec<u8>)>) -> bool {
        let key = &self.core().audit.key;
        let next = last.map_or(Some(1), |(number, _)| number.checked_add(1));
        let fits = || key.seal_fits(seal, last.map(|(_, code)| code.as_slice()));
        (next == Some(seal.number) && fits()) || key.is_anchor(seal)
    }

    /// Says once that seals which were there are gone.
    fn missed(&self, known: i64, newest: i64) {
        if known > newest && self.core().audit.missed.swap(known, Ordering::Relaxed) != known {
            tracing::error!(
                known,
                newest,
                "the newest seals of the audit log are gone: tessera audit verify tells more"
            );
        }
    }
}

/// Lays one seal, if this process has the lease.
fn lay(conn: &mut dyn Conn, core: &Core, head: Option<&Head>) -> Result<Option<(Seal, u64)>> {
    // Two that lay the same seal meet in its number, and those that write records must not wait for this.
    conn.snapshot_is_enough().map_err(fault)?;
    let now = core.clock.now();
    if !take_lease(conn, core.audit.writer, now)? {
        return Ok(None);
    }
    let records = query::audit::unsealed(conn, 0, SEAL_RECORDS).map_err(fault)?;
    let (Some(first), Some(last)) = (records.first(), records.last()) else { return Ok(None) };
    let (before, number) = place(conn, head)?;
    let seal = draft(core, &records, number, before.as_deref(), now);
    query::audit::add_seal(conn, &seal).map_err(fault)?;
    let covered = query::audit::cover(conn, number, first.id, last.id).map_err(fault)?;
    if covered != records.len() as u64 {
        return Err(Error::internal("records came between the reading and the sealing of others"));
    }
    Ok(Some((seal, covered)))
}

/// After which seal the next one comes. Where the newest ones were taken away the head still knows them:
/// their numbers are not given to others, so that the gap stays.
fn place(conn: &mut dyn Conn, head: Option<&Head>) -> Result<(Option<Vec<u8>>, i64)> {
    let newest = query::audit::newest(conn).map_err(fault)?;
    let known = head.map_or(0, |head| head.number);
    let (before, last) = match newest {
        Some(newest) if newest.number >= known => (Some(newest.code), newest.number),
        _ => (head.map(|head| head.code.clone()), known),
    };
    let number = last.checked_add(1).ok_or_else(|| Error::internal("the numbers of seals have run out"))?;
    Ok((before, number))
}

fn draft(core: &Core, records: &[Stored], number: i64, before: Option<&[u8]>, now: Timestamp) -> Seal {
    let mut content = ContentHash::default();
    for stored in records {
        if !core.audit.key.fits(&stored.record, &stored.code) {
            tracing::error!(
                record = stored.id,
                "a record of the audit log was changed or added by another hand: tessera audit verify tells more"
            );
        }
        content.add(stored.id, &stored.code);
    }
    let ids = Ranges::of(records.iter().map(|stored| stored.id)).to_string();
    let content = content.finish().to_vec();
    let mut seal = Seal { number, sealed_at: now, ids, content, code: Vec::new(), anchor: None };
    seal.code = core.audit.key.seal(&seal, before).to_vec();
    seal
}

/// Who holds the lease, and until when.
fn lease(conn: &mut dyn Conn) -> Result<Option<(i64, i64)>> {
    let held = query::instance::get(conn, LEASE_NAME).map_err(fault)?;
    let held = held.as_deref().and_then(|text| text.split_once(' '));
    Ok(held.and_then(|(holder, until)| Some((holder.parse().ok()?, until.parse().ok()?))))
}

fn put_lease(conn: &mut dyn Conn, own: i64, until: Timestamp) -> Result<()> {
    query::instance::put(conn, LEASE_NAME, &format!("{own} {}", until.0)).map_err(fault)
}

fn give_lease(conn: &mut dyn Conn, own: i64) -> Result<()> {
    match lease(conn)? {
        Some((holder, until)) if holder == own && until > 0 => put_lease(conn, own, Timestamp(0)),
        _ => Ok(()),
    }
}

/// Lets anybody take the lease at once: who held it when a backup was taken is not here.
pub(crate) fn free_lease(conn: &mut dyn Conn) -> Result<()> {
    put_lease(conn, 0, Timestamp(0))
}

/// Takes or keeps the lease; says whether it is this process'.
fn take_lease(conn: &mut dyn Conn, own: i64, now: Timestamp) -> Result<bool> {
    // A lease that reaches further than any is given was written by a clock that is wrong.
    let furthest = now.plus_seconds(2 * LEASE).0;
    if lease(conn)?.is_some_and(|(holder, until)| holder != own && until > now.0 && until <= furthest) {
        return Ok(false);
    }
    put_lease(conn, own, now.plus_seconds(LEASE))?;
    Ok(true)
}
