//! `GET /features/definitions`.

use tessera_model::Result;
use tessera_model::operation::features::ListFeatureDefinitions;
use tessera_service::features;

use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

impl Endpoint for ListFeatureDefinitions {
    type Input = ();

    fn input(_: &mut Reader<'_>) {}

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let found = call.read(|tx, ()| {
            let right = tx.instance::<Self>()?;
            Ok(features::definitions::definitions(tx, &right))
        });
        Ok(found.await?.ok(|known| known.iter().map(view::feature::definition).collect::<Vec<_>>()))
    }
}
