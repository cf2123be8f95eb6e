//! `/admin/groups` and `/admin/projects`: all of them, with search.

use askama::Template;
use tessera_model::Result;
use tessera_model::operation::admin_pages::{ShowAllGroups, ShowAllProjects};
use tessera_model::operation::groups::ListGroups;
use tessera_model::operation::projects::ListProjects;
use tessera_service::groups::list::{self as groups, GroupFilter};
use tessera_service::projects::list::{self as projects, ProjectFilter};

use super::{Choice, choices, counted};
use crate::reply::Reply;
use crate::ui::frame::Frame;
use crate::ui::paging::{Pages, slice};
use crate::ui::places::{AdminPage, admin_frame, below};
use crate::ui::visit::{Page, Visit};
use crate::ui::when::When;

const ROWS: i64 = 50;
const STATES: &[(&str, &str)] = &[("", "All"), ("active", "Not archived"), ("archived", "Archived")];
const ORDERS: &[(&str, &str)] =
    &[("", "Newest first"), ("last_activity_at", "Busiest first"), ("name", "Name")];

#[derive(Template)]
#[template(path = "admin/groups.html")]
struct GroupsPage {
    frame: Frame,
    search: String,
    groups: Vec<Group>,
    total: String,
    pages: Pages,
}

struct Group {
    href: String,
    members: String,
    full_path: String,
    name: String,
    description: String,
    visibility: &'static str,
    made: When,
}

#[derive(Template)]
#[template(path = "admin/projects.html")]
struct ProjectsPage {
    frame: Frame,
    search: String,
    states: Vec<Choice>,
    orders: Vec<Choice>,
    projects: Vec<Project>,
    total: String,
    pages: Pages,
}

struct Project {
    href: String,
    full_path: String,
    description: String,
    visibility: &'static str,
    archived: bool,
    empty: bool,
    active: When,
    made: When,
}

fn total(count: Option<i64>, one: &str, many: &str) -> String {
    count.map(|count| counted(count, one, many)).unwrap_or_default()
}

impl Page for ShowAllGroups {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let found = visit.read(|tx, form| {
            let right = tx.instance::<ListGroups>()?;
            let filter =
                GroupFilter { search: form.filled("search").map(str::to_owned), ..GroupFilter::default() };
            let wanted = groups::Wanted { filter, order_by: "path".to_owned(), ..groups::Wanted::default() };
            groups::visible(tx, &right, &wanted, slice(form, ROWS))
        });
        let (listed, proof) = found.await?.take();
        let (form, now) = (visit.form(), visit.service().now());
        let line = |group: &tessera_model::project::Namespace| Group {
            href: below(&group.full_path, ""),
            members: format!("/groups{}/-/group_members", below(&group.full_path, "")),
            full_path: group.full_path.clone(),
            name: group.name.clone(),
            description: group.description.clone(),
            visibility: group.visibility.title(),
            made: When::at(group.created_at, now),
        };
        let all: Vec<Group> = listed.items.iter().map(line).collect();
        let mut frame = admin_frame(visit.frame("Groups").await?, AdminPage::Groups, "Groups");
        frame.query.clear();
        let page = GroupsPage {
            frame,
            search: form.text("search").trim().to_owned(),
            total: total(listed.total, "group", "groups"),
            pages: Pages::new(form, "/admin/groups", &["search"], listed.total, all.len(), ROWS),
            groups: all,
        };
        visit.show(proof, &page)
    }
}

impl Page for ShowAllProjects {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let found = visit.read(|tx, form| {
            let right = tx.instance::<ListProjects>()?;
            let filter = ProjectFilter {
                search: form.filled("search").map(str::to_owned),
                search_namespaces: true,
                archived: match form.text("state") {
                    "active" => Some(false),
                    "archived" => Some(true),
                    _ => None,
                },
                ..ProjectFilter::default()
            };
            let (order, descending) = match form.text("sort") {
                "last_activity_at" => ("last_activity_at", true),
                "name" => ("name", false),
                _ => ("id", true),
            };
            let wanted = projects::Wanted { filter, order_by: order.to_owned(), descending, owned: false };
            projects::visible(tx, &right, &wanted, slice(form, ROWS))
        });
        let (listed, proof) = found.await?.take();
        let (form, now) = (visit.form(), visit.service().now());
        let line = |seen: &tessera_service::projects::get::Seen| Project {
            href: below(&seen.project.full_path, ""),
            full_path: seen.project.full_path.clone(),
            description: seen.project.description.clone(),
            visibility: seen.project.visibility.title(),
            archived: seen.project.archived,
            empty: seen.project.empty,
            active: When::at(seen.project.last_activity_at, now),
            made: When::at(seen.project.created_at, now),
        };
        let all: Vec<Project> = listed.items.iter().map(line).collect();
        let mut frame = admin_frame(visit.frame("Projects").await?, AdminPage::Projects, "Projects");
        frame.query.clear();
        let fields = ["search", "state", "sort"];
        let page = ProjectsPage {
            frame,
            search: form.text("search").trim().to_owned(),
            states: choices(STATES.iter().copied(), form.text("state")),
            orders: choices(ORDERS.iter().copied(), form.text("sort")),
            total: total(listed.total, "project", "projects"),
            pages: Pages::new(form, "/admin/projects", &fields, listed.total, all.len(), ROWS),
            projects: all,
        };
        visit.show(proof, &page)
    }
}
