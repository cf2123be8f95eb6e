//! `POST /features/:name`.

use tessera_model::Result;
use tessera_model::operation::features::SetFeature;
use tessera_service::features::set::{self, Change, Names};

use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

/// Parameters that name somebody, in the order in which GitLab declares that `key` excludes them.
const TARGETS: &[&str] = &["feature_group", "user", "group", "namespace", "project", "repository"];

impl Endpoint for SetFeature {
    type Input = Change;

    fn input(p: &mut Reader<'_>) -> Change {
        let change = Change {
            name: p.string("name").required(),
            value: p.string("value").required(),
            key: p.string("key").optional(),
            names: Names {
                feature_group: p.string("feature_group").optional(),
                user: p.string("user").optional(),
                group: p.string("group").optional(),
                namespace: p.string("namespace").optional(),
                project: p.string("project").optional(),
                repository: p.string("repository").optional(),
            },
            force: p.boolean("force").or(false),
        };
        for target in TARGETS {
            p.mutually_exclusive(&["key", target]);
        }
        change
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let set = call.write(|tx, change| {
            let right = tx.instance::<Self>()?;
            set::set(tx, &right, change)
        });
        Ok(set.await?.created(|flag| view::feature::flag(&flag)))
    }
}
