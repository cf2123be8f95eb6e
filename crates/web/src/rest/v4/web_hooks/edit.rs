//! `PUT /projects/:id/hooks/:hook_id`.

use tessera_model::Result;
use tessera_model::operation::web_hooks::EditWebHook;
use tessera_service::Key;
use tessera_service::web_hooks::{self, Changes};

use super::{changes, hook};
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

impl Endpoint for EditWebHook {
    type Input = (Key, i64, Changes);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        let (key, id) = hook(p);
        let url = p.string("url").optional();
        (key, id, Changes { url, ..changes(p) })
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        // The name is asked for between two transactions: neither may wait for the network.
        let destination = call.read(|tx, (key, id, wanted)| {
            let project = tx.project(key)?;
            web_hooks::prepare_to_edit(tx, &project, *id, wanted)
        });
        if let Some(destination) = &*destination.await? {
            call.service().check_destination(destination).await?;
        }
        let changed = call.write(|tx, (key, id, wanted)| {
            let project = tx.project(key)?;
            web_hooks::edit(tx, &project, *id, wanted)
        });
        Ok(changed.await?.ok(|seen| view::web_hook::hook(&seen)))
    }
}
