//! `/-/user_settings/profile`.

use askama::Template;
use tessera_model::operation::settings_pages::{SaveProfile, ShowProfile};
use tessera_model::user::User;
use tessera_model::{Error, Result};
use tessera_service::Slice;
use tessera_service::projects::list::{self, Wanted};
use tessera_service::users::Password;
use tessera_service::users::update_own::{self, OwnChanges};

use crate::reply::Reply;
use crate::ui::complaints::Complaints;
use crate::ui::form::Form;
use crate::ui::frame::Frame;
use crate::ui::places::{SettingsPage, settings_frame};
use crate::ui::session::new_password::refused;
use crate::ui::visit::{Go, Page, Visit};

const HERE: &str = "/-/user_settings/profile";

#[derive(Template)]
#[template(path = "settings/profile.html")]
struct ProfilePage {
    frame: Frame,
    /// What the fields show: what was typed, or what is.
    fields: OwnChanges,
    /// What is said of a new username.
    moves: String,
    problems: Complaints,
}

impl Page for ShowProfile {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        show(&visit, Complaints::default()).await
    }
}

impl Page for SaveProfile {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        match save(&visit).await {
            Ok(reply) => Ok(reply),
            Err(error) => show(&visit, complaints(&visit, error)?).await,
        }
    }
}

/// Both of what is unique has a field of its own.
fn complaints(visit: &Visit<SaveProfile>, error: Error) -> Result<Complaints> {
    match error {
        Error::Conflict(text) if text.starts_with("Email") => Ok(Complaints::saying("email", &text)),
        Error::Conflict(text) if text.starts_with("Username") => Ok(Complaints::saying("username", &text)),
        other => refused(visit, other),
    }
}

async fn save(visit: &Visit<SaveProfile>) -> Result<Reply> {
    let (user, _) = visit.read(|tx, _| Ok(tx.own_account::<SaveProfile>()?.into_inner())).await?.take();
    let changes = typed(visit.form());
    let proof = if update_own::needs_password(&user, &changes) {
        let password = visit.form().text("current_password");
        if password.is_empty() {
            return Err(Error::invalid("current_password", "is needed for another email address"));
        }
        Some(visit.service().prove(visit.ask(), &user, &Password::new(password.to_owned())).await?)
    } else {
        None
    };
    let done = visit.act(move |tx, _| {
        let user = tx.own_account::<SaveProfile>()?;
        update_own::update(tx, &user, &changes, proof.as_ref())?;
        Ok(Go::to(HERE).saying("Your profile was saved."))
    });
    done.await
}

fn typed(form: &Form) -> OwnChanges {
    let text = |name: &str| form.text(name).trim().to_owned();
    OwnChanges {
        username: text("username"),
        name: text("name"),
        email: text("email"),
        show_email: form.is_on("show_email"),
        bio: text("bio"),
        private_profile: form.is_on("private_profile"),
    }
}

fn stored(user: &User) -> OwnChanges {
    OwnChanges {
        username: user.username.clone(),
        name: user.name.clone(),
        email: user.email.clone(),
        show_email: user.public_email.is_some(),
        bio: user.bio.clone(),
        private_profile: user.private_profile,
    }
}

/// What a new username moves.
fn moves(projects: i64) -> String {
    let what = match projects {
        0 => "your page moves".to_owned(),
        1 => "your page and the project under your name move".to_owned(),
        _ => format!("your page and the {projects} projects under your name move"),
    };
    format!(
        "If you change it, {what}: links and Git remotes with the old name stop working. Access tokens go on working."
    )
}

async fn show<Op: Page>(visit: &Visit<Op>, problems: Complaints) -> Result<Reply> {
    let found = visit.read(|tx, _| {
        let user = tx.own_account::<Op>()?;
        let slice = Slice { limit: 1, offset: 0 };
        let projects = list::of_user(tx, &user, &Wanted::default(), slice)?;
        Ok((user.into_inner(), projects.total.unwrap_or_default()))
    });
    let ((user, projects), proof) = found.await?.take();
    let frame = settings_frame(visit.frame("Profile").await?, SettingsPage::Profile, "Profile");
    let again = !problems.is_empty();
    let fields = if again { typed(visit.form()) } else { stored(&user) };
    let page = ProfilePage { frame, fields, moves: moves(projects), problems };
    if again { visit.show_again(proof, &page) } else { visit.show(proof, &page) }
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_a_new_username_moves_is_counted() {
        assert!(super::moves(0).contains("your page moves:"));
        assert!(super::moves(1).contains("the project under your name move:"));
        assert!(super::moves(7).contains("the 7 projects under your name move:"));
    }
}
