//! `POST /projects` and `POST /projects/user/:user_id`.

use tessera_model::Result;
use tessera_model::operation::projects::{CreateProject, CreateProjectForUser};
use tessera_model::visibility::{self, Visibility};
use tessera_service::projects::create::{self, Wanted};
use tessera_service::projects::get::{self, Seen};
use tessera_service::{Key, repository};

use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

/// What is asked for, and whether the project begins with a README.
fn wanted(p: &mut Reader<'_>) -> (Wanted, bool) {
    let wanted = Wanted {
        name: p.string("name").optional(),
        path: p.string("path").optional(),
        namespace_id: p.integer("namespace_id").optional(),
        description: p.string("description").optional(),
        visibility: p
            .string("visibility")
            .among(visibility::NAMES)
            .optional()
            .and_then(|name| Visibility::parse(&name)),
        default_branch: p.string("default_branch").optional(),
        issues_enabled: p.boolean("issues_enabled").or(true),
    };
    let readme = p.boolean("initialize_with_readme").or(false);
    p.at_least_one_of(&["name", "path"]);
    (wanted, readme)
}

/// Gives a new project its first commit, and looks at it again. Who may make a project but not its first
/// branch gets the project without it, and so it is when git fails: the project is there, and the answer must
/// say so.
async fn begin<Op: Endpoint>(call: &Call<Op>, seen: Seen) -> Result<Seen> {
    let begun = repository::first_commit::<Op>(call.service(), call.ask(), &seen.project).await;
    if let Err(error) = begun {
        tracing::warn!(project = seen.project.id, %error, "a project was made without its README");
        return Ok(seen);
    }
    let key = Key::Id(seen.project.id);
    let again = call.read(move |tx, _| {
        let project = tx.project::<Op>(&key)?;
        get::get(tx, project)
    });
    Ok(again.await?.take().0)
}

impl Endpoint for CreateProject {
    type Input = (Wanted, bool);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        wanted(p)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let links = call.links();
        let made = call.write(|tx, (wanted, readme)| {
            let right = tx.instance::<Self>()?;
            let project = create::create(tx, &right, wanted)?;
            Ok((get::seen(tx, project)?, *readme))
        });
        let ((seen, readme), passed) = made.await?.take();
        let seen = if readme { begin(&call, seen).await? } else { seen };
        Ok(passed.created(|()| view::project::full(&links, &seen.project, seen.membership)))
    }
}

impl Endpoint for CreateProjectForUser {
    type Input = (i64, (Wanted, bool));

    fn input(p: &mut Reader<'_>) -> Self::Input {
        (p.integer("user_id").required(), wanted(p))
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let links = call.links();
        let made = call.write(|tx, (user_id, (wanted, readme))| {
            let user = tx.user::<Self>(*user_id)?;
            let project = create::create_for(tx, &user, wanted)?;
            Ok((get::seen(tx, project)?, *readme))
        });
        let ((seen, readme), passed) = made.await?.take();
        let seen = if readme { begin(&call, seen).await? } else { seen };
        Ok(passed.created(|()| view::project::full(&links, &seen.project, seen.membership)))
    }
}
