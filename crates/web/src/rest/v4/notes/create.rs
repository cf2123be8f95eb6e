//! `POST /projects/:id/issues/:issue_iid/notes`.

use tessera_model::Result;
use tessera_model::operation::notes::CreateNote;
use tessera_model::time::Timestamp;
use tessera_service::Key;
use tessera_service::notes::create::{self, Wanted};

use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::rest::v4::issues::place;
use crate::view;

impl Endpoint for CreateNote {
    type Input = (Key, i64, Wanted);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        let (key, iid) = place(p);
        let body = p.string("body").required();
        let older = p.boolean("confidential").or(false);
        let internal = p.boolean("internal").or(false) || older;
        let created_at = p.datetime("created_at").optional().map(Timestamp);
        (key, iid, Wanted { body, internal, created_at })
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let links = call.links();
        let made = call.write(|tx, (key, iid, wanted)| {
            let project = tx.project::<Self>(key)?;
            create::create(tx, &project, *iid, wanted)
        });
        Ok(made.await?.created(|note| view::note::note(&links, &note)))
    }
}
