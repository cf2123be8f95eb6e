//! `/admin/users/new`.

use askama::Template;
use tessera_model::operation::admin_pages::{AddUser, ShowNewUser};
use tessera_model::{Error, Result};
use tessera_service::users::create::{self, Wanted};
use tessera_service::users::update::{self, Changes};
use tessera_service::users::{Password, get};

use super::{complaints, path_of};
use crate::reply::Reply;
use crate::ui::complaints::Complaints;
use crate::ui::form::Form;
use crate::ui::frame::Frame;
use crate::ui::places::{AdminPage, admin_frame};
use crate::ui::visit::{Go, Page, Visit};

#[derive(Template)]
#[template(path = "admin/new_user.html")]
struct NewUserPage {
    frame: Frame,
    problems: Complaints,
    name: String,
    username: String,
    email: String,
    admin: bool,
    external: bool,
    note: String,
    least: i64,
}

impl Page for ShowNewUser {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        show(&visit, Complaints::default()).await
    }
}

impl Page for AddUser {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        match add(&visit).await {
            Ok(reply) => Ok(reply),
            Err(error) => show(&visit, complaints(error)?).await,
        }
    }
}

fn wanted(form: &Form) -> Wanted {
    let text = |field: &str| form.text(field).trim().to_owned();
    Wanted {
        name: text("name"),
        username: text("username"),
        email: text("email"),
        password: Some(form.text("password"))
            .filter(|text| !text.is_empty())
            .map(|text| Password::new(text.to_owned())),
        admin: form.is_on("admin"),
        external: Some(form.is_on("external")),
        note: form.filled("note").map(str::to_owned),
        ..Wanted::default()
    }
}

async fn add(visit: &Visit<AddUser>) -> Result<Reply> {
    let judged = visit.read(|tx, form| {
        let right = tx.instance::<AddUser>()?;
        create::check(tx, &right, &wanted(form))?;
        if form.text("password") != form.text("password_confirmation") {
            return Err(Error::invalid(
                "password_confirmation",
                "differs from the password: type both again",
            ));
        }
        Ok(())
    });
    judged.await?;
    let hash = visit.service().hash_password(visit.form().text("password").to_owned()).await?;
    visit
        .act(move |tx, form| {
            let right = tx.instance::<AddUser>()?;
            let mut wanted = wanted(form);
            // The password is set as that of somebody else, which must be changed at the first sign-in.
            let password = wanted.password.take();
            wanted.without_password = true;
            let made = create::create(tx, &right, &wanted, None)?;
            let user = get::named::<AddUser>(tx, &made.username)?;
            let made = update::update(tx, &user, &Changes { password, ..Changes::default() }, Some(&hash))?;
            let text = format!(
                "{} can sign in as {}, and must change the password first.",
                made.name, made.username
            );
            Ok(Go::to(path_of(&made.username)).saying(text))
        })
        .await
}

async fn show<Op: Page>(visit: &Visit<Op>, problems: Complaints) -> Result<Reply> {
    let found = visit.read(|tx, _| {
        let least = tx.setting("minimum_password_length")?.as_i64().unwrap_or(8);
        Ok((least, tx.is_on("user_default_external")?))
    });
    let ((least, external), proof) = found.await?.take();
    let form = visit.form();
    let text = |field: &str| form.text(field).to_owned();
    let frame = admin_frame(visit.frame("New user").await?, AdminPage::Users, "");
    let page = NewUserPage {
        frame: frame.crumb("Users", super::PATH).crumb("New user", ""),
        name: text("name"),
        username: text("username"),
        email: text("email"),
        admin: form.is_on("admin"),
        external: if form.has("external") { form.is_on("external") } else { external },
        note: text("note"),
        least,
        problems,
    };
    if page.problems.is_empty() { visit.show(proof, &page) } else { visit.show_again(proof, &page) }
}
