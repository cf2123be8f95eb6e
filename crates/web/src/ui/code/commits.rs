//! `/:path/-/commits/…`: a history.

use askama::Template;
use tessera_model::Result;
use tessera_model::operation::code_pages::ShowCommits;
use tessera_model::time::Timestamp;
use tessera_service::repository::browse::{Brief, Shown, history};

use super::views::{CommitLine, instant};
use super::{address, kind_of, lead_on, name_of, open, preferred, rest};
use crate::reply::Reply;
use crate::ui::frame::Frame;
use crate::ui::paging::Pages;
use crate::ui::places::{ProjectPage, ProjectPlace};
use crate::ui::visit::{Page, Visit};
use crate::ui::when::day;

/// The commits of one day.
struct Day {
    title: String,
    commits: Vec<CommitLine>,
}

#[derive(Template)]
#[template(path = "code/commits.html")]
struct CommitsPage {
    frame: Frame,
    kind: &'static str,
    reference: String,
    /// The file or folder whose history it is; empty for all.
    path: String,
    days: Vec<Day>,
    pages: Pages,
    cut: bool,
}

fn days(commits: &[Brief], at: &ProjectPlace, now: Timestamp) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for commit in commits {
        let title = day(instant(commit.committer.time).date());
        let line = CommitLine::of(commit, at, now);
        match days.last_mut().filter(|last| last.title == title) {
            Some(last) => last.commits.push(line),
            None => days.push(Day { title, commits: vec![line] }),
        }
    }
    days
}

impl Page for ShowCommits {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let opened = open(&visit).await?;
        let form = visit.form();
        let page = usize::try_from(form.page()).unwrap_or(1);
        let shown =
            history::list(visit.service(), &opened.place, &rest(form)?, preferred(form), page).await?;
        let at = opened.at;
        let found = match shown {
            Shown::Found(found) => found,
            Shown::Elsewhere { at: found, kind } => return lead_on(&visit, opened.proof, &at, &found, kind),
            Shown::Empty => return Ok(visit.lead(opened.proof, &at.at(""))),
        };
        let own = at.at(&address("commits", &found.at.name, &found.at.path));
        let (history, found) = (found.history, found.at);
        let next = if history.more { format!("{own}?page={}", page + 1) } else { String::new() };
        let previous = if page > 1 { format!("{own}?page={}", page - 1) } else { String::new() };
        let frame = at.frame(visit.frame("Commits").await?, ProjectPage::Commits, "Commits");
        let page = CommitsPage {
            frame,
            kind: kind_of(&found),
            reference: name_of(&found),
            path: found.path.to_string(),
            days: days(&history.commits, &at, visit.service().now()),
            pages: Pages { previous, next, position: format!("Page {page}") },
            cut: history.cut,
        };
        visit.show(opened.proof, &page)
    }
}
