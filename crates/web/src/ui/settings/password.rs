//! `/-/user_settings/password/edit`.

use askama::Template;
use tessera_model::Result;
use tessera_model::operation::settings_pages::{EditPassword, SavePassword};

use crate::reply::Reply;
use crate::ui::complaints::Complaints;
use crate::ui::frame::Frame;
use crate::ui::places::{SettingsPage, settings_frame};
use crate::ui::session::new_password::{refused, set_password};
use crate::ui::visit::{Page, Visit};

const HERE: &str = "/-/user_settings/password/edit";

#[derive(Template)]
#[template(path = "settings/password.html")]
struct PasswordPage {
    frame: Frame,
    username: String,
    least: i64,
    problems: Complaints,
}

impl Page for EditPassword {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        show(&visit, Complaints::default()).await
    }
}

impl Page for SavePassword {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let said = (HERE, "Your password was changed. You are signed out everywhere else.");
        match set_password(&visit, Some(said)).await {
            Ok(proof) => Ok(visit.lead(proof, HERE)),
            Err(error) => show(&visit, refused(&visit, error)?).await,
        }
    }
}

async fn show<Op: Page>(visit: &Visit<Op>, problems: Complaints) -> Result<Reply> {
    let found = visit.read(|tx, _| {
        let user = tx.own_account::<Op>()?.into_inner();
        Ok((user.username, tx.setting("minimum_password_length")?.as_i64().unwrap_or(8)))
    });
    let ((username, least), proof) = found.await?.take();
    let frame = settings_frame(visit.frame("Password").await?, SettingsPage::Password, "Password");
    let again = !problems.is_empty();
    let page = PasswordPage { frame, username, least, problems };
    if again { visit.show_again(proof, &page) } else { visit.show(proof, &page) }
}
