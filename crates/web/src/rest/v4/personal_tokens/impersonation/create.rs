//! `POST /users/:user_id/impersonation_tokens`.

use tessera_model::operation::personal_tokens::CreateImpersonationToken;
use tessera_model::scope::Scope;
use tessera_model::time::Date;
use tessera_model::{Error, Result};
use tessera_service::tokens::create_personal::{self, Wanted};

use super::user_id;
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

pub(crate) struct Input {
    user: i64,
    wanted: Wanted,
    /// Whether a scope was asked for that there is not: here it is the model that says so.
    unknown: bool,
}

impl Endpoint for CreateImpersonationToken {
    type Input = Input;

    fn input(p: &mut Reader<'_>) -> Input {
        let user = user_id(p);
        let name = p.string("name").required();
        let description = p.string("description").optional();
        let expires_on = p.date("expires_at").optional().map(Date::from);
        let asked = p.strings("scopes").comma().or(Vec::new());
        let known: Vec<Scope> = asked.iter().filter_map(|name| Scope::parse(name)).collect();
        let unknown = known.len() < asked.len();
        let scopes = known.into_iter().collect();
        Input { user, wanted: Wanted { name, description, scopes, expires_on, impersonation: true }, unknown }
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let minted = call.write(|tx, input| {
            let user = tx.user::<Self>(input.user)?;
            if input.unknown {
                return Err(Error::invalid("scopes", "can only contain available scopes"));
            }
            create_personal::create(tx, &user, &input.wanted, None)
        });
        Ok(minted.await?.raw(|minted| Reply::json(201, &view::token::minted(&minted))).secret())
    }
}
