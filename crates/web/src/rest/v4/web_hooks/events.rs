//! `GET /projects/:id/hooks/:hook_id/events`.

use tessera_model::Result;
use tessera_model::operation::web_hooks::ListWebHookEvents;
use tessera_service::Key;
use tessera_service::web_hooks::{self, Filter};

use super::hook;
use crate::call::{Call, Endpoint, slice};
use crate::pagination::Page;
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

/// GitLab's words for statuses.
const CLASSES: &[(&str, (i64, i64))] =
    &[("successful", (200, 299)), ("client_failure", (400, 499)), ("server_failure", (500, 599))];

fn range(word: &str) -> Option<(i64, i64)> {
    let class = CLASSES.iter().find(|(name, _)| *name == word).map(|(_, range)| *range);
    class.or_else(|| word.parse().ok().filter(|code| (100..600).contains(code)).map(|code: i64| (code, code)))
}

impl Endpoint for ListWebHookEvents {
    type Input = (Key, i64, Filter, Page);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        let (key, id) = hook(p);
        let words = p.strings("status").comma().valid_if(|word| range(word).is_some()).optional();
        let words = words.unwrap_or_default();
        // No answer counts as a failure of the receiver's.
        let unanswered = words.iter().any(|word| word == "server_failure");
        let statuses = words.iter().filter_map(|word| range(word)).collect();
        (key, id, Filter { statuses, unanswered }, Page::read(p))
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let found = call.read(|tx, (key, id, filter, page)| {
            let project = tx.project::<Self>(key)?;
            let (url, listed) = web_hooks::list_events(tx, &project, *id, filter, slice(*page))?;
            Ok((*page, url, listed))
        });
        let passed = found.await?;
        let (page, url) = (passed.0, passed.1.clone());
        Ok(passed.map(|(_, _, listed)| listed).page(&call, page, |event| view::web_hook::event(&url, event)))
    }
}
