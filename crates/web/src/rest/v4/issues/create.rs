//! `POST /projects/:id/issues`.

use tessera_model::Result;
use tessera_model::operation::issues::CreateIssue;
use tessera_model::time::{Date, Timestamp};
use tessera_service::Key;
use tessera_service::issues::create::{self, Wanted};

use super::assignees;
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

impl Endpoint for CreateIssue {
    type Input = (Key, Wanted);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        let key = Key::parse(&p.string("id").required());
        let wanted = Wanted {
            title: p.string("title").required(),
            created_at: p.datetime("created_at").optional().map(Timestamp),
            description: p.string("description").optional(),
            assignees: assignees(p).unwrap_or_default(),
            labels: p.strings("labels").comma().or(Vec::new()),
            due_date: p.date("due_date").optional().map(Date::from),
            confidential: p.boolean("confidential").or(false),
        };
        // Nothing here knows other kinds.
        p.string("issue_type").among(&["issue"]).optional();
        (key, wanted)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let links = call.links();
        let made = call.write(|tx, (key, wanted)| {
            let project = tx.project::<Self>(key)?;
            create::create(tx, &project, wanted)
        });
        Ok(made.await?.created(|issue| view::issue::issue(&links, &issue)))
    }
}
