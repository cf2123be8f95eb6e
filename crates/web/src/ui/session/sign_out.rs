//! `/users/sign_out`.

use tessera_model::Result;
use tessera_model::operation::session_pages::SignOut;
use tessera_service::sessions;

use crate::reply::Reply;
use crate::ui::visit::{Page, Visit};

impl Page for SignOut {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let ended = visit.write(|tx, _| {
            let user = tx.own_account::<Self>()?;
            sessions::list::sign_out(tx, &user)
        });
        let ((), proof) = ended.await?.take();
        visit.forget();
        Ok(visit.lead(proof, "/users/sign_in"))
    }
}
