//! `POST /projects/:id/protected_branches`.

use tessera_model::Result;
use tessera_model::operation::protection::ProtectBranch;
use tessera_model::protection::{Action, RefKind};
use tessera_service::Key;
use tessera_service::protection::{self, Wanted};

use super::{grants, project};
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

impl Endpoint for ProtectBranch {
    type Input = (Key, Wanted);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        let key = project(p);
        let name = p.string("name").required();
        let allow_force_push = p.boolean("allow_force_push").or(false);
        let mut named = Vec::new();
        for action in [Action::Push, Action::Merge, Action::Unprotect] {
            named.extend(grants::given(p, action));
        }
        (key, Wanted { kind: RefKind::Branch, name, allow_force_push, grants: named })
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let made = call.write(|tx, (key, wanted)| {
            let project = tx.project::<Self>(key)?;
            protection::protect(tx, &project, wanted)
        });
        Ok(made.await?.raw(|rule| Reply::json(201, &view::protection::rule(&rule))))
    }
}
