//! `tessera user …`

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tessera_model::operation::Operation;
use tessera_model::operation::statistics::GetStatistics;
use tessera_model::operation::users::{
    BlockUser, CreateUser, DeleteUser, GetUser, ListUsers, UnblockUser, UpdateUser,
};
use tessera_model::time::Timestamp;
use tessera_model::user::User;
use tessera_model::{Error, Result};
use tessera_service::users::create::Wanted;
use tessera_service::users::list::UserFilter;
use tessera_service::users::operator::named;
use tessera_service::users::{Password, block, create, delete, list, operator, seats};
use tessera_service::{Slice, Tx};

use super::secret::Secret;
use super::{Command, Operator, Output};
use super::{table, two_factor};
use crate::cli::Common;
use crate::control::client;
use crate::{Failure, initial_password};

/// Where a password is taken from when no flag gives one.
const PASSWORD: &str = "TESSERA_PASSWORD";
/// Users of one look into the list.
const PAGE: i64 = 1000;

#[derive(Subcommand)]
pub(crate) enum UserCommand {
    /// Make a user; without --password-stdin a password is made and printed, once.
    Create(CreateArgs),
    /// List users.
    List(ListArgs),
    /// Show a user.
    Show(NameArgs),
    /// Count the people who take seats.
    Seats(SeatsArgs),
    /// Block a user: none of their tokens opens anything.
    Block(NameArgs),
    /// Let a blocked user in again.
    Unblock(NameArgs),
    /// Delete a user; their records move to the Ghost User.
    Delete(DeleteArgs),
    /// Give a user a new password; without --password-stdin one is made and printed, once.
    ResetPassword(ResetArgs),
    /// Set up a user's second factor, turn it on and off, make new recovery codes.
    #[command(subcommand)]
    TwoFactor(two_factor::TwoFactorCommand),
}

#[derive(Args)]
pub(crate) struct CreateArgs {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    user: NewUser,
    #[command(flatten)]
    password: PasswordArgs,
}

/// A user to be made.
#[derive(Args, Serialize, Deserialize)]
pub(crate) struct NewUser {
    /// The unique name.
    #[arg(long)]
    username: String,
    /// The display name.
    #[arg(long)]
    name: String,
    /// The address.
    #[arg(long)]
    email: String,
    /// Make an administrator.
    #[arg(long)]
    admin: bool,
    /// Make an external user, to whom internal projects are closed.
    #[arg(long)]
    external: bool,
}

#[derive(Args)]
pub(crate) struct PasswordArgs {
    /// Read the password from the first line of standard input; the variable `TESSERA_PASSWORD` does the same.
    #[arg(long)]
    password_stdin: bool,
}

impl PasswordArgs {
    fn read(&self) -> Result<Option<Secret>, Failure> {
        if self.password_stdin {
            Secret::from_stdin("password").map(Some)
        } else {
            Ok(Secret::from_environment(PASSWORD))
        }
    }
}

#[derive(Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    list: List,
}

/// Which users to list.
#[derive(Args, Serialize, Deserialize)]
pub(crate) struct List {
    /// Only those with this in their name or username, or with this address.
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Bots of projects too.
    #[arg(long)]
    bots: bool,
}

#[derive(Args)]
pub(crate) struct SeatsArgs {
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
pub(crate) struct NameArgs {
    #[command(flatten)]
    common: Common,
    /// The username.
    name: String,
}

#[derive(Args)]
pub(crate) struct DeleteArgs {
    #[command(flatten)]
    common: Common,
    /// The username.
    name: String,
    /// Delete the user even when they are the only owner of a group.
    #[arg(long)]
    force: bool,
}

#[derive(Args)]
pub(crate) struct ResetArgs {
    #[command(flatten)]
    common: Common,
    /// The username.
    name: String,
    #[command(flatten)]
    password: PasswordArgs,
}

/// What is asked.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Request {
    Create { user: NewUser, password: Option<Secret> },
    List(List),
    Show(String),
    Seats,
    Block(String),
    Unblock(String),
    Delete { name: String, force: bool },
    ResetPassword { name: String, password: Option<Secret> },
    TwoFactor(two_factor::Request),
}

impl UserCommand {
    /// Runs it and prints its answer.
    ///
    /// # Errors
    /// One line.
    pub(crate) fn run(self) -> Result<(), Failure> {
        let (common, request) = match self {
            Self::Create(CreateArgs { common, user, password }) => {
                (common, Request::Create { user, password: password.read()? })
            }
            Self::List(ListArgs { common, list }) => (common, Request::List(list)),
            Self::Show(NameArgs { common, name }) => (common, Request::Show(name)),
            Self::Seats(SeatsArgs { common }) => (common, Request::Seats),
            Self::Block(NameArgs { common, name }) => (common, Request::Block(name)),
            Self::Unblock(NameArgs { common, name }) => (common, Request::Unblock(name)),
            Self::Delete(DeleteArgs { common, name, force }) => (common, Request::Delete { name, force }),
            Self::ResetPassword(ResetArgs { common, name, password }) => {
                (common, Request::ResetPassword { name, password: password.read()? })
            }
            Self::TwoFactor(command) => {
                let (common, request) = command.parts()?;
                (common, Request::TwoFactor(request))
            }
        };
        client::run(&common, Command::User(request))
    }
}

