//! `POST /users`.

use tessera_model::Result;
use tessera_model::operation::users::CreateUser;
use tessera_service::users::create::{self, Wanted};
use tessera_service::users::{Password, sight};

use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::rest::v4::users::unused_profile;
use crate::view;

impl Endpoint for CreateUser {
    type Input = Wanted;

    fn input(p: &mut Reader<'_>) -> Wanted {
        let email = p.string("email").required();
        let password = p.string("password").optional().filter(|text| !text.is_empty());
        let reset = p.boolean("reset_password").or(false);
        _ = p.boolean("skip_confirmation").optional();
        p.at_least_one_of(&["password", "reset_password", "force_random_password"]);
        let name = p.string("name").required();
        let username = p.string("username").required();
        let random = p.boolean("force_random_password").or(false);
        unused_profile(p);
        Wanted {
            username,
            name,
            email,
            // As in GitLab, a link to set a password or a random one is given in place of one that came.
            password: password.filter(|_| !reset && !random).map(Password::new),
            without_password: reset || random,
            projects_limit: p.integer("projects_limit").optional(),
            bio: p.string("bio").or(String::new()),
            public_email: p.string("public_email").optional(),
            admin: p.boolean("admin").or(false),
            can_create_group: p.boolean("can_create_group").optional(),
            external: p.boolean("external").optional(),
            private_profile: p.boolean("private_profile").or(false),
            note: p.string("note").optional(),
        }
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let links = call.links();
        // Who may not, or asks for what cannot be, costs no hash.
        let judged = call.read(|tx, wanted| {
            let right = tx.instance::<Self>()?;
            create::check(tx, &right, wanted)?;
            Ok(wanted.password.clone())
        });
        let (password, _) = judged.await?.take();
        let hash = match password {
            Some(password) => Some(call.service().hash_password(password.expose().to_owned()).await?),
            None => None,
        };
        let made = call.write(move |tx, wanted| {
            let right = tx.instance::<Self>()?;
            let user = create::create(tx, &right, wanted, hash.as_deref())?;
            sight::one(tx, user)
        });
        Ok(made.await?.raw(|seen| Reply::json(201, &view::user::alone(&links, &seen))))
    }
}
