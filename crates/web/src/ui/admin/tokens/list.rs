//! `/admin/tokens`.

use askama::Template;
use tessera_model::operation::admin_pages::ShowAllTokens;
use tessera_model::operation::inventory::ListAllTokens;
use tessera_model::{Error, Result};
use tessera_service::Listed;
use tessera_service::tokens::inventory;

use super::select::{self, FIELDS, Fields};
use super::{Line, PATH};
use crate::reply::Reply;
use crate::ui::admin::{address, counted};
use crate::ui::complaints::Complaints;
use crate::ui::frame::Frame;
use crate::ui::paging::{Pages, slice};
use crate::ui::places::{AdminPage, admin_frame};
use crate::ui::visit::{Page, Visit};

/// Rows on one page.
const ROWS: i64 = 50;

#[derive(Template)]
#[template(path = "admin/tokens.html")]
struct TokensPage {
    frame: Frame,
    problems: Complaints,
    fields: Fields,
    tokens: Vec<Line>,
    /// Such as `12 tokens`; empty where they were not counted.
    total: String,
    pages: Pages,
    /// What the form for choosing sends along, to come back to this list.
    kept: Vec<(&'static str, String)>,
    /// Where all that the fields say are revoked; empty where they say nothing.
    revoke_all: String,
    narrow: bool,
}

impl Page for ShowAllTokens {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let found = visit.read(|tx, form| {
            let asked = select::asked(form, tx.today());
            let mut problems = asked.problems;
            let nothing = Listed { items: Vec::new(), total: Some(0) };
            if !problems.is_empty() {
                return Ok((nothing, problems));
            }
            let right = tx.instance::<ListAllTokens>()?;
            match inventory::list(tx, &right, &asked.wanted, asked.sort, slice(form, ROWS)) {
                Ok(listed) => Ok((listed, problems)),
                Err(Error::NotFound(_)) => {
                    let field = if asked.wanted.owner.is_some() { "owner" } else { "creator" };
                    problems.say(
                        field,
                        "Nobody is called so, and no token was ever made for, or by, such a name",
                    );
                    Ok((nothing, problems))
                }
                Err(error) => Err(error),
            }
        });
        let ((listed, problems), proof) = found.await?.take();
        let (form, now) = (visit.form(), visit.service().now());
        let tokens: Vec<Line> = listed.items.iter().map(|item| Line::of(item, now)).collect();
        let fields: Vec<&str> = FIELDS.iter().copied().chain(["sort"]).collect();
        let narrow = select::is_narrow(form);
        let given = FIELDS.iter().map(|field| (*field, form.text(field)));
        let all = narrow && listed.total.unwrap_or(i64::MAX) > 1;
        let mut frame = admin_frame(visit.frame("Access tokens").await?, AdminPage::Tokens, "Access tokens");
        frame.query.clear();
        let page = TokensPage {
            frame,
            fields: Fields::of(form),
            total: listed.total.map(|total| counted(total, "token", "tokens")).unwrap_or_default(),
            pages: Pages::new(form, PATH, &fields, listed.total, tokens.len(), ROWS),
            kept: fields
                .iter()
                .map(|field| (*field, form.text(field).to_owned()))
                .filter(|(_, text)| !text.is_empty())
                .collect(),
            revoke_all: if all {
                address(&format!("{PATH}/revoke"), [("all", "1")].into_iter().chain(given))
            } else {
                String::new()
            },
            tokens,
            narrow,
            problems,
        };
        if page.problems.is_empty() { visit.show(proof, &page) } else { visit.show_again(proof, &page) }
    }
}