pub(super) async fn execute(operator: &Operator, request: Request) -> Result<Output> {
    match request {
        Request::Create { user, password } => make(operator, user, password).await,
        Request::List(wanted) => all(operator, wanted).await,
        Request::Show(name) => {
            let look = move |tx: &mut Tx<'_>| Ok(named::<GetUser>(tx, &name)?.into_inner());
            let user = operator.service.read::<GetUser, _, _>(&operator.ask()?, look).await?;
            Output::new(facts(&user), row(&user))
        }
        Request::Seats => count_seats(operator).await,
        Request::Block(name) => {
            let act = move |tx: &mut Tx<'_>| {
                let user = named::<BlockUser>(tx, &name)?;
                match block::block(tx, &user)? {
                    block::Blocked::Internal => Err(Error::forbidden("an internal user cannot be blocked")),
                    block::Blocked::Now | block::Blocked::Before => again::<BlockUser>(tx, &user),
                }
            };
            let user = operator.service.write::<BlockUser, _, _>(&operator.ask()?, act).await?;
            Output::new(format!("{} is blocked", user.username), row(&user))
        }
        Request::Unblock(name) => {
            let act = move |tx: &mut Tx<'_>| {
                let user = named::<UnblockUser>(tx, &name)?;
                block::unblock(tx, &user)?;
                again::<UnblockUser>(tx, &user)
            };
            let user = operator.service.write::<UnblockUser, _, _>(&operator.ask()?, act).await?;
            Output::new(format!("{} is {}", user.username, user.state.name()), row(&user))
        }
        Request::Delete { name, force } => {
            let act = move |tx: &mut Tx<'_>| {
                let user = named::<DeleteUser>(tx, &name)?;
                delete::delete(tx, &user, force)?;
                Ok(user.into_inner())
            };
            let user = operator.service.write::<DeleteUser, _, _>(&operator.ask()?, act).await?;
            Output::new(format!("{} is deleted", user.username), row(&user))
        }
        Request::ResetPassword { name, password } => reset(operator, name, password).await,
        Request::TwoFactor(request) => two_factor::execute(operator, request).await,
    }
}

async fn count_seats(operator: &Operator) -> Result<Output> {
    let look = |tx: &mut Tx<'_>| {
        let right = tx.instance::<GetStatistics>()?;
        seats::get(tx, &right)
    };
    let seats = operator.service.read::<GetStatistics, _, _>(&operator.ask()?, look).await?;
    let text = table::facts(&[
        ("people", seats.taken.to_string()),
        ("cap", seats.cap.map_or_else(|| "-".to_owned(), |cap| cap.to_string())),
        ("blocked", format!("{} (no seat)", seats.blocked)),
        ("bots", format!("{} (no seat)", seats.bots)),
    ]);
    let json =
        json!({ "taken": seats.taken, "cap": seats.cap, "blocked": seats.blocked, "bots": seats.bots });
    Output::new(text, json)
}

/// The user as it is after a change.
fn again<Op: Operation>(tx: &mut Tx<'_>, user: &User) -> Result<User> {
    Ok(tx.user::<Op>(user.id)?.into_inner())
}

/// The password that was given, or a new one; whether it is new.
fn given_or_made(operator: &Operator, given: Option<Secret>) -> Result<(Password, bool)> {
    match given {
        Some(text) => Ok((Password::new(text.expose().to_owned()), false)),
        None => Ok((operator.service.generate_password()?, true)),
    }
}

async fn make(operator: &Operator, user: NewUser, password: Option<Secret>) -> Result<Output> {
    let (service, ask) = (&operator.service, operator.ask()?);
    let (password, made) = given_or_made(operator, password)?;
    let wanted = Wanted {
        username: user.username,
        name: user.name,
        email: user.email,
        password: Some(password.clone()),
        admin: user.admin,
        external: user.external.then_some(true),
        ..Wanted::default()
    };
    let checked = wanted.clone();
    let check = move |tx: &mut Tx<'_>| {
        let right = tx.instance::<CreateUser>()?;
        create::check(tx, &right, &checked)
    };
    service.read::<CreateUser, _, _>(&ask, check).await?;
    let hash = service.hash_password(password.expose().to_owned()).await?;
    let act = move |tx: &mut Tx<'_>| {
        let right = tx.instance::<CreateUser>()?;
        create::create(tx, &right, &wanted, Some(&hash))
    };
    let user = service.write::<CreateUser, _, _>(&ask, act).await?;
    let row = Row { password: made.then(|| password.expose()), ..row(&user) };
    let text = match row.password {
        Some(password) => password.to_owned(),
        None => format!("{} is made (number {})", user.username, user.id),
    };
    Output::new(text, row)
}

