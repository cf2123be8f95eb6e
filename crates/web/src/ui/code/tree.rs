//! `/:path/-/tree/…`: a folder.

use askama::Template;
use tessera_model::operation::code_pages::ShowTree;
use tessera_model::{Error, Result};
use tessera_service::repository::browse::{Shown, tree};

use super::views::{CommitLine, Document, EntryLine, Step, document, entries, steps};
use super::{address, kind_of, lead_on, name_of, open, preferred, rest};
use crate::reply::Reply;
use crate::ui::frame::Frame;
use crate::ui::places::ProjectPage;
use crate::ui::visit::{Page, Visit};

#[derive(Template)]
#[template(path = "code/tree.html")]
struct TreePage {
    frame: Frame,
    steps: Vec<Step>,
    kind: &'static str,
    reference: String,
    latest: Option<CommitLine>,
    entries: Vec<EntryLine>,
    /// How many there are, where not all are shown.
    total: Option<usize>,
    history: String,
    readme: Option<Document>,
}

impl Page for ShowTree {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let opened = open(&visit).await?;
        let form = visit.form();
        let shown = tree::show(visit.service(), &opened.place, &rest(form)?, preferred(form)).await?;
        let at = opened.at;
        let folder = match shown {
            Shown::Found(folder) => folder,
            Shown::Elsewhere { at: found, kind } => return lead_on(&visit, opened.proof, &at, &found, kind),
            Shown::Empty => return Ok(visit.lead(opened.proof, &at.at(""))),
        };
        let now = visit.service().now();
        let lines = entries(&folder, &at, now);
        let (latest, total) =
            (folder.latest.as_ref().map(|commit| CommitLine::of(commit, &at, now)), folder.tree.total);
        let cut = folder.tree.is_cut();
        let (found, place) = (folder.at.clone(), at.clone());
        let readme = tokio::task::spawn_blocking(move || {
            let blob = folder.readme?;
            let text = blob.text()?;
            Some(document(&blob, &text, &folder.at, &place))
        });
        let readme = readme.await.map_err(Error::internal)?;
        let title = if found.path.is_empty() { "Files".to_owned() } else { found.path.to_string() };
        let frame = at.frame(visit.frame(title).await?, ProjectPage::Files, "Files");
        let page = TreePage {
            frame,
            steps: steps(&found, &at),
            kind: kind_of(&found),
            reference: name_of(&found),
            latest,
            entries: lines,
            total: cut.then_some(total),
            history: at.at(&address("commits", &found.name, &found.path)),
            readme,
        };
        visit.show(opened.proof, &page)
    }
}
