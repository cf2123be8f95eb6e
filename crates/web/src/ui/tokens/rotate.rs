//! Giving a token a new secret: what it does, and doing it. The old secret dies at that moment; a bot stays itself (D5).

use askama::Template;
use tessera_model::Result;
use tessera_model::operation::personal_tokens::RotateToken;
use tessera_model::operation::project_tokens::RotateProjectToken;
use tessera_model::operation::token_pages::{
    AskRotatePersonalToken, AskRotateProjectToken, RenewProjectToken, RotatePersonalToken,
};
use tessera_model::time::{Date, Timestamp};
use tessera_model::token::Token;
use tessera_service::Key;
use tessera_service::tokens::get;
use tessera_service::tokens::rotate::{self, NewEnd};

use super::form::{Preset, end};
use super::project::{complaints, key, list, place_of, within};
use super::{personal, words};
use crate::reply::Reply;
use crate::ui::complaints::Complaints;
use crate::ui::form::Form;
use crate::ui::frame::Frame;
use crate::ui::visit::{Go, Page, Visit};
use crate::ui::when::When;

#[derive(Template)]
#[template(path = "tokens/rotate.html")]
struct RotatePage {
    frame: Frame,
    title: String,
    name: String,
    bot: String,
    scopes: String,
    used: Option<When>,
    revoked: bool,
    action: String,
    back: String,
    presets: Vec<Preset>,
    chosen: String,
    date: String,
    first: String,
    last: String,
    hint: String,
    problems: Complaints,
}

/// What the page asks.
fn page(
    frame: Frame,
    token: &Token,
    ends: NewEnd,
    list: &str,
    typed: &Form,
    problems: Complaints,
    now: Timestamp,
) -> RotatePage {
    let usual = ends.usual.map(|usual| When::end(usual, now));
    let hint = match &usual {
        Some(usual) => format!("The new secret ends on {} unless you choose otherwise.", usual.exact),
        None => "The new secret has no end unless you choose one.".to_owned(),
    };
    let phrases: Vec<&str> = token.scopes.iter().map(words::phrase).collect();
    RotatePage {
        frame,
        title: format!("Rotate {}?", token.name),
        name: token.name.clone(),
        bot: token.bearer_username.clone(),
        scopes: words::listed(&phrases),
        used: token.last_used_at.map(|time| When::at(time, now)),
        revoked: token.revoked,
        action: format!("{list}/{}/rotate", token.id),
        back: list.to_owned(),
        presets: presets(ends, now.date()),
        chosen: typed.filled("expires").unwrap_or("usual").to_owned(),
        date: typed.text("expires_at").to_owned(),
        first: now.date().plus_days(1).to_string(),
        last: ends.latest.map(|latest| latest.to_string()).unwrap_or_default(),
        hint,
        problems,
    }
}

fn presets(ends: NewEnd, today: Date) -> Vec<Preset> {
    let preset = |value: &str, label: &str| Preset { value: value.to_owned(), label: label.to_owned() };
    let spans = [(30, "30 days"), (90, "90 days"), (365, "1 year")];
    let fits = |days: i64| ends.latest.is_none_or(|latest| today.plus_days(days) <= latest);
    let usual = if ends.usual.is_some() { "As usual" } else { "Never" };
    let spans =
        spans.iter().filter(|(days, _)| fits(*days)).map(|(days, label)| preset(&days.to_string(), label));
    let mut all = vec![preset("usual", usual)];
    all.extend(spans);
    all.push(preset("date", "A date"));
    all
}

/// The end that the form asks for; the usual one is left to the use case.
fn asked_end(form: &Form, today: Date) -> Result<Option<Date>> {
    if form.filled("expires") == Some("usual") {
        return Ok(None);
    }
    end(form, today).map_err(|text| tessera_model::Error::invalid("expires", text))
}

impl Page for AskRotatePersonalToken {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        ask_personal(&visit, Complaints::default()).await
    }
}

impl Page for RotatePersonalToken {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let done = visit.act(|tx, form| {
            let user = tx.own_account::<Self>()?;
            let token = get::personal_of(tx, &user, form.number_at("id"))?;
            let right = tx.instance::<RotateToken>()?;
            let expires_on = asked_end(form, tx.today())?;
            let minted = rotate::visible(tx, &right, token.id, expires_on)?;
            Ok(Go::to(personal::PATH).telling(minted.secret.expose(), minted.token.id))
        });
        match done.await {
            Ok(reply) => Ok(reply),
            Err(error) => {
                visit.note_refusal(&error);
                ask_personal(&visit, complaints(error)?).await
            }
        }
    }
}

async fn ask_personal<Op: Page>(visit: &Visit<Op>, problems: Complaints) -> Result<Reply> {
    let found = visit.read(|tx, form| {
        let user = tx.own_account::<Op>()?;
        let token = get::personal_of(tx, &user, form.number_at("id"))?;
        let ends = rotate::new_end(tx, &token)?;
        Ok((token, ends))
    });
    let ((token, ends), proof) = found.await?.take();
    let frame = personal::place(visit.frame(format!("Rotate {}", token.name)).await?);
    let page = page(frame, &token, ends, personal::PATH, visit.form(), problems, visit.service().now());
    if page.problems.is_empty() { visit.show(proof, &page) } else { visit.show_again(proof, &page) }
}

impl Page for AskRotateProjectToken {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        ask_project(&visit, Complaints::default()).await
    }
}

impl Page for RenewProjectToken {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let done = visit.act(|tx, form| {
            let own = tx.project::<Self>(&key(form))?;
            let project = tx.project::<RotateProjectToken>(&Key::Id(own.id))?;
            let expires_on = asked_end(form, tx.today())?;
            let minted = rotate::of_project(tx, &project, form.number_at("id"), expires_on)?;
            let list = crate::ui::places::below(&project.full_path, "/-/settings/access_tokens");
            Ok(Go::to(list).telling(minted.secret.expose(), minted.token.id))
        });
        match done.await {
            Ok(reply) => Ok(reply),
            Err(error) => {
                visit.note_refusal(&error);
                ask_project(&visit, complaints(error)?).await
            }
        }
    }
}

async fn ask_project<Op: Page>(visit: &Visit<Op>, problems: Complaints) -> Result<Reply> {
    let found = visit.read(|tx, form| {
        let project = tx.project::<Op>(&key(form))?;
        let token = get::of_project(tx, &project, form.number_at("id"))?.token;
        let ends = rotate::new_end(tx, &token)?;
        Ok((token, ends, place_of(tx, &project)?))
    });
    let ((token, ends, place), proof) = found.await?.take();
    let frame = within(&place, visit.frame(format!("Rotate {}", token.name)).await?);
    let page = page(frame, &token, ends, &list(&place), visit.form(), problems, visit.service().now());
    if page.problems.is_empty() { visit.show(proof, &page) } else { visit.show_again(proof, &page) }
}
