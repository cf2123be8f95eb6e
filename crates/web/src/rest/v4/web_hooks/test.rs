//! `POST /projects/:id/hooks/:hook_id/test/:trigger` and `POST /projects/:id/hooks/:hook_id/events/:hook_event_id/resend`.

use serde_json::json;
use tessera_model::operation::web_hooks::{ResendWebHookEvent, TestWebHook};
use tessera_model::{Error, Result};
use tessera_service::{Key, web_hooks};

use super::hook;
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;

impl Endpoint for TestWebHook {
    type Input = (Key, i64, String);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        let (key, id) = hook(p);
        (key, id, p.string("trigger").valid_if(|name| web_hooks::is_trigger(name)).required())
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let prepared = call.read(|tx, (key, id, trigger)| {
            let project = tx.project::<Self>(key)?;
            web_hooks::prepare_test(tx, &project, *id, trigger)
        });
        let (prepared, _) = prepared.await?.take();
        // The receiver is called between two transactions: neither may wait for the network.
        let made = call.service().make_call(&prepared, call.service().now()).await?;
        let concluded = call.write(move |tx, (key, ..)| {
            let project = tx.project::<Self>(key)?;
            web_hooks::conclude(tx, &project, "test", &prepared, &made)
        });
        let passed = concluded.await?;
        passed.as_ref().map_err(|why| Error::Unprocessable(why.clone()))?;
        Ok(passed.created(|_| json!({ "message": "201 Created" })))
    }
}

impl Endpoint for ResendWebHookEvent {
    type Input = (Key, i64, i64);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        let (key, id) = hook(p);
        (key, id, p.integer("hook_event_id").required())
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let prepared = call.read(|tx, (key, id, event)| {
            let project = tx.project::<Self>(key)?;
            web_hooks::prepare_resend(tx, &project, *id, *event)
        });
        let (prepared, _) = prepared.await?.take();
        let made = call.service().make_call(&prepared, call.service().now()).await?;
        let concluded = call.write(move |tx, (key, ..)| {
            let project = tx.project::<Self>(key)?;
            web_hooks::conclude(tx, &project, "resend", &prepared, &made)
        });
        let passed = concluded.await?;
        let status = *passed.as_ref().map_err(|why| Error::Unprocessable(why.clone()))?;
        Ok(passed.created(|_| json!({ "response_status": status })))
    }
}
