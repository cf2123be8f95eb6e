//! What administrators change of a user, one thing at a time.

use tessera_model::operation::admin_pages::{ChangeUserAsAdmin, SetPasswordAsAdmin};
use tessera_model::{Error, Result};
use tessera_service::two_factor::disable;
use tessera_service::users::update::{self, Changes};
use tessera_service::users::{Password, block, get};

use super::{complaints, one, path_of};
use crate::reply::Reply;
use crate::ui::visit::{Go, Page, Visit};

impl Page for ChangeUserAsAdmin {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let done = visit.act(|tx, form| {
            let user = get::named::<Self>(tx, form.place("username"))?;
            let mut change = |changes: Changes| update::update(tx, &user, &changes, None).map(drop);
            let done = match form.text("act") {
                "make_admin" => {
                    change(Changes { admin: Some(true), ..Changes::default() })?;
                    "is an administrator now"
                }
                "take_admin" => {
                    change(Changes { admin: Some(false), ..Changes::default() })?;
                    "is no administrator any more"
                }
                "make_external" => {
                    change(Changes { external: Some(true), ..Changes::default() })?;
                    "is external now"
                }
                "make_internal" => {
                    change(Changes { external: Some(false), ..Changes::default() })?;
                    "is external no more"
                }
                "block" => {
                    block::block(tx, &user)?;
                    "is blocked: no password and no token of theirs opens anything"
                }
                "unblock" => {
                    block::unblock(tx, &user)?;
                    "may act again"
                }
                "disable_two_factor" => {
                    disable::of_user(tx, &user)?;
                    "has no second factor any more"
                }
                _ => return Err(Error::bad_request("Say what shall be changed")),
            };
            Ok(Go::to(path_of(&user.username)).saying(format!("{} {done}.", user.name)))
        });
        match done.await {
            Ok(reply) => Ok(reply),
            Err(error) => one::show(&visit, complaints(error)?).await,
        }
    }
}

impl Page for SetPasswordAsAdmin {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        match set(&visit).await {
            Ok(reply) => Ok(reply),
            Err(error) => one::show(&visit, complaints(error)?).await,
        }
    }
}

async fn set(visit: &Visit<SetPasswordAsAdmin>) -> Result<Reply> {
    let judged = visit.read(|tx, form| {
        let user = get::named::<SetPasswordAsAdmin>(tx, form.place("username"))?;
        if tx.caller().user_id() == Some(user.id) {
            return Err(Error::bad_request(
                "Change your own password in your settings: that takes the current one",
            ));
        }
        if form.text("password").is_empty() {
            return Err(Error::invalid("password", "can't be blank"));
        }
        if form.text("password") != form.text("password_confirmation") {
            return Err(Error::invalid(
                "password_confirmation",
                "differs from the new password: type both again",
            ));
        }
        update::check(tx, &user, &changes(form.text("password")))
    });
    judged.await?;
    let hash = visit.service().hash_password(visit.form().text("password").to_owned()).await?;
    visit
        .act(move |tx, form| {
            let user = get::named::<SetPasswordAsAdmin>(tx, form.place("username"))?;
            update::update(tx, &user, &changes(form.text("password")), Some(&hash))?;
            let text = format!("{} has a new password, and must change it at the next sign-in.", user.name);
            Ok(Go::to(path_of(&user.username)).saying(text))
        })
        .await
}

fn changes(password: &str) -> Changes {
    Changes { password: Some(Password::new(password.to_owned())), ..Changes::default() }
}
