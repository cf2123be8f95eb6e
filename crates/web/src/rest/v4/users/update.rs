//! `PUT /users/:id`.

use tessera_model::Result;
use tessera_model::operation::users::UpdateUser;
use tessera_service::users::update::{self, Changes};
use tessera_service::users::{Password, sight};

use crate::call::{Call, Endpoint};
use crate::params::{Field, Reader};
use crate::reply::Reply;
use crate::rest::v4::users::{id, unused_profile};
use crate::view;

/// A text that null empties.
fn text(field: Field<'_, '_, String>) -> Option<String> {
    field.update().or_empty()
}

impl Endpoint for UpdateUser {
    type Input = (i64, Changes);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        let id = id(p);
        let changes = Changes {
            email: text(p.string("email")),
            password: p.string("password").optional().filter(|text| !text.is_empty()).map(Password::new),
            name: text(p.string("name")),
            username: text(p.string("username")),
            projects_limit: p.integer("projects_limit").optional(),
            bio: text(p.string("bio")),
            public_email: text(p.string("public_email")),
            admin: p.boolean("admin").optional(),
            can_create_group: p.boolean("can_create_group").optional(),
            external: p.boolean("external").optional(),
            private_profile: p.boolean("private_profile").optional(),
            note: text(p.string("note")),
        };
        _ = p.boolean("skip_reconfirmation").optional();
        unused_profile(p);
        (id, changes)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let links = call.links();
        // Who may not, or asks for what cannot be, costs no hash.
        let judged = call.read(|tx, (id, changes)| {
            let user = tx.user::<Self>(*id)?;
            update::check(tx, &user, changes)?;
            Ok(changes.password.clone())
        });
        let (password, _) = judged.await?.take();
        let hash = match password {
            Some(password) => Some(call.service().hash_password(password.expose().to_owned()).await?),
            None => None,
        };
        let done = call.write(move |tx, (id, changes)| {
            let user = tx.user::<Self>(*id)?;
            let user = update::update(tx, &user, changes, hash.as_deref())?;
            sight::one(tx, user)
        });
        Ok(done.await?.raw(|seen| Reply::json(200, &view::user::alone(&links, &seen))))
    }
}
