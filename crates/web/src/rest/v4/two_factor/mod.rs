//! `/user/two_factor`: a person's own second factor.

mod confirm;
mod disable;
mod get;
mod recovery_codes;
mod start;

use tessera_model::Result;
use tessera_model::user::User;
use tessera_service::two_factor::{Guess, Proof, disable::must_be_on};
use tessera_service::users::Password;

use crate::call::{Call, Endpoint};
use crate::params::Reader;

/// What proves that it is the person who asks: their password, and a code of the device or a recovery code.
pub(crate) struct Shown {
    password: Password,
    code: String,
}

fn password(p: &mut Reader<'_>) -> Password {
    Password::new(p.string("current_password").required())
}

fn code(p: &mut Reader<'_>) -> String {
    p.string("otp_attempt").required()
}

fn shown(p: &mut Reader<'_>) -> Shown {
    Shown { password: password(p), code: code(p) }
}

/// What came of trying both.
struct Tried {
    user: User,
    proof: Proof,
    guess: Guess,
}

/// Tries what was shown. The code is judged where it is used up.
async fn tried<Op: Endpoint<Input = Shown>>(call: &Call<Op>) -> Result<Tried> {
    let judged = call.read(|tx, shown| {
        let user = tx.own_account::<Op>()?;
        must_be_on(&user)?;
        Ok((user.into_inner(), shown.password.clone(), shown.code.clone()))
    });
    let ((user, password, code), _) = judged.await?.take();
    let proof = call.service().prove(call.ask(), &user, &password).await?;
    let guess = call.service().guess(user.id, &code)?;
    Ok(Tried { user, proof, guess })
}
