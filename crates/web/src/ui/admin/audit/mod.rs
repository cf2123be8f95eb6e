//! `/admin/audit_events`: who did what to whom, newest first.

mod line;

use askama::Template;
use tessera_model::audit::entity;
use tessera_model::operation::admin_pages::ShowAuditLog;
use tessera_model::time::Timestamp;
use tessera_model::{Error, Result};
use tessera_service::audit::browse::{self, Sealed, Wanted};

use super::{Choice, address, choices};
use crate::reply::Reply;
use crate::ui::complaints::Complaints;
use crate::ui::form::Form;
use crate::ui::frame::Frame;
use crate::ui::places::{AdminPage, admin_frame};
use crate::ui::visit::{Page, Visit};
use crate::ui::when::When;
use line::Line;

const PATH: &str = "/admin/audit_events";
/// Records on one page.
const ROWS: i64 = 50;
const FIELDS: &[&str] = &["author", "action", "kind", "entity", "from", "to"];
const KINDS: &[(&str, &str)] = &[
    ("", "Everything"),
    (entity::PROJECT, "Projects"),
    (entity::GROUP, "Groups"),
    (entity::USER, "Users"),
    (entity::INSTANCE, "The instance"),
];

#[derive(Template)]
#[template(path = "admin/audit.html")]
struct AuditPage {
    frame: Frame,
    problems: Complaints,
    author: String,
    action: String,
    kinds: Vec<Choice>,
    entity: String,
    from: String,
    to: String,
    lines: Vec<Line>,
    /// When the newest seal was laid, and its number; absent in a log without one.
    sealed: Option<(When, i64)>,
    waiting: bool,
    newest: String,
    older: String,
    narrow: bool,
}

/// What the fields ask for.
fn wanted(form: &Form) -> (Wanted, Complaints) {
    let (mut wanted, mut problems) = (Wanted::default(), Complaints::default());
    let filter = &mut wanted.filter;
    filter.author = form.filled("author").map(|name| name.trim_start_matches('@').to_owned());
    filter.action = form.filled("action").map(str::to_owned);
    filter.entity_kind =
        KINDS.iter().map(|(kind, _)| *kind).find(|kind| !kind.is_empty() && *kind == form.text("kind"));
    filter.id_before = form.number("before");
    for field in ["from", "to"] {
        match form.date(field) {
            Ok(None) => {}
            Ok(Some(day)) if field == "from" => filter.created_after = Some(day.midnight()),
            // The last moment of that day.
            Ok(Some(day)) => filter.created_before = Some(Timestamp(day.plus_days(1).midnight().0 - 1)),
            Err(complaint) => problems.say(field, &format!("This {complaint}")),
        }
    }
    wanted.entity = form.filled("entity").map(|path| path.trim_matches(['/', '@']).to_owned());
    (wanted, problems)
}

impl Page for ShowAuditLog {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let found = visit.read(|tx, form| {
            let right = tx.instance::<Self>()?;
            let (wanted, mut problems) = wanted(form);
            let sealed = browse::sealed(tx, &right)?;
            if !problems.is_empty() {
                return Ok((sealed, (Vec::new(), false), problems));
            }
            let rows = match browse::newest(tx, &right, &wanted, ROWS) {
                Err(Error::NotFound(_)) => {
                    problems.say("entity", "There is no project, group or user of this path or name");
                    (Vec::new(), false)
                }
                other => other?,
            };
            Ok((sealed, rows, problems))
        });
        let ((sealed, (rows, more), problems), proof) = found.await?.take();
        let (form, now) = (visit.form(), visit.service().now());
        let lines: Vec<Line> = rows.iter().map(Line::of).collect();
        let last = rows.last().map(|entry| entry.event.id.to_string()).filter(|_| more);
        let given = || FIELDS.iter().map(|field| (*field, form.text(field)));
        let text = |field: &str| form.text(field).trim().to_owned();
        let Sealed { newest, waiting } = sealed;
        let frame = admin_frame(visit.frame("Audit log").await?, AdminPage::Audit, "Audit log");
        let page = AuditPage {
            frame,
            author: text("author"),
            action: text("action"),
            kinds: choices(KINDS.iter().copied(), form.text("kind")),
            entity: text("entity"),
            from: text("from"),
            to: text("to"),
            lines,
            sealed: newest.map(|(number, at)| (When::at(at, now), number)),
            waiting,
            newest: if form.has("before") { address(PATH, given()) } else { String::new() },
            older: last
                .as_deref()
                .map(|last| address(PATH, given().chain([("before", last)])))
                .unwrap_or_default(),
            narrow: given().any(|(_, value)| !value.is_empty()),
            problems,
        };
        if page.problems.is_empty() { visit.show(proof, &page) } else { visit.show_again(proof, &page) }
    }
}
