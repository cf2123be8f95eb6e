//! `/:path/-/tags`.

use tessera_model::Result;
use tessera_model::operation::code_pages::ShowTags;
use tessera_service::repository::browse::HeadKind;

use super::heads::{List, show};
use crate::reply::Reply;
use crate::ui::places::ProjectPage;
use crate::ui::visit::{Page, Visit};

const LIST: List = List {
    kind: HeadKind::Tag,
    page: ProjectPage::Tags,
    title: "Tags",
    word: "tag",
    icon: "tag",
    lead: "Names for points in the history, such as releases.",
};

impl Page for ShowTags {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        show(&visit, &LIST).await
    }
}
