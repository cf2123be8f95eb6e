//! `PUT /projects/:id`.

use tessera_model::Result;
use tessera_model::operation::projects::UpdateProject;
use tessera_model::visibility::{self, Visibility};
use tessera_service::Key;
use tessera_service::projects::get;
use tessera_service::projects::update::{self, Changes};

use super::project;
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

const FIELDS: &[&str] = &[
    "name",
    "path",
    "description",
    "visibility",
    "default_branch",
    "issues_enabled",
    "extended_prat_expiry_webhooks_execute",
    "issues_access_level",
    "archived",
];

impl Endpoint for UpdateProject {
    type Input = (Key, Changes);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        let key = project(p);
        let name = p.string("name").update().or_empty();
        let path = p.string("path").update().or_empty();
        let description = p.string("description").update().or_empty();
        let visibility = p.string("visibility").among(visibility::NAMES).optional();
        let default_branch = p.string("default_branch").optional().filter(|branch| !branch.is_empty());
        let issues = p.boolean("issues_enabled").optional();
        let level = p.string("issues_access_level").among(&["disabled", "enabled"]).optional();
        let archived = p.boolean("archived").optional();
        let extended_expiry_hooks = p.boolean("extended_prat_expiry_webhooks_execute").optional();
        p.at_least_one_of(FIELDS);
        let changes = Changes {
            name,
            path,
            description,
            visibility: visibility.and_then(|name| Visibility::parse(&name)),
            default_branch,
            issues_enabled: level.map(|level| level == "enabled").or(issues),
            extended_expiry_hooks,
            archived,
        };
        (key, changes)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let links = call.links();
        // Git is asked between two transactions: neither may wait for a process.
        let needed = call.read(|tx, (key, changes)| {
            let project = tx.project::<Self>(key)?;
            update::prepare(tx, &project, changes)
        });
        if let Some(branch) = &*needed.await? {
            call.service().find_needed_branch(branch).await?;
        }
        let changed = call.write(|tx, (key, changes)| {
            let project = tx.project::<Self>(key)?;
            let moved = changes.default_branch.as_ref().is_some_and(|new| *new != project.default_branch);
            let project = update::update(tx, &project, changes)?;
            Ok((moved, get::seen(tx, project)?))
        });
        let passed = changed.await?;
        if passed.0 {
            call.service().follow_default_branch(passed.1.project.id).await;
        }
        Ok(passed.ok(|(_, seen)| view::project::full(&links, &seen.project, seen.membership)))
    }
}
