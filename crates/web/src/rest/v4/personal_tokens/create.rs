//! `POST /users/:user_id/personal_access_tokens`.

use tessera_model::Result;
use tessera_model::operation::personal_tokens::CreateUserToken;
use tessera_model::time::Date;
use tessera_service::tokens::create_personal::{self, Wanted};

use super::{ALL, scopes, user_id};
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

impl Endpoint for CreateUserToken {
    type Input = (i64, Wanted);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        let user = user_id(p);
        let wanted = Wanted {
            name: p.string("name").required(),
            description: p.string("description").optional(),
            scopes: scopes(p, ALL),
            expires_on: p.date("expires_at").optional().map(Date::from),
            impersonation: false,
        };
        (user, wanted)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let minted = call.write(|tx, (user, wanted)| {
            let user = tx.user::<Self>(*user)?;
            create_personal::by_administrator(tx, &user, wanted)
        });
        Ok(minted.await?.raw(|minted| Reply::json(201, &view::token::minted(&minted))).secret())
    }
}
