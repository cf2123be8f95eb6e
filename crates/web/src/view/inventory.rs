//! Tokens as the inventory shows them: as everywhere, with whose they are and who made them.

use serde::Serialize;
use serde_json::{Value, json};
use tessera_model::time::Timestamp;
use tessera_model::token::TokenKind;
use tessera_model::user::UserState;
use tessera_service::tokens::inventory::Item;

use super::token::{self, TokenView};

/// A token of the inventory.
#[derive(Serialize)]
pub(crate) struct ItemView<'a> {
    #[serde(flatten)]
    token: TokenView<'a>,
    kind: &'static str,
    owner: Value,
    project: Option<Value>,
    created_by: Value,
    revoked_at: Option<Timestamp>,
    revoked_by: Option<&'a str>,
}

/// A token of the inventory.
pub(crate) fn item(item: &Item) -> ItemView<'_> {
    let row = &item.shown.token;
    let project = row.project_id.map(|id| json!({ "id": id, "path_with_namespace": item.project }));
    let (maker_id, maker) = &item.created_by;
    ItemView {
        token: token::shown(&item.shown),
        kind: row.kind.name(),
        owner: owner(item),
        project: project.filter(|_| row.kind == TokenKind::Project),
        created_by: json!({ "id": maker_id, "username": maker }),
        revoked_at: item.revoked_at,
        revoked_by: item.revoked_by.as_deref(),
    }
}

/// Whose it is; of an account that was removed only the number and the name are left.
fn owner(item: &Item) -> Value {
    let row = &item.shown.token;
    let state = item.owner.as_ref().map(|owner| owner.state).filter(|state| *state != UserState::Ghosted);
    json!({
        "id": row.bearer_id,
        "username": item.username(),
        "name": item.owner.as_ref().map(|owner| &owner.name),
        "bot": row.kind == TokenKind::Project,
        "state": state.map_or("removed", UserState::name),
    })
}
