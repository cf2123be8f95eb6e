//! `DELETE /features/:name`.

use tessera_model::Result;
use tessera_model::operation::features::DeleteFeature;
use tessera_service::features;

use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;

impl Endpoint for DeleteFeature {
    type Input = String;

    fn input(p: &mut Reader<'_>) -> String {
        p.string("name").required()
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let done = call.write(|tx, name| {
            let right = tx.instance::<Self>()?;
            features::delete::delete(tx, &right, name)
        });
        Ok(done.await?.no_content())
    }
}
