//! `/dashboard/groups`: the groups of whoever is signed in.

use askama::Template;
use tessera_model::Result;
use tessera_model::operation::home_pages::ShowOwnGroups;
use tessera_service::groups::create::may_at_top;
use tessera_service::groups::list::{self, Wanted};

use crate::reply::Reply;
use crate::ui::frame::Frame;
use crate::ui::groups::GroupLine;
use crate::ui::paging::{PER_PAGE, Pages, slice};
use crate::ui::visit::{Page, Visit};

#[derive(Template)]
#[template(path = "home/own_groups.html")]
struct OwnGroupsPage {
    frame: Frame,
    groups: Vec<GroupLine>,
    /// Whether the caller may make groups that lie in no other.
    may_add: bool,
    pages: Pages,
}

impl Page for ShowOwnGroups {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let found = visit.read(|tx, form| {
            let right = tx.instance::<Self>()?;
            let wanted =
                Wanted { all_available: Some(false), order_by: "name".to_owned(), ..Wanted::default() };
            Ok((list::visible(tx, &right, &wanted, slice(form, PER_PAGE))?, may_at_top(tx)))
        });
        let ((found, may_add), proof) = found.await?.take();
        let groups: Vec<_> = found.items.iter().map(GroupLine::of).collect();
        let pages = Pages::new(visit.form(), "/dashboard/groups", &[], found.total, groups.len(), PER_PAGE);
        let frame = visit.frame("Your groups").await?;
        visit.show(proof, &OwnGroupsPage { frame, groups, may_add, pages })
    }
}