async fn reset(operator: &Operator, name: String, password: Option<Secret>) -> Result<Output> {
    let (service, ask) = (&operator.service, operator.ask()?);
    let (password, made) = given_or_made(operator, password)?;
    let (known, wanted) = (name.clone(), password.clone());
    let check = move |tx: &mut Tx<'_>| {
        let user = named::<UpdateUser>(tx, &known)?;
        operator::check_password(tx, &user, &wanted)
    };
    service.read::<UpdateUser, _, _>(&ask, check).await?;
    let hash = service.hash_password(password.expose().to_owned()).await?;
    let wanted = password.clone();
    let act = move |tx: &mut Tx<'_>| {
        let user = named::<UpdateUser>(tx, &name)?;
        operator::set_password(tx, &user, &wanted, &hash)?;
        again::<UpdateUser>(tx, &user)
    };
    let user = service.write::<UpdateUser, _, _>(&ask, act).await?;
    initial_password::tidy(service, &operator.data).await;
    let row = Row { password: made.then(|| password.expose()), ..row(&user) };
    let text = match row.password {
        Some(password) => password.to_owned(),
        None => format!("{} has a new password", user.username),
    };
    Output::new(text, row)
}

async fn all(operator: &Operator, wanted: List) -> Result<Output> {
    let wanted = list::Wanted {
        filter: UserFilter {
            search: wanted.search,
            without_project_bots: !wanted.bots,
            exclude_internal: true,
            ..UserFilter::default()
        },
        ascending: true,
        ..list::Wanted::default()
    };
    let mut users: Vec<User> = Vec::new();
    loop {
        let (page, offset) = (wanted.clone(), i64::try_from(users.len()).unwrap_or(i64::MAX));
        let look = move |tx: &mut Tx<'_>| {
            let right = tx.instance::<ListUsers>()?;
            list::list(tx, &right, &page, Slice { limit: PAGE, offset })
        };
        let found = operator.service.read::<ListUsers, _, _>(&operator.ask()?, look).await?.items;
        let last = i64::try_from(found.len()).unwrap_or(i64::MAX) < PAGE;
        users.extend(found.into_iter().map(|seen| seen.user));
        if last {
            break;
        }
    }
    let rows: Vec<Row<'_>> = users.iter().map(row).collect();
    Output::new(lines(&rows), &rows)
}

/// A user for machines.
#[derive(Serialize)]
struct Row<'a> {
    id: i64,
    username: &'a str,
    name: &'a str,
    email: &'a str,
    kind: &'static str,
    state: &'static str,
    admin: bool,
    external: bool,
    two_factor_enabled: bool,
    created_at: Timestamp,
    last_activity_on: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<&'a str>,
}

fn row(user: &User) -> Row<'_> {
    Row {
        id: user.id,
        username: &user.username,
        name: &user.name,
        email: &user.email,
        kind: user.kind.name(),
        state: user.state.name(),
        admin: user.admin,
        external: user.external,
        two_factor_enabled: user.two_factor,
        created_at: user.created_at,
        last_activity_on: user.last_activity_on.as_deref(),
        password: None,
    }
}

fn role(row: &Row<'_>) -> String {
    let words = [(row.admin, "admin"), (row.external, "external"), (row.kind != "human", row.kind)];
    let words: Vec<&str> = words.iter().filter(|(is, _)| *is).map(|(_, word)| *word).collect();
    if words.is_empty() { "-".to_owned() } else { words.join(",") }
}

fn lines(rows: &[Row<'_>]) -> String {
    let cells = |row: &Row<'_>| {
        vec![
            row.id.to_string(),
            row.username.to_owned(),
            row.state.to_owned(),
            role(row),
            row.email.to_owned(),
            row.last_activity_on.unwrap_or("-").to_owned(),
            row.name.to_owned(),
        ]
    };
    let rows: Vec<_> = rows.iter().map(cells).collect();
    table::table(&["ID", "USERNAME", "STATE", "ROLE", "EMAIL", "LAST SEEN", "NAME"], &rows)
}

fn facts(user: &User) -> String {
    let row = row(user);
    table::facts(&[
        ("id", row.id.to_string()),
        ("username", row.username.to_owned()),
        ("name", row.name.to_owned()),
        ("email", row.email.to_owned()),
        ("state", row.state.to_owned()),
        ("role", role(&row)),
        ("second factor", if row.two_factor_enabled { "on" } else { "off" }.to_owned()),
        ("created", row.created_at.to_string()),
        ("last seen", row.last_activity_on.unwrap_or("-").to_owned()),
    ])
}
