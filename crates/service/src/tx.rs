//! A transaction with its caller.

use std::marker::PhantomData;

use serde_json::Value;
use tessera_model::Result;
use tessera_model::caller::Caller;
use tessera_model::time::{Date, Timestamp};
use tessera_store::Conn;
use tessera_store::query::projects::Viewer;

use crate::request::{Ask, Meta};
use crate::service::Core;
use crate::{audit, fault, settings};

/// A transaction in which a known caller acts. `'tx` brands what was authorised in it, so that no
/// permission outlives the transaction in which it was read.
pub struct Tx<'tx> {
    pub(crate) conn: &'tx mut (dyn Conn + 'tx),
    pub(crate) core: &'tx Core,
    pub(crate) meta: &'tx Meta,
    pub(crate) caller: Caller,
    pub(crate) now: Timestamp,
    /// The request, where it wants to know which project it turned out to be about.
    pub(crate) asked: Option<&'tx Ask>,
    brand: PhantomData<fn(&'tx ()) -> &'tx ()>,
}

impl<'tx> Tx<'tx> {
    pub(crate) fn new(
        conn: &'tx mut (dyn Conn + 'tx),
        core: &'tx Core,
        meta: &'tx Meta,
        caller: Caller,
        now: Timestamp,
    ) -> Self {
        Self { conn, core, meta, caller, now, asked: None, brand: PhantomData }
    }

    /// Who asks.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The present of this transaction.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Today in UTC.
    pub fn today(&self) -> Date {
        self.now.date()
    }

    /// The value of a setting.
    ///
    /// # Errors
    /// When the database does not answer.
    pub fn setting(&mut self, name: &'static str) -> Result<Value> {
        settings::value(self.conn, name).map_err(fault)
    }

    /// Whether a setting is on.
    ///
    /// # Errors
    /// When the database does not answer.
    pub fn is_on(&mut self, name: &'static str) -> Result<bool> {
        Ok(self.setting(name)?.as_bool().unwrap_or(false))
    }

    /// The caller as lists see it.
    pub fn viewer(&self) -> Viewer {
        Viewer {
            user_id: self.caller.user_id(),
            admin: self.caller.is_admin(),
            sees_internal: self.caller.sees_internal(),
            fence: self.caller.fence(),
            today: self.today(),
        }
    }

    /// The username under which what the caller does is written down.
    pub(crate) fn actor(&self) -> &str {
        match (&self.caller.sudo_by, &self.caller.user) {
            (Some((_, admin)), _) => admin,
            (None, Some(user)) => &user.username,
            (None, None) if self.caller.is_operator() => "operator",
            (None, None) => "anonymous",
        }
    }

    /// Names the policy that refuses this request, for the audit log; the use case answers with an error.
    pub(crate) fn refused_by(&self, policy: &'static str) {
        if let Some(ask) = self.asked {
            ask.refuse(policy);
        }
    }

    /// Writes into the audit log, in this transaction.
    pub(crate) fn audit(&mut self, event: &audit::Event<'_>) -> Result<()> {
        audit::record(self, event)
    }

    /// Writes into the audit log what belongs to a group or user that its target does not name.
    pub(crate) fn audit_of(&mut self, of: audit::Entity, event: &audit::Event<'_>) -> Result<()> {
        audit::record_of(self, of, event)
    }
}
