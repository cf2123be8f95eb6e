//! Tells people that tokens end soon or have ended (U5): one mail a person and window, listing all of theirs; and the web
//! hooks of projects that tokens of theirs end soon.
//!
//! First the people of every token are written down and the token is marked, some tokens a transaction. Then each
//! person's rows become a mail, in the transaction that takes them away. A token is marked once and a row goes once,
//! so nobody is told twice; whatever step the process dies at, the next run goes on there, so nobody is missed.

use std::collections::BTreeSet;

use tessera_model::Result;
use tessera_model::time::Date;
use tessera_model::token::{Token, expiry_is_enforced};
use tessera_store::query;
use tessera_store::query::notices::Notice;

use super::Run;
use crate::mail::token_lines::{Paths, item, noun, page, reason};
use crate::mail::{self, Letter, people};
use crate::web_hooks::queue;
use crate::{Service, Tx, fault};

/// Tokens looked at in one transaction.
const STEP: i64 = 100;
/// Days after its end in which the people of a token are told that it has ended: a server that stood still for
/// longer, or rows imported from elsewhere, make no mails about the distant past.
const LOOKS_BACK: i64 = 30;

/// The windows before a token's end: what is told, in how many days at least and at most, and the setting that
/// asks for it. The last is always told.
const WINDOWS: &[(Notice, i64, i64, Option<&str>)] = &[
    (Notice::Sixty, 30, 60, Some("token_expiry_notice_60_days")),
    (Notice::Thirty, 7, 30, Some("token_expiry_notice_30_days")),
    (Notice::Seven, 0, 7, None),
];

impl Service {
    /// Tells of every token that ends within a week, and, where the settings say so, within 30 and 60 days.
    pub(super) async fn tell_of_ends(&self, run: Run) -> Result<String> {
        let today = run.now.date();
        let mut told = 0;
        for (notice, from, to, setting) in WINDOWS.iter().copied() {
            let wanted = match setting {
                Some(name) => self.step(run, "a window", move |tx| tx.is_on(name)).await?,
                None => true,
            };
            if wanted {
                let ends = (today.plus_days(from), today.plus_days(to));
                told += self.tell(run, notice, ends).await?;
            }
        }
        let mut calls = 0;
        for (notice, from, to, _) in WINDOWS.iter().copied() {
            calls += self.queue_calls(run, notice, (today.plus_days(from), today.plus_days(to))).await?;
        }
        let calls = if calls == 0 { String::new() } else { format!(", {calls} web hooks to call") };
        Ok(format!("{told} mails written{calls}"))
    }

    /// Writes the calls of web hooks down that are to be told of tokens; says how many.
    async fn queue_calls(&self, run: Run, notice: Notice, ends: (Date, Date)) -> Result<u64> {
        let (mut after, mut calls) = (Some((0, 0)), 0);
        while let Some(place) = after {
            let action = move |tx: &mut Tx<'_>| queue::queue(tx, notice, ends, place);
            let (next, count) = self.step(run, "web hooks to call", action).await?;
            (after, calls) = (next, calls + count);
        }
        Ok(calls)
    }

    /// Tells of every token that has ended.
    pub(super) async fn tell_of_ended(&self, run: Run) -> Result<String> {
        let today = run.now.date();
        let told = self.tell(run, Notice::Expired, (today.plus_days(-LOOKS_BACK), today)).await?;
        Ok(format!("{told} mails written"))
    }

    /// Tells of the tokens that end after one date and up to another; says how many mails that made.
    async fn tell(&self, run: Run, notice: Notice, ends: (Date, Date)) -> Result<u64> {
        let mut after = Some(0);
        while let Some(id) = after {
            after = self.step(run, "tokens to tell of", move |tx| gather(tx, notice, ends, id)).await?;
        }
        let mut told = 0;
        while let Some(mails) = self.step(run, "a person to tell", move |tx| tell_one(tx, notice)).await? {
            told += mails;
        }
        Ok(told)
    }
}

/// Writes down the people of some tokens and marks those. Returns the number of the last one looked at.
fn gather(tx: &mut Tx<'_>, notice: Notice, ends: (Date, Date), after: i64) -> Result<Option<i64>> {
    let tokens = query::notices::due(tx.conn, notice, ends, after, STEP).map_err(fault)?;
    let enforced = tx.is_on("enforce_pat_expiration")?;
    let mut of_project: Option<(i64, i64, BTreeSet<i64>)> = None;
    for token in &tokens {
        // What does not end needs no warning (D12).
        if !expiry_is_enforced(token.kind, enforced) {
            continue;
        }
        let key = token.project_id.zip(token.user_id);
        let people = match (&of_project, key) {
            (Some((project, bot, known)), Some(key)) if key == (*project, *bot) => known.clone(),
            _ => people::of_token(tx, token)?.into_keys().collect(),
        };
        for person in &people {
            query::notices::add(tx.conn, notice, *person, token.id).map_err(fault)?;
        }
        // A token of which nobody can be told today stays unmarked: somebody may come while there is time.
        if !people.is_empty() {
            query::notices::mark(tx.conn, notice, token.id, tx.now).map_err(fault)?;
        }
        of_project = key.map(|(project, bot)| (project, bot, people));
    }
    Ok(tokens.last().map(|token| token.id))
}

/// Writes the mail of one person and takes their rows away. Returns how many mails that made, or nothing when nobody
/// is left.
fn tell_one(tx: &mut Tx<'_>, notice: Notice) -> Result<Option<u64>> {
    let Some(id) = query::notices::next(tx.conn, notice).map_err(fault)? else { return Ok(None) };
    let tokens = query::notices::of_user(tx.conn, notice, id).map_err(fault)?;
    query::notices::told(tx.conn, notice, id).map_err(fault)?;
    // Tokens may have been revoked, and the person blocked, since their rows were written.
    let Some(person) = people::reachable(tx, id)?.filter(|_| !tokens.is_empty()) else { return Ok(Some(0)) };
    let subject = subject(notice, &tokens);
    let letter = Letter { to: person.name.clone(), ..letter(tx, notice, &tokens)? };
    mail::queue(tx, &person, &subject, &letter)?;
    Ok(Some(1))
}

/// The subject, in GitLab's words.
fn subject(notice: Notice, tokens: &[Token]) -> String {
    let noun = noun(tokens);
    match notice {
        Notice::Expired => format!("Your {noun} have expired"),
        other => format!("Your {noun} will expire in {} days or less", other.name()),
    }
}

fn letter(tx: &mut Tx<'_>, notice: Notice, tokens: &[Token]) -> Result<Letter> {
    let mut paths = Paths::default();
    let (news, advice) = match notice {
        Notice::Expired => (
            "These tokens have expired and open nothing any more:".to_owned(),
            "Where one is still needed, rotate it or make a new one, and put the new secret in where the old one is \
             used. Nothing is to be done about the others. Tokens are looked after on this page:",
        ),
        other => (
            format!("These tokens will expire in {} days or less:", other.name()),
            "Rotate those that are still needed, or make new ones, before they end, and put the new secret in where \
             the old one is used. Those that nobody needs can be left to end. Tokens are looked after on this page:",
        ),
    };
    let mut items = Vec::with_capacity(tokens.len());
    for token in tokens {
        items.push(item(tx, &mut paths, token)?);
    }
    Ok(Letter {
        to: String::new(),
        news,
        items,
        advice: vec![advice.to_owned()],
        link: page(tx, &mut paths, tokens)?,
        reason: reason(tx, tokens),
    })
}
