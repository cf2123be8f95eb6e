//! `GET /application/settings`.

use tessera_model::Result;
use tessera_model::operation::settings::GetSettings;
use tessera_service::settings;

use super::view;
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;

impl Endpoint for GetSettings {
    type Input = ();

    fn input(_: &mut Reader<'_>) {}

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let found = call.read(|tx, ()| {
            let right = tx.instance::<Self>()?;
            settings::all(tx, &right)
        });
        Ok(found.await?.ok(view))
    }
}
