//! `/-/user_settings/active_sessions`.

use askama::Template;
use tessera_model::Result;
use tessera_model::operation::settings_pages::{EndOtherSessions, EndSession, ShowSessions};
use tessera_service::sessions::list;

use super::agent;
use crate::reply::Reply;
use crate::ui::frame::Frame;
use crate::ui::places::{SettingsPage, settings_frame};
use crate::ui::visit::{Go, Page, Visit};
use crate::ui::when::When;

const HERE: &str = "/-/user_settings/active_sessions";

#[derive(Template)]
#[template(path = "settings/sessions.html")]
struct SessionsPage {
    frame: Frame,
    sessions: Vec<Line>,
}

struct Line {
    id: i64,
    browser: String,
    icon: &'static str,
    address: String,
    begun: When,
    seen: When,
    current: bool,
}

impl Page for ShowSessions {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let found = visit.read(|tx, _| {
            let user = tx.own_account::<Self>()?;
            list::own(tx, &user)
        });
        let ((all, current), proof) = found.await?.take();
        let now = visit.service().now();
        let mut sessions: Vec<Line> = all
            .into_iter()
            .map(|session| Line {
                id: session.id,
                browser: agent::words(&session.user_agent),
                icon: agent::icon(&session.user_agent),
                address: session.address,
                begun: When::at(session.created_at, now),
                seen: When::at(session.last_seen_at, now),
                current: session.id == current,
            })
            .collect();
        sessions.sort_by_key(|session| !session.current);
        let frame = visit.frame("Active sessions").await?;
        let frame = settings_frame(frame, SettingsPage::Sessions, "Active sessions");
        visit.show(proof, &SessionsPage { frame, sessions })
    }
}

impl Page for EndSession {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let done = visit.act(|tx, form| {
            let user = tx.own_account::<Self>()?;
            list::end(tx, &user, form.number_at("id"))?;
            Ok(Go::to(HERE).saying("That session was ended. Whoever used it must sign in again."))
        });
        done.await
    }
}

impl Page for EndOtherSessions {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let done = visit.act(|tx, _| {
            let user = tx.own_account::<Self>()?;
            let text = match list::end_others(tx, &user)? {
                0 => "There was no other session.".to_owned(),
                1 => "One other session was ended.".to_owned(),
                ended => format!("{ended} other sessions were ended."),
            };
            Ok(Go::to(HERE).saying(text))
        });
        done.await
    }
}
