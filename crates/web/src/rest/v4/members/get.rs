//! `GET …/members/:user_id` and `GET …/members/all/:user_id`.

use tessera_model::Result;
use tessera_service::Key;
use tessera_service::members::list;

use super::{OnMembers, endpoints, place};
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

type Input = (Key, i64);

endpoints!(Input: GetProjectMember, GetAnyProjectMember, GetGroupMember, GetAnyGroupMember);

fn input(p: &mut Reader<'_>) -> Input {
    (place(p), p.integer("user_id").required())
}

async fn serve<Op: OnMembers + Endpoint<Input = Input>>(call: Call<Op>) -> Result<Reply> {
    let links = call.links();
    let found = call.read(|tx, (key, user_id)| {
        let place = Op::place(tx, key)?;
        list::one(tx, &place, Op::INHERITED, *user_id)
    });
    Ok(found.await?.raw(|shown| Reply::json(200, &view::member::member(&links, &shown))))
}
