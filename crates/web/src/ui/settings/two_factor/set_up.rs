//! Setting one up: the password, then the first code of the device.

use tessera_model::Result;
use tessera_model::operation::settings_pages::{BeginTwoFactor, TakeFirstCode};
use tessera_service::two_factor::{confirm, start};

use super::show::show;
use super::{HERE, guess, prove, wrong_code};
use crate::reply::Reply;
use crate::ui::complaints::Complaints;
use crate::ui::visit::{Go, Page, Visit};

impl Page for BeginTwoFactor {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        match begin(&visit).await {
            Ok(reply) => Ok(reply),
            Err(error) => show(&visit, Complaints::of(error)?).await,
        }
    }
}

async fn begin(visit: &Visit<BeginTwoFactor>) -> Result<Reply> {
    let judged = visit.read(|tx, _| {
        let user = tx.own_account::<BeginTwoFactor>()?;
        start::check(&user)?;
        Ok(user.into_inner())
    });
    let (user, _) = judged.await?.take();
    let proof = prove(visit, &user).await?;
    let begun = visit.act(move |tx, _| {
        let user = tx.own_account::<BeginTwoFactor>()?;
        start::start(tx, &user, &proof)?;
        Ok(Go::to(HERE))
    });
    begun.await
}

impl Page for TakeFirstCode {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        match take(&visit).await {
            Ok(reply) => Ok(reply),
            Err(error) => show(&visit, Complaints::of(error)?).await,
        }
    }
}

async fn take(visit: &Visit<TakeFirstCode>) -> Result<Reply> {
    let (user, _) = visit.read(|tx, _| Ok(tx.own_account::<TakeFirstCode>()?.into_inner())).await?.take();
    let guess = guess(visit, &user)?;
    let taken = visit.act(move |tx, _| {
        let user = tx.own_account::<TakeFirstCode>()?;
        let codes = confirm::confirm(tx, &user, &guess)?;
        let text =
            "Two-factor authentication is on. Keep the recovery codes below before you leave this page.";
        Ok(Go::to(HERE).saying(text).telling(&super::codes::in_lines(&codes), user.id))
    });
    let reply = taken.await.map_err(|error| wrong_code(visit, error))?;
    visit.service().guessed(user.id);
    Ok(reply)
}
