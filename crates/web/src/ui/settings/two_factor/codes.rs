//! New recovery codes.

use askama::Template;
use tessera_model::Result;
use tessera_model::operation::settings_pages::{MakeRecoveryCodes, ShowNewRecoveryCodes};
use tessera_service::two_factor::{RecoveryCode, disable::must_be_on, recovery_codes, status};
use zeroize::Zeroizing;

use super::{HERE, Tried, tried, wrong_code};
use crate::reply::Reply;
use crate::ui::complaints::Complaints;
use crate::ui::frame::Frame;
use crate::ui::places::{SettingsPage, settings_frame};
use crate::ui::visit::{Go, Page, Visit};

#[derive(Template)]
#[template(path = "settings/recovery_codes.html")]
struct CodesPage {
    frame: Frame,
    left: i64,
    problems: Complaints,
}

/// The codes, a line each.
pub(super) fn in_lines(codes: &[RecoveryCode]) -> Zeroizing<String> {
    let mut lines = Zeroizing::new(String::new());
    for code in codes {
        if !lines.is_empty() {
            lines.push('\n');
        }
        lines.push_str(code.expose());
    }
    lines
}

impl Page for ShowNewRecoveryCodes {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        show(&visit, Complaints::default()).await
    }
}

impl Page for MakeRecoveryCodes {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        match make(&visit).await {
            Ok(reply) => Ok(reply),
            Err(error) => show(&visit, Complaints::of(error)?).await,
        }
    }
}

async fn make(visit: &Visit<MakeRecoveryCodes>) -> Result<Reply> {
    let Tried { user, proof, guess } = tried(visit).await?;
    let made = visit.act(move |tx, _| {
        let user = tx.own_account::<MakeRecoveryCodes>()?;
        let codes = recovery_codes::own(tx, &user, &proof, &guess)?;
        let text = "You have new recovery codes. The old ones no longer work.";
        Ok(Go::to(HERE).saying(text).telling(&in_lines(&codes), user.id))
    });
    let reply = made.await.map_err(|error| wrong_code(visit, error))?;
    visit.service().guessed(user.id);
    Ok(reply)
}

async fn show<Op: Page>(visit: &Visit<Op>, problems: Complaints) -> Result<Reply> {
    let found = visit.read(|tx, _| {
        let user = tx.own_account::<Op>()?;
        must_be_on(&user)?;
        Ok(status::get(tx, &user)?.recovery_codes_left)
    });
    let (left, proof) = found.await?.take();
    let frame = settings_frame(visit.frame("New recovery codes").await?, SettingsPage::TwoFactor, "");
    let frame = frame.crumb("Two-factor authentication", HERE).crumb("New recovery codes", "");
    let again = !problems.is_empty();
    let page = CodesPage { frame, left, problems };
    if again { visit.show_again(proof, &page) } else { visit.show(proof, &page) }
}
