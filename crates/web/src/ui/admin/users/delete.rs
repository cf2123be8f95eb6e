//! `/admin/users/:username/delete`: what would go, in numbers, then it goes.

use askama::Template;
use tessera_model::operation::admin_pages::{ConfirmUserDeletion, DeleteUserAsAdmin};
use tessera_model::{Error, Result};
use tessera_service::users::review::{self, Remains};
use tessera_service::users::{delete, get};

use super::{Account, PATH, complaints};
use crate::reply::Reply;
use crate::ui::admin::counted;
use crate::ui::complaints::Complaints;
use crate::ui::frame::Frame;
use crate::ui::places::{AdminPage, admin_frame};
use crate::ui::visit::{Go, Page, Visit};

#[derive(Template)]
#[template(path = "admin/delete_user.html")]
struct DeletePage {
    frame: Frame,
    problems: Complaints,
    user: Account,
    /// What moves to the Ghost User, and what is lost, in numbers.
    moves: Vec<String>,
    lost: Vec<String>,
    /// Whether it can be done only when the groups that would be left without an owner are taken over.
    orphans: bool,
    possible: bool,
}

/// The numbers in words; what there is none of is left out.
fn told(remains: Remains) -> (Vec<String>, Vec<String>) {
    let some = |count: i64, one: &str, many: &str| (count > 0).then(|| counted(count, one, many));
    let moves = [some(remains.issues, "issue", "issues"), some(remains.notes, "comment", "comments")];
    let lost = [
        some(
            remains.projects,
            "project of their own, with its repository",
            "projects of their own, with their repositories",
        ),
        some(remains.tokens, "access token", "access tokens"),
        some(remains.memberships, "membership", "memberships"),
    ];
    (moves.into_iter().flatten().collect(), lost.into_iter().flatten().collect())
}

impl Page for ConfirmUserDeletion {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        show(&visit, Complaints::default()).await
    }
}

impl Page for DeleteUserAsAdmin {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let done = visit.act(|tx, form| {
            let user = get::named::<Self>(tx, form.place("username"))?;
            if tx.caller().user_id() == Some(user.id) {
                return Err(Error::bad_request("You cannot delete the account that you are signed in with"));
            }
            if user.is_bot() {
                return Err(Error::bad_request(BOT));
            }
            delete::delete(tx, &user, form.is_on("hard"))?;
            Ok(Go::to(PATH)
                .saying(format!("{} was deleted. What they wrote moves to the Ghost User.", user.name)))
        });
        match done.await {
            Ok(reply) => Ok(reply),
            Err(error) => show(&visit, complaints(error)?).await,
        }
    }
}

/// Why a bot is not deleted here.
const BOT: &str = "A bot ends with its tokens: revoke those instead";

async fn show<Op: Page>(visit: &Visit<Op>, mut problems: Complaints) -> Result<Reply> {
    let found = visit.read(|tx, form| {
        let user = get::named::<Op>(tx, form.place("username"))?;
        let remains = review::remains(tx, &user)?;
        let (refused, orphans) = match delete::check(tx, &user, false) {
            Ok(()) if user.is_bot() => (Some(BOT.to_owned()), false),
            Ok(()) => (None, false),
            Err(Error::Conflict(_)) => (None, true),
            Err(Error::Forbidden(Some(text))) => (Some(text), false),
            Err(error) => return Err(error),
        };
        Ok((user.into_inner(), remains, refused, orphans))
    });
    let ((user, remains, refused, orphans), proof) = found.await?.take();
    let possible = refused.is_none();
    if let (Some(text), true) = (refused, problems.is_empty()) {
        problems = Complaints::saying("main", &text);
    }
    let (moves, lost) = told(remains);
    let user = Account::of(&user, visit.service().now());
    let frame = admin_frame(visit.frame(format!("Delete {}", user.name)).await?, AdminPage::Users, "")
        .crumb("Users", PATH)
        .crumb(&user.name, &user.href)
        .crumb("Delete", "");
    let page = DeletePage { frame, problems, user, moves, lost, orphans, possible };
    if page.problems.is_empty() { visit.show(proof, &page) } else { visit.show_again(proof, &page) }
}
