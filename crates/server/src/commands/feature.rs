//! `tessera feature …` (P8, D13)

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tessera_model::operation::features::{DeleteFeature, ListFeatures, SetFeature};
use tessera_model::{Error, Result};
use tessera_service::feature::DEFINITIONS;
use tessera_service::features::set::{Change, Names};
use tessera_service::{Key, Tx, features};

use super::{Command, Operator, Output};
use crate::Failure;
use crate::cli::Common;
use crate::control::client;

#[derive(Subcommand)]
pub(crate) enum FeatureCommand {
    /// Turn a feature on.
    Enable(SwitchArgs),
    /// Turn a feature off.
    Disable(SwitchArgs),
    /// Print whether a feature is on.
    Status(FlagArgs),
    /// Forget what was set for a feature, so that its default counts again.
    Remove(RemoveArgs),
}

#[derive(Args)]
pub(crate) struct FlagArgs {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    flag: Flag,
}

#[derive(Args)]
pub(crate) struct SwitchArgs {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    flag: Flag,
    /// Set it even if the server knows no feature of this name.
    #[arg(long)]
    force: bool,
}

#[derive(Args)]
pub(crate) struct RemoveArgs {
    #[command(flatten)]
    common: Common,
    /// The feature.
    name: String,
}

/// A feature, for everyone or for one project.
#[derive(Args, Clone, Serialize, Deserialize)]
pub(crate) struct Flag {
    /// The feature.
    name: String,
    /// For the project of this path or number alone.
    #[arg(long, value_name = "PATH")]
    project: Option<String>,
}

impl Flag {
    fn key(&self) -> Option<Key> {
        self.project.as_deref().map(Key::parse)
    }
}

/// What is asked.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Request {
    Switch { flag: Flag, on: bool, force: bool },
    Status(Flag),
    Remove(String),
}

impl FeatureCommand {
    /// Runs it and prints its answer.
    ///
    /// # Errors
    /// One line.
    pub(crate) fn run(self) -> Result<(), Failure> {
        let (common, request) = match self {
            Self::Enable(SwitchArgs { common, flag, force }) => {
                (common, Request::Switch { flag, on: true, force })
            }
            Self::Disable(SwitchArgs { common, flag, force }) => {
                (common, Request::Switch { flag, on: false, force })
            }
            Self::Status(FlagArgs { common, flag }) => (common, Request::Status(flag)),
            Self::Remove(RemoveArgs { common, name }) => (common, Request::Remove(name)),
        };
        client::run(&common, Command::Feature(request))
    }
}

/// Whether a flag is on, with its name and project.
type Status = (bool, Flag);

pub(super) async fn execute(operator: &Operator, request: Request) -> Result<Output> {
    let (service, ask) = (&operator.service, operator.ask()?);
    let (on, flag) = match request {
        Request::Switch { flag, on, force } => {
            must_be_known(&flag.name, force)?;
            let act = move |tx: &mut Tx<'_>| switch(tx, &flag, on);
            service.write::<SetFeature, _, _>(&ask, act).await?
        }
        Request::Status(flag) => {
            must_be_known(&flag.name, false)?;
            let look = move |tx: &mut Tx<'_>| {
                let right = tx.instance::<ListFeatures>()?;
                Ok((features::switch::is_on(tx, &right, &flag.name, flag.key().as_ref())?, flag.clone()))
            };
            service.read::<ListFeatures, _, _>(&ask, look).await?
        }
        Request::Remove(name) => {
            let act = move |tx: &mut Tx<'_>| {
                let right = tx.instance::<DeleteFeature>()?;
                features::delete::delete(tx, &right, &name)?;
                let on = is_known(&name) && features::switch::is_on(tx, &right, &name, None)?;
                Ok((on, Flag { name: name.clone(), project: None }))
            };
            service.write::<DeleteFeature, _, _>(&ask, act).await?
        }
    };
    status(&flag.name, flag.project.as_deref(), on)
}

fn is_known(name: &str) -> bool {
    DEFINITIONS.iter().any(|known| known.name == name)
}

fn must_be_known(name: &str, force: bool) -> Result<()> {
    if force || is_known(name) {
        return Ok(());
    }
    let known: Vec<&str> = DEFINITIONS.iter().map(|known| known.name).collect();
    Err(Error::Refused(format!("there is no feature {name:?}; there are: {}", known.join(", "))))
}

fn switch(tx: &mut Tx<'_>, flag: &Flag, on: bool) -> Result<Status> {
    let right = tx.instance::<SetFeature>()?;
    if is_known(&flag.name) {
        features::switch::switch(tx, &right, &flag.name, on, flag.key().as_ref())?;
        return Ok((features::switch::is_on(tx, &right, &flag.name, flag.key().as_ref())?, flag.clone()));
    }
    let change = Change {
        name: flag.name.clone(),
        value: on.to_string(),
        key: None,
        names: Names { project: flag.project.clone(), ..Names::default() },
        force: true,
    };
    features::set::set(tx, &right, &change)?;
    Ok((on, flag.clone()))
}

fn status(name: &str, project: Option<&str>, on: bool) -> Result<Output> {
    let word = if on { "enabled" } else { "disabled" };
    let text = match project {
        Some(path) => format!("{name} is {word} for {path}"),
        None => format!("{name} is {word}"),
    };
    Output::new(text, json!({ "name": name, "project": project, "enabled": on }))
}
