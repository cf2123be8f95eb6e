//! Signing in and out, and what stands between a password and the account.

use crate::operation::Row;
use crate::session::{GATES, Gate};

const SECOND_FACTOR: &[Gate] = &[Gate::SecondFactor];
const NEW_PASSWORD: &[Gate] = &[Gate::NewPassword];

operations! { $ session_pages;
    /// The form for signing in.
    ShowSignIn = Row::page("/users/sign_in").anonymous().at(GATES);
    /// Signs in.
    SignIn = Row::form("/users/sign_in").anonymous().at(GATES);
    /// The form for the second factor.
    ShowSecondFactor = Row::page("/users/sign_in/second_factor").at(SECOND_FACTOR);
    /// Takes the code of the second factor.
    TakeSecondFactor = Row::form("/users/sign_in/second_factor").at(SECOND_FACTOR);
    /// Ends the session.
    SignOut = Row::form("/users/sign_out").at(GATES);
    /// The form for a password that must be changed.
    ShowNewPassword = Row::page("/users/password").at(NEW_PASSWORD);
    /// Changes it.
    SetNewPassword = Row::form("/users/password").at(NEW_PASSWORD);
}
