//! One request for a page or from a form, from who asks to what is shown.
//!
//! As in the API, an answer is made of what only the judgement gives out: a [`Proof`] comes with what
//! [`Visit::read`] and [`Visit::write`] return, and nothing else makes one.

use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use askama::Template;
use http::header::{LOCATION, USER_AGENT};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use tessera_model::caller::Caller;
use tessera_model::operation::Operation;
use tessera_model::session::SessionSecret;
use tessera_model::user::User;
use tessera_model::{Error, Result};
use tessera_service::sessions::message::{self, Message};
use tessera_service::{Ask, Credential, Meta, Service, Tx};

use super::browser::Cookies;
use super::form::Form;
use super::frame::{Frame, Notice, Told};
use crate::reply::Reply;
use crate::{ClientAddress, Web};

/// The handler of one row of the pages.
pub(crate) trait Page: Operation + Sized {
    /// Serves the request.
    fn serve(visit: Visit<Self>) -> impl Future<Output = Result<Reply>> + Send;
}

/// A request to the page `Op`.
pub(crate) struct Visit<Op: Page> {
    pub(super) web: Arc<Web>,
    ask: Arc<Ask>,
    form: Arc<Form>,
    headers: HeaderMap,
    path: String,
    /// What the browser came with, or was given for a form.
    secret: Mutex<Option<SessionSecret>>,
    cookie: Arc<Mutex<Option<String>>>,
    caller: Arc<OnceLock<Caller>>,
    operation: PhantomData<fn() -> Op>,
}

/// That the judgement was passed.
pub(crate) struct Proof<Op>(PhantomData<fn() -> Op>);

/// What came out of a transaction that passed the judgement.
pub(crate) struct Seen<Op, T> {
    value: T,
    proof: Proof<Op>,
}

impl<Op, T> Deref for Seen<Op, T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<Op, T> Seen<Op, T> {
    /// What came out, and the proof.
    pub(crate) fn take(self) -> (T, Proof<Op>) {
        (self.value, self.proof)
    }
}

/// Where a form leads when it was done, and what is said there.
pub(crate) struct Go {
    to: String,
    text: Option<String>,
    secret: Option<zeroize::Zeroizing<String>>,
    subject: Option<i64>,
}

impl Go {
    /// To this address of the site.
    pub(crate) fn to(path: impl Into<String>) -> Self {
        Self { to: path.into(), text: None, secret: None, subject: None }
    }

    /// Says what was done.
    #[must_use]
    pub(crate) fn saying(self, text: impl Into<String>) -> Self {
        Self { text: Some(text.into()), ..self }
    }

    /// Tells a secret this once, of what has this number.
    #[must_use]
    pub(crate) fn telling(self, secret: &str, subject: i64) -> Self {
        Self { secret: Some(zeroize::Zeroizing::new(secret.to_owned())), subject: Some(subject), ..self }
    }
}

impl<Op: Page> Visit<Op> {
    pub(super) fn new(
        web: Arc<Web>,
        parts: &Parts,
        secret: Option<SessionSecret>,
        form: Form,
        request_id: &str,
    ) -> Self {
        let address = parts.extensions.get::<ClientAddress>().map(|address| address.0.to_string());
        let meta = Meta {
            address: address.unwrap_or_default(),
            request_id: request_id.to_owned(),
            received_at: web.service.now(),
            surface: Some(Op::ROW.surface),
        };
        let credential = match &secret {
            Some(secret) => Credential::Session(secret.copy()),
            None => Credential::Anonymous,
        };
        Self {
            web,
            ask: Arc::new(Ask::new(credential, None, meta)),
            form: Arc::new(form),
            headers: parts.headers.clone(),
            path: parts.uri.path().to_owned(),
            secret: Mutex::new(secret),
            cookie: Arc::default(),
            caller: Arc::default(),
            operation: PhantomData,
        }
    }

    /// The use cases.
    pub(crate) fn service(&self) -> &Service {
        &self.web.service
    }

    /// Who asks, for use cases with several steps.
    pub(crate) fn ask(&self) -> &Arc<Ask> {
        &self.ask
    }

    /// What the form or the query says.
    pub(crate) fn form(&self) -> &Form {
        &self.form
    }

    /// What the browser calls itself.
    pub(crate) fn user_agent(&self) -> String {
        self.headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    }

    /// Who is signed in, once a transaction has found it out.
    pub(crate) fn user(&self) -> Option<&User> {
        self.caller.get().and_then(|caller| caller.user.as_ref())
    }

    pub(super) fn outcome(&self) -> Outcome {
        Outcome {
            ask: Arc::clone(&self.ask),
            caller: Arc::clone(&self.caller),
            cookie: Arc::clone(&self.cookie),
        }
    }

