//! `/:path/-/issues`.

use askama::Template;
use tessera_model::Result;
use tessera_model::issue::{Issue, IssueState};
use tessera_model::operation::issue_pages::ShowIssues;
use tessera_model::time::Timestamp;
use tessera_service::issues::list::{self, Assigned, IssueFilter, Labelled, Mine};

use super::{address, names, project};
use crate::reply::Reply;
use crate::ui::choice::Choice;
use crate::ui::form::Form;
use crate::ui::frame::Frame;
use crate::ui::paging::{PER_PAGE, Pages, slice};
use crate::ui::places::{ProjectPage, ProjectPlace};
use crate::ui::visit::{Page, Visit};
use crate::ui::when::{When, day};
use crate::ui::who::Who;

#[derive(Template)]
#[template(path = "issues/list.html")]
struct IssuesPage {
    frame: Frame,
    place: ProjectPlace,
    tabs: Vec<Tab>,
    state: &'static str,
    search: String,
    label: String,
    orders: Vec<Choice>,
    rows: Vec<Row>,
    pages: Pages,
    /// Whether the list is narrowed by more than the state.
    narrowed: bool,
    /// Whether there is no issue at all.
    none: bool,
}

/// A state that the list can be narrowed to.
struct Tab {
    href: String,
    label: &'static str,
    count: String,
    current: bool,
}

/// One issue in the list.
struct Row {
    href: String,
    iid: i64,
    title: String,
    open: bool,
    confidential: bool,
    /// Each with the address of the list narrowed to it.
    labels: Vec<(String, String)>,
    notes: i64,
    author: Who,
    opened: When,
    assignees: Vec<String>,
    due: String,
    overdue: bool,
}

/// What the list can be ordered by: the name in the query, that on the page, the field, and whether it falls.
const ORDERS: &[(&str, &str, &str, bool)] = &[
    ("created_desc", "Newest first", "created_at", true),
    ("created_asc", "Oldest first", "created_at", false),
    ("updated_desc", "Last changed first", "updated_at", true),
    ("due_date", "Due first", "due_date", false),
];

/// The state that is asked for; open issues, where none is.
fn state(form: &Form) -> &'static str {
    ["closed", "all"].into_iter().find(|state| *state == form.text("state")).unwrap_or("opened")
}

impl Page for ShowIssues {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let found = visit.read(|tx, form| {
            let (project, place) = project::<Self>(tx, form)?;
            let labels = names(form.all("label_name").join(",").as_str());
            let filter = IssueFilter {
                labels: (!labels.is_empty()).then_some(Labelled::All(labels)),
                search: form.filled("search").map(str::to_owned),
                assigned: form.filled("assignee_username").map(|name| {
                    Assigned::To(vec![list::Who::Username(name.trim_start_matches('@').to_owned())])
                }),
                ..IssueFilter::default()
            };
            let of = |state| IssueFilter { state, ..filter.clone() };
            let wanted = state(form);
            let listed = match wanted {
                "all" => None,
                state => Some(IssueState::parse(state)),
            };
            let order = ORDERS.iter().find(|(name, ..)| *name == form.text("sort")).unwrap_or(&ORDERS[0]);
            let order = list::order_of(order.2, order.3);
            let slice = slice(form, PER_PAGE);
            let found = list::of_project(tx, &project, &of(listed), Mine::All, order, slice)?;
            // Of the three numbers two are counted.
            let other =
                if listed == Some(IssueState::Opened) { IssueState::Closed } else { IssueState::Opened };
            let other = list::count_of_project(tx, &project, &of(Some(other)))?;
            Ok((place, found, other))
        });
        let ((place, found, other), proof) = found.await?.take();
        let form = visit.form();
        let path = place.at("/-/issues");
        let now = visit.service().now();
        let state = state(form);
        let fields = ["state", "search", "label_name", "assignee_username", "sort"];
        let narrowed = fields[1..4].iter().any(|field| !form.all(field).concat().is_empty());
        let counts = match (state, found.total) {
            (_, None) => [None, None, None],
            ("opened", Some(open)) => [Some(open), Some(other), Some(open + other)],
            ("closed", Some(closed)) => [Some(other), Some(closed), Some(other + closed)],
            (_, Some(all)) => [Some(other), Some(all - other), Some(all)],
        };
        let frame = place.frame(visit.frame("Issues").await?, ProjectPage::Issues, "Issues");
        let page = IssuesPage {
            tabs: tabs(form, &path, state, counts),
            orders: orders(form),
            rows: found.items.iter().map(|issue| row(issue, &place, &path, now)).collect(),
            pages: Pages::new(form, &path, &fields, found.total, found.items.len(), PER_PAGE),
            search: form.text("search").to_owned(),
            label: form.all("label_name").join(", "),
            none: !narrowed && counts[2] == Some(0),
            narrowed,
            state,
            frame,
            place,
        };
        visit.show(proof, &page)
    }
}

fn tabs(form: &Form, path: &str, state: &str, counts: [Option<i64>; 3]) -> Vec<Tab> {
    let address = |state: &str| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("state", state);
        for field in ["search", "label_name", "assignee_username", "sort"] {
            for value in form.all(field).into_iter().filter(|value| !value.is_empty()) {
                query.append_pair(field, value);
            }
        }
        format!("{path}?{}", query.finish())
    };
    let named = [("opened", "Open"), ("closed", "Closed"), ("all", "All")];
    let tabs = named.into_iter().zip(counts).map(|((name, label), count)| Tab {
        href: address(name),
        label,
        count: count.map(|count| count.to_string()).unwrap_or_default(),
        current: name == state,
    });
    tabs.collect()
}

fn orders(form: &Form) -> Vec<Choice> {
    let chosen = form.text("sort");
    ORDERS.iter().map(|(name, label, ..)| Choice::new(*name, *label, *name == chosen)).collect()
}

fn row(issue: &Issue, place: &ProjectPlace, path: &str, now: Timestamp) -> Row {
    let narrowed = |label: &String| {
        let name: String = form_urlencoded::byte_serialize(label.as_bytes()).collect();
        (label.clone(), format!("{path}?label_name={name}"))
    };
    let open = issue.state == IssueState::Opened;
    Row {
        href: address(place, issue.iid),
        iid: issue.iid,
        title: issue.title.clone(),
        open,
        confidential: issue.confidential,
        labels: issue.labels.iter().map(narrowed).collect(),
        notes: issue.notes,
        author: Who::of(&issue.author),
        opened: When::at(issue.created_at, now),
        assignees: issue.assignees.iter().map(|user| user.name.clone()).collect(),
        due: issue.due_date.map(day).unwrap_or_default(),
        overdue: open && issue.due_date.is_some_and(|due| due < now.date()),
    }
}
