//! `tessera console`: the commands of the command line at a prompt, and `-e` for single lines.
//!
//! Its language is that of the command line without the word `tessera`: words parted by blanks, quotes and `#` as in
//! a shell. Nothing is expanded or substituted.

mod completion;

use std::fs::OpenOptions;
use std::io::{BufRead, IsTerminal};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand};
use rustyline::error::ReadlineError;
use rustyline::history::DefaultHistory;
use rustyline::{Config, Editor};

use crate::cli::{Operation, Place};
use crate::data_dir::DataDir;
use crate::{Failure, complain, say};
use completion::Completion;

const PROMPT: &str = "tessera> ";
/// The flag whose value is a secret: lines with it are not remembered.
const SECRET_FLAG: &str = "--value";

/// Flags of `tessera console`.
#[derive(Args)]
pub(crate) struct ConsoleArgs {
    #[command(flatten)]
    place: Place,
    /// Run this line instead of asking for lines; may be given several times.
    #[arg(short = 'e', long = "execute", value_name = "LINE")]
    execute: Vec<String>,
}

/// A line of the console.
#[derive(Parser)]
#[command(name = "", no_binary_name = true, disable_version_flag = true, about = "Commands of the console")]
struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    #[command(flatten)]
    Operation(Box<Operation>),
    /// Leave the console.
    #[command(visible_alias = "quit")]
    Exit,
}

/// What became of a line.
enum Ran {
    Done,
    Failed(Failure),
    Exit,
}

/// Runs the console. Lines that were given, or come from a pipe, end it at the first that fails.
///
/// # Errors
/// What went wrong, in one line.
pub(crate) fn run(arguments: ConsoleArgs) -> Result<(), Failure> {
    let config = arguments.place.load()?;
    arguments.place.stands_for_all();
    if !arguments.execute.is_empty() {
        return in_turn(arguments.execute.into_iter().map(Ok));
    }
    let input = std::io::stdin();
    if !input.is_terminal() {
        // Line by line, so that `--value-stdin` finds its line where it was written.
        return in_turn(std::iter::from_fn(move || {
            let mut line = String::new();
            match input.lock().read_line(&mut line) {
                Ok(0) => None,
                Ok(_) => Some(Ok(line)),
                Err(error) => Some(Err(Failure::Failed(format!("standard input: {error}")))),
            }
        }));
    }
    let data = DataDir::prepare(&config.server.data_dir)?;
    converse(&data.join("run").join("console_history"))
}

fn in_turn(lines: impl Iterator<Item = Result<String, Failure>>) -> Result<(), Failure> {
    for line in lines {
        match one(&line?) {
            Ran::Done => {}
            Ran::Failed(failure) => return Err(failure),
            Ran::Exit => break,
        }
    }
    Ok(())
}

/// Asks for lines until there are no more.
fn converse(history: &Path) -> Result<(), Failure> {
    let config = Config::builder().max_history_size(1000).map_err(Failure::failed)?;
    let config = config.history_ignore_dups(true).map_err(Failure::failed)?.auto_add_history(false).build();
    let mut editor: Editor<Completion, DefaultHistory> =
        Editor::with_config(config).map_err(Failure::failed)?;
    editor.set_helper(Some(Completion::of::<Line>()));
    // No history yet, or one that cannot be read, is no reason to stay outside.
    let _ = editor.load_history(history);
    say("Type help for the commands, Tab to complete, exit or Ctrl-D to leave.");
    loop {
        let line = match editor.readline(PROMPT) {
            Ok(line) => line,
            Err(ReadlineError::Interrupted) => continue,
            Err(ReadlineError::Eof) => return Ok(()),
            Err(error) => return Err(Failure::failed(error)),
        };
        if is_remembered(&line) {
            let _ = editor.add_history_entry(line.as_str());
            let _ = keep(&mut editor, history);
        }
        match one(&line) {
            Ran::Done => {}
            Ran::Failed(failure) => {
                complain(&failure);
            }
            Ran::Exit => return Ok(()),
        }
    }
}

/// Writes the history for the operator's eyes alone.
fn keep(editor: &mut Editor<Completion, DefaultHistory>, path: &Path) -> rustyline::Result<()> {
    OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
    editor.save_history(path)
}

fn is_remembered(line: &str) -> bool {
    !line.trim().is_empty() && !line.contains(SECRET_FLAG)
}

fn one(line: &str) -> Ran {
    let Some(words) = shlex::split(line) else {
        return Ran::Failed(Failure::Usage("a quotation mark is not closed".to_owned()));
    };
    if words.is_empty() {
        return Ran::Done;
    }
    match Line::try_parse_from(words) {
        Ok(Line { command: Command::Exit }) => Ran::Exit,
        Ok(Line { command: Command::Operation(operation) }) => match operation.run() {
            Ok(()) => Ran::Done,
            Err(failure) => Ran::Failed(failure),
        },
        // Help is asked for, and answered.
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            match crate::cli::print(&error.to_string()) {
                Ok(()) => Ran::Done,
                Err(failure) => Ran::Failed(failure),
            }
        }
        Err(error) => {
            let text = error.to_string();
            let text = text.strip_prefix("error: ").unwrap_or(&text);
            Ran::Failed(Failure::Usage(text.split("\n\nUsage:").next().unwrap_or(text).trim().to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn complaint(line: &str) -> String {
        match one(line) {
            Ran::Failed(Failure::Usage(text)) => text,
            Ran::Failed(Failure::Failed(text)) => panic!("{text}"),
            Ran::Done | Ran::Exit => "none".to_owned(),
        }
    }

    #[test]
    fn lines_are_read_as_a_shell_would() {
        Line::command().debug_assert();
        assert_eq!(complaint(""), "none");
        assert_eq!(complaint("  # a remark"), "none");
        assert_eq!(complaint("exit"), "none");
        assert_eq!(complaint("token list --user 'ada"), "a quotation mark is not closed");
        assert!(complaint("tokn list").starts_with("unrecognized subcommand 'tokn'"));
        assert!(complaint("serve").starts_with("unrecognized subcommand 'serve'"));
    }

    #[test]
    fn lines_with_secrets_are_not_remembered() {
        assert!(is_remembered("token list --user ada"));
        assert!(!is_remembered("token revoke --value token-string-here123"));
        assert!(!is_remembered("  "));
    }
}
