//! `PUT /projects/:id/issues/:issue_iid`.

use tessera_model::Result;
use tessera_model::issue::IssueState;
use tessera_model::operation::issues::UpdateIssue;
use tessera_model::time::{Date, Timestamp};
use tessera_service::Key;
use tessera_service::issues::update::{self, Changes};

use super::{assignees, place};
use crate::call::{Call, Endpoint};
use crate::params::{Change, Reader};
use crate::reply::Reply;
use crate::view;

/// One of these must be given; GitLab's refusal names them all.
const PARAMETERS: &[&str] = &[
    "assignee_id",
    "assignee_ids",
    "confidential",
    "created_at",
    "description",
    "discussion_locked",
    "due_date",
    "labels",
    "add_labels",
    "remove_labels",
    "milestone_id",
    "state_event",
    "title",
    "issue_type",
];

impl Endpoint for UpdateIssue {
    type Input = (Key, i64, Changes);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        let (key, iid) = place(p);
        let changes = Changes {
            title: p.string("title").update().or_empty(),
            updated_at: p.datetime("updated_at").optional().map(Timestamp),
            state: p
                .string("state_event")
                .among(&["reopen", "close"])
                .optional()
                .map(|event| if event == "close" { IssueState::Closed } else { IssueState::Opened }),
            description: p.string("description").update().into_option(),
            assignees: assignees(p),
            labels: p.strings("labels").comma().update().or_empty(),
            add_labels: p.strings("add_labels").comma().or(Vec::new()),
            remove_labels: p.strings("remove_labels").comma().or(Vec::new()),
            due_date: due_date(p.date("due_date").update()),
            confidential: p.boolean("confidential").optional(),
        };
        p.string("issue_type").among(&["issue"]).optional();
        p.at_least_one_of(PARAMETERS);
        (key, iid, changes)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let links = call.links();
        let changed = call.write(|tx, (key, iid, changes)| {
            let project = tx.project::<Self>(key)?;
            update::update(tx, &project, *iid, changes)
        });
        Ok(changed.await?.ok(|issue| view::issue::issue(&links, &issue)))
    }
}

fn due_date(change: Change<jiff::civil::Date>) -> Option<Option<Date>> {
    change.map(Date::from).into_option()
}
