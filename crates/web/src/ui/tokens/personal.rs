//! `/-/user_settings/personal_access_tokens` (U1).

use tessera_model::Result;
use tessera_model::operation::token_pages::{MakePersonalToken, ShowPersonalTokens};
use tessera_model::time::Timestamp;
use tessera_model::token::Token;
use tessera_service::tokens::create_personal::{self, Wanted};
use tessera_service::tokens::get;
use tessera_service::tokens::sheet::{self, Sheet};

use super::form::{TokenForm, asked};
use super::lists::Lists;
use super::{NewTokenPage, TokensPage, commands, project, words};
use crate::reply::Reply;
use crate::ui::complaints::Complaints;
use crate::ui::frame::{Frame, Told};
use crate::ui::places::{SettingsPage, settings_frame};
use crate::ui::visit::{Go, Page, Seen, Visit};

/// The address of the page.
pub(super) const PATH: &str = "/-/user_settings/personal_access_tokens";
/// Where a personal token works, for sentences.
pub(super) const SUBJECT: &str = "every project and group you can reach";
const LABEL: &str = "Access tokens";

/// Puts a page of one's own tokens into its place.
pub(super) fn place(frame: Frame) -> Frame {
    settings_frame(frame, SettingsPage::AccessTokens, LABEL)
}

impl Page for ShowPersonalTokens {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let found = read(&visit).await?;
        match visit.told().await? {
            Some(told) if told.secret.is_some() => show_new(&visit, told).await,
            told => show(&visit, found, Complaints::default(), told.map(|told| told.text)),
        }
    }
}

impl Page for MakePersonalToken {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let made = visit.act(|tx, form| {
            let user = tx.own_account::<Self>()?;
            let asked = asked(form, tx.today())?;
            let wanted = Wanted {
                name: asked.name,
                description: asked.description,
                scopes: asked.scopes,
                expires_on: asked.expires_on,
                impersonation: false,
            };
            let minted = create_personal::create(tx, &user, &wanted, None)?;
            Ok(Go::to(PATH).telling(minted.secret.expose(), minted.token.id))
        });
        match made.await {
            Ok(reply) => Ok(reply),
            Err(error) => {
                visit.note_refusal(&error);
                let problems = project::complaints(error)?;
                show(&visit, read(&visit).await?, problems, None)
            }
        }
    }
}

/// What the page shows.
async fn read<Op: Page>(visit: &Visit<Op>) -> Result<Seen<Op, Sheet>> {
    let found = visit.read(|tx, form| {
        let user = tx.own_account::<Op>()?;
        sheet::of_person(tx, &user, project::pages(form))
    });
    found.await
}

fn show<Op: Page>(
    visit: &Visit<Op>,
    found: Seen<Op, Sheet>,
    problems: Complaints,
    told: Option<String>,
) -> Result<Reply> {
    let (sheet, proof) = found.take();
    let form = match sheet.making.obstacle {
        None => Ok(TokenForm::new(visit.form(), &sheet.making, sheet.today, SUBJECT.to_owned())),
        Some(obstacle) => Err(project::why_not(obstacle)),
    };
    let page = TokensPage {
        frame: place(project::telling(visit.bare_frame("Personal access tokens")?, told)),
        heading: "Personal access tokens",
        lead: "A token lets a program act as you, with the scopes that you choose. For a pipeline or bot of one project, make a token in that project's settings instead: it has a bot of its own and reaches nothing else.".to_owned(),
        action: PATH.to_owned(),
        form,
        button: "Create personal access token",
        lists: Lists::new(&sheet, visit.form(), PATH, false, visit.service().now()),
        problems,
    };
    if page.problems.is_empty() { visit.show(proof, &page) } else { visit.show_again(proof, &page) }
}

/// The new secret, this once.
async fn show_new<Op: Page>(visit: &Visit<Op>, told: Told) -> Result<Reply> {
    let id = told.subject.unwrap_or(0);
    let found = visit.read(move |tx, _| {
        let user = tx.own_account::<Op>()?;
        Ok((get::personal_of(tx, &user, id)?, user.into_inner().username))
    });
    let ((token, username), proof) = found.await?.take();
    let commands = commands::of(token.scopes, visit.service().external_url(), &username, None);
    let frame = place(visit.bare_frame("Your new token")?);
    let page = new_token(frame, told, &token, commands, PATH, SUBJECT, visit.service().now());
    visit.show(proof, &page)
}

/// The page of a new secret.
pub(super) fn new_token(
    frame: Frame,
    told: Told,
    token: &Token,
    commands: Vec<commands::Command>,
    back: &str,
    subject: &str,
    now: Timestamp,
) -> NewTokenPage {
    NewTokenPage {
        frame,
        heading: format!("Your new token {}", token.name),
        sentence: words::sentence(token.scopes, subject, token.role, token.expires_on, now),
        secret: told.secret.unwrap_or_default(),
        commands,
        back: back.to_owned(),
    }
}
