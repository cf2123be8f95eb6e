//! `POST /user/two_factor`.

use tessera_model::Result;
use tessera_model::operation::two_factor::StartTwoFactor;
use tessera_service::two_factor::start;
use tessera_service::users::Password;

use super::password;
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

impl Endpoint for StartTwoFactor {
    type Input = Password;

    fn input(p: &mut Reader<'_>) -> Password {
        password(p)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let judged = call.read(|tx, password| {
            let user = tx.own_account::<Self>()?;
            start::check(&user)?;
            Ok((user.into_inner(), password.clone()))
        });
        let ((user, password), _) = judged.await?.take();
        let proof = call.service().prove(call.ask(), &user, &password).await?;
        let started = call.write(move |tx, _| {
            let user = tx.own_account::<Self>()?;
            let secret = start::start(tx, &user, &proof)?;
            let uri = start::provisioning_uri(tx, &user, &secret);
            Ok((secret, uri))
        });
        let started = started.await?;
        Ok(started.raw(|(secret, uri)| Reply::json(201, &view::two_factor::started(&secret, &uri))).secret())
    }
}
