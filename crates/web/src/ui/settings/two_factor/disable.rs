//! Turning it off.

use askama::Template;
use tessera_model::Result;
use tessera_model::operation::settings_pages::{ShowTurnOffTwoFactor, TurnOffTwoFactor};
use tessera_service::two_factor::disable::{self, must_be_on};
use tessera_service::two_factor::status;

use super::{HERE, Tried, tried, wrong_code};
use crate::reply::Reply;
use crate::ui::complaints::Complaints;
use crate::ui::frame::Frame;
use crate::ui::places::{SettingsPage, settings_frame};
use crate::ui::visit::{Go, Page, Visit};

#[derive(Template)]
#[template(path = "settings/turn_off_two_factor.html")]
struct TurnOffPage {
    frame: Frame,
    /// Whether the instance asks everybody for one.
    required: bool,
    problems: Complaints,
}

impl Page for ShowTurnOffTwoFactor {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        show(&visit, Complaints::default()).await
    }
}

impl Page for TurnOffTwoFactor {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        match turn_off(&visit).await {
            Ok(reply) => Ok(reply),
            Err(error) => show(&visit, Complaints::of(error)?).await,
        }
    }
}

async fn turn_off(visit: &Visit<TurnOffTwoFactor>) -> Result<Reply> {
    let Tried { user, proof, guess } = tried(visit).await?;
    let done = visit.act(move |tx, _| {
        let user = tx.own_account::<TurnOffTwoFactor>()?;
        disable::own(tx, &user, &proof, &guess)?;
        Ok(Go::to(HERE).saying("Two-factor authentication is off. Your password alone signs you in."))
    });
    let reply = done.await.map_err(|error| wrong_code(visit, error))?;
    visit.service().guessed(user.id);
    Ok(reply)
}

async fn show<Op: Page>(visit: &Visit<Op>, problems: Complaints) -> Result<Reply> {
    let found = visit.read(|tx, _| {
        let user = tx.own_account::<Op>()?;
        must_be_on(&user)?;
        Ok(status::get(tx, &user)?.required)
    });
    let (required, proof) = found.await?.take();
    let title = "Turn off two-factor authentication";
    let frame = settings_frame(visit.frame(title).await?, SettingsPage::TwoFactor, "");
    let frame = frame.crumb("Two-factor authentication", HERE).crumb("Turn off", "");
    let again = !problems.is_empty();
    let page = TurnOffPage { frame, required, problems };
    if again { visit.show_again(proof, &page) } else { visit.show(proof, &page) }
}
