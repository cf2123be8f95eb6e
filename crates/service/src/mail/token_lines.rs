//! A token as mails show it: which one, whose, until when, last used when and from where. Never its secret.

use std::collections::HashMap;

use tessera_model::Result;
use tessera_model::time::{Date, Timestamp};
use tessera_model::token::{Token, TokenKind};
use tessera_store::query;

use super::letter::Item;
use crate::{Tx, fault};

/// The paths of projects, each read once for a mail.
#[derive(Default)]
pub(crate) struct Paths(HashMap<i64, String>);

impl Paths {
    fn of(&mut self, tx: &mut Tx<'_>, project: i64) -> Result<String> {
        if let Some(known) = self.0.get(&project) {
            return Ok(known.clone());
        }
        let found = query::projects::by_id(tx.conn, project).map_err(fault)?;
        let path = found.map_or_else(|| "a project that is gone".to_owned(), |project| project.full_path);
        self.0.insert(project, path.clone());
        Ok(path)
    }
}

/// The item of a token. `today` tells how far its end is.
pub(crate) fn item(tx: &mut Tx<'_>, paths: &mut Paths, token: &Token) -> Result<Item> {
    let head = match token.project_id {
        Some(project) => format!(
            "\"{}\", access token of the project {} (bot {})",
            token.name,
            paths.of(tx, project)?,
            token.bearer_username
        ),
        None => format!("\"{}\", personal access token of {}", token.name, token.bearer_username),
    };
    let mut facts = Vec::new();
    if let Some(end) = token.expires_on {
        facts.push(ending(end, tx.today()));
    }
    facts.push(format!("scopes: {}", token.scopes.names().join(", ")));
    facts.push(match token.last_used_at {
        None => "never used".to_owned(),
        Some(time) if token.last_used_ips.is_empty() => format!("last used {}", minute(time)),
        Some(time) => format!("last used {} from {}", minute(time), token.last_used_ips.join(", ")),
    });
    Ok(Item { head, facts })
}

/// When a token ends, as one rule has it everywhere: at 00:00 UTC of its date.
fn ending(end: Date, today: Date) -> String {
    match today.days_until(end) {
        1 => format!("ends on {end} at 00:00 UTC, at the end of this day"),
        days if days > 1 => format!("ends on {end} at 00:00 UTC, in {days} days"),
        _ => format!("ended on {end} at 00:00 UTC"),
    }
}

/// `2027-03-04 08:15 UTC`
pub(crate) fn minute(time: Timestamp) -> String {
    let text = time.to_string();
    let (date, clock) = text.split_once('T').unwrap_or((&text, ""));
    format!("{date} {} UTC", clock.get(..5).unwrap_or(clock))
}

/// What the tokens of a mail are called together, as GitLab's subjects have it.
pub(crate) fn noun(tokens: &[Token]) -> &'static str {
    let projects = tokens.iter().filter(|token| token.kind == TokenKind::Project).count();
    match projects {
        0 => "personal access tokens",
        count if count == tokens.len() => "resource access tokens",
        _ => "access tokens",
    }
}

/// The page where the tokens of a mail are looked after: the project's when all are of one, else one's own.
pub(crate) fn page(tx: &mut Tx<'_>, paths: &mut Paths, tokens: &[Token]) -> Result<String> {
    let first = tokens.first().and_then(|token| token.project_id);
    let one_project = first.filter(|_| tokens.iter().all(|token| token.project_id == first));
    let url = tx.core.external_url.clone();
    Ok(match one_project {
        Some(project) => format!("{url}/{}/-/settings/access_tokens", paths.of(tx, project)?),
        None if tokens.iter().all(|token| token.kind == TokenKind::Project) => url,
        None => format!("{url}/-/user_settings/personal_access_tokens"),
    })
}

/// Why somebody is told of these tokens.
pub(crate) fn reason(tx: &Tx<'_>, tokens: &[Token]) -> String {
    let why = match noun(tokens) {
        "personal access tokens" => "the tokens are yours",
        "resource access tokens" => "you are a Maintainer or Owner of their project, or made them",
        _ => "the tokens are yours, or you are a Maintainer or Owner of their project, or made them",
    };
    format!("You get this mail from {} because {why}.", tx.core.external_url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_told_by_date_and_distance() {
        let date = |text| Date::parse(text).unwrap();
        let end = date("2027-03-10");
        assert_eq!(ending(end, date("2027-03-03")), "ends on 2027-03-10 at 00:00 UTC, in 7 days");
        assert_eq!(
            ending(end, date("2027-03-09")),
            "ends on 2027-03-10 at 00:00 UTC, at the end of this day"
        );
        assert_eq!(ending(end, end), "ended on 2027-03-10 at 00:00 UTC");
    }

    #[test]
    fn times_are_told_to_the_minute() {
        assert_eq!(minute(Timestamp(1_804_148_130_120_000)), "2027-03-04 08:15 UTC");
    }
}
