//! The form of an issue, new or changed.

use tessera_model::Result;
use tessera_model::issue::{Edit, Issue};
use tessera_model::operation::Operation;
use tessera_model::project::Project;
use tessera_model::time::Date;
use tessera_service::issues::assignees;
use tessera_service::issues::create::Wanted;
use tessera_service::issues::update::Changes;
use tessera_service::{Authorized, Tx};

use super::{lines, names};
use crate::ui::complaints::Complaints;
use crate::ui::form::Form;

/// What stands in the fields.
#[derive(Default)]
pub(super) struct IssueForm {
    pub(super) title: String,
    pub(super) description: String,
    pub(super) labels: String,
    pub(super) assignees: String,
    pub(super) due_date: String,
    pub(super) confidential: bool,
    /// Whether the caller may say more than the words: labels, assignees, date.
    pub(super) plans: bool,
    /// Whether the caller may say who sees it.
    pub(super) hides: bool,
}

impl IssueForm {
    /// As it was typed.
    pub(super) fn typed(form: &Form) -> Self {
        Self {
            title: form.text("title").to_owned(),
            description: form.text("description").to_owned(),
            labels: form.text("labels").to_owned(),
            assignees: form.text("assignees").to_owned(),
            due_date: form.text("due_date").to_owned(),
            confidential: form.is_on("confidential"),
            ..Self::default()
        }
    }

    /// As the issue is.
    pub(super) fn stored(issue: &Issue) -> Self {
        let usernames: Vec<&str> = issue.assignees.iter().map(|user| user.username.as_str()).collect();
        Self {
            title: issue.title.clone(),
            description: issue.description.clone().unwrap_or_default(),
            labels: issue.labels.join(", "),
            assignees: usernames.join(", "),
            due_date: issue.due_date.map(|day| day.to_string()).unwrap_or_default(),
            confidential: issue.confidential,
            ..Self::default()
        }
    }

    /// For somebody who may change so much of it.
    pub(super) fn to(self, edit: Edit) -> Self {
        let all = edit == Edit::All;
        Self { plans: all, hides: all, ..self }
    }
}

/// The date of the form; what is none is complained of.
pub(super) fn due(form: &Form, problems: &mut Complaints) -> Option<Date> {
    form.date("due_date").unwrap_or_else(|text| {
        problems.say("due_date", &format!("The due date {text}."));
        None
    })
}

/// The usernames of the form, whose `@` is left out.
fn assigned<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
    form: &Form,
) -> Result<Vec<i64>> {
    let names = names(form.text("assignees"));
    let names: Vec<String> = names.iter().map(|name| name.trim_start_matches('@').to_owned()).collect();
    assignees::named(tx, project, &names)
}

/// The issue that the form asks for.
pub(super) fn wanted<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
    form: &Form,
    due_date: Option<Date>,
) -> Result<Wanted> {
    Ok(Wanted {
        title: form.text("title").to_owned(),
        description: Some(lines(form, "description")).filter(|text| !text.is_empty()),
        labels: names(form.text("labels")),
        assignees: assigned(tx, project, form)?,
        confidential: form.is_on("confidential"),
        due_date,
        created_at: None,
    })
}

/// The changes that the form asks for; what it says nothing of stays.
pub(super) fn changes<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
    form: &Form,
    due_date: Option<Date>,
) -> Result<Changes> {
    let assignees = if form.has("assignees") { Some(assigned(tx, project, form)?) } else { None };
    Ok(Changes {
        title: form.has("title").then(|| form.text("title").to_owned()),
        description: form
            .has("description")
            .then(|| Some(lines(form, "description")).filter(|text| !text.is_empty())),
        labels: form.has("labels").then(|| names(form.text("labels"))),
        assignees,
        confidential: form.has("confidential").then(|| form.is_on("confidential")),
        due_date: form.has("due_date").then_some(due_date),
        ..Changes::default()
    })
}
