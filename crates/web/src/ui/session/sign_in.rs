//! `/users/sign_in`.

use askama::Template;
use tessera_model::error::Unauthenticated;
use tessera_model::operation::Operation;
use tessera_model::operation::session_pages::{ShowSignIn, SignIn};
use tessera_model::session::Gate;
use tessera_model::{Error, Result};
use tessera_service::sessions;

use crate::reply::Reply;
use crate::ui::browser::local_path;
use crate::ui::complaints::Complaints;
use crate::ui::frame::Frame;
use crate::ui::visit::{Page, Proof, Visit};

#[derive(Template)]
#[template(path = "session/sign_in.html")]
struct SignInPage {
    frame: Frame,
    login: String,
    return_to: String,
    problems: Complaints,
}

impl Page for ShowSignIn {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let (open, proof) =
            visit.read(|tx, _| Ok(tx.caller().session().map(|session| session.gate))).await?.take();
        match open {
            Some(None) => Ok(visit.lead(proof, &return_to(&visit))),
            Some(Some(Gate::SecondFactor)) | None => show(&visit, proof, Complaints::default(), 200),
            Some(Some(_)) => Ok(visit.lead(proof, "/")),
        }
    }
}

impl Page for SignIn {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let login = visit.form().text("login").trim().to_owned();
        let password = visit.form().text("password").to_owned();
        let address = visit.ask().meta.address.clone();
        let proved = match visit.service().prove_sign_in(&login, password, &address).await {
            Ok(proved) => proved,
            Err(error) => return refuse(&visit, error, &login).await,
        };
        let agent = visit.user_agent();
        let begun = visit.write(move |tx, _| {
            let right = tx.instance::<SignIn>()?;
            sessions::begin(tx, &right, &proved, &agent)
        });
        match begun.await {
            Ok(begun) => {
                let (begun, proof) = begun.take();
                visit.keep(&begun.secret);
                let to = return_to(&visit);
                if begun.pending {
                    let to: String = form_urlencoded::byte_serialize(to.as_bytes()).collect();
                    return Ok(visit.lead(proof, &format!("/users/sign_in/second_factor?return_to={to}")));
                }
                Ok(visit.lead(proof, &to))
            }
            Err(error) => refuse(&visit, error, &login).await,
        }
    }
}

/// Shows the form again; which of the two was wrong is not told.
async fn refuse(visit: &Visit<SignIn>, error: Error, login: &str) -> Result<Reply> {
    visit.service().note_failed_sign_in(visit.ask(), &SignIn::ROW, &error, login);
    let (status, problems) = match error {
        Error::Unauthenticated(Unauthenticated::Unknown) => {
            let text =
                "The username (or email) and the password do not fit together. Check both and try again.";
            (422, Complaints::saying("login", text))
        }
        Error::Forbidden(Some(why)) => {
            (403, Complaints::saying("login", &format!("{why} Ask an administrator.")))
        }
        Error::TooMany(seconds) => {
            let text = format!("There were too many attempts. Wait {seconds} seconds, then try again.");
            (429, Complaints::saying("login", &text))
        }
        other => return Err(other),
    };
    let ((), proof) = visit.read(|_, _| Ok(())).await?.take();
    show(visit, proof, problems, status)
}

fn show<Op: Page>(visit: &Visit<Op>, proof: Proof<Op>, problems: Complaints, status: u16) -> Result<Reply> {
    visit.know_browser()?;
    let page = SignInPage {
        frame: visit.bare_frame("Sign in")?,
        login: visit.form().text("login").to_owned(),
        return_to: return_to(visit),
        problems,
    };
    visit.show_as(status, proof, &page)
}

/// Where somebody wanted to go.
pub(super) fn return_to<Op: Page>(visit: &Visit<Op>) -> String {
    local_path(visit.form().text("return_to")).unwrap_or("/").to_owned()
}
