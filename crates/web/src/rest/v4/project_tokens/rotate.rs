//! `POST /projects/:id/access_tokens/:token_id/rotate` and `…/self/rotate`: 200, never 201.

use tessera_model::Result;
use tessera_model::operation::project_tokens::{RotateOwnProjectToken, RotateProjectToken};
use tessera_model::time::Date;
use tessera_service::{Key, tokens};

use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::rest::v4::project_tokens::project;
use crate::view;

/// The end that is asked for.
pub(in crate::rest::v4) fn expires_at(p: &mut Reader<'_>) -> Option<Date> {
    p.date("expires_at").optional().map(Date::from)
}

impl Endpoint for RotateProjectToken {
    type Input = (Key, i64, Option<Date>);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        (project(p), p.integer("token_id").required(), expires_at(p))
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let minted = call.write(|tx, (key, id, expires_on)| {
            let project = tx.project(key)?;
            tokens::rotate::of_project(tx, &project, *id, *expires_on)
        });
        Ok(minted.await?.raw(|minted| Reply::json(200, &view::token::minted(&minted))).secret())
    }
}

impl Endpoint for RotateOwnProjectToken {
    type Input = (Key, Option<Date>);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        (project(p), expires_at(p))
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let minted = call.write(|tx, (key, expires_on)| {
            let project = tx.project(key)?;
            tokens::rotate::own_of_project(tx, &project, *expires_on)
        });
        Ok(minted.await?.raw(|minted| Reply::json(200, &view::token::minted(&minted))).secret())
    }
}
