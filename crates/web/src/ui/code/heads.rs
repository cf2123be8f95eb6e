//! Lists of branches and of tags.

use askama::Template;
use tessera_model::Result;
use tessera_service::repository::browse::heads::{self, HEADS};
use tessera_service::repository::browse::{GitPath, HeadKind};

use super::views::CommitLine;
use super::{address, open};
use crate::reply::Reply;
use crate::ui::frame::Frame;
use crate::ui::paging::Pages;
use crate::ui::places::ProjectPage;
use crate::ui::visit::{Page, Visit};

/// What one of the lists is.
pub(super) struct List {
    pub(super) kind: HeadKind,
    pub(super) page: ProjectPage,
    pub(super) title: &'static str,
    pub(super) word: &'static str,
    pub(super) icon: &'static str,
    pub(super) lead: &'static str,
}

/// A branch or tag.
struct HeadLine {
    name: String,
    href: String,
    default: bool,
    protected: bool,
    commit: Option<CommitLine>,
    /// What an annotated tag says.
    message: String,
}

#[derive(Template)]
#[template(path = "code/heads.html")]
struct HeadsPage {
    frame: Frame,
    title: &'static str,
    word: &'static str,
    icon: &'static str,
    lead: &'static str,
    action: String,
    search: String,
    heads: Vec<HeadLine>,
    total: usize,
    dated: bool,
    pages: Pages,
}

pub(super) async fn show<Op: Page>(visit: &Visit<Op>, list: &List) -> Result<Reply> {
    let opened = open(visit).await?;
    let form = visit.form();
    let search = form.filled("q");
    let page = usize::try_from(form.page()).unwrap_or(1);
    let found = heads::list(visit.service(), &opened.place, list.kind, search, page).await?;
    let (at, now) = (opened.at, visit.service().now());
    let action = at.at(&format!("/-/{}", if list.kind == HeadKind::Branch { "branches" } else { "tags" }));
    let lines = found.heads.iter().map(|shown| HeadLine {
        name: shown.head.name.to_string(),
        href: at.at(&address("tree", &shown.head.name, &GitPath::default())),
        default: shown.default,
        protected: shown.protected,
        commit: shown.head.commit.as_ref().map(|commit| CommitLine::of(commit, &at, now)),
        message: shown
            .head
            .annotation
            .as_ref()
            .map(|note| note.message.trim().to_owned())
            .unwrap_or_default(),
    });
    let lines: Vec<HeadLine> = lines.collect();
    let (total, per_page) = (i64::try_from(found.total).ok(), i64::try_from(HEADS).unwrap_or(20));
    let pages = Pages::new(form, &action, &["q"], total, lines.len(), per_page);
    let frame = at.frame(visit.frame(list.title).await?, list.page, list.title);
    let page = HeadsPage {
        frame,
        title: list.title,
        word: list.word,
        icon: list.icon,
        lead: list.lead,
        action,
        search: search.unwrap_or_default().to_owned(),
        heads: lines,
        total: found.total,
        dated: found.dated,
        pages,
    };
    visit.show(opened.proof, &page)
}
