//! `tessera user two-factor …`: the operator needs neither password nor code to help somebody who lost theirs.

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tessera_model::Result;
use tessera_model::operation::two_factor::{
    ConfirmTwoFactor, GetTwoFactor, RenewRecoveryCodes, StartTwoFactor,
};
use tessera_model::operation::users::DisableUserTwoFactor;
use tessera_service::Tx;
use tessera_service::two_factor::{Proof, RecoveryCode, confirm, disable, recovery_codes, start, status};
use tessera_service::users::operator::named;

use super::secret::Secret;
use super::{Operator, Output, table};
use crate::Failure;
use crate::cli::Common;

#[derive(Subcommand)]
pub(crate) enum TwoFactorCommand {
    /// Show whether a user has a second factor.
    Status(NameArgs),
    /// Make a secret for a user's device and print it, once; it counts when `confirm` was given a code of it.
    Enable(NameArgs),
    /// Turn the second factor on with the first code of the device, read from the first line of standard input, and
    /// print the recovery codes, once.
    Confirm(NameArgs),
    /// Take a user's second factor away, an administrator's too.
    Disable(NameArgs),
    /// Make new recovery codes and print them, once; the old ones count no more.
    RecoveryCodes(NameArgs),
}

#[derive(Args)]
pub(crate) struct NameArgs {
    #[command(flatten)]
    common: Common,
    /// The username.
    name: String,
}

/// What is asked.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Request {
    Status(String),
    Enable(String),
    Confirm { name: String, code: Secret },
    Disable(String),
    RecoveryCodes(String),
}

impl TwoFactorCommand {
    /// Reads what it needs.
    ///
    /// # Errors
    /// When standard input holds no code.
    pub(crate) fn parts(self) -> Result<(Common, Request), Failure> {
        Ok(match self {
            Self::Status(NameArgs { common, name }) => (common, Request::Status(name)),
            Self::Enable(NameArgs { common, name }) => (common, Request::Enable(name)),
            Self::Confirm(NameArgs { common, name }) => {
                (common, Request::Confirm { name, code: Secret::from_stdin("code")? })
            }
            Self::Disable(NameArgs { common, name }) => (common, Request::Disable(name)),
            Self::RecoveryCodes(NameArgs { common, name }) => (common, Request::RecoveryCodes(name)),
        })
    }
}

pub(super) async fn execute(operator: &Operator, request: Request) -> Result<Output> {
    let (service, ask) = (&operator.service, operator.ask()?);
    match request {
        Request::Status(name) => {
            let look = move |tx: &mut Tx<'_>| {
                let user = named::<GetTwoFactor>(tx, &name)?;
                status::get(tx, &user)
            };
            shown(service.read::<GetTwoFactor, _, _>(&ask, look).await?)
        }
        Request::Enable(name) => {
            let act = move |tx: &mut Tx<'_>| {
                let user = named::<StartTwoFactor>(tx, &name)?;
                let secret = start::start(tx, &user, &Proof::OPERATOR)?;
                let uri = start::provisioning_uri(tx, &user, &secret);
                Ok((secret, uri))
            };
            let (secret, uri) = service.write::<StartTwoFactor, _, _>(&ask, act).await?;
            let (secret, uri) = (secret.base32(), uri.as_str());
            let text = table::facts(&[("secret", secret.to_string()), ("uri", uri.to_owned())]);
            let note = "it counts when a code of the device was given to: tessera user two-factor confirm";
            let output =
                Output::new(text, json!({ "otp_secret": secret.as_str(), "otp_provisioning_uri": uri }))?;
            Ok(output.with_note(Some(note.to_owned())))
        }
        Request::Confirm { name, code } => {
            let looked = name.clone();
            let look = move |tx: &mut Tx<'_>| Ok(named::<ConfirmTwoFactor>(tx, &looked)?.id);
            let id = service.read::<ConfirmTwoFactor, _, _>(&ask, look).await?;
            let guess = service.guess(id, code.expose())?;
            let act = move |tx: &mut Tx<'_>| {
                let user = named::<ConfirmTwoFactor>(tx, &name)?;
                confirm::confirm(tx, &user, &guess)
            };
            let codes = service.write::<ConfirmTwoFactor, _, _>(&ask, act).await?;
            service.guessed(id);
            told(&codes)
        }
        Request::Disable(name) => {
            let act = move |tx: &mut Tx<'_>| {
                let user = named::<DisableUserTwoFactor>(tx, &name)?;
                disable::of_user(tx, &user)?;
                Ok(user.into_inner().username)
            };
            let name = service.write::<DisableUserTwoFactor, _, _>(&ask, act).await?;
            Output::new(format!("{name} has no second factor"), json!({ "two_factor_enabled": false }))
        }
        Request::RecoveryCodes(name) => {
            let act = move |tx: &mut Tx<'_>| {
                let user = named::<RenewRecoveryCodes>(tx, &name)?;
                recovery_codes::by_operator(tx, &user)
            };
            told(&service.write::<RenewRecoveryCodes, _, _>(&ask, act).await?)
        }
    }
}

/// Recovery codes, one a line.
fn told(codes: &[RecoveryCode]) -> Result<Output> {
    let codes: Vec<&str> = codes.iter().map(RecoveryCode::expose).collect();
    Output::new(codes.join("\n"), json!({ "two_factor_enabled": true, "recovery_codes": codes }))
}

fn shown(status: status::Status) -> Result<Output> {
    let yes_no = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
    let end = status.grace_period_ends_at;
    let text = table::facts(&[
        ("second factor", if status.enabled { "on" } else { "off" }.to_owned()),
        ("recovery codes left", status.recovery_codes_left.to_string()),
        ("required", yes_no(status.required)),
        ("password alone until", end.map_or_else(|| "-".to_owned(), |end| end.to_string())),
    ]);
    let json = json!({
        "two_factor_enabled": status.enabled,
        "recovery_codes_left": status.recovery_codes_left,
        "two_factor_required": status.required,
        "two_factor_grace_period_ends_at": end,
    });
    Output::new(text, json)
}
