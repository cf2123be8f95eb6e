//! `/groups/new`.

use askama::Template;
use tessera_model::operation::home_pages::{MakeGroup, ShowNewGroup};
use tessera_model::role::Role;
use tessera_model::visibility::Visibility;
use tessera_model::{Error, Result};
use tessera_service::Slice;
use tessera_service::groups::create::{self, Wanted};
use tessera_service::groups::list::where_able;

use crate::reply::Reply;
use crate::ui::choice::Choice;
use crate::ui::complaints::Complaints;
use crate::ui::frame::Frame;
use crate::ui::places::below;
use crate::ui::seen_by::{SeenBy, choices};
use crate::ui::visit::{Go, Page, Visit};

/// Groups that the field offers.
const OFFERED: Slice = Slice { limit: 500, offset: 0 };

#[derive(Template)]
#[template(path = "home/new_group.html")]
struct NewGroupPage {
    frame: Frame,
    name: String,
    path: String,
    description: String,
    /// Where it may lie; empty for who may make none.
    parents: Vec<Choice>,
    visibilities: Vec<SeenBy>,
    problems: Complaints,
}

impl Page for ShowNewGroup {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        show(&visit, Complaints::default()).await
    }
}

impl Page for MakeGroup {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let made = visit.act(|tx, form| {
            let right = tx.instance::<Self>()?;
            let text = |name: &str| form.text(name).trim().to_owned();
            let wanted = Wanted {
                name: text("name"),
                path: text("path"),
                parent_id: form.number("parent_id"),
                description: form.filled("description").map(|text| text.replace("\r\n", "\n")),
                visibility: Visibility::parse(form.text("visibility")),
            };
            let group = create::make(tx, &right, &wanted)?;
            Ok(Go::to(below(&group.full_path, "")).saying(format!("The group {} was made.", group.name)))
        });
        match made.await {
            Ok(reply) => Ok(reply),
            Err(error) => {
                visit.note_refusal(&error);
                show(&visit, refused(error)?).await
            }
        }
    }
}

/// What a refusal says at the fields.
fn refused(error: Error) -> Result<Complaints> {
    let mut found = Complaints::default();
    match error {
        Error::Invalid(fields) => {
            for (field, text) in fields {
                match field {
                    "visibility_level" => found.say("visibility", &text),
                    field => found.add(field, &text),
                }
            }
        }
        Error::Forbidden(None) => {
            found.say("parent_id", "You may make no group there. Choose another place.");
        }
        Error::NotFound(_) => found.say("parent_id", "There is no such group. Choose another place."),
        other => return Complaints::of(other),
    }
    Ok(found)
}

async fn show<Op: Page>(visit: &Visit<Op>, problems: Complaints) -> Result<Reply> {
    let found = visit.read(|tx, _| {
        let right = tx.instance::<Op>()?;
        let usual = tx.setting("default_group_visibility")?;
        let usual = Visibility::parse(usual.as_str().unwrap_or_default()).unwrap_or(Visibility::Private);
        let groups = where_able(tx, &right, Role::Maintainer, OFFERED)?.items;
        Ok((groups, create::may_at_top(tx), usual))
    });
    let ((groups, at_top, usual), proof) = found.await?.take();
    let form = visit.form();
    let again = !problems.is_empty();
    let chosen = form.number("parent_id");
    let mut parents = Vec::new();
    if at_top {
        parents.push(Choice::new("", "No parent: at the top", chosen.is_none()));
    }
    parents.extend(
        groups.iter().map(|group| {
            Choice::new(group.id.to_string(), group.full_path.clone(), Some(group.id) == chosen)
        }),
    );
    let widest = groups.iter().find(|group| Some(group.id) == chosen).map(|group| group.visibility);
    let usual = usual.min(widest.unwrap_or(Visibility::Public));
    let seen = Visibility::parse(form.text("visibility")).filter(|_| again).unwrap_or(usual);
    let page = NewGroupPage {
        frame: visit.frame("New group").await?.crumb("New group", ""),
        name: form.text("name").to_owned(),
        path: form.text("path").to_owned(),
        description: form.text("description").to_owned(),
        parents,
        visibilities: choices(seen, Visibility::Public),
        problems,
    };
    if again { visit.show_again(proof, &page) } else { visit.show(proof, &page) }
}
