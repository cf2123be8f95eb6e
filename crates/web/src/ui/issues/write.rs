//! `/:path/-/issues/new` and `/:path/-/issues/:iid/edit`: opening an issue and changing one.

use askama::Template;
use tessera_model::issue::Edit;
use tessera_model::operation::issue_pages::{ChangeIssue, OpenIssue, ShowIssueForm, ShowNewIssue};
use tessera_model::{Error, Result};
use tessera_service::Slice;
use tessera_service::issues::{create, thread, update};

use super::form::{IssueForm, changes, due, wanted};
use super::{address, project};
use crate::reply::Reply;
use crate::ui::complaints::Complaints;
use crate::ui::frame::Frame;
use crate::ui::places::ProjectPage;
use crate::ui::visit::{Go, Page, Visit};

#[derive(Template)]
#[template(path = "issues/form.html")]
struct FormPage {
    frame: Frame,
    heading: String,
    lead: &'static str,
    button: &'static str,
    action: String,
    back: String,
    issue: IssueForm,
    problems: Complaints,
}

impl Page for ShowNewIssue {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        show_new(&visit, Complaints::default()).await
    }
}

impl Page for OpenIssue {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let mut problems = Complaints::default();
        let due_date = due(visit.form(), &mut problems);
        if !problems.is_empty() {
            return show_new(&visit, problems).await;
        }
        let done = visit.act(move |tx, form| {
            let (project, place) = project::<Self>(tx, form)?;
            let wanted = wanted(tx, &project, form, due_date)?;
            let issue = create::create(tx, &project, &wanted)?;
            Ok(Go::to(address(&place, issue.iid)))
        });
        match done.await {
            Ok(reply) => Ok(reply),
            Err(error) => show_new(&visit, Complaints::of(error)?).await,
        }
    }
}

async fn show_new<Op: Page>(visit: &Visit<Op>, problems: Complaints) -> Result<Reply> {
    let found = visit.read(|tx, form| {
        let (project, place) = project::<Op>(tx, form)?;
        Ok((place, project.role().is_some()))
    });
    let ((place, member), proof) = found.await?.take();
    let list = place.at("/-/issues");
    let frame = place.frame(visit.frame("New issue").await?, ProjectPage::Issues, "");
    let page = FormPage {
        frame: frame.crumb("Issues", &list).crumb("New issue", ""),
        heading: "New issue".to_owned(),
        lead: "Say what is to be done, asked or mended, so that somebody who was not there understands it.",
        button: "Create issue",
        action: list.clone(),
        back: list,
        // Who is no member gives no labels, assignees and date.
        issue: IssueForm { plans: member, hides: true, ..IssueForm::typed(visit.form()) },
        problems,
    };
    if page.problems.is_empty() { visit.show(proof, &page) } else { visit.show_again(proof, &page) }
}

impl Page for ShowIssueForm {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        show_form(&visit, Complaints::default()).await
    }
}

impl Page for ChangeIssue {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let mut problems = Complaints::default();
        let due_date = due(visit.form(), &mut problems);
        if !problems.is_empty() {
            return show_form(&visit, problems).await;
        }
        let done = visit.act(move |tx, form| {
            let (project, place) = project::<Self>(tx, form)?;
            let changes = changes(tx, &project, form, due_date)?;
            let issue = update::update(tx, &project, form.number_at("iid"), &changes)?;
            Ok(Go::to(address(&place, issue.iid)).saying(format!("Issue #{} was saved.", issue.iid)))
        });
        match done.await {
            Ok(reply) => Ok(reply),
            Err(error) => show_form(&visit, Complaints::of(error)?).await,
        }
    }
}

async fn show_form<Op: Page>(visit: &Visit<Op>, problems: Complaints) -> Result<Reply> {
    let found = visit.read(|tx, form| {
        let (project, place) = project::<Op>(tx, form)?;
        let nothing = Slice { limit: 0, offset: 0 };
        let thread = thread::read(tx, &project, form.number_at("iid"), nothing)?;
        if thread.edit == Edit::Nothing {
            return Err(Error::Forbidden(None));
        }
        Ok((place, thread))
    });
    let ((place, thread), proof) = found.await?.take();
    let (list, own) = (place.at("/-/issues"), address(&place, thread.issue.iid));
    let number = format!("#{}", thread.issue.iid);
    let title = format!("Edit issue {number}");
    let frame = place.frame(visit.frame(title.clone()).await?, ProjectPage::Issues, "");
    let stored = IssueForm::stored(&thread.issue);
    let issue = if problems.is_empty() { stored } else { IssueForm::typed(visit.form()) };
    let page = FormPage {
        frame: frame.crumb("Issues", list).crumb(number, &own).crumb("Edit", ""),
        heading: title,
        lead: "Everybody who sees the issue sees the change.",
        button: "Save changes",
        action: own.clone(),
        back: own,
        issue: issue.to(thread.edit),
        problems,
    };
    if page.problems.is_empty() { visit.show(proof, &page) } else { visit.show_again(proof, &page) }
}
