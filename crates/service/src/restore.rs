//! What is put right in a restored database before anybody is served from it: tokens that were revoked since the backup
//! was taken, their bots, and people who were blocked or removed since (D23).
//!
//! What happened since is learnt from the database that is being replaced, from an audit export, or from both.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::BufRead;
use std::sync::Arc;

use serde_json::{Value, json};
use tessera_model::caller::Caller;
use tessera_model::time::Timestamp;
use tessera_model::user::{User, UserKind, UserState};
use tessera_model::{Error, Result};
use tessera_store::query::restores::{self, Counts, Known, KnownUser};
use tessera_store::{Conn, query};

use crate::audit::{Entity, Event};
use crate::request::Ask;
use crate::users::ghost;
use crate::{Service, Trouble, Tx, failpoint, fault, keys};

/// Tokens or users of one transaction.
const STEP: usize = 100;

/// What happened since a backup was taken, as far as it takes rights away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Since {
    /// Tokens that are dead now.
    pub tokens: BTreeSet<i64>,
    /// Users who are blocked now.
    pub blocked: BTreeSet<i64>,
    /// Users and bots who are gone now.
    pub ended: BTreeSet<i64>,
    /// How far the projects have counted their bots and issues.
    pub counts: Vec<Counts>,
    /// The highest number that is known to be given, by table.
    pub last: BTreeMap<String, i64>,
}

/// What becomes of the tokens of a restored database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Those revoked since are revoked again.
    RevokeAgain,
    /// All are revoked; bots stay, without a secret.
    RevokeAll,
    /// All are as the backup has them.
    KeepAll,
}

/// What was put right.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// Tokens alive in the backup.
    pub live: u64,
    /// Those of them that were revoked since.
    pub revived: u64,
    /// Tokens that were revoked now.
    pub revoked: u64,
    /// Bots that were ended again.
    pub bots: u64,
    /// People who were blocked again, or are blocked because they were removed since.
    pub users: u64,
}

impl Since {
    /// Compares a restored database with the one that it replaces; nothing if that one is another instance's.
    ///
    /// # Errors
    /// When one of them does not answer.
    pub fn of_database(
        replaced: &mut dyn Conn,
        restored: &mut dyn Conn,
        last: BTreeMap<String, i64>,
    ) -> Result<Option<Self>> {
        let read = |conn: &mut dyn Conn| keys::fingerprint(conn).map_err(fault);
        if read(replaced)? != read(restored)? {
            return Ok(None);
        }
        let mut since = Self { last, ..Self::default() };
        let mut live: HashMap<i64, Timestamp> = HashMap::new();
        restores::live(restored, |(id, made)| _ = live.insert(id, made)).map_err(fault)?;
        let revoked = |(id, made): Known| {
            if live.get(&id) == Some(&made) {
                since.tokens.insert(id);
            }
        };
        restores::revoked(replaced, revoked).map_err(fault)?;
        let mut known: HashMap<i64, KnownUser> = HashMap::new();
        restores::users(replaced, |user| _ = known.insert(user.known.0, user)).map_err(fault)?;
        // Beyond the last number that the replaced database gave it cannot know anybody.
        let given = since.last.get("users").copied().unwrap_or(0);
        let compare = |user: KnownUser| {
            let id = user.known.0;
            match known.get(&id) {
                None if id <= given => _ = since.ended.insert(id),
                Some(now) if now.known == user.known && now.state == UserState::Ghosted => {
                    since.ended.insert(id);
                }
                Some(now) if now.known == user.known && now.state == UserState::Blocked => {
                    since.blocked.insert(id);
                }
                _ => {}
            }
        };
        restores::users(restored, compare).map_err(fault)?;
        restores::counts(replaced, |counts| since.counts.push(counts)).map_err(fault)?;
        Ok(Some(since))
    }

