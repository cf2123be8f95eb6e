//! `POST /user/personal_access_tokens`.

use tessera_model::Result;
use tessera_model::operation::personal_tokens::CreateOwnToken;
use tessera_model::time::Date;
use tessera_service::tokens::create_personal::{self, OWN_SCOPES, Wanted};

use super::scopes;
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

impl Endpoint for CreateOwnToken {
    type Input = Wanted;

    fn input(p: &mut Reader<'_>) -> Wanted {
        Wanted {
            name: p.string("name").required(),
            description: p.string("description").optional(),
            scopes: scopes(p, OWN_SCOPES),
            expires_on: p.date("expires_at").optional().map(Date::from),
            impersonation: false,
        }
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let minted = call.write(|tx, wanted| {
            let right = tx.instance::<Self>()?;
            create_personal::own(tx, &right, wanted)
        });
        Ok(minted.await?.raw(|minted| Reply::json(201, &view::token::minted(&minted))).secret())
    }
}
