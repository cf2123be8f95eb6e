//! `/users/password`: a password that somebody else set is changed before anything else; the administrator of a new
//! instance is welcomed here.

use askama::Template;
use tessera_model::operation::session_pages::{SetNewPassword, ShowNewPassword};
use tessera_model::{Error, Result};
use tessera_service::sessions;
use tessera_service::sessions::message::{self, Message};
use tessera_service::users::Password;

use crate::reply::Reply;
use crate::ui::complaints::Complaints;
use crate::ui::frame::Frame;
use crate::ui::visit::{Page, Proof, Visit};

#[derive(Template)]
#[template(path = "session/new_password.html")]
struct NewPasswordPage {
    frame: Frame,
    /// Whether this is the first administrator of a new instance.
    first_run: bool,
    username: String,
    least: i64,
    problems: Complaints,
}

impl Page for ShowNewPassword {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        show(&visit, Complaints::default()).await
    }
}

impl Page for SetNewPassword {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        match change(&visit).await {
            Ok(reply) => Ok(reply),
            Err(error) => show(&visit, refused(&visit, error)?).await,
        }
    }
}

/// What a refusal says at the fields.
pub(in crate::ui) fn refused<Op: Page>(visit: &Visit<Op>, error: Error) -> Result<Complaints> {
    visit.note_refusal(&error);
    match error {
        Error::Forbidden(Some(_)) => {
            Ok(Complaints::saying("current_password", "This is not your current password."))
        }
        Error::TooMany(seconds) => {
            let text =
                format!("There were too many wrong passwords. Wait {seconds} seconds, then try again.");
            Ok(Complaints::saying("current_password", &text))
        }
        other => Complaints::of(other),
    }
}

/// Changes the password of who asks, and goes on with a new session.
async fn change(visit: &Visit<SetNewPassword>) -> Result<Reply> {
    let proof = set_password::<SetNewPassword>(visit, None).await?;
    Ok(visit.lead(proof, "/"))
}

/// Tries the current password and sets the new one; the browser goes on with a new session, on whose next page `said` is
/// said: an address and a text.
pub(in crate::ui) async fn set_password<Op: Page>(
    visit: &Visit<Op>,
    said: Option<(&'static str, &'static str)>,
) -> Result<Proof<Op>> {
    let form = visit.form();
    let current = Password::new(form.text("current_password").to_owned());
    let new = Password::new(form.text("password").to_owned());
    if form.text("password") != form.text("password_confirmation") {
        return Err(Error::invalid(
            "password_confirmation",
            "differs from the new password: type both again",
        ));
    }
    let (user, _) = visit.read(|tx, _| Ok(tx.own_account::<Op>()?.into_inner())).await?.take();
    let proof = visit.service().prove(visit.ask(), &user, &current).await?;
    let hash = visit.service().hash_password(new.expose().to_owned()).await?;
    let agent = visit.user_agent();
    let done = visit.write(move |tx, _| {
        let user = tx.own_account::<Op>()?;
        let secret = sessions::set_new_password(tx, &user, &proof, &new, &hash, &agent)?;
        if let Some((to, text)) = said {
            let (to, text) = (to.to_owned(), text.to_owned());
            message::leave(tx, &Message { to, text, secret: None, subject: None })?;
        }
        Ok(secret)
    });
    let (secret, proof) = done.await?.take();
    visit.keep(&secret);
    Ok(proof)
}

async fn show<Op: Page>(visit: &Visit<Op>, problems: Complaints) -> Result<Reply> {
    let found = visit.read(|tx, _| {
        let user = tx.own_account::<Op>()?.into_inner();
        let least = tx.setting("minimum_password_length")?.as_i64().unwrap_or(8);
        let needed = user.password_expired || user.password_initial;
        Ok((needed, user.username, least, user.password_initial))
    });
    let ((needed, username, least, first_run), proof) = found.await?.take();
    if !needed {
        return Ok(visit.lead(proof, "/-/user_settings/password/edit"));
    }
    let title = if first_run { "Welcome" } else { "Choose a new password" };
    let mut frame = visit.bare_frame(title)?;
    frame.user = None;
    let again = !problems.is_empty();
    let page = NewPasswordPage { frame, first_run, username, least, problems };
    if again { visit.show_again(proof, &page) } else { visit.show(proof, &page) }
}
