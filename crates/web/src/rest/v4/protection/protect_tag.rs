//! `POST /projects/:id/protected_tags`.

use tessera_model::Result;
use tessera_model::operation::protection::ProtectTag;
use tessera_model::protection::{Action, RefKind};
use tessera_service::Key;
use tessera_service::protection::{self, Wanted};

use super::{grants, project};
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

impl Endpoint for ProtectTag {
    type Input = (Key, Wanted);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        let key = project(p);
        let name = p.string("name").required();
        let named = grants::given(p, Action::Create);
        (key, Wanted { kind: RefKind::Tag, name, allow_force_push: false, grants: named })
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let made = call.write(|tx, (key, wanted)| {
            let project = tx.project::<Self>(key)?;
            protection::protect(tx, &project, wanted)
        });
        Ok(made.await?.raw(|rule| Reply::json(201, &view::protection::rule(&rule))))
    }
}
