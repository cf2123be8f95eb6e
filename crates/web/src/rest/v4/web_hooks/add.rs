//! `POST /projects/:id/hooks`.

use tessera_model::Result;
use tessera_model::operation::web_hooks::AddWebHook;
use tessera_service::Key;
use tessera_service::web_hooks::{self, Changes};

use super::{changes, project};
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

impl Endpoint for AddWebHook {
    type Input = (Key, Changes);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        let key = project(p);
        let url = p.string("url").required();
        (key, Changes { url: Some(url), ..changes(p) })
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        // The name is asked for between two transactions: neither may wait for the network.
        let destination = call.read(|tx, (key, wanted)| {
            let project = tx.project(key)?;
            web_hooks::prepare_to_add(tx, &project, wanted)
        });
        call.service().check_destination(&*destination.await?).await?;
        let made = call.write(|tx, (key, wanted)| {
            let project = tx.project(key)?;
            web_hooks::add(tx, &project, wanted)
        });
        Ok(made.await?.created(|seen| view::web_hook::hook(&seen)))
    }
}
