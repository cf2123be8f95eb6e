//! `DELETE …/members/:user_id`.

use tessera_model::Result;
use tessera_service::Key;
use tessera_service::members::{list, remove};

use super::{OnMembers, endpoints, place};
use crate::call::{Call, Endpoint};
use crate::conditional;
use crate::params::Reader;
use crate::reply::Reply;

type Input = (Key, i64);

endpoints!(Input: RemoveProjectMember, RemoveGroupMember);

fn input(p: &mut Reader<'_>) -> Input {
    (place(p), p.integer("user_id").required())
}

async fn serve<Op: OnMembers + Endpoint<Input = Input>>(call: Call<Op>) -> Result<Reply> {
    let since = call.unmodified_since();
    let done = call.write(move |tx, (key, user_id)| {
        let place = Op::place(tx, key)?;
        conditional::check(list::one(tx, &place, false, *user_id)?.member.updated_at, since)?;
        remove::remove(tx, &place, *user_id)
    });
    Ok(done.await?.no_content())
}
