//! `/:path/-/settings/access_tokens` (P5, P6, D13).

use tessera_model::error::Unauthenticated;
use tessera_model::operation::project_tokens::CreateProjectToken;
use tessera_model::operation::token_pages::{MakeProjectToken, ShowProjectTokens};
use tessera_model::{Error, Result};
use tessera_service::projects::menu;
use tessera_service::tokens::create_project::{self, Wanted};
use tessera_service::tokens::get;
use tessera_service::tokens::sheet::{self, Obstacle, Pages, Sheet};
use tessera_service::{Key, Tx};

use super::TokensPage;
use super::commands::{self, Where};
use super::form::{TokenForm, asked};
use super::lists::Lists;
use super::personal::new_token;
use crate::reply::Reply;
use crate::ui::complaints::Complaints;
use crate::ui::form::Form;
use crate::ui::frame::{Frame, Notice, Told};
use crate::ui::places::{ProjectPage, ProjectPlace};
use crate::ui::visit::{Go, Page, Seen, Visit};

const PATH: &str = "/-/settings/access_tokens";

/// The project that an address names.
pub(super) fn key(form: &Form) -> Key {
    Key::Path(form.place("path").to_owned())
}

/// The address of the list, from that of any of its pages.
pub(super) fn list(place: &ProjectPlace) -> String {
    place.at(PATH)
}

/// Puts a page of a project's tokens into its place.
pub(super) fn within(place: &ProjectPlace, frame: Frame) -> Frame {
    place.frame(frame, ProjectPage::AccessTokens, "Access tokens")
}

/// What the pages of a project's tokens show around their content.
pub(super) fn place_of<'tx, Op: tessera_model::operation::Operation>(
    tx: &mut Tx<'tx>,
    project: &tessera_service::Authorized<'tx, Op, tessera_model::project::Project>,
) -> Result<ProjectPlace> {
    let menu = menu::of(tx, project)?;
    Ok(ProjectPlace { project: (**project).clone(), menu })
}

/// The pages of both lists that are asked for.
pub(super) fn pages(form: &Form) -> Pages {
    let inactive = form.number("inactive_page").filter(|page| (1..=100_000).contains(page));
    Pages { active: form.page(), inactive: inactive.unwrap_or(1) }
}

/// What a refusal says at the form; the end is one field with several inputs.
pub(super) fn complaints(error: Error) -> Result<Complaints> {
    let mut found = match error {
        Error::Unauthenticated(Unauthenticated::NotPermitted) => Complaints::saying(
            "main",
            "Project access tokens are switched off for this project: none can be made or renewed",
        ),
        other => Complaints::of(other)?,
    };
    for problem in &mut found.0 {
        // Some use cases say it in one sentence, which begins with the field.
        let begins = |text: &str| problem.field == "main" && problem.text.starts_with(text);
        let field = match &*problem.field {
            "expires_at" => "expires",
            _ if begins("Expires at ") || begins("Expiration date ") => "expires",
            _ if begins("Name ") => "name",
            _ if begins("Scopes ") => "scopes",
            other => other,
        };
        problem.field = field.to_owned();
    }
    Ok(found)
}

/// Why there is no form.
pub(super) fn why_not(obstacle: Obstacle) -> &'static str {
    match obstacle {
        Obstacle::FeatureOff => {
            "Project access tokens are switched off for this project by an administrator. No new ones can be made and none can be rotated. Tokens that were made before go on working until they end; you can revoke them here."
        }
        Obstacle::OffInGroup => {
            "The group of this project does not allow new project access tokens. An owner of the top-level group can change that in its settings."
        }
        Obstacle::Role | Obstacle::RoleBeyondOwn => {
            "Your role does not allow you to make tokens here. You need the role Maintainer or Owner."
        }
        Obstacle::NoPerson => "Only people make tokens.",
        Obstacle::NobodyLeft => "The bot of this token is gone.",
    }
}

/// Says above the page what was done.
pub(super) fn telling(mut frame: Frame, told: Option<String>) -> Frame {
    frame.notices.extend(told.map(|text| Notice { kind: "good", text }));
    frame
}

impl Page for ShowProjectTokens {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let found = read(&visit).await?;
        match visit.told().await? {
            Some(told) if told.secret.is_some() => show_new(&visit, told).await,
            told => show(&visit, found, Complaints::default(), told.map(|told| told.text)),
        }
    }
}

impl Page for MakeProjectToken {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let made = visit.act(|tx, form| {
            let own = tx.project::<Self>(&key(form))?;
            let project = tx.project::<CreateProjectToken>(&Key::Id(own.id))?;
            let asked = asked(form, tx.today())?;
            let wanted = Wanted {
                name: asked.name,
                description: asked.description,
                scopes: asked.scopes,
                role: asked.role,
                expires_on: asked.expires_on,
            };
            let minted = create_project::create(tx, &project, &wanted)?;
            let list = crate::ui::places::below(&project.full_path, PATH);
            Ok(Go::to(list).telling(minted.secret.expose(), minted.token.id))
        });
        match made.await {
            Ok(reply) => Ok(reply),
            Err(error) => {
                visit.note_refusal(&error);
                let problems = complaints(error)?;
                show(&visit, read(&visit).await?, problems, None)
            }
        }
    }
}

/// What the page shows.
async fn read<Op: Page>(visit: &Visit<Op>) -> Result<Seen<Op, (Sheet, ProjectPlace)>> {
    let found = visit.read(|tx, form| {
        let project = tx.project::<Op>(&key(form))?;
        let sheet = sheet::of_project(tx, &project, pages(form))?;
        Ok((sheet, place_of(tx, &project)?))
    });
    found.await
}

fn show<Op: Page>(
    visit: &Visit<Op>,
    found: Seen<Op, (Sheet, ProjectPlace)>,
    problems: Complaints,
    told: Option<String>,
) -> Result<Reply> {
    let ((sheet, place), proof) = found.take();
    let path = list(&place);
    let subject = place.project.full_path.clone();
    let form = match sheet.making.obstacle {
        None => Ok(TokenForm::new(visit.form(), &sheet.making, sheet.today, subject)),
        Some(obstacle) => Err(why_not(obstacle)),
    };
    let page = TokensPage {
        frame: within(&place, telling(visit.bare_frame("Project access tokens")?, told)),
        heading: "Project access tokens",
        lead: format!(
            "A token lets a program act in {} as a bot of its own, with the scopes and the role that you choose. It reaches nothing else.",
            place.project.full_path
        ),
        lists: Lists::new(&sheet, visit.form(), &path, true, visit.service().now()),
        action: path,
        form,
        button: "Create project access token",
        problems,
    };
    if page.problems.is_empty() { visit.show(proof, &page) } else { visit.show_again(proof, &page) }
}

/// The new secret, this once.
async fn show_new(visit: &Visit<ShowProjectTokens>, told: Told) -> Result<Reply> {
    let id = told.subject.unwrap_or(0);
    let found = visit.read(move |tx, form| {
        let project = tx.project::<ShowProjectTokens>(&key(form))?;
        let token = get::of_project(tx, &project, id)?.token;
        Ok((token, place_of(tx, &project)?))
    });
    let ((token, place), proof) = found.await?.take();
    let base = visit.service().external_url();
    let project = &place.project;
    let at = Where { id: project.id, full_path: &project.full_path };
    let commands = commands::of(token.scopes, base, &token.bearer_username, Some(at));
    let frame = within(&place, visit.bare_frame("Your new token")?);
    let now = visit.service().now();
    visit.show(proof, &new_token(frame, told, &token, commands, &list(&place), &project.full_path, now))
}
