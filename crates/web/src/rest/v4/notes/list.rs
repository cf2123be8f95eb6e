//! `GET /projects/:id/issues/:issue_iid/notes`.

use tessera_model::Result;
use tessera_model::operation::notes::ListNotes;
use tessera_service::notes::list::{self, order_of};
use tessera_service::{Key, Listed};

use crate::call::{Call, Endpoint, slice};
use crate::pagination::Page;
use crate::params::Reader;
use crate::reply::Reply;
use crate::rest::v4::issues::place;
use crate::view;

/// What a list is asked for.
pub(crate) struct Asked {
    project: Key,
    iid: i64,
    order: &'static str,
    /// Whether only what the system wrote is asked for, which is nothing here.
    activity: bool,
    page: Page,
}

impl Endpoint for ListNotes {
    type Input = Asked;

    fn input(p: &mut Reader<'_>) -> Asked {
        let (project, iid) = place(p);
        let by = p.string("order_by").among(&["created_at", "updated_at"]).or("created_at".to_owned());
        let descending = p.string("sort").among(&["asc", "desc"]).or("desc".to_owned()) == "desc";
        let kinds = ["all_notes", "only_comments", "only_activity"];
        let kind = p.string("activity_filter").among(&kinds).or("all_notes".to_owned());
        let order = order_of(&by, descending);
        Asked { project, iid, order, activity: kind == "only_activity", page: Page::read(p) }
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let links = call.links();
        let found = call.read(|tx, asked| {
            let project = tx.project::<Self>(&asked.project)?;
            let listed = list::list(tx, &project, asked.iid, asked.order, slice(asked.page))?;
            let listed = if asked.activity { Listed { items: Vec::new(), total: Some(0) } } else { listed };
            Ok((asked.page, listed))
        });
        let passed = found.await?;
        let page = passed.0;
        Ok(passed.map(|(_, listed)| listed).page(&call, page, |note| view::note::note(&links, note)))
    }
}
