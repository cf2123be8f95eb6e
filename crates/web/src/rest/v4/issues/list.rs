//! `GET /projects/:id/issues` and `GET /issues`.

use tessera_model::Result;
use tessera_model::operation::issues::{ListIssues, ListProjectIssues};
use tessera_service::Key;
use tessera_service::issues::list::{self, IssueFilter, Mine, SCOPES};

use super::filter;
use crate::call::{Call, Endpoint, slice};
use crate::pagination::Page;
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

/// What a list is asked for.
pub(crate) struct Asked {
    filter: IssueFilter,
    order: &'static str,
    mine: Mine,
    page: Page,
}

fn asked(p: &mut Reader<'_>, usual: &str) -> Asked {
    let (filter, order) = filter::read(p);
    let mine = Mine::parse(&p.string("scope").among(SCOPES).or(usual.to_owned()));
    Asked { filter, order, mine, page: Page::read(p) }
}

impl Endpoint for ListProjectIssues {
    type Input = (Key, Asked);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        (Key::parse(&p.string("id").required()), asked(p, "all"))
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let links = call.links();
        let found = call.read(|tx, (key, asked)| {
            let project = tx.project::<Self>(key)?;
            let slice = slice(asked.page);
            let listed = list::of_project(tx, &project, &asked.filter, asked.mine, asked.order, slice)?;
            Ok((asked.page, listed))
        });
        let passed = found.await?;
        let page = passed.0;
        Ok(passed.map(|(_, listed)| listed).page(&call, page, |issue| view::issue::issue(&links, issue)))
    }
}

impl Endpoint for ListIssues {
    type Input = Asked;

    fn input(p: &mut Reader<'_>) -> Asked {
        let mut asked = asked(p, "created_by_me");
        asked.filter.non_archived = p.boolean("non_archived").or(true);
        asked
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let links = call.links();
        let found = call.read(|tx, asked| {
            let right = tx.instance::<Self>()?;
            let slice = slice(asked.page);
            let listed = list::everywhere(tx, &right, &asked.filter, asked.mine, asked.order, slice)?;
            Ok((asked.page, listed))
        });
        let passed = found.await?;
        let page = passed.0;
        Ok(passed.map(|(_, listed)| listed).page(&call, page, |issue| view::issue::issue(&links, issue)))
    }
}
