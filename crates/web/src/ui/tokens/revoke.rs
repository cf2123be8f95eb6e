//! Revoking a token: what it does, in numbers, and doing it (P6, U9, B7).

use askama::Template;
use tessera_model::Result;
use tessera_model::operation::personal_tokens::RevokeToken;
use tessera_model::operation::token_pages::{
    AskRevokePersonalToken, AskRevokeProjectToken, EndProjectToken, RevokePersonalToken,
};
use tessera_service::Key;
use tessera_service::tokens::{get, revoke};

use super::personal;
use super::project::{key, list, place_of, within};
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
    /// The bot that ends with it; empty for a personal token.
    bot: String,
    /// The project that the bot leaves.
    project: String,
    used: Option<When>,
    from: String,
    action: String,
    back: String,
}

impl Page for AskRevokePersonalToken {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let found = visit.read(|tx, form| {
            let user = tx.own_account::<Self>()?;
            get::personal_of(tx, &user, form.number_at("id"))
        });
        let (token, proof) = found.await?.take();
        let now = visit.service().now();
        let page = RevokePage {
            frame: personal::place(visit.frame(format!("Revoke {}", token.name)).await?),
            title: format!("Revoke {}?", token.name),
            bot: String::new(),
            project: String::new(),
            used: token.last_used_at.map(|time| When::at(time, now)),
            from: token.last_used_ips.last().cloned().unwrap_or_default(),
            action: format!("{}/{}/revoke", personal::PATH, token.id),
            back: personal::PATH.to_owned(),
            name: token.name,
        };
        visit.show(proof, &page)
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
            let token = get::of_project(tx, &project, form.number_at("id"))?.token;
            Ok((token, place_of(tx, &project)?))
        });
        let ((token, place), proof) = found.await?.take();
        let now = visit.service().now();
        let list = list(&place);
        let page = RevokePage {
            frame: within(&place, visit.frame(format!("Revoke {}", token.name)).await?),
            title: format!("Revoke {}?", token.name),
            bot: token.bearer_username,
            project: place.project.full_path.clone(),
            used: token.last_used_at.map(|time| When::at(time, now)),
            from: token.last_used_ips.last().cloned().unwrap_or_default(),
            action: format!("{list}/{}/revoke", token.id),
            back: list,
            name: token.name,
        };
        visit.show(proof, &page)
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
