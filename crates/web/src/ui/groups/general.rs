//! `/groups/:path/-/edit`: what a group is called, who sees it, and what it allows.

use askama::Template;
use tessera_model::operation::group_pages::{SaveGroup, ShowGroupSettings};
use tessera_model::visibility::Visibility;
use tessera_model::{Error, Result};
use tessera_service::groups::update::{self, Changes};

use super::delete::losses;
use super::{GroupPlace, group};
use crate::reply::Reply;
use crate::ui::complaints::Complaints;
use crate::ui::form::Form;
use crate::ui::frame::Frame;
use crate::ui::places::GroupPage;
use crate::ui::seen_by::{SeenBy, choices};
use crate::ui::visit::{Go, Page, Visit};

#[derive(Template)]
#[template(path = "groups/general.html")]
struct GeneralPage {
    frame: Frame,
    place: GroupPlace,
    name: String,
    description: String,
    visibilities: Vec<SeenBy>,
    /// Whether project access tokens may be made below it; top-level groups alone decide.
    tokens: bool,
    /// What is lost with the group.
    lost: String,
    problems: Complaints,
}

impl Page for ShowGroupSettings {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        show(&visit, Complaints::default()).await
    }
}

impl Page for SaveGroup {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let changes = changes(visit.form());
        let done = visit.act(move |tx, form| {
            let (group, place) = group::<Self>(tx, form)?;
            update::update(tx, &group, &changes)?;
            Ok(Go::to(place.at("/edit")).saying("Your changes were saved."))
        });
        match done.await {
            Ok(reply) => Ok(reply),
            Err(error) => show(&visit, refused(error)?).await,
        }
    }
}

fn changes(form: &Form) -> Changes {
    Changes {
        name: form.has("name").then(|| form.text("name").trim().to_owned()),
        description: form.has("description").then(|| form.text("description").replace("\r\n", "\n")),
        visibility: Visibility::parse(form.text("visibility")),
        token_creation_allowed: form.has("tokens").then(|| form.is_on("tokens")),
        path: None,
    }
}

/// What a refusal says at the fields.
fn refused(error: Error) -> Result<Complaints> {
    let Error::Invalid(fields) = error else { return Complaints::of(error) };
    let mut found = Complaints::default();
    for (field, text) in fields {
        match field {
            "visibility_level" => found.say("visibility", &text),
            "resource_access_token_creation_allowed" => found.say("tokens", &format!("This {text}")),
            field => found.add(field, &text),
        }
    }
    Ok(found)
}

async fn show<Op: Page>(visit: &Visit<Op>, problems: Complaints) -> Result<Reply> {
    let found = visit.read(|tx, form| {
        let (group, place) = group::<Op>(tx, form)?;
        Ok((place, losses(tx, &group)?))
    });
    let ((place, losses), proof) = found.await?.take();
    let frame = place.frame(visit.frame("Group settings").await?, GroupPage::Settings, "Settings");
    let form = visit.form();
    let again = !problems.is_empty();
    let typed = |name: &str, stored: &str| {
        if again && form.has(name) { form.text(name).to_owned() } else { stored.to_owned() }
    };
    let group = &place.group;
    let seen = Visibility::parse(form.text("visibility")).filter(|_| again).unwrap_or(group.visibility);
    let page = GeneralPage {
        name: typed("name", &group.name),
        description: typed("description", &group.description),
        visibilities: choices(seen, Visibility::Public),
        tokens: if again { form.is_on("tokens") } else { group.token_creation_allowed },
        lost: losses.sentence(),
        frame,
        place,
        problems,
    };
    if again { visit.show_again(proof, &page) } else { visit.show(proof, &page) }
}
