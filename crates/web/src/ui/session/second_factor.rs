//! `/users/sign_in/second_factor`: the second step.

use askama::Template;
use tessera_model::operation::session_pages::{ShowSecondFactor, TakeSecondFactor};
use tessera_model::{Error, Result};
use tessera_service::sessions;

use super::sign_in::return_to;
use crate::reply::Reply;
use crate::ui::complaints::Complaints;
use crate::ui::frame::Frame;
use crate::ui::visit::{Page, Proof, Visit};

#[derive(Template)]
#[template(path = "session/second_factor.html")]
struct SecondFactorPage {
    frame: Frame,
    return_to: String,
    problems: Complaints,
}

impl Page for ShowSecondFactor {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let (waits, proof) = visit
            .read(|tx, _| Ok(tx.caller().session().is_some_and(|session| session.gate.is_some())))
            .await?
            .take();
        if !waits {
            return Ok(visit.lead(proof, &return_to(&visit)));
        }
        show(&visit, proof, Complaints::default(), 200)
    }
}

impl Page for TakeSecondFactor {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let code: String =
            visit.form().text("code").chars().filter(|letter| !letter.is_whitespace()).collect();
        let (user, _) = visit.read(|tx, _| Ok(tx.own_account::<Self>()?.into_inner())).await?.take();
        let guess = match visit.service().guess(user.id, &code) {
            Ok(guess) => guess,
            Err(error) => return refuse(&visit, error).await,
        };
        let agent = visit.user_agent();
        let passed = visit.write(move |tx, _| {
            let user = tx.own_account::<Self>()?;
            sessions::pass_second_factor(tx, &user, &guess, &agent)
        });
        match passed.await {
            Ok(passed) => {
                let (secret, proof) = passed.take();
                visit.service().guessed(user.id);
                visit.keep(&secret);
                Ok(visit.lead(proof, &return_to(&visit)))
            }
            Err(error) => refuse(&visit, error).await,
        }
    }
}

async fn refuse(visit: &Visit<TakeSecondFactor>, error: Error) -> Result<Reply> {
    visit.note_refusal(&error);
    let (status, text) = match error {
        Error::Forbidden(_) => {
            let text = "This code is wrong, too old, or was used before. Take the newest one that your device shows, \
                or a recovery code that you have not used.";
            (422, text.to_owned())
        }
        Error::TooMany(seconds) => {
            (429, format!("There were too many wrong codes. Wait {seconds} seconds, then try again."))
        }
        other => return Err(other),
    };
    let ((), proof) = visit.read(|_, _| Ok(())).await?.take();
    show(visit, proof, Complaints::saying("code", &text), status)
}

fn show<Op: Page>(visit: &Visit<Op>, proof: Proof<Op>, problems: Complaints, status: u16) -> Result<Reply> {
    let mut frame = visit.bare_frame("Second factor")?;
    frame.user = None;
    visit.show_as(status, proof, &SecondFactorPage { frame, return_to: return_to(visit), problems })
}
