//! A project's first page: what it is, its files, and what its README says.

use askama::Template;
use tessera_model::{Error, Result};
use tessera_service::Key;
use tessera_service::projects::menu;
use tessera_service::repository::browse::overview::{self, Overview};
use tessera_service::repository::browse::{GitPath, open_if_readable};

use super::address;
use super::views::{CommitLine, Document, EntryLine, document, entries};
use crate::reply::Reply;
use crate::ui::frame::Frame;
use crate::ui::places::{ProjectPage, ProjectPlace};
use crate::ui::visit::{Page, Visit};

/// The code of a project.
struct Code {
    branches: usize,
    tags: usize,
    branch: String,
    latest: Option<CommitLine>,
    entries: Vec<EntryLine>,
    /// How many there are, where not all are shown.
    total: Option<usize>,
    readme: Option<Document>,
    history: String,
}

#[derive(Template)]
#[template(path = "code/front.html")]
struct ProjectFront {
    frame: Frame,
    place: ProjectPlace,
    /// What `git clone` takes.
    address: String,
    /// None for who may not read it.
    code: Option<Code>,
    /// Whether the caller may push the first commit.
    may_push: bool,
}

/// Shows the project at the path of the address.
///
/// # Errors
/// As [`Tx::project`](tessera_service::Tx::project) where there is none.
pub(crate) async fn show<Op: Page>(visit: &Visit<Op>) -> Result<Reply> {
    let found = visit.read(|tx, form| {
        let project = tx.project::<Op>(&Key::Path(form.place("path").to_owned()))?;
        let menu = menu::of(tx, &project)?;
        let (project, opened) = open_if_readable(tx, project)?;
        Ok((ProjectPlace { project, menu }, opened))
    });
    let ((place, opened), proof) = found.await?.take();
    let code = match opened {
        Some(opened) => Some(code(visit, overview::show(visit.service(), &opened).await?, &place).await?),
        None => None,
    };
    let address = format!("{}{}.git", visit.service().external_url(), place.at(""));
    let frame = visit.frame(place.project.full_path.clone()).await?;
    let frame = place.frame(frame, ProjectPage::Overview, "");
    let may_push = place.menu.push;
    visit.show(proof, &ProjectFront { frame, place, address, code, may_push })
}

async fn code<Op: Page>(visit: &Visit<Op>, found: Overview, place: &ProjectPlace) -> Result<Code> {
    let now = visit.service().now();
    let mut code = Code {
        branches: found.counts.branches,
        tags: found.counts.tags,
        branch: place.project.default_branch.clone(),
        latest: None,
        entries: Vec::new(),
        total: None,
        readme: None,
        history: String::new(),
    };
    let Some(folder) = found.folder else { return Ok(code) };
    code.latest = folder.latest.as_ref().map(|commit| CommitLine::of(commit, place, now));
    code.entries = entries(&folder, place, now);
    code.total = folder.tree.is_cut().then_some(folder.tree.total);
    code.history = place.at(&address("commits", &folder.at.name, &GitPath::default()));
    let place = place.clone();
    let readme = tokio::task::spawn_blocking(move || {
        let blob = folder.readme?;
        let text = blob.text()?;
        Some(document(&blob, &text, &folder.at, &place))
    });
    code.readme = readme.await.map_err(Error::internal)?;
    Ok(code)
}
