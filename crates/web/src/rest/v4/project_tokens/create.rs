//! `POST /projects/:id/access_tokens`.

use tessera_model::Result;
use tessera_model::operation::project_tokens::CreateProjectToken;
use tessera_model::role::{self, Role};
use tessera_model::scope::{OF_PROJECT_TOKENS, Scope};
use tessera_model::time::Date;
use tessera_service::Key;
use tessera_service::tokens::create_project::{self, Wanted};

use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::rest::v4::project_tokens::project;
use crate::view;

impl Endpoint for CreateProjectToken {
    type Input = (Key, Wanted);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        let key = project(p);
        let names: Vec<&str> = OF_PROJECT_TOKENS.iter().map(|scope| scope.name()).collect();
        let wanted = Wanted {
            name: p.string("name").required(),
            description: p.string("description").optional(),
            scopes: p
                .strings("scopes")
                .comma()
                .among(&names)
                .required()
                .iter()
                .filter_map(|name| Scope::parse(name))
                .collect(),
            role: Role::from_level(p.integer("access_level").among(role::LEVELS).or(40))
                .unwrap_or(Role::Maintainer),
            expires_on: p.date("expires_at").optional().map(Date::from),
        };
        (key, wanted)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let minted = call.write(|tx, (key, wanted)| {
            let project = tx.project(key)?;
            create_project::create(tx, &project, wanted)
        });
        let passed = minted.await?;
        let reply = passed.raw(|minted| Reply::json(201, &view::token::minted(&minted)));
        Ok(reply.secret())
    }
}
