//! `/groups/:path/-/rename`: another path for a group.

use askama::Template;
use tessera_model::Result;
use tessera_model::operation::group_pages::{RenameGroup, ShowGroupRename};
use tessera_service::groups::update::{self, Changes};

use super::delete::{Losses, losses};
use super::{GroupPlace, count, group};
use crate::reply::Reply;
use crate::ui::complaints::Complaints;
use crate::ui::frame::Frame;
use crate::ui::places::{GroupPage, below};
use crate::ui::visit::{Go, Page, Visit};

#[derive(Template)]
#[template(path = "groups/rename.html")]
struct RenamePage {
    frame: Frame,
    place: GroupPlace,
    path: String,
    losses: Losses,
    problems: Complaints,
}

impl RenamePage {
    fn projects(&self) -> String {
        count(self.losses.projects, "project", "projects")
    }
}

impl Page for ShowGroupRename {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        show(&visit, Complaints::default()).await
    }
}

impl Page for RenameGroup {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let path = visit.form().text("path").trim().to_owned();
        let done = visit.act(move |tx, form| {
            let (group, _) = group::<Self>(tx, form)?;
            let changes = Changes { path: Some(path.clone()), ..Changes::default() };
            let changed = update::update(tx, &group, &changes)?;
            let text = format!("The group is at {} now.", changed.full_path);
            Ok(Go::to(format!("/groups{}", below(&changed.full_path, "/-/edit"))).saying(text))
        });
        match done.await {
            Ok(reply) => Ok(reply),
            Err(error) => show(&visit, Complaints::of(error)?).await,
        }
    }
}

async fn show<Op: Page>(visit: &Visit<Op>, problems: Complaints) -> Result<Reply> {
    let found = visit.read(|tx, form| {
        let (group, place) = group::<Op>(tx, form)?;
        Ok((place, losses(tx, &group)?))
    });
    let ((place, losses), proof) = found.await?.take();
    let again = !problems.is_empty();
    let frame = place.frame(visit.frame("Change path").await?, GroupPage::Settings, "");
    let page = RenamePage {
        frame: frame.crumb("Settings", place.at("/edit")).crumb("Change path", ""),
        path: if again { visit.form().text("path").to_owned() } else { place.group.path.clone() },
        place,
        losses,
        problems,
    };
    if again { visit.show_again(proof, &page) } else { visit.show(proof, &page) }
}
