//! Many tokens at once: listed, revoked, their ends put off.

use serde::{Deserialize, Serialize};
use serde_json::json;
use tessera_model::operation::inventory::{ExtendTokens, ListAllTokens, RevokeTokens};
use tessera_model::time::Date;
use tessera_model::{Error, Result};
use tessera_service::tokens::bulk::{self, Done, Plan};
use tessera_service::tokens::inventory::{self, Item};
use tessera_service::{Slice, Tx};

use super::args::List;
use super::select::Select;
use super::view;
use crate::commands::{Operator, Output};

/// Tokens to be changed.
#[derive(Serialize, Deserialize)]
pub(crate) struct Many {
    pub(super) select: Select,
    /// Of these numbers.
    pub(super) ids: Vec<i64>,
    /// Whether it is meant; otherwise it is only shown what would be done.
    pub(super) yes: bool,
}

pub(super) async fn list(operator: &Operator, wanted: List) -> Result<Output> {
    let limit = wanted.limit;
    let look = move |tx: &mut Tx<'_>| {
        let right = tx.instance::<ListAllTokens>()?;
        let slice = Slice { limit: limit.saturating_add(1), offset: 0 };
        inventory::list(
            tx,
            &right,
            &wanted.select.wanted()?,
            wanted.sort.as_deref().unwrap_or_default(),
            slice,
        )
    };
    let mut found = operator.service.read::<ListAllTokens, _, _>(&operator.ask()?, look).await?.items;
    let cut = found.len() > usize::try_from(limit).unwrap_or(usize::MAX);
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let note = cut.then(|| format!("only the first {limit} tokens are shown: --limit shows more"));
    let rows = rows(operator, &found);
    Ok(Output::new(view::table(&rows), &rows)?.with_note(note))
}

fn rows<'a>(operator: &Operator, items: &'a [Item]) -> Vec<view::Row<'a>> {
    let today = operator.service.now().date();
    items.iter().map(|item| view::shown(item, today)).collect()
}

pub(super) async fn revoke(operator: &Operator, many: Many) -> Result<Output> {
    let (wanted, yes) = (wanted(&many)?, many.yes);
    let look = move |tx: &mut Tx<'_>| {
        let right = tx.instance::<RevokeTokens>()?;
        bulk::plan_revoke(tx, &right, &wanted)
    };
    let ask = operator.ask()?;
    let plan = operator.service.read::<RevokeTokens, _, _>(&ask, look).await?;
    if !yes {
        return planned(operator, &plan, "revoked");
    }
    let done = operator.service.revoke_tokens(&ask, plan, i64::MAX).await?;
    finished(operator, &done, "revoked")
}

pub(super) async fn extend(operator: &Operator, many: Many, end: &str) -> Result<Output> {
    let end = Date::parse(end).ok_or_else(|| Error::invalid("expires_at", "is no date"))?;
    let (wanted, yes) = (wanted(&many)?, many.yes);
    let look = move |tx: &mut Tx<'_>| {
        let right = tx.instance::<ExtendTokens>()?;
        bulk::plan_extend(tx, &right, &wanted, end)
    };
    let ask = operator.ask()?;
    let plan = operator.service.read::<ExtendTokens, _, _>(&ask, look).await?;
    let what = format!("extended to {end}");
    if !yes {
        return planned(operator, &plan, &what);
    }
    let done = operator.service.extend_tokens(&ask, plan, i64::MAX).await?;
    finished(operator, &done, &what)
}

fn wanted(many: &Many) -> Result<inventory::Wanted> {
    Ok(inventory::Wanted { ids: many.ids.clone(), ..many.select.wanted()? })
}

fn planned(operator: &Operator, plan: &Plan, what: &str) -> Result<Output> {
    let rows = rows(operator, &plan.tokens);
    let note = format!("dry run: {} would be {what}; --yes does it", tokens(plan.count));
    let json = json!({ "dry_run": true, "count": plan.count, "tokens": rows });
    Ok(Output::new(view::table(&rows), json)?.with_note(Some(note)).with_note(cut(plan.count, rows.len())))
}

fn finished(operator: &Operator, done: &Done, what: &str) -> Result<Output> {
    let rows = rows(operator, &done.tokens);
    let json = json!({ "dry_run": false, "count": done.count, "tokens": rows });
    Output::new(format!("{} {what}", tokens(done.count)), json)
}

fn tokens(count: i64) -> String {
    if count == 1 { "1 token".to_owned() } else { format!("{count} tokens") }
}

fn cut(count: i64, shown: usize) -> Option<String> {
    let all = usize::try_from(count).is_ok_and(|count| count <= shown);
    (!all).then(|| format!("only the first {shown} of them are shown: token list shows all"))
}
