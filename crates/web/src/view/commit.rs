//! Commits.

use std::collections::BTreeMap;

use serde::Serialize;
use tessera_model::project::Project;
use tessera_model::time::Timestamp;
use tessera_service::repository::{Commit, Signature};

use super::{Links, trailers};

/// The shape in which commits stand in lists and in other objects.
#[derive(Serialize)]
pub(crate) struct CommitView<'a> {
    id: String,
    short_id: String,
    created_at: String,
    parent_ids: Vec<String>,
    title: String,
    message: &'a str,
    author_name: &'a str,
    author_email: &'a str,
    authored_date: String,
    committer_name: &'a str,
    committer_email: &'a str,
    committed_date: String,
    trailers: BTreeMap<&'a str, &'a str>,
    extended_trailers: BTreeMap<&'a str, Vec<&'a str>>,
    web_url: String,
}

/// A commit of a project.
pub(crate) fn commit<'a>(links: &Links, project: &Project, commit: &'a Commit) -> CommitView<'a> {
    let id = commit.oid.to_string();
    let extended_trailers = trailers::of(&commit.message);
    // Of several with one name, the last counts where there is room for one only.
    let last = extended_trailers.iter().filter_map(|(name, values)| Some((*name, *values.last()?)));
    CommitView {
        short_id: id[..8].to_owned(),
        created_at: date(&commit.committer),
        parent_ids: commit.parents.iter().map(ToString::to_string).collect(),
        title: title(commit.title()),
        message: &commit.message,
        author_name: &commit.author.name,
        author_email: &commit.author.email,
        authored_date: date(&commit.author),
        committer_name: &commit.committer.name,
        committer_email: &commit.committer.email,
        committed_date: date(&commit.committer),
        trailers: last.collect(),
        web_url: links.web(&format!("{}/-/commit/{id}", project.full_path)),
        extended_trailers,
        id,
    }
}

/// A time of git in its own zone, such as `2012-09-20T11:50:22.000+03:00`.
pub(crate) fn date(signature: &Signature) -> String {
    let offset = signature.offset_minutes;
    let local = signature.time.saturating_add(i64::from(offset) * 60);
    let sign = if offset < 0 { '-' } else { '+' };
    let (hours, minutes) = (offset.unsigned_abs() / 60, offset.unsigned_abs() % 60);
    let utc = Timestamp::from_seconds(local).to_string();
    format!("{}{sign}{hours:02}:{minutes:02}", utc.trim_end_matches('Z'))
}

/// First lines of 100 characters and more are cut at the last blank that leaves room for an ellipsis
/// within 81.
fn title(line: &str) -> String {
    if line.chars().count() < 100 {
        return line.to_owned();
    }
    let end = line.char_indices().nth(80).map_or(line.len(), |(at, _)| at);
    let cut = line[..end].rfind(' ').unwrap_or(end);
    format!("{}…", &line[..cut])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: i64, offset_minutes: i32) -> Signature {
        Signature { name: String::new(), email: String::new(), time, offset_minutes }
    }

    #[test]
    fn dates_keep_their_zone() {
        assert_eq!(date(&at(1_348_131_022, 180)), "2012-09-20T11:50:22.000+03:00");
        assert_eq!(date(&at(1_348_131_022, -210)), "2012-09-20T05:20:22.000-03:30");
        assert_eq!(date(&at(0, 0)), "1970-01-01T00:00:00.000+00:00");
    }

    #[test]
    fn long_titles_are_cut_between_words() {
        assert_eq!(title(&"x".repeat(99)), "x".repeat(99));
        assert_eq!(title(&"é".repeat(100)), format!("{}…", "é".repeat(80)));
        assert_eq!(title(&"word ".repeat(30)), format!("{}…", "word ".repeat(16).trim_end()));
    }
}
