//! `PUT /application/settings`.

use serde_json::{Map, Value};
use tessera_model::Result;
use tessera_model::operation::settings::UpdateSettings;
use tessera_model::setting::SETTINGS;
use tessera_service::settings;

use super::view;
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;

impl Endpoint for UpdateSettings {
    type Input = Map<String, Value>;

    fn input(p: &mut Reader<'_>) -> Self::Input {
        let names: Vec<&str> = SETTINGS.iter().map(|setting| setting.name).collect();
        p.at_least_one_of(&names);
        // GitLab asks for the time that people have in the same breath.
        let required = "require_two_factor_authentication";
        if p.value(required).is_some() && p.boolean(required).optional() == Some(true) {
            _ = p.integer("two_factor_grace_period").required();
        }
        let given = names.iter().filter_map(|name| Some(((*name).to_owned(), p.value(name)?.clone())));
        given.collect()
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let changed = call.write(|tx, changes| {
            let right = tx.instance::<Self>()?;
            settings::update(tx, &right, changes)?;
            settings::all(tx, &right)
        });
        let passed = changed.await?;
        call.service().refresh().await?;
        Ok(passed.ok(view))
    }
}
