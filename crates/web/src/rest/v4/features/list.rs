//! `GET /features`.

use tessera_model::Result;
use tessera_model::operation::features::ListFeatures;
use tessera_service::features;

use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

impl Endpoint for ListFeatures {
    type Input = ();

    fn input(_: &mut Reader<'_>) {}

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let found = call.read(|tx, ()| {
            let right = tx.instance::<Self>()?;
            features::list::list(tx, &right)
        });
        Ok(found.await?.ok(|flags| flags.iter().map(view::feature::flag).collect::<Vec<_>>()))
    }
}
