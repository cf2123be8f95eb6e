//! The page of an account at its username: a person, a bot, or the Ghost User.

use askama::Template;
use tessera_model::operation::projects::GetProject;
use tessera_model::user::{User, UserKind};
use tessera_model::{Error, Result};
use tessera_service::Key;
use tessera_service::projects::list::{self, Wanted};
use tessera_service::users::{get, sight};

use super::frame::{Frame, initials};
use super::home::ProjectLine;
use super::paging::{PER_PAGE, Pages, slice};
use super::places::below;
use super::visit::{Page, Visit};
use super::when::day;
use crate::reply::Reply;

#[derive(Template)]
#[template(path = "people/show.html")]
struct PersonPage {
    frame: Frame,
    user: User,
    initials: String,
    hue: i64,
    /// Whether more than the name may be shown.
    profile: bool,
    /// Whether it is the page of whoever asks.
    own: bool,
    since: String,
    bot_of: Option<BotOf>,
    projects: Vec<ProjectLine>,
    pages: Pages,
}

/// The project of a bot, where the caller may know of it.
struct BotOf {
    href: String,
    full_path: String,
}

impl PersonPage {
    fn is_ghost(&self) -> bool {
        self.user.kind == UserKind::Ghost
    }
}

/// Shows the account whose username the address is.
///
/// # Errors
/// 404 where there is none.
pub(crate) async fn show<Op: Page>(visit: &Visit<Op>) -> Result<Reply> {
    let found = visit.read(|tx, form| {
        let user = get::by_username::<Op>(tx, form.place("path"))?;
        let wanted =
            Wanted { order_by: "last_activity_at".to_owned(), descending: true, ..Wanted::default() };
        let listed = list::of_user(tx, &user, &wanted, slice(form, PER_PAGE))?;
        let seen = sight::one(tx, user.into_inner())?;
        // A bot's project is named to those who may read it, as its name is.
        let bot_of = match seen.user.bot_project_id {
            Some(id) => match tx.project::<GetProject>(&Key::Id(id)) {
                Ok(project) => {
                    Some(BotOf { href: below(&project.full_path, ""), full_path: project.full_path.clone() })
                }
                Err(Error::NotFound(_) | Error::Unauthenticated(_)) => None,
                Err(other) => return Err(other),
            },
            None => None,
        };
        Ok((seen, listed, bot_of))
    });
    let ((seen, listed, bot_of), proof) = found.await?.take();
    let now = visit.service().now();
    let user = seen.user;
    let page = PersonPage {
        frame: visit.frame(user.name.clone()).await?.crumb(&user.name, below(&user.username, "")),
        initials: initials(&user.name),
        hue: user.id % 6,
        profile: seen.profile,
        own: visit.user().is_some_and(|caller| caller.id == user.id),
        since: day(user.created_at.date()),
        bot_of,
        projects: listed.items.iter().map(|seen| ProjectLine::of(seen, now)).collect(),
        pages: Pages::new(
            visit.form(),
            &below(&user.username, ""),
            &[],
            listed.total,
            listed.items.len(),
            PER_PAGE,
        ),
        user,
    };
    visit.show(proof, &page)
}
