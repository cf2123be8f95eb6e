//! `/:path/-/issues/:iid`: an issue and what was said about it.

use askama::Template;
use tessera_model::Result;
use tessera_model::issue::{Edit, IssueState, Note};
use tessera_model::operation::issue_pages::ShowIssue;
use tessera_model::time::Timestamp;
use tessera_service::Slice;
use tessera_service::issues::thread;

use super::{NOTES_PER_PAGE, address, project};
use crate::reply::Reply;
use crate::ui::complaints::Complaints;
use crate::ui::frame::Frame;
use crate::ui::paging::{Pages, slice};
use crate::ui::places::{ProjectPage, ProjectPlace};
use crate::ui::prose;
use crate::ui::visit::{Page, Visit};
use crate::ui::when::When;
use crate::ui::who::Who;

#[derive(Template)]
#[template(path = "issues/show.html")]
struct IssuePage {
    frame: Frame,
    own: String,
    iid: i64,
    title: String,
    open: bool,
    confidential: bool,
    author: Who,
    opened: When,
    /// Safe HTML.
    description: String,
    entries: Vec<Entry>,
    pages: Pages,
    assignees: Vec<Who>,
    /// Each with the address of the list narrowed to it.
    labels: Vec<(String, String)>,
    due: Option<When>,
    overdue: bool,
    sees: &'static str,
    /// Whether the caller may change it, and close it.
    edit: bool,
    destroy: bool,
    /// Whether the caller may say something.
    write: bool,
    note: String,
    /// The colour of the caller's picture.
    hue: i64,
    problems: Complaints,
}

/// Something that happened to the issue.
enum Entry {
    /// Somebody said something.
    Note(Box<NoteEntry>),
    /// Somebody closed it.
    Closed(Option<Who>, When),
}

/// A note.
struct NoteEntry {
    id: i64,
    author: Who,
    written: When,
    edited: Option<When>,
    /// Safe HTML.
    body: String,
    change: bool,
}

impl Page for ShowIssue {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        show(&visit, Complaints::default()).await
    }
}

/// Shows an issue; with `problems` once more, for a comment that was not good.
pub(super) async fn show<Op: Page>(visit: &Visit<Op>, problems: Complaints) -> Result<Reply> {
    let found = visit.read(|tx, form| {
        let (project, place) = project::<Op>(tx, form)?;
        let slice: Slice = slice(form, NOTES_PER_PAGE);
        let thread = thread::read(tx, &project, form.number_at("iid"), slice)?;
        Ok((place, thread))
    });
    let ((place, thread), proof) = found.await?.take();
    let (form, now) = (visit.form(), visit.service().now());
    let issue = &thread.issue;
    let (list, own) = (place.at("/-/issues"), address(&place, issue.iid));
    let frame = visit.frame(format!("{} (#{})", issue.title, issue.iid)).await?;
    let frame = place.frame(frame, ProjectPage::Issues, "");
    let notes = thread.notes.iter().map(|(note, change)| (note, *change)).collect::<Vec<_>>();
    let pages = Pages::new(form, &own, &[], Some(issue.notes), notes.len(), NOTES_PER_PAGE);
    let texts = std::iter::once(issue.description.clone().unwrap_or_default());
    let texts = texts.chain(notes.iter().map(|(note, _)| note.body.clone()));
    let mut html = prose::render(texts.collect(), &place).await?.into_iter();
    let description = html.next().unwrap_or_default();
    let entries = entries(&notes, html, closed(issue, pages.next.is_empty(), now), now);
    let label = |label: &String| {
        let name: String = form_urlencoded::byte_serialize(label.as_bytes()).collect();
        (label.clone(), format!("{list}?label_name={name}"))
    };
    let page = IssuePage {
        frame: frame.crumb("Issues", &list).crumb(format!("#{}", issue.iid), ""),
        iid: issue.iid,
        title: issue.title.clone(),
        open: issue.state == IssueState::Opened,
        confidential: issue.confidential,
        author: Who::of(&issue.author),
        opened: When::at(issue.created_at, now),
        description,
        entries,
        pages,
        assignees: issue.assignees.iter().map(Who::of).collect(),
        labels: issue.labels.iter().map(label).collect(),
        due: issue.due_date.map(|due| When::end(due, now)),
        overdue: issue.state == IssueState::Opened && issue.due_date.is_some_and(|due| due < now.date()),
        sees: sees(&place, issue.confidential),
        edit: thread.edit != Edit::Nothing && place.menu.write_issues,
        destroy: thread.destroy,
        write: place.menu.write_issues,
        note: form.text("note").to_owned(),
        hue: visit.user().map_or(0, |user| user.id.rem_euclid(6)),
        own,
        problems,
    };
    if page.problems.is_empty() { visit.show(proof, &page) } else { visit.show_again(proof, &page) }
}

/// When it was closed and by whom, with the instant; on the last page of its notes.
fn closed(issue: &tessera_model::issue::Issue, last: bool, now: Timestamp) -> Option<(Timestamp, Entry)> {
    let at = issue.closed_at.filter(|_| last)?;
    Some((at, Entry::Closed(issue.closed_by.as_ref().map(Who::of), When::at(at, now))))
}

/// What happened, in the order of time.
fn entries(
    notes: &[(&Note, bool)],
    html: impl Iterator<Item = String>,
    closed: Option<(Timestamp, Entry)>,
    now: Timestamp,
) -> Vec<Entry> {
    let place_of_closed = closed
        .as_ref()
        .map(|(at, _)| notes.iter().position(|(note, _)| note.created_at > *at).unwrap_or(notes.len()));
    let mut entries: Vec<Entry> = notes
        .iter()
        .zip(html)
        .map(|((note, change), body)| {
            Entry::Note(Box::new(NoteEntry {
                id: note.id,
                author: Who::of(&note.author),
                written: When::at(note.created_at, now),
                edited: (note.updated_at > note.created_at).then(|| When::at(note.updated_at, now)),
                body,
                change: *change,
            }))
        })
        .collect();
    if let (Some(position), Some((_, entry))) = (place_of_closed, closed) {
        entries.insert(position, entry);
    }
    entries
}

/// Who sees an issue, in words.
fn sees(place: &ProjectPlace, confidential: bool) -> &'static str {
    use tessera_model::visibility::Visibility;
    match (confidential, place.project.visibility) {
        (true, _) => "Its author, who is assigned, and members from Planner up",
        (false, Visibility::Private) => "The members of the project",
        (false, Visibility::Internal) => "Everybody who is signed in",
        (false, Visibility::Public) => "Everybody",
    }
}
