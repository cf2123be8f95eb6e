//! `/:path/-/branches`.

use tessera_model::Result;
use tessera_model::operation::code_pages::ShowBranches;
use tessera_service::repository::browse::HeadKind;

use super::heads::{List, show};
use crate::reply::Reply;
use crate::ui::places::ProjectPage;
use crate::ui::visit::{Page, Visit};

const LIST: List = List {
    kind: HeadKind::Branch,
    page: ProjectPage::Branches,
    title: "Branches",
    word: "branch",
    icon: "branch",
    lead: "Lines of work. Protected ones can be changed by few.",
};

impl Page for ShowBranches {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        show(&visit, &LIST).await
    }
}