    /// Reads what `tessera audit export` wrote. Records from before the backup say nothing that it does not hold.
    ///
    /// # Errors
    /// The first line that is none of its.
    pub fn of_export(export: impl BufRead) -> Result<Self> {
        let mut since = Self::default();
        for (number, line) in (1_u64..).zip(export.lines()) {
            let refused = |why: &dyn std::fmt::Display| Error::Refused(format!("line {number}: {why}"));
            let line = line.map_err(|error| refused(&error))?;
            let record: Value = serde_json::from_str(&line).map_err(|error| refused(&error))?;
            match record["action"].as_str() {
                Some(action) => since.learn(action, &record),
                None => return Err(refused(&"it is no record of an audit log")),
            }
        }
        Ok(since)
    }

    /// What one record says.
    fn learn(&mut self, action: &str, record: &Value) {
        let (kind, details) = (record["target_kind"].as_str().unwrap_or_default(), &record["details"]);
        let target = record["target_id"].as_i64();
        let table = match kind {
            "token" => Some("tokens"),
            "user" => Some("users"),
            "project" => Some("projects"),
            "group" => Some("namespaces"),
            _ => None,
        };
        if let (Some(table), Some(id)) = (table, target) {
            let last = self.last.entry(table.to_owned()).or_default();
            *last = id.max(*last);
        }
        let of_list = |list: &Value| -> Vec<i64> {
            list.as_array().into_iter().flatten().filter_map(Value::as_i64).collect()
        };
        match (action, target) {
            ("token.revoke", Some(id)) if kind == "token" => _ = self.tokens.insert(id),
            ("token.revoke", _) => self.tokens.extend(of_list(&details["tokens_revoked"])),
            ("token.rotate", _) => self.tokens.extend(details["replaces"].as_i64()),
            ("token.reuse", _) if details["revoked"] == true => self.tokens.extend(of_list(&details["live"])),
            ("user.remove", Some(id)) => {
                self.ended.insert(id);
                self.tokens.extend(of_list(&details["tokens_revoked"]));
            }
            ("user.block", Some(id)) => _ = self.blocked.insert(id),
            ("user.unblock", Some(id)) => _ = self.blocked.remove(&id),
            _ => {}
        }
    }

    /// Takes in what another source says.
    pub fn join(&mut self, other: Self) {
        self.tokens.extend(other.tokens);
        self.blocked.extend(other.blocked);
        self.ended.extend(other.ended);
        self.counts.extend(other.counts);
        for (table, id) in other.last {
            let last = self.last.entry(table).or_default();
            *last = id.max(*last);
        }
    }
}

/// One thing to put right.
#[derive(Clone, Copy, Debug)]
enum Act {
    EndBot(i64),
    Revoke(i64),
    Block(i64),
}

