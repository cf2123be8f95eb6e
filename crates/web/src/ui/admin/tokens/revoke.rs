//! `/admin/tokens/revoke`: first what would happen, in numbers, then it.

use askama::Template;
use tessera_model::Result;
use tessera_model::operation::admin_pages::{ConfirmRevocation, RevokeChosenTokens};
use tessera_model::operation::inventory::RevokeTokens;
use tessera_service::tokens::bulk::{self, Plan};
use tessera_service::tokens::consequences::{self, Records, Revocation};

use super::select::{self, FIELDS};
use super::{Line, PATH};
use crate::reply::Reply;
use crate::ui::admin::{address, counted, grouped};
use crate::ui::complaints::Complaints;
use crate::ui::form::Form;
use crate::ui::frame::Frame;
use crate::ui::places::{AdminPage, admin_frame};
use crate::ui::visit::{Go, Page, Proof, Visit};

/// Tokens that one sending of the form revokes at most; the next goes on.
const MOST: i64 = 10_000;
/// Tokens that are named; of others the number is told.
const NAMED: usize = 10;

#[derive(Template)]
#[template(path = "admin/revoke_tokens.html")]
struct RevokePage {
    frame: Frame,
    problems: Complaints,
    /// What the button does: `Revoke nightly-mirror`, `Revoke 12 tokens`.
    act: String,
    count: i64,
    /// Such as `3 bots`; empty where no bot ends.
    bots: String,
    /// Of a token alone: what its bot wrote, and what else goes with it.
    moved: String,
    removed: String,
    /// Of a token alone: how often it was used in the last 30 days.
    uses: String,
    tokens: Vec<Line>,
    /// Such as `and 90 others`.
    others: String,
    /// What the form sends.
    fields: Vec<(&'static str, String)>,
    back: String,
}

/// The fields of the form that is sent on.
fn carried(form: &Form) -> Vec<(&'static str, String)> {
    let ids = form.all("ids").into_iter().map(|id| ("ids[]", id.to_owned()));
    let fields = FIELDS.iter().chain(&["sort", "all"]).map(|field| (*field, form.text(field).to_owned()));
    ids.chain(fields).filter(|(_, value)| !value.is_empty()).collect()
}

/// The list from which somebody came.
fn back(form: &Form) -> String {
    address(PATH, FIELDS.iter().chain(&["sort"]).map(|field| (*field, form.text(field))))
}

/// What would be revoked.
#[derive(Default)]
struct Planned {
    plan: Option<Plan>,
    /// What comes of it, where it is one token.
    one: Option<Revocation>,
    problems: Complaints,
}

async fn planned<Op: Page>(visit: &Visit<Op>) -> Result<(Planned, Proof<Op>)> {
    let found = visit.read(|tx, form| {
        let asked = select::chosen(form, tx.today());
        if !asked.problems.is_empty() {
            return Ok(Planned { problems: asked.problems, ..Planned::default() });
        }
        let right = tx.instance::<RevokeTokens>()?;
        let plan = bulk::plan_revoke(tx, &right, &asked.wanted)?;
        let alone = plan.tokens.first().filter(|_| plan.count == 1).map(|item| item.shown.token.id);
        let one = alone.map(|id| consequences::of_revoking_any(tx, &right, id)).transpose()?;
        Ok(Planned { plan: Some(plan), one, problems: asked.problems })
    });
    Ok(found.await?.take())
}

/// Numbers of records, such as `3 issues and 1 comment`.
fn told(records: &[Records]) -> String {
    let all: Vec<String> =
        records.iter().map(|some| format!("{} {}", grouped(some.count), some.noun())).collect();
    match &all[..] {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

impl Page for ConfirmRevocation {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        show(&visit, Complaints::default()).await
    }
}

impl Page for RevokeChosenTokens {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let (Planned { plan, problems, .. }, _) = planned(&visit).await?;
        let Some(plan) = plan else { return show(&visit, problems).await };
        // Nobody revokes more than they were shown.
        let shown = visit.form().number("count").unwrap_or(0);
        if plan.count > shown {
            let text = format!(
                "There are {} more than you were shown. Nothing was revoked: look again, and send the form once more",
                plan.count - shown
            );
            return show(&visit, Complaints::saying("main", &text)).await;
        }
        let name = plan.tokens.first().filter(|_| plan.count == 1).map(|item| item.shown.token.name.clone());
        let done = visit.service().revoke_tokens(visit.ask(), plan, MOST).await?;
        let told = match (done.count, name) {
            (0, _) => "Nothing was left to revoke.".to_owned(),
            (1, Some(name)) => format!("The token {name} was revoked."),
            (1, None) => "1 token was revoked.".to_owned(),
            (count, _) => format!("{} were revoked.", counted(count, "token", "tokens")),
        };
        let text = if done.remaining > 0 {
            let left = counted(done.remaining, "is", "are");
            format!("{told} {left} left: revoke all that match once more to go on.")
        } else {
            told
        };
        visit.act(move |_, form| Ok(Go::to(back(form)).saying(text.clone()))).await
    }
}

async fn show<Op: Page>(visit: &Visit<Op>, mut problems: Complaints) -> Result<Reply> {
    let (Planned { plan, one, problems: more }, proof) = planned(visit).await?;
    if problems.is_empty() {
        problems = more;
    }
    let bot = one.as_ref().and_then(|one| one.bot.as_ref());
    let (form, now) = (visit.form(), visit.service().now());
    let found = plan.as_ref().map_or(&[][..], |plan| &plan.tokens);
    let count = plan.as_ref().map_or(0, |plan| plan.count);
    let bots = plan.as_ref().map_or(0, |plan| plan.of_projects);
    let tokens: Vec<Line> = found.iter().take(NAMED).map(|item| Line::of(item, now)).collect();
    let others = count - i64::try_from(tokens.len()).unwrap_or(0);
    let act = match &tokens[..] {
        [one] if count == 1 => format!("Revoke {}", one.name),
        _ => format!("Revoke {}", counted(count, "token", "tokens")),
    };
    let frame = admin_frame(visit.frame("Revoke access tokens").await?, AdminPage::Tokens, "")
        .crumb("Access tokens", PATH)
        .crumb("Revoke", "");
    let page = RevokePage {
        frame,
        act,
        count,
        moved: bot.map(|bot| told(&bot.moved)).unwrap_or_default(),
        removed: bot.map(|bot| told(&bot.removed)).unwrap_or_default(),
        uses: one.as_ref().map(|one| counted(one.used.total.uses, "time", "times")).unwrap_or_default(),
        bots: if bots > 0 { counted(bots, "bot", "bots") } else { String::new() },
        others: if others > 0 {
            format!("and {}", counted(others, "other", "others"))
        } else {
            String::new()
        },
        tokens,
        fields: carried(form),
        back: back(form),
        problems,
    };
    if page.problems.is_empty() { visit.show(proof, &page) } else { visit.show_again(proof, &page) }
}
