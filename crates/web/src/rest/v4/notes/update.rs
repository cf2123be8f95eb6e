//! `PUT /projects/:id/issues/:issue_iid/notes/:note_id`.

use tessera_model::Result;
use tessera_model::operation::notes::UpdateNote;
use tessera_service::notes;

use super::{Place, note};
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

impl Endpoint for UpdateNote {
    type Input = (Place, Option<String>);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        (note(p), p.string("body").not_blank().optional())
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let links = call.links();
        let changed = call.write(|tx, ((key, place), body)| {
            let project = tx.project::<Self>(key)?;
            notes::update::update(tx, &project, *place, body.as_deref())
        });
        Ok(changed.await?.ok(|note| view::note::note(&links, &note)))
    }
}
