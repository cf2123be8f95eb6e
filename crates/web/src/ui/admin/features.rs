//! `/admin/feature_flags`: what is on for whom (D13).

use askama::Template;
use tessera_model::operation::admin_pages::{ShowFlags, SwitchFlag};
use tessera_model::{Error, Result};
use tessera_service::Key;
use tessera_service::features::overview::{self, Overview};
use tessera_service::features::{delete, reset, switch};

use crate::reply::Reply;
use crate::ui::complaints::Complaints;
use crate::ui::frame::Frame;
use crate::ui::places::{AdminPage, admin_frame, below};
use crate::ui::visit::{Go, Page, Visit};

const PATH: &str = "/admin/feature_flags";

#[derive(Template)]
#[template(path = "admin/features.html")]
struct FlagsPage {
    frame: Frame,
    problems: Complaints,
    flags: Vec<Line>,
    /// What was typed as the project of a new override, and for which flag.
    project: String,
    asked: String,
}

/// A flag as the page shows it.
struct Line {
    name: String,
    meaning: &'static str,
    /// Whether it changes what the server does.
    known: bool,
    on: bool,
    global: Option<bool>,
    /// What counts where nothing is set: `on` or `off`.
    default: &'static str,
    /// Shares of actors and of the time, and registered groups, in words.
    shares: Vec<String>,
    overrides: Vec<Exception>,
}

struct Exception {
    actor: String,
    href: String,
    label: String,
    on: bool,
}

impl Line {
    fn of(found: Overview) -> Self {
        let on = found.is_on();
        let flag = found.flag;
        let mut shares = Vec::new();
        for (part, of) in [(flag.percentage_of_actors, "actors"), (flag.percentage_of_time, "the time")] {
            if part > 0.0 {
                shares.push(format!("On for {part} % of {of}"));
            }
        }
        shares.extend(flag.groups.iter().map(|group| format!("On for the group of actors {group}")));
        let exception = |set: overview::Override| Exception {
            href: set.project.as_ref().map(|path| below(path, "")).unwrap_or_default(),
            label: set.project.unwrap_or_else(|| set.actor.clone()),
            actor: set.actor,
            on: set.on,
        };
        Self {
            meaning: flag.definition.map_or("", |known| known.meaning),
            known: flag.definition.is_some(),
            default: if flag.definition.is_some_and(|known| known.default) { "on" } else { "off" },
            on,
            global: found.global,
            name: flag.name,
            shares,
            overrides: found.overrides.into_iter().map(exception).collect(),
        }
    }
}

impl Page for ShowFlags {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        show(&visit, Complaints::default()).await
    }
}

impl Page for SwitchFlag {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let done = visit.act(|tx, form| {
            let right = tx.instance::<Self>()?;
            let (flag, project) = (form.text("flag"), form.filled("project"));
            if form.has("project") && project.is_none() {
                return Err(Error::invalid("project", "is missing: write its full path, such as group/app"));
            }
            let key = project.map(|path| Key::Path(path.trim_matches('/').to_owned()));
            let text = match (form.text("act"), form.filled("actor")) {
                ("on" | "off", _) => {
                    let on = form.text("act") == "on";
                    switch::switch(tx, &right, flag, on, key.as_ref())?;
                    let whom =
                        project.map_or_else(|| "everyone without an override".to_owned(), str::to_owned);
                    format!("{flag} is {} for {whom} now.", if on { "on" } else { "off" })
                }
                ("default", actor) => {
                    reset::reset(tx, &right, flag, actor)?;
                    match actor {
                        Some(_) => format!("The override of {flag} was removed."),
                        None => format!("{flag} goes by its default again where there is no override."),
                    }
                }
                ("forget", _) => {
                    delete::delete(tx, &right, flag)?;
                    format!("The flag {flag} was forgotten.")
                }
                _ => {
                    return Err(Error::bad_request(
                        "Say whether the flag shall be on, off, or go by its default",
                    ));
                }
            };
            Ok(Go::to(PATH).saying(text))
        });
        match done.await {
            Ok(reply) => Ok(reply),
            Err(Error::NotFound(_)) => {
                let text = "There is no project at this path: write its full path, such as group/app";
                show(&visit, Complaints::saying("project", text)).await
            }
            Err(error) => show(&visit, Complaints::of(error)?).await,
        }
    }
}

async fn show<Op: Page>(visit: &Visit<Op>, problems: Complaints) -> Result<Reply> {
    let found = visit.read(|tx, _| {
        let right = tx.instance::<Op>()?;
        overview::all(tx, &right)
    });
    let (found, proof) = found.await?.take();
    let frame = admin_frame(visit.frame("Feature flags").await?, AdminPage::Features, "Feature flags");
    let page = FlagsPage {
        frame,
        flags: found.into_iter().map(Line::of).collect(),
        project: visit.form().text("project").to_owned(),
        asked: visit.form().text("flag").to_owned(),
        problems,
    };
    if page.problems.is_empty() { visit.show(proof, &page) } else { visit.show_again(proof, &page) }
}