impl Service {
    /// Writes down that a backup is being taken, and seals what is new, so that the backup holds it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn note_backup(&self, ask: &Arc<Ask>, file: String) -> Result<()> {
        self.as_operator(ask, move |tx| {
            tx.audit(&Event {
                action: "backup.create",
                target: ("backup", None, &file),
                project_id: None,
                details: json!({}),
            })
        })
        .await?;
        self.seal_audit().await.map(drop)
    }

    /// Puts right what a restored database would bring back, and writes down that it was restored, with `details`.
    /// Pushes granted at or after `copied_from` are looked at again by whoever serves it next.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn settle_restore(
        &self,
        ask: &Arc<Ask>,
        since: &Since,
        choice: Choice,
        copied_from: Timestamp,
        details: Value,
    ) -> Result<Settled> {
        let counts = since.counts.clone();
        self.as_operator(ask, move |tx| {
            crate::audit::free_lease(tx.conn)?;
            restores::reopen_pushes(tx.conn, copied_from).map_err(fault)?;
            counts.iter().try_for_each(|counts| restores::raise_counts(tx.conn, counts).map_err(fault))
        })
        .await?;
        let (acts, mut settled) = self.acts(since.clone(), choice).await?;
        for step in acts.chunks(STEP) {
            failpoint::reach("a step of putting right what was restored");
            let step = step.to_vec();
            let done = self.as_operator(ask, move |tx| {
                let mut done = Settled::default();
                step.iter().try_for_each(|act| put_right(tx, *act, &mut done))?;
                Ok(done)
            });
            let done = done.await?;
            settled.revoked += done.revoked;
            settled.bots += done.bots;
            settled.users += done.users;
        }
        let (mut details, told) = (details, settled.clone());
        if let Some(object) = details.as_object_mut() {
            object.insert("tokens_revoked".to_owned(), json!(told.revoked));
            object.insert("bots_ended".to_owned(), json!(told.bots));
            object.insert("users_blocked".to_owned(), json!(told.users));
        }
        self.as_operator(ask, move |tx| {
            tx.audit(&Event {
                action: "backup.restore",
                target: ("backup", None, "backup"),
                project_id: None,
                details: details.clone(),
            })
        })
        .await?;
        self.seal_audit().await?;
        Ok(settled)
    }

    async fn as_operator<T, F>(&self, ask: &Arc<Ask>, action: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'tx> Fn(&mut Tx<'tx>) -> Result<T> + Send + 'static,
    {
        let (core, ask) = (Arc::clone(self.core()), Arc::clone(ask));
        let done = self.store().write(move |conn| {
            let mut tx = Tx::new(conn, &core, &ask.meta, Caller::OPERATOR, core.clock.now());
            action(&mut tx).map_err(Trouble)
        });
        done.await.map_err(|trouble| trouble.0)
    }

    /// What is to be done, and what was found. Bots go first: with them go their tokens.
    async fn acts(&self, since: Since, choice: Choice) -> Result<(Vec<Act>, Settled)> {
        let read = self.store().read(move |conn| {
            let (mut found, mut acts) = (Settled::default(), Vec::new());
            if choice != Choice::KeepAll {
                restores::users(conn, |user| acts.extend(act_on(&user, &since)))?;
            }
            restores::live(conn, |(id, _)| {
                let revoked_since = since.tokens.contains(&id);
                found.live += 1;
                found.revived += u64::from(revoked_since);
                match choice {
                    Choice::RevokeAgain if revoked_since => acts.push(Act::Revoke(id)),
                    Choice::RevokeAll => acts.push(Act::Revoke(id)),
                    _ => {}
                }
            })?;
            Ok::<_, Trouble>((acts, found))
        });
        read.await.map_err(|trouble| trouble.0)
    }
}

fn act_on(user: &KnownUser, since: &Since) -> Option<Act> {
    let id = user.known.0;
    let ended = since.ended.contains(&id);
    match (user.kind, user.state) {
        (UserKind::Ghost, _) | (_, UserState::Ghosted) => None,
        (UserKind::ProjectBot, _) if ended => Some(Act::EndBot(id)),
        // Whoever removed a person may restore a backup because of just that: blocked, they can be let in again.
        (_, UserState::Active) if ended || since.blocked.contains(&id) => Some(Act::Block(id)),
        _ => None,
    }
}

fn put_right(tx: &mut Tx<'_>, act: Act, done: &mut Settled) -> Result<()> {
    let user = |tx: &mut Tx<'_>, id| query::users::by_id(tx.conn, id).map_err(fault);
    match act {
        Act::EndBot(id) => {
            let Some(bot) = user(tx, id)?.filter(User::is_bot) else { return Ok(()) };
            let live = query::tokens::filter(&of_user(id), tx.today()).total(tx.conn).map_err(fault)?;
            ghost::remove(tx, &bot)?;
            done.revoked += u64::try_from(live).unwrap_or(0);
            done.bots += 1;
        }
        Act::Block(id) => {
            let Some(user) = user(tx, id)? else { return Ok(()) };
            query::users::set_state(tx.conn, id, UserState::Blocked, tx.now).map_err(fault)?;
            let details = json!({ "restored": true });
            let target = ("user", Some(id), user.username.as_str());
            tx.audit(&Event { action: "user.block", target, project_id: user.bot_project_id, details })?;
            done.users += 1;
        }
        Act::Revoke(id) => {
            let Some(token) = query::tokens::by_id(tx.conn, id).map_err(fault)? else { return Ok(()) };
            let actor = tx.actor().to_owned();
            // It went with its bot just now.
            if !query::tokens::revoke(tx.conn, id, &actor, tx.now).map_err(fault)? {
                return Ok(());
            }
            let event = Event {
                action: "token.revoke",
                target: ("token", Some(id), &token.name),
                project_id: token.project_id,
                details: json!({ "kind": token.kind.name(), "user": token.bearer_username, "restored": true }),
            };
            tx.audit_of(Entity::User(token.bearer_id), &event)?;
            done.revoked += 1;
        }
    }
    Ok(())
}

