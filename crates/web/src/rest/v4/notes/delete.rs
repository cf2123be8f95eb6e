//! `DELETE /projects/:id/issues/:issue_iid/notes/:note_id`.

use tessera_model::Result;
use tessera_model::operation::notes::DeleteNote;
use tessera_service::notes;

use super::{Place, note};
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;

impl Endpoint for DeleteNote {
    type Input = Place;

    fn input(p: &mut Reader<'_>) -> Place {
        note(p)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let done = call.write(|tx, (key, place)| {
            let project = tx.project::<Self>(key)?;
            notes::remove::remove(tx, &project, *place)
        });
        Ok(done.await?.no_content())
    }
}
