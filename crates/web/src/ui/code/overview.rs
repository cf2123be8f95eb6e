//! `/:path`: a project's first page; a group's and an account's have the same kind of address.

use askama::Template;
use tessera_model::error::Unauthenticated;
use tessera_model::operation::code_pages::ShowProject;
use tessera_model::{Error, Result};
use tessera_service::Key;
use tessera_service::projects::menu;

use crate::reply::Reply;
use crate::ui::frame::Frame;
use crate::ui::places::{ProjectPage, ProjectPlace};
use crate::ui::visit::{Page, Visit};
use crate::ui::{groups, people};

#[derive(Template)]
#[template(path = "code/overview.html")]
struct ProjectOverview {
    frame: Frame,
    place: ProjectPlace,
    /// What `git clone` takes.
    address: String,
}

impl Page for ShowProject {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        // Projects lie in a namespace and accounts in none: one look at the path leaves two that it may be.
        let nested = visit.form().place("path").contains('/');
        let first = if nested { show(&visit).await } else { groups::overview::show(&visit).await };
        match first {
            Err(error) if is_missing(&error) => {
                let second =
                    if nested { groups::overview::show(&visit).await } else { people::show(&visit).await };
                // Whoever is not signed in is asked to: there may be something that others do not see.
                second.map_err(|other| if is_missing(&other) { error } else { other })
            }
            other => other,
        }
    }
}

fn is_missing(error: &Error) -> bool {
    matches!(error, Error::NotFound(_) | Error::Unauthenticated(Unauthenticated::Missing))
}

async fn show(visit: &Visit<ShowProject>) -> Result<Reply> {
    let found = visit.read(|tx, form| {
        let project = tx.project::<ShowProject>(&Key::Path(form.place("path").to_owned()))?;
        let menu = menu::of(tx, &project)?;
        Ok(ProjectPlace { project: project.into_inner(), menu })
    });
    let (place, proof) = found.await?.take();
    let address = format!("{}{}.git", visit.service().external_url(), place.at(""));
    let frame = visit.frame(place.project.full_path.clone()).await?;
    let frame = place.frame(frame, ProjectPage::Overview, "");
    visit.show(proof, &ProjectOverview { frame, place, address })
}
