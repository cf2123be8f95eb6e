//! `DELETE /projects/:id/hooks/:hook_id`.

use tessera_model::Result;
use tessera_model::operation::web_hooks::DeleteWebHook;
use tessera_service::{Key, web_hooks};

use super::hook;
use crate::call::{Call, Endpoint};
use crate::conditional;
use crate::params::Reader;
use crate::reply::Reply;

impl Endpoint for DeleteWebHook {
    type Input = (Key, i64);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        hook(p)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let since = call.unmodified_since();
        let done = call.write(move |tx, (key, id)| {
            let project = tx.project::<Self>(key)?;
            web_hooks::delete(tx, &project, *id, |changed| conditional::check(changed, since))
        });
        Ok(done.await?.no_content())
    }
}
