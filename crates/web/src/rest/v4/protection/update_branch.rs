//! `PATCH /projects/:id/protected_branches/:name`.

use tessera_model::Result;
use tessera_model::operation::protection::UpdateProtectedBranch;
use tessera_model::protection::{Action, RefKind};
use tessera_service::Key;
use tessera_service::protection::{self, Changes};

use super::{grants, rule};
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

impl Endpoint for UpdateProtectedBranch {
    type Input = (Key, String, Changes);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        let (key, name) = rule(p);
        let allow_force_push = p.boolean("allow_force_push").optional();
        let mut changes = Vec::new();
        for action in [Action::Push, Action::Merge, Action::Unprotect] {
            changes.extend(grants::changed(p, action));
        }
        (key, name, Changes { allow_force_push, grants: changes })
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let done = call.write(|tx, (key, name, changes)| {
            let project = tx.project::<Self>(key)?;
            protection::update(tx, &project, RefKind::Branch, name, changes)
        });
        Ok(done.await?.raw(|rule| Reply::json(200, &view::protection::rule(&rule))))
    }
}