    /// Reads from a snapshot of the database, if the caller may.
    pub(crate) async fn read<T, F>(&self, action: F) -> Result<Seen<Op, T>>
    where
        T: Send + 'static,
        F: for<'tx> Fn(&mut Tx<'tx>, &Form) -> Result<T> + Send + 'static,
    {
        let (form, caller) = (Arc::clone(&self.form), Arc::clone(&self.caller));
        let done = self.web.service.read::<Op, _, _>(&self.ask, move |tx| {
            caller.get_or_init(|| tx.caller().clone());
            action(tx, &form)
        });
        Ok(Seen { value: done.await?, proof: Proof(PhantomData) })
    }

    /// Writes in a transaction, if the caller may.
    pub(crate) async fn write<T, F>(&self, action: F) -> Result<Seen<Op, T>>
    where
        T: Send + 'static,
        F: for<'tx> Fn(&mut Tx<'tx>, &Form) -> Result<T> + Send + 'static,
    {
        let (form, caller) = (Arc::clone(&self.form), Arc::clone(&self.caller));
        let done = self.web.service.write::<Op, _, _>(&self.ask, move |tx| {
            caller.get_or_init(|| tx.caller().clone());
            action(tx, &form)
        });
        Ok(Seen { value: done.await?, proof: Proof(PhantomData) })
    }

    /// Does what a form asks for and leads on. What is to be said there is written down in the same transaction.
    pub(crate) async fn act<F>(&self, action: F) -> Result<Reply>
    where
        F: for<'tx> Fn(&mut Tx<'tx>, &Form) -> Result<Go> + Send + 'static,
    {
        let done = self.write(move |tx, form| {
            let go = action(tx, form)?;
            if go.text.is_some() || go.secret.is_some() {
                let to = go.to.split(['?', '#']).next().unwrap_or(&go.to).to_owned();
                let text = go.text.clone().unwrap_or_default();
                message::leave(tx, &Message { to, text, secret: go.secret.clone(), subject: go.subject })?;
            }
            Ok(go.to)
        });
        let (to, proof) = done.await?.take();
        Ok(self.lead(proof, &to))
    }

    /// Leads to another address of the site.
    pub(crate) fn lead(&self, _proof: Proof<Op>, to: &str) -> Reply {
        see_other(to)
    }

    /// What is told on this page this once; whoever asks first has it.
    pub(crate) async fn told(&self) -> Result<Option<Told>> {
        let Some(caller) = self.caller.get() else { return Ok(None) };
        let taken = self.web.service.take_message(caller, &self.path).await?;
        Ok(taken.map(|message| Told { text: message.text, secret: message.secret, subject: message.subject }))
    }

    /// The frame of a page, with what is to be said on it.
    pub(crate) async fn frame(&self, title: impl Into<String>) -> Result<Frame> {
        let told = self.told().await?;
        let mut frame = self.bare_frame(title)?;
        frame.notices.extend(told.map(|told| Notice { kind: "good", text: told.text }));
        Ok(frame)
    }

    /// The frame of a page that says what is told by itself.
    pub(crate) fn bare_frame(&self, title: impl Into<String>) -> Result<Frame> {
        let service = &self.web.service;
        let secret = self.secret.lock().unwrap_or_else(PoisonError::into_inner);
        let csrf = secret.as_ref().map(|secret| service.form_token(secret)).transpose()?.unwrap_or_default();
        let mut frame = Frame::new(title, host(service), self.user(), csrf);
        self.form.text("search").clone_into(&mut frame.query);
        Ok(frame)
    }

    /// Gives a browser that has no cookie yet one for the form of this page.
    pub(crate) fn know_browser(&self) -> Result<()> {
        let mut secret = self.secret.lock().unwrap_or_else(PoisonError::into_inner);
        if secret.is_none() {
            let new = self.web.service.new_session_secret()?;
            self.set_cookie(self.cookies().keep(&new));
            *secret = Some(new);
        }
        Ok(())
    }

    /// Hands a session to the browser.
    pub(crate) fn keep(&self, secret: &SessionSecret) {
        self.set_cookie(self.cookies().keep(secret));
    }

    /// Takes the browser's session away.
    pub(crate) fn forget(&self) {
        self.set_cookie(self.cookies().forget());
    }

    fn cookies(&self) -> Cookies {
        Cookies::new(self.web.service.external_url())
    }

    fn set_cookie(&self, cookie: String) {
        *self.cookie.lock().unwrap_or_else(PoisonError::into_inner) = Some(cookie);
    }

    /// Shows a page.
    pub(crate) fn show(&self, proof: Proof<Op>, page: &impl Template) -> Result<Reply> {
        self.show_as(200, proof, page)
    }

    /// Shows a page whose form was not good: 422.
    pub(crate) fn show_again(&self, proof: Proof<Op>, page: &impl Template) -> Result<Reply> {
        self.show_as(422, proof, page)
    }

    /// Shows a page with any status.
    pub(crate) fn show_as(&self, status: u16, _proof: Proof<Op>, page: &impl Template) -> Result<Reply> {
        html(status, page)
    }

    /// Any other answer.
    pub(crate) fn raw(&self, _proof: Proof<Op>, reply: Reply) -> Reply {
        reply
    }

    /// Takes note of a refusal that is answered by showing the form again.
    pub(crate) fn note_refusal(&self, error: &Error) {
        self.web.service.note_refusal(&self.ask, &Op::ROW, error);
    }
}

/// What is left of a request when it was served.
pub(super) struct Outcome {
    pub(super) ask: Arc<Ask>,
    pub(super) caller: Arc<OnceLock<Caller>>,
    pub(super) cookie: Arc<Mutex<Option<String>>>,
}

/// The host of the instance, with its port.
pub(super) fn host(service: &Service) -> String {
    crate::view::Links::new(service.external_url()).host().to_owned()
}

/// 303 to an address of the site.
pub(super) fn see_other(to: &str) -> Reply {
    Reply::empty(303).with_header(LOCATION, to)
}

/// A rendered page.
pub(super) fn html(status: u16, page: &impl Template) -> Result<Reply> {
    let text = page.render().map_err(Error::internal)?;
    Ok(Reply::bytes(status, HTML, text.into()))
}

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
