//! `/projects/new`.

use askama::Template;
use tessera_model::operation::home_pages::{MakeProject, ShowNewProject};
use tessera_model::role::Role;
use tessera_model::visibility::Visibility;
use tessera_model::{Error, Result};
use tessera_service::groups::list::where_able;
use tessera_service::projects::create::{self, Wanted};
use tessera_service::sessions::message::{self, Message};
use tessera_service::{Slice, repository};

use crate::reply::Reply;
use crate::ui::choice::Choice;
use crate::ui::complaints::Complaints;
use crate::ui::frame::Frame;
use crate::ui::places::below;
use crate::ui::seen_by::{SeenBy, choices};
use crate::ui::visit::{Page, Visit};

/// Groups that the field offers.
const OFFERED: Slice = Slice { limit: 500, offset: 0 };

#[derive(Template)]
#[template(path = "home/new_project.html")]
struct NewProjectPage {
    frame: Frame,
    name: String,
    path: String,
    description: String,
    namespaces: Vec<Choice>,
    visibilities: Vec<SeenBy>,
    readme: bool,
    problems: Complaints,
}

impl Page for ShowNewProject {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        show(&visit, Complaints::default()).await
    }
}

impl Page for MakeProject {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        match make(&visit).await {
            Ok(reply) => Ok(reply),
            Err(error) => show(&visit, refused(error)?).await,
        }
    }
}

async fn make(visit: &Visit<MakeProject>) -> Result<Reply> {
    let made = visit.write(|tx, form| {
        let right = tx.instance::<MakeProject>()?;
        let wanted = Wanted {
            name: Some(form.text("name").trim().to_owned()),
            path: form.filled("path").map(str::to_owned),
            namespace_id: form.number("namespace_id"),
            description: form.filled("description").map(|text| text.replace("\r\n", "\n")),
            visibility: Visibility::parse(form.text("visibility")),
            issues_enabled: true,
            ..Wanted::default()
        };
        let project = create::create(tx, &right, &wanted)?;
        let (to, text) = (below(&project.full_path, ""), format!("The project {} was made.", project.name));
        message::leave(tx, &Message { to, text, secret: None, subject: None })?;
        Ok(project)
    });
    let (project, proof) = made.await?.take();
    if visit.form().is_on("initialize_with_readme") {
        // Who may make a project but not its first branch gets the project without it.
        let begun = repository::first_commit::<MakeProject>(visit.service(), visit.ask(), &project).await;
        if let Err(error) = begun {
            tracing::warn!(project = project.id, %error, "a project was made without its README");
        }
    }
    Ok(visit.lead(proof, &below(&project.full_path, "")))
}

/// What a refusal says at the fields.
fn refused(error: Error) -> Result<Complaints> {
    let Error::Invalid(fields) = error else { return Complaints::of(error) };
    let mut found = Complaints::default();
    for (field, text) in fields {
        match field {
            "visibility_level" => found.say("visibility", &text),
            "limit_reached" => found.say("namespace_id", &text),
            "namespace" => found.say("namespace_id", "You may make no projects there. Choose another place."),
            field => found.add(field, &text),
        }
    }
    Ok(found)
}

async fn show<Op: Page>(visit: &Visit<Op>, problems: Complaints) -> Result<Reply> {
    let found = visit.read(|tx, _| {
        let right = tx.instance::<Op>()?;
        let usual = tx.setting("default_project_visibility")?;
        let usual = Visibility::parse(usual.as_str().unwrap_or_default()).unwrap_or(Visibility::Private);
        Ok((where_able(tx, &right, Role::Developer, OFFERED)?.items, usual))
    });
    let ((groups, usual), proof) = found.await?.take();
    let form = visit.form();
    let again = !problems.is_empty();
    let chosen = form.number("namespace_id");
    let own = visit.user().map(|user| user.username.clone()).unwrap_or_default();
    let mut namespaces = vec![Choice::new("", own, chosen.is_none())];
    let widest = groups.iter().find(|group| Some(group.id) == chosen).map(|group| group.visibility);
    namespaces.extend(
        groups.iter().map(|group| {
            Choice::new(group.id.to_string(), group.full_path.clone(), Some(group.id) == chosen)
        }),
    );
    let usual = usual.min(widest.unwrap_or(Visibility::Public));
    let seen = Visibility::parse(form.text("visibility")).filter(|_| again).unwrap_or(usual);
    let page = NewProjectPage {
        frame: visit.frame("New project").await?.crumb("New project", ""),
        name: form.text("name").to_owned(),
        path: form.text("path").to_owned(),
        description: form.text("description").to_owned(),
        namespaces,
        visibilities: choices(seen, Visibility::Public),
        readme: form.is_on("initialize_with_readme"),
        problems,
    };
    if again { visit.show_again(proof, &page) } else { visit.show(proof, &page) }
}