/// The tokens of a user that are not revoked.
fn of_user(id: i64) -> query::tokens::TokenFilter {
    query::tokens::TokenFilter { user_id: Some(id), revoked: Some(false), ..Default::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(action: &str, kind: &str, id: i64, details: Value) -> String {
        json!({ "action": action, "target_kind": kind, "target_id": id, "details": details }).to_string()
            + "\n"
    }

    #[test]
    fn an_export_says_who_lost_what() {
        let export = [
            record("token.create", "token", 9, json!({})),
            record("token.revoke", "token", 1, json!({ "kind": "personal" })),
            record("token.revoke", "user", 5, json!({ "tokens_revoked": [2, 3] })),
            record("token.rotate", "token", 8, json!({ "replaces": 4 })),
            record("token.reuse", "token", 4, json!({ "live": [8], "revoked": true })),
            record("token.reuse", "token", 4, json!({ "live": [9], "revoked": false })),
            record("user.remove", "user", 30, json!({ "kind": "project_bot", "tokens_revoked": [6] })),
            record("user.block", "user", 31, json!({})),
            record("user.block", "user", 32, json!({})),
            record("user.unblock", "user", 32, json!({})),
            record("project.create", "project", 7, json!({})),
        ]
        .concat();
        let mut since = Since::of_export(export.as_bytes()).unwrap();
        assert_eq!(since.tokens, BTreeSet::from([1, 2, 3, 4, 6, 8]));
        assert_eq!((&since.ended, &since.blocked), (&BTreeSet::from([30]), &BTreeSet::from([31])));
        let last = |name: &str, id| (name.to_owned(), id);
        assert_eq!(since.last, BTreeMap::from([last("projects", 7), last("tokens", 9), last("users", 32)]));
        since
            .join(Since { last: BTreeMap::from([last("tokens", 4), last("users", 50)]), ..Since::default() });
        assert_eq!((since.last["tokens"], since.last["users"]), (9, 50));
    }

    #[test]
    fn what_is_no_export_is_named_by_its_line() {
        let export = record("token.revoke", "token", 1, json!({})) + "{\"a\":1}\n";
        let refused = Since::of_export(export.as_bytes()).unwrap_err().to_string();
        assert!(refused.contains("line 2: it is no record of an audit log"), "{refused}");
        assert!(Since::of_export(&b"nonsense"[..]).is_err());
    }

    #[test]
    fn the_removed_come_back_blocked_and_their_bots_do_not() {
        let since = Since { ended: BTreeSet::from([1, 2]), blocked: BTreeSet::from([3]), ..Since::default() };
        let act = |id: i64, kind: UserKind, state: UserState| {
            act_on(&KnownUser { known: (id, Timestamp(0)), kind, state }, &since)
        };
        assert!(matches!(act(1, UserKind::ProjectBot, UserState::Active), Some(Act::EndBot(1))));
        assert!(matches!(act(1, UserKind::ProjectBot, UserState::Blocked), Some(Act::EndBot(1))));
        assert!(matches!(act(2, UserKind::Human, UserState::Active), Some(Act::Block(2))));
        assert!(matches!(act(3, UserKind::Human, UserState::Active), Some(Act::Block(3))));
        assert!(act(3, UserKind::Human, UserState::Blocked).is_none());
        assert!(act(1, UserKind::ProjectBot, UserState::Ghosted).is_none());
        assert!(act(4, UserKind::Human, UserState::Active).is_none());
    }
}
