//! `/-/profile/two_factor_auth`: the second factor, from setting it up to turning it off.

mod codes;
mod disable;
mod set_up;
mod show;

use tessera_model::user::User;
use tessera_model::{Error, Result};
use tessera_service::two_factor::{Guess, Proof, disable::must_be_on};
use tessera_service::users::Password;

use crate::ui::visit::{Page, Visit};

const HERE: &str = "/-/profile/two_factor_auth";

/// What came of trying password and code.
struct Tried {
    user: User,
    proof: Proof,
    guess: Guess,
}

/// Tries both fields; the code is judged where it is used up.
async fn tried<Op: Page>(visit: &Visit<Op>) -> Result<Tried> {
    let judged = visit.read(|tx, _| {
        let user = tx.own_account::<Op>()?;
        must_be_on(&user)?;
        Ok(user.into_inner())
    });
    let (user, _) = judged.await?.take();
    let proof = prove(visit, &user).await?;
    let guess = guess(visit, &user)?;
    Ok(Tried { user, proof, guess })
}

/// Tries the field of the password.
async fn prove<Op: Page>(visit: &Visit<Op>, user: &User) -> Result<Proof> {
    let password = Password::new(visit.form().text("current_password").to_owned());
    let proved = visit.service().prove(visit.ask(), user, &password).await;
    proved.map_err(|error| refusal(visit, "current_password", "is not the one of your account", error))
}

/// Begins to try the field of the code.
fn guess<Op: Page>(visit: &Visit<Op>, user: &User) -> Result<Guess> {
    let code: String = visit.form().text("code").chars().filter(|letter| !letter.is_whitespace()).collect();
    visit.service().guess(user.id, &code).map_err(|error| wrong_code(visit, error))
}

/// What is said of a code.
fn wrong_code<Op: Page>(visit: &Visit<Op>, error: Error) -> Error {
    let text = "is wrong, too old, or was used before: take the one that your device shows now";
    refusal(visit, "code", text, error)
}

/// Puts a refusal at its field, and takes note of it.
fn refusal<Op: Page>(visit: &Visit<Op>, field: &'static str, text: &str, error: Error) -> Error {
    match error {
        Error::Forbidden(Some(_)) => {
            visit.note_refusal(&error);
            Error::invalid(field, text)
        }
        Error::TooMany(seconds) => {
            visit.note_refusal(&error);
            Error::invalid(field, format!("was wrong too often: wait {seconds} seconds, then try again"))
        }
        other => other,
    }
}
