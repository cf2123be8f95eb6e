//! `/:path/-/blob/…`: a file.

use askama::Template;
use tessera_model::operation::code_pages::ShowBlob;
use tessera_model::{Error, Result};
use tessera_service::repository::browse::{Blob, Kind, Shown, file};

use super::views::{CommitLine, Document, Step, document, is_markdown, size, steps};
use super::{address, kind_of, lead_on, name_of, open, preferred, rest};
use crate::reply::Reply;
use crate::ui::frame::Frame;
use crate::ui::places::ProjectPage;
use crate::ui::visit::{Page, Visit};

/// Most lines of a file that are shown.
const LINES: usize = 5_000;

/// What is shown of a file.
enum Content {
    Lines(Vec<String>),
    Document(Document),
    Image(String),
    /// Why it is not shown.
    Not(String),
}

#[derive(Template)]
#[template(path = "code/blob.html")]
struct BlobPage {
    frame: Frame,
    steps: Vec<Step>,
    name: String,
    kind: &'static str,
    reference: String,
    latest: Option<CommitLine>,
    facts: String,
    content: Content,
    /// Whether there are more lines.
    cut: bool,
    /// Where a document is shown as it was written; empty for anything else.
    source: String,
    raw: String,
    history: String,
}

impl Page for ShowBlob {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let opened = open(&visit).await?;
        let form = visit.form();
        let shown = file::show(visit.service(), &opened.place, &rest(form)?, preferred(form)).await?;
        let at = opened.at;
        let file = match shown {
            Shown::Found(file) => file,
            Shown::Elsewhere { at: found, kind } => return lead_on(&visit, opened.proof, &at, &found, kind),
            Shown::Empty => return Err(Error::missing("Page")),
        };
        let found = file.at;
        let raw = at.at(&address("raw", &found.name, &found.path));
        let own = at.at(&address("blob", &found.name, &found.path));
        let (blob, plain) = (file.blob, form.text("plain") == "1");
        let text = blob.text();
        let lines = text.as_deref().map_or(0, |text| text.lines().count());
        let facts = match &text {
            Some(_) if lines == 1 => format!("1 line · {}", size(blob.size)),
            Some(_) => format!("{lines} lines · {}", size(blob.size)),
            None => size(blob.size),
        };
        let document_page = is_markdown(&blob.path) && text.is_some();
        let content = match text {
            Some(text) if document_page && !plain => {
                let (found, place) = (found.clone(), at.clone());
                let rendered = tokio::task::spawn_blocking(move || document(&blob, &text, &found, &place));
                Content::Document(rendered.await.map_err(Error::internal)?)
            }
            Some(text) => Content::Lines(text.lines().take(LINES).map(str::to_owned).collect()),
            None => without_text(&blob, &raw),
        };
        let frame = at.frame(visit.frame(found.path.to_string()).await?, ProjectPage::Files, "Files");
        let mut steps = steps(&found, &at);
        let name = steps.pop().map(|step| step.name).unwrap_or_default();
        let now = visit.service().now();
        let page = BlobPage {
            frame,
            steps,
            name,
            kind: kind_of(&found),
            reference: name_of(&found),
            latest: file.latest.as_ref().map(|commit| CommitLine::of(commit, &at, now)),
            facts,
            cut: matches!(&content, Content::Lines(shown) if shown.len() < lines),
            source: match (&content, document_page) {
                (Content::Document(_), _) => format!("{own}?plain=1"),
                (_, true) => own,
                _ => String::new(),
            },
            content,
            raw,
            history: at.at(&address("commits", &found.name, &found.path)),
        };
        visit.show(opened.proof, &page)
    }
}

/// What is shown of a file that is no text.
fn without_text(blob: &Blob, raw: &str) -> Content {
    if let Some(target) = blob.link_target() {
        return Content::Not(format!("This is a symbolic link to {target}."));
    }
    if let Some(pointer) = blob.lfs() {
        return Content::Not(format!(
            "This file is kept in Git LFS ({}). Only its pointer is here.",
            size(pointer.size)
        ));
    }
    if blob.entry.kind == Kind::Blob && blob.content.as_deref().is_some_and(super::raw::is_image) {
        return Content::Image(raw.to_owned());
    }
    Content::Not(if blob.content.is_none() {
        "This file is too large to be shown here. Download it instead.".to_owned()
    } else {
        "This file is not text. Download it instead.".to_owned()
    })
}
