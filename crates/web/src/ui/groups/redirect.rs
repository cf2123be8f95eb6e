//! `/groups/:path`: where GitLab has a group too; it leads to the group.

use tessera_model::Result;
use tessera_model::operation::group_pages::ShowGroup;

use super::group;
use crate::reply::Reply;
use crate::ui::visit::{Page, Visit};

impl Page for ShowGroup {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let (home, proof) = visit.read(|tx, form| Ok(group::<Self>(tx, form)?.1.home())).await?.take();
        Ok(visit.lead(proof, &home))
    }
}
