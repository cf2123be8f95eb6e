//! Tokens of a person and of a project: the reason why the product exists (U1, P5, P6, U9, U10).

mod commands;
mod form;
mod lists;
mod personal;
mod project;

mod revoke;
mod rotate;
mod words;

use askama::Template;

use commands::Command;
use form::TokenForm;
use lists::Lists;

use super::complaints::Complaints;
use super::frame::Frame;

/// The page of tokens.
#[derive(Template)]
#[template(path = "tokens/index.html")]
struct TokensPage {
    frame: Frame,
    heading: &'static str,
    lead: String,
    /// The address of this page, to which the form is sent.
    action: String,
    /// The form, or why there is none.
    form: Result<TokenForm, &'static str>,
    button: &'static str,
    lists: Lists,
    problems: Complaints,
}

/// A token that was just made, shown this once.
#[derive(Template)]
#[template(path = "tokens/new.html")]
struct NewTokenPage {
    frame: Frame,
    heading: String,
    /// What it can do, in one sentence.
    sentence: String,
    secret: zeroize::Zeroizing<String>,
    commands: Vec<Command>,
    /// The address of the list.
    back: String,
}
