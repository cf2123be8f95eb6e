//! Revoking a token: what it does, in numbers, and doing it (P6, U9, B7).

use askama::Template;
use tessera_model::Result;
use tessera_model::operation::personal_tokens::RevokeToken;
use tessera_model::operation::token_pages::{
    AskRevokePersonalToken, AskRevokeProjectToken, EndProjectToken, RevokePersonalToken,
};
use tessera_model::time::Timestamp;
use tessera_service::Key;
use tessera_service::tokens::consequences::{self, Records, Revocation};
use tessera_service::tokens::{get, revoke};

use super::personal;
use super::project::{key, list, place_of, within};
use super::words::listed;
use crate::reply::Reply;
use crate::ui::frame::Frame;
use crate::ui::visit::{Go, Page, Visit};
use crate::ui::when::When;

#[derive(Template)]
#[template(path = "tokens/revoke.html")]
struct RevokePage {
    frame: Frame,
    title: String,
    name: String,
    /// Whether the secret alone dies, because its bot lives on or is gone.
    revoked: bool,
    bot: Option<EndOfBot>,
    used: Option<When>,
    /// How it was used last, and how often in the last month.
    how: String,
    uses: i64,
    action: String,
    back: String,
}

/// What becomes of the bot that ends with its token.
struct EndOfBot {
    username: String,
    project: String,
    /// Such as `3 issues and 12 comments`; empty where there is nothing to move.
    moved: String,
    unnamed: String,
    removed: String,
}

fn records(all: &[Records]) -> String {
    let texts: Vec<String> = all.iter().map(|one| format!("{} {}", one.count, one.noun())).collect();
    listed(&texts.iter().map(String::as_str).collect::<Vec<_>>())
}

/// What the page asks.
fn page(frame: Frame, coming: Revocation, project: &str, list: &str, now: Timestamp) -> RevokePage {
    let Revocation { token, used, bot } = coming;
    let from = token.last_used_ips.last();
    let how = match (used.last.and_then(|last| last.door), from) {
        (Some(door), Some(from)) => format!("{door}, from {from}"),
        (Some(door), None) => door.to_owned(),
        (None, Some(from)) => format!("from {from}"),
        (None, None) => String::new(),
    };
    RevokePage {
        frame,
        title: format!("Revoke {}?", token.name),
        revoked: token.revoked,
        bot: bot.map(|bot| EndOfBot {
            username: bot.username,
            project: project.to_owned(),
            moved: records(&bot.moved),
            unnamed: records(&bot.unnamed),
            removed: records(&bot.removed),
        }),
        used: token.last_used_at.map(|time| When::at(time, now)),
        how,
        uses: used.total.uses,
        action: format!("{list}/{}/revoke", token.id),
        back: list.to_owned(),
        name: token.name,
    }
}

impl Page for AskRevokePersonalToken {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let found = visit.read(|tx, form| {
            let user = tx.own_account::<Self>()?;
            consequences::of_revoking_own(tx, &user, form.number_at("id"))
        });
        let (coming, proof) = found.await?.take();
        let frame = personal::place(visit.frame(format!("Revoke {}", coming.token.name)).await?);
        visit.show(proof, &page(frame, coming, "", personal::PATH, visit.service().now()))
    }
}

impl Page for RevokePersonalToken {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        visit
            .act(|tx, form| {
                let user = tx.own_account::<Self>()?;
                let token = get::personal_of(tx, &user, form.number_at("id"))?;
                let right = tx.instance::<RevokeToken>()?;
                revoke::visible(tx, &right, token.id)?;
                Ok(Go::to(personal::PATH)
                    .saying(format!("{} was revoked. It opens nothing any more.", token.name)))
            })
            .await
    }
}

impl Page for AskRevokeProjectToken {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let found = visit.read(|tx, form| {
            let project = tx.project::<Self>(&key(form))?;
            let coming = consequences::of_revoking_in_project(tx, &project, form.number_at("id"))?;
            Ok((coming, place_of(tx, &project)?))
        });
        let ((coming, place), proof) = found.await?.take();
        let frame = within(&place, visit.frame(format!("Revoke {}", coming.token.name)).await?);
        let project = place.project.full_path.clone();
        visit.show(proof, &page(frame, coming, &project, &list(&place), visit.service().now()))
    }
}

impl Page for EndProjectToken {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        visit
            .act(|tx, form| {
                let project = tx.project::<Self>(&key(form))?;
                let id = form.number_at("id");
                let token = get::of_project(tx, &project, id)?.token;
                revoke::of_project(tx, &Key::Id(project.id), id)?;
                let list = crate::ui::places::below(&project.full_path, "/-/settings/access_tokens");
                let text = format!(
                    "{} was revoked. Its bot @{} is gone; its records belong to the Ghost User now.",
                    token.name, token.bearer_username
                );
                Ok(Go::to(list).saying(text))
            })
            .await
    }
}
