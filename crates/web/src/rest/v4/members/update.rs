//! `PUT …/members/:user_id`.

use tessera_model::Result;
use tessera_model::role::Role;
use tessera_model::time::Date;
use tessera_service::Key;
use tessera_service::members::update;

use super::{OnMembers, endpoints, place, role};
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

type Input = (Key, i64, Role, Option<Option<Date>>);

endpoints!(Input: UpdateProjectMember, UpdateGroupMember);

fn input(p: &mut Reader<'_>) -> Input {
    let key = place(p);
    let user_id = p.integer("user_id").required();
    let role = role(p);
    (key, user_id, role, p.date("expires_at").update().map(Date::from).into_option())
}

async fn serve<Op: OnMembers + Endpoint<Input = Input>>(call: Call<Op>) -> Result<Reply> {
    let links = call.links();
    let changed = call.write(|tx, (key, user_id, role, expires_on)| {
        let place = Op::place(tx, key)?;
        update::update(tx, &place, *user_id, *role, *expires_on)
    });
    Ok(changed.await?.raw(|shown| Reply::json(200, &view::member::member(&links, &shown))))
}
