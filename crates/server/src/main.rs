//! Tessera: Git repositories and their API for machines, each with a key of its own, in one binary.

mod cli;
mod commands;
mod config;
mod console;
mod control;
mod courier;
mod data_dir;
mod initial_password;
mod instance;
mod listener;
mod logging;
mod mail;
mod progress;
mod serve;
mod swap;
mod system;

use std::process::ExitCode;

use clap::Parser;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Why the program ends with an error: one clear line and an exit code.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It was called or configured wrongly (exit code 2).
    Usage(String),
    /// What was asked for failed or was refused (exit code 1).
    Failed(String),
}

impl Failure {
    fn failed(error: impl std::fmt::Display) -> Self {
        Self::Failed(error.to_string())
    }

    /// The line alone.
    pub(crate) fn into_text(self) -> String {
        match self {
            Self::Usage(text) | Self::Failed(text) => text,
        }
    }
}

fn main() -> ExitCode {
    // Git starts this program as its pre-receive hook, by a link of that name.
    let name = std::env::args_os().next().unwrap_or_default();
    if std::path::Path::new(&name).file_name().is_some_and(|name| name == "pre-receive") {
        return tessera_git::hook::client::main().into();
    }
    let arguments = cli::Cli::parse();
    match cli::run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => complain(&failure),
    }
}

/// Says why something failed, in one line, and gives the code to end with.
pub(crate) fn complain(failure: &Failure) -> ExitCode {
    let (text, code) = match failure {
        Failure::Usage(text) => (text, 2),
        Failure::Failed(text) => (text, 1),
    };
    say(&format!("tessera: {}", text.replace('\n', " ")));
    ExitCode::from(code)
}

/// Writes a line for people to standard error.
pub(crate) fn say(line: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "{line}");
}
