//! `GET /projects/:id/issues/:issue_iid/notes/:note_id`.

use tessera_model::Result;
use tessera_model::operation::notes::GetNote;
use tessera_service::notes;

use super::{Place, note};
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

impl Endpoint for GetNote {
    type Input = Place;

    fn input(p: &mut Reader<'_>) -> Place {
        note(p)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let links = call.links();
        let found = call.read(|tx, (key, place)| {
            let project = tx.project::<Self>(key)?;
            notes::get::get(tx, &project, *place)
        });
        Ok(found.await?.ok(|note| view::note::note(&links, &note)))
    }
}
