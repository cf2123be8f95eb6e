//! `/admin/system_info`: what the server runs on.

use askama::Template;
use tessera_model::Result;
use tessera_model::operation::admin_pages::ShowSystem;
use tessera_service::overview::{self, System};

use super::counted;
use crate::reply::Reply;
use crate::ui::frame::Frame;
use crate::ui::places::{AdminPage, admin_frame};
use crate::ui::visit::{Page, Visit};
use crate::ui::when::When;

#[derive(Template)]
#[template(path = "admin/system.html")]
struct SystemPage {
    frame: Frame,
    version: &'static str,
    address: String,
    system: System,
    /// Free space in words, and how full the disk is in percent.
    disk: Option<(String, u64)>,
    nearly_full: bool,
    started: When,
    repositories: String,
    projects: String,
}

/// A size in the largest unit of which there is at least one.
fn size(bytes: u64) -> String {
    const UNITS: &[&str] = &["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let (mut whole, mut rest, mut unit) = (bytes, 0, 0);
    while whole >= 1024 && unit + 1 < UNITS.len() {
        (rest, whole, unit) = (whole % 1024, whole / 1024, unit + 1);
    }
    let name = UNITS.get(unit).copied().unwrap_or_default();
    if unit == 0 { format!("{whole} {name}") } else { format!("{whole}.{} {name}", rest * 10 / 1024) }
}

impl Page for ShowSystem {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let found = visit.read(|tx, _| {
            let right = tx.instance::<Self>()?;
            Ok(overview::get(tx, &right)?.counts)
        });
        let (counts, proof) = found.await?.take();
        let system = visit.service().system().await;
        let frame =
            admin_frame(visit.frame("System information").await?, AdminPage::System, "System information");
        let full = |(free, total): (u64, u64)| {
            100 - free.saturating_mul(100).checked_div(total).unwrap_or(0).min(100)
        };
        let page = SystemPage {
            version: frame.version,
            frame,
            address: visit.service().external_url().to_owned(),
            disk: system.disk.map(|disk| (format!("{} of {} free", size(disk.0), size(disk.1)), full(disk))),
            nearly_full: system.disk.is_some_and(|disk| full(disk) >= 90),
            started: When::at(system.started_at, visit.service().now()),
            repositories: counted(counts.repositories, "repository", "repositories"),
            projects: counted(counts.projects, "project", "projects"),
            system,
        };
        visit.show(proof, &page)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn sizes_in_words() {
        for (bytes, text) in [
            (0, "0 bytes"),
            (1023, "1023 bytes"),
            (1024, "1.0 KiB"),
            (1_610_612_736, "1.5 GiB"),
            (u64::MAX, "16383.9 PiB"),
        ] {
            assert_eq!(super::size(bytes), text);
        }
    }
}
