//! `DELETE /projects/:id/protected_branches/:name` and `DELETE /projects/:id/protected_tags/:name`.

use tessera_model::Result;
use tessera_model::operation::protection::{UnprotectBranch, UnprotectTag};
use tessera_model::protection::RefKind;
use tessera_service::{Key, protection};

use super::rule;
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;

async fn unprotect<Op: Endpoint<Input = (Key, String)>>(call: Call<Op>, kind: RefKind) -> Result<Reply> {
    let done = call.write(move |tx, (key, name)| {
        let project = tx.project::<Op>(key)?;
        protection::unprotect(tx, &project, kind, name)
    });
    Ok(done.await?.no_content())
}

impl Endpoint for UnprotectBranch {
    type Input = (Key, String);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        rule(p)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        unprotect(call, RefKind::Branch).await
    }
}

impl Endpoint for UnprotectTag {
    type Input = (Key, String);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        rule(p)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        unprotect(call, RefKind::Tag).await
    }
}
