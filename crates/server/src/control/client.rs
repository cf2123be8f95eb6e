//! The command's side: through the running server, or in this process when none runs.

use std::io;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;

use super::{Hello, Reply};
use crate::cli::{Common, Place};
use crate::commands::{self, Command, Operator, Output};
use crate::config::Config;
use crate::data_dir::{DataDir, Lock, PATIENCE, PAUSE};
use crate::{Failure, instance, say, swap};

/// After this time people are told what a command waits for.
const SILENCE: Duration = Duration::from_secs(3);
/// How long a command goes on sending the mails that it caused; those that wait then are the next server's.
const MAIL_PATIENCE: Duration = Duration::from_secs(10);

/// A way to have commands run.
pub(crate) enum Link {
    /// The running server's.
    Server(Box<Connection>),
    /// In this process, which owns the data directory while it lasts.
    Own(Box<Own>),
}

/// A greeted connection with the server.
pub(crate) struct Connection {
    stream: BufReader<UnixStream>,
}

/// An instance opened for a command.
pub(crate) struct Own {
    operator: Operator,
    _lock: Option<Lock>,
}

impl Link {
    /// Reaches the running server, or opens the instance itself.
    ///
    /// # Errors
    /// One line that says what is in the way.
    pub(crate) async fn open(place: &Place) -> Result<Self, Failure> {
        let config = place.load()?;
        let data = DataDir::prepare(&config.server.data_dir)?;
        let mut waited = Duration::ZERO;
        loop {
            if let Some(connection) = connect(&data.control_socket()).await? {
                return Ok(Self::Server(Box::new(connection)));
            }
            if config.has_own_server() && !swap::is_pending(&data) {
                // A database with a server of its own takes this process as one more node.
                return Self::own(&config, data, None).await;
            }
            match data.try_lock()? {
                Ok(lock) => return Self::own(&config, data, Some(lock)).await,
                Err(owner) if waited >= PATIENCE => {
                    return Err(Failure::Failed(format!(
                        "{} is in use by process {owner}, which answers no commands; try again when it has ended",
                        config.server.data_dir.display()
                    )));
                }
                Err(owner) => {
                    if waited == SILENCE {
                        say(&format!("waiting for process {owner}, which works on the data directory"));
                    }
                    tokio::time::sleep(PAUSE).await;
                    waited += PAUSE;
                }
            }
        }
    }

    async fn own(config: &Config, data: DataDir, lock: Option<Lock>) -> Result<Self, Failure> {
        let service = instance::open(config, &data, &instance::external_url(config)).await?.service;
        instance::ensure_administrator(&service, &data, None).await?;
        Ok(Self::Own(Box::new(Own { operator: Operator::new(service, data), _lock: lock })))
    }

    /// Whether this process has the instance to itself, or at least runs its own commands.
    pub(crate) fn is_own(&self) -> bool {
        matches!(self, Self::Own(_))
    }

    /// Has a command run.
    ///
    /// # Errors
    /// The refusal, or that the server went away.
    pub(crate) async fn call(&mut self, command: Command) -> Result<Output, Failure> {
        match self {
            Self::Own(own) => commands::execute(&own.operator, command).await.map_err(Failure::Failed),
            Self::Server(connection) => connection.call(&command).await,
        }
    }

    /// Ends it. What the commands of this process left to do is done before.
    pub(crate) async fn close(self) {
        if let Self::Own(own) = self {
            own.operator.service.run_due_jobs().await;
            own.operator.service.deliver_own(MAIL_PATIENCE).await;
            own.operator.service.flush_usage().await;
            own.operator.service.end_audit().await;
        }
    }
}

/// The server behind a socket, if there is one that takes commands.
async fn connect(socket: &Path) -> Result<Option<Connection>, Failure> {
    let stream = match UnixStream::connect(socket).await {
        Ok(stream) => stream,
        // A path too long for a socket (the third) has no server either.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused | io::ErrorKind::InvalidInput
            ) =>
        {
            return Ok(None);
        }
        Err(error) => return Err(Failure::Failed(format!("{}: {error}", socket.display()))),
    };
    let mut stream = BufReader::new(stream);
    // No greeting: the server is about to end and serves nobody any more.
    match receive::<Hello>(&mut stream).await {
        Ok(Hello { refused: Some(why), .. }) => Err(Failure::Failed(why)),
        Ok(_) => Ok(Some(Connection { stream })),
        Err(_) => Ok(None),
    }
}

/// Whether a server serves this data directory.
pub(crate) async fn is_served(data: &DataDir) -> bool {
    !matches!(connect(&data.control_socket()).await, Ok(None))
}

impl Connection {
    async fn call(&mut self, command: &Command) -> Result<Output, Failure> {
        #[derive(Serialize)]
        struct Request<'a> {
            version: &'a str,
            command: &'a Command,
        }
        let request = Request { version: env!("CARGO_PKG_VERSION"), command };
        let mut line = serde_json::to_vec(&request).map_err(Failure::failed)?;
        line.push(b'\n');
        let gone = |_| {
            Failure::Failed(
                "the server ended before it answered; look whether the command was done".to_owned(),
            )
        };
        self.stream.get_mut().write_all(&line).await.map_err(gone)?;
        match receive(&mut self.stream).await.map_err(gone)? {
            Reply::Done(output) => Ok(output),
            Reply::Refused(text) => Err(Failure::Failed(text)),
        }
    }
}

async fn receive<T: DeserializeOwned>(stream: &mut BufReader<UnixStream>) -> io::Result<T> {
    let mut line = Vec::new();
    stream.read_until(b'\n', &mut line).await?;
    Ok(serde_json::from_slice(&line)?)
}

/// Runs something that needs a link, and the link's end after it.
///
/// # Errors
/// As [`Link::open`], and what the action says.
pub(crate) fn with_link<T>(
    place: &Place,
    action: impl AsyncFnOnce(&mut Link) -> Result<T, Failure>,
) -> Result<T, Failure> {
    crate::serve::harden();
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::failed)?;
    runtime.block_on(async {
        let mut link = Link::open(place).await?;
        let done = action(&mut link).await;
        link.close().await;
        done
    })
}

/// Runs one command and prints its answer.
///
/// # Errors
/// As [`with_link`].
pub(crate) fn run(common: &Common, command: Command) -> Result<(), Failure> {
    let output = with_link(&common.place, async |link| link.call(command).await)?;
    for note in &output.notes {
        say(note);
    }
    crate::cli::print(&output.rendered(common.json)?)
}
