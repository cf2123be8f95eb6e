//! `/:path/edit`: what a project is called, who sees it, and what it offers.

use askama::Template;
use tessera_model::operation::project_pages::{SaveGeneral, ShowGeneral};
use tessera_model::visibility::Visibility;
use tessera_model::{Error, Result};
use tessera_service::projects::contents::{self, Contents};
use tessera_service::projects::create::visibilities;
use tessera_service::projects::update::{self, Changes};

use super::{count, project};
use crate::reply::Reply;
use crate::ui::choice::Choice;
use crate::ui::complaints::Complaints;
use crate::ui::form::Form;
use crate::ui::frame::Frame;
use crate::ui::places::{ProjectPage, ProjectPlace};
use crate::ui::visit::{Go, Page, Visit};

#[derive(Template)]
#[template(path = "project/general.html")]
struct GeneralPage {
    frame: Frame,
    place: ProjectPlace,
    name: String,
    description: String,
    /// Who may see it; empty for who may not say so.
    visibilities: Vec<Seen>,
    /// Why there are not more of them.
    narrow: String,
    /// Empty while nothing was pushed.
    branches: Vec<Choice>,
    issues: bool,
    hooks: bool,
    /// What is lost with the project.
    lost: String,
    problems: Complaints,
}

/// Who may see a project, as a choice.
struct Seen {
    value: &'static str,
    title: &'static str,
    text: &'static str,
    chosen: bool,
}

/// Branches that the page offers as the default one.
const OFFERED: usize = 500;

impl Page for ShowGeneral {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        show(&visit, Complaints::default()).await
    }
}

impl Page for SaveGeneral {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        match save(&visit).await {
            Ok(reply) => Ok(reply),
            Err(error) => {
                visit.note_refusal(&error);
                show(&visit, refused(error)?).await
            }
        }
    }
}

async fn save(visit: &Visit<SaveGeneral>) -> Result<Reply> {
    let changes = changes(visit.form());
    // Git is asked between two transactions: neither may wait for it.
    let wanted = changes.clone();
    let needed = visit.read(move |tx, form| {
        let (project, _) = project::<SaveGeneral>(tx, form)?;
        update::prepare(tx, &project, &wanted)
    });
    if let (Some(needed), _) = needed.await?.take() {
        visit.service().find_needed_branch(&needed).await?;
    }
    let done = visit.act(move |tx, form| {
        let (project, place) = project::<SaveGeneral>(tx, form)?;
        update::update(tx, &project, &changes)?;
        Ok(Go::to(place.at("/edit")).saying("Your changes were saved."))
    });
    done.await
}

fn changes(form: &Form) -> Changes {
    Changes {
        name: form.has("name").then(|| form.text("name").trim().to_owned()),
        description: form.has("description").then(|| form.text("description").replace("\r\n", "\n")),
        visibility: Visibility::parse(form.text("visibility")),
        default_branch: form.filled("default_branch").map(str::to_owned),
        issues_enabled: form.has("issues_enabled").then(|| form.is_on("issues_enabled")),
        extended_expiry_hooks: form.has("extended_expiry").then(|| form.is_on("extended_expiry")),
        ..Changes::default()
    }
}

/// What a refusal says at the fields. Whoever may change nothing is told so where the page is read again.
fn refused(error: Error) -> Result<Complaints> {
    match error {
        Error::Forbidden(None) => {
            Ok(Complaints::saying("visibility", "Only Owners change who sees the project."))
        }
        Error::Invalid(fields) => {
            let mut found = Complaints::default();
            for (field, text) in fields {
                match field {
                    "base" => found.say("default_branch", "There is no such branch: choose one of the list."),
                    "visibility_level" => found.say("visibility", &text),
                    field => found.add(field, &text),
                }
            }
            Ok(found)
        }
        other => Complaints::of(other),
    }
}

async fn show<Op: Page>(visit: &Visit<Op>, problems: Complaints) -> Result<Reply> {
    let found = visit.read(|tx, form| {
        let (project, place) = project::<Op>(tx, form)?;
        let contents = contents::count(tx, &project)?;
        Ok((place, contents))
    });
    let ((place, contents), proof) = found.await?.take();
    let names = visit.service().branch_names(&place.project).await?;
    let frame = visit.frame("General settings").await?;
    let frame = place.frame(frame, ProjectPage::General, "General settings");
    let (form, project) = (visit.form(), &place.project);
    let again = !problems.is_empty();
    let typed = |name: &str, stored: &str| {
        if again && form.has(name) { form.text(name).to_owned() } else { stored.to_owned() }
    };
    let on = |name: &str, stored: bool| if again { form.is_on(name) } else { stored };
    let branch = typed("default_branch", &project.default_branch);
    let seen = Visibility::parse(form.text("visibility")).filter(|_| again).unwrap_or(project.visibility);
    let page = GeneralPage {
        name: typed("name", &project.name),
        description: typed("description", &project.description),
        visibilities: if place.menu.own { offered(&place, seen) } else { Vec::new() },
        narrow: narrow(&place),
        branches: branches(names, &branch),
        issues: on("issues_enabled", project.issues_enabled),
        hooks: on("extended_expiry", project.extended_expiry_hooks),
        lost: lost(&contents),
        frame,
        place,
        problems,
    };
    if again { visit.show_again(proof, &page) } else { visit.show(proof, &page) }
}

/// The branches as a choice, the chosen one even if there are more than are offered.
fn branches(mut names: Vec<String>, chosen: &str) -> Vec<Choice> {
    if names.is_empty() {
        return Vec::new();
    }
    names.truncate(OFFERED);
    if names.iter().all(|name| name != chosen) {
        names.insert(0, chosen.to_owned());
    }
    names.into_iter().map(|name| Choice::new(name.clone(), name.clone(), name == chosen)).collect()
}

fn offered(place: &ProjectPlace, chosen: Visibility) -> Vec<Seen> {
    let seen = |visibility: Visibility| Seen {
        value: visibility.name(),
        title: visibility.title(),
        text: match visibility {
            Visibility::Private => "Its members alone.",
            Visibility::Internal => "Everybody who is signed in, except external people.",
            Visibility::Public => "Everybody, without signing in.",
        },
        chosen: visibility == chosen,
    };
    visibilities(&place.project.namespace).into_iter().map(seen).collect()
}

/// Why a project cannot be seen by everybody, if so.
fn narrow(place: &ProjectPlace) -> String {
    let namespace = &place.project.namespace;
    if !namespace.is_group || namespace.visibility == Visibility::Public {
        return String::new();
    }
    let (name, visibility) = (&namespace.full_name, namespace.visibility.name());
    format!("The group {name} is {visibility}: what lies in it cannot be seen by more people than the group.")
}

/// What goes with the project, in numbers.
fn lost(contents: &Contents) -> String {
    let issues = count(contents.issues, "issue", "issues");
    let tokens = count(contents.tokens, "active access token", "active access tokens");
    let bots = count(contents.bots, "bot", "bots");
    format!("Its repository, {issues}, {tokens} and {bots} are lost. This cannot be undone.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_branch_is_always_offered() {
        let names = |count: usize| (0..count).map(|number| format!("b{number:04}")).collect::<Vec<_>>();
        assert!(branches(Vec::new(), "main").is_empty());
        let few = branches(names(2), "b0001");
        assert_eq!(few.iter().map(|choice| choice.chosen).collect::<Vec<_>>(), [false, true]);
        let many = branches(names(OFFERED + 5), "main");
        assert_eq!(many.len(), OFFERED + 1);
        assert_eq!((many[0].label.as_str(), many[0].chosen), ("main", true));
    }
}
