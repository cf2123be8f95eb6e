//! What can come next on a line of the console: commands and flags, from the command line's own description.

use clap::{Command, CommandFactory};
use rustyline::completion::Completer;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::validate::Validator;
use rustyline::{Context, Helper};

/// Completes words.
pub(super) struct Completion(Command);

impl Completion {
    /// Completes lines of `L`.
    pub(super) fn of<L: CommandFactory>() -> Self {
        let mut command = L::command();
        command.build();
        Self(command)
    }

    /// Where the word before `position` begins, and what it can become.
    fn at(&self, line: &str, position: usize) -> (usize, Vec<String>) {
        let before = line.get(..position).unwrap_or(line);
        let start = before.rfind(char::is_whitespace).map_or(0, |at| at + 1);
        let (earlier, word) = before.split_at(start);
        let mut command = &self.0;
        for known in earlier.split_whitespace() {
            match command.find_subcommand(known) {
                Some(inner) => command = inner,
                None => break,
            }
        }
        let mut found: Vec<String> = if word.starts_with('-') {
            command.get_arguments().filter_map(|flag| Some(format!("--{}", flag.get_long()?))).collect()
        } else {
            command.get_subcommands().map(|inner| inner.get_name().to_owned()).collect()
        };
        found.retain(|name| name.starts_with(word));
        found.sort();
        (start, found)
    }
}

impl Completer for Completion {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        position: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        let (start, mut found) = self.at(line, position);
        if let [only] = found.as_mut_slice() {
            only.push(' ');
        }
        Ok((start, found))
    }
}

impl Hinter for Completion {
    type Hint = String;
}
impl Highlighter for Completion {}
impl Validator for Completion {}
impl Helper for Completion {}

#[cfg(test)]
mod tests {
    use super::super::Line;
    use super::*;

    fn next(line: &str) -> Vec<String> {
        Completion::of::<Line>().at(line, line.len()).1
    }

    #[test]
    fn commands_and_flags_are_offered_where_they_belong() {
        assert_eq!(next("tok"), ["token"]);
        assert_eq!(next("token re"), ["revoke"]);
        assert!(next("").contains(&"exit".to_owned()));
        assert!(next("token create --na").contains(&"--name".to_owned()));
        assert!(next("nonsense ").contains(&"token".to_owned()));
        assert_eq!(next("user two-factor rec"), ["recovery-codes"]);
        assert!(next("feature enable x --pr").contains(&"--project".to_owned()));
    }

    #[test]
    fn the_word_begins_after_the_last_blank() {
        assert_eq!(Completion::of::<Line>().at("token li", 8).0, 6);
        assert_eq!(Completion::of::<Line>().at("tok", 3).0, 0);
    }
}
