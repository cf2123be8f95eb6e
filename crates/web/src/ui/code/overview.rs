//! `/:path`: a project's first page; a group's and an account's have the same kind of address.

use tessera_model::error::Unauthenticated;
use tessera_model::operation::code_pages::ShowProject;
use tessera_model::{Error, Result};

use super::front;
use crate::reply::Reply;
use crate::ui::visit::{Page, Visit};
use crate::ui::{groups, people};

impl Page for ShowProject {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        // Projects lie in a namespace and accounts in none: one look at the path leaves two that it may be.
        let nested = visit.form().place("path").contains('/');
        let first = if nested { front::show(&visit).await } else { groups::overview::show(&visit).await };
        match first {
            Err(error) if is_missing(&error) => {
                let second =
                    if nested { groups::overview::show(&visit).await } else { people::show(&visit).await };
                // Whoever is not signed in is asked to: there may be something that others do not see.
                second.map_err(|other| if is_missing(&other) { error } else { other })
            }
            other => other,
        }
    }
}

fn is_missing(error: &Error) -> bool {
    matches!(error, Error::NotFound(_) | Error::Unauthenticated(Unauthenticated::Missing))
}
