//! `/admin`: the instance at a glance, each number with the way to what it counts.

use askama::Template;
use tessera_model::Result;
use tessera_model::operation::admin_pages::ShowAdminArea;
use tessera_service::TokenEnds;
use tessera_service::overview;

use super::{counted, grouped};
use crate::reply::Reply;
use crate::ui::frame::Frame;
use crate::ui::places::{AdminPage, admin_frame};
use crate::ui::visit::{Page, Visit};
use crate::ui::when::When;

#[derive(Template)]
#[template(path = "admin/overview.html")]
struct OverviewPage {
    frame: Frame,
    tokens: Vec<Figure>,
    people: Vec<Figure>,
    work: Vec<Figure>,
    sealed: Option<When>,
    waiting: bool,
    version: &'static str,
}

/// A number, and where what it counts is.
struct Figure {
    label: &'static str,
    value: String,
    href: &'static str,
    /// What there is to say beside it.
    note: String,
    /// Whether somebody should look.
    bad: bool,
}

fn figure(label: &'static str, value: i64, href: &'static str) -> Figure {
    Figure { label, value: grouped(value), href, note: String::new(), bad: false }
}

/// Living tokens that end within the first of the buckets, of every kind.
fn within(ends: &TokenEnds, buckets: &[&str]) -> i64 {
    ends.iter().filter(|((_, bucket), _)| buckets.contains(bucket)).map(|(_, count)| count).sum()
}

impl Page for ShowAdminArea {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let found = visit.read(|tx, _| {
            let right = tx.instance::<Self>()?;
            overview::get(tx, &right)
        });
        let (found, proof) = found.await?.take();
        let ends = visit.service().token_ends().await?;
        let counts = found.counts;
        let week = within(&ends, &["0-1", "2-7"]);
        let frame = admin_frame(visit.frame("Admin area").await?, AdminPage::Overview, "");
        let seats =
            found.seats.map(|seats| format!("of {}", counted(seats, "seat", "seats"))).unwrap_or_default();
        let (waiting_mails, refused_mails) = found.mails;
        let page = OverviewPage {
            version: frame.version,
            frame,
            tokens: vec![
                figure("Active tokens", ends.values().sum(), "/admin/tokens"),
                Figure {
                    bad: week > 0,
                    ..figure("End within 7 days", week, "/admin/tokens?ends=7&sort=expires_asc")
                },
                figure(
                    "End within 30 days",
                    week + within(&ends, &["8-30"]),
                    "/admin/tokens?ends=30&sort=expires_asc",
                ),
                figure("Without an end", within(&ends, &["never"]), "/admin/tokens?ends=never"),
            ],
            people: vec![
                Figure { note: seats, ..figure("People", counts.active, "/admin/users?state=active") },
                figure("Blocked", counts.blocked, "/admin/users?state=blocked"),
                figure("Bots", counts.bots, "/admin/users?kind=bots"),
                figure("Groups", counts.groups, "/admin/groups"),
                figure("Projects", counts.projects, "/admin/projects"),
            ],
            work: vec![
                figure("Jobs waiting", counts.waiting_jobs, "/admin/jobs"),
                Figure {
                    bad: counts.failed_jobs > 0,
                    ..figure("Jobs failed", counts.failed_jobs, "/admin/jobs")
                },
                figure("Mails waiting", waiting_mails, "/admin/jobs"),
                Figure { bad: refused_mails > 0, ..figure("Mails refused", refused_mails, "/admin/jobs") },
            ],
            sealed: found.sealed.newest.map(|(_, at)| When::at(at, visit.service().now())),
            waiting: found.sealed.waiting,
        };
        visit.show(proof, &page)
    }
}
