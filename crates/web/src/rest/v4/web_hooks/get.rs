//! `GET /projects/:id/hooks/:hook_id`.

use tessera_model::Result;
use tessera_model::operation::web_hooks::GetWebHook;
use tessera_service::{Key, web_hooks};

use super::hook;
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

impl Endpoint for GetWebHook {
    type Input = (Key, i64);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        hook(p)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let found = call.read(|tx, (key, id)| {
            let project = tx.project::<Self>(key)?;
            web_hooks::get(tx, &project, *id)
        });
        Ok(found.await?.ok(|seen| view::web_hook::hook(&seen)))
    }
}
