//! `GET …/members` and `GET …/members/all`.

use tessera_model::Result;
use tessera_service::Key;
use tessera_service::members::list::{self, Wanted};

use super::{OnMembers, endpoints, place};
use crate::call::{Call, Endpoint, slice};
use crate::pagination::Page;
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

/// The longest list of users to ask for.
const ASKED: usize = 1000;

type Input = (Key, Wanted, Page);

endpoints!(Input: ListProjectMembers, ListAllProjectMembers, ListGroupMembers, ListAllGroupMembers);

fn input(p: &mut Reader<'_>) -> Input {
    let key = place(p);
    let query = p.string("query").optional();
    let user_ids = p.integers("user_ids").comma().optional();
    if user_ids.as_ref().is_some_and(|ids| ids.len() > ASKED) {
        p.refuse("user_ids", "is too long");
    }
    (key, Wanted { query, user_ids }, Page::read(p))
}

async fn serve<Op: OnMembers + Endpoint<Input = Input>>(call: Call<Op>) -> Result<Reply> {
    let links = call.links();
    let found = call.read(|tx, (key, wanted, page)| {
        let place = Op::place(tx, key)?;
        Ok((*page, list::list(tx, &place, Op::INHERITED, wanted, slice(*page))?))
    });
    let ((page, listed), passed) = found.await?.take();
    Ok(passed
        .map(|()| listed)
        .page(&call, page, |shown| serde_json::json!(view::member::member(&links, shown))))
}
