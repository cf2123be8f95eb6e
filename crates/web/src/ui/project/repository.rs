//! `/:path/-/settings/repository`: protected branches and tags.

use std::collections::HashMap;

use askama::Template;
use tessera_model::operation::Operation;
use tessera_model::operation::project_pages::{
    AskToUnprotect, ChangeProtection, LiftProtection, Protect, ShowProtection, ShowRepository,
};
use tessera_model::project::Project;
use tessera_model::protection::{Action, Holder, Level, ProtectedRef, RefKind};
use tessera_model::user::User;
use tessera_model::{Error, Result};
use tessera_service::protection::sight::{self, Seen};
use tessera_service::protection::{Named, Wanted, protect};
use tessera_service::{Authorized, Tx};

use super::project;
use crate::reply::Reply;
use crate::ui::choice::Choice;
use crate::ui::complaints::Complaints;
use crate::ui::form::Form;
use crate::ui::frame::Frame;
use crate::ui::places::{ProjectPage, ProjectPlace};
use crate::ui::visit::{Go, Page, Visit};
use crate::ui::who::Who;

#[derive(Template)]
#[template(path = "project/repository.html")]
struct RepositoryPage {
    frame: Frame,
    place: ProjectPlace,
    /// Those of branches, then those of tags.
    kinds: Vec<Kind>,
    problems: Complaints,
}

/// The rules of one kind, and the form for another.
struct Kind {
    /// `branch` or `tag`.
    name: &'static str,
    noun: &'static str,
    hint: &'static str,
    title: &'static str,
    help: &'static str,
    rules: Vec<Row>,
    form: RuleForm,
}

/// One rule.
struct Row {
    name: String,
    href: String,
    /// What may be done, and by whom.
    grants: Vec<(&'static str, Vec<Grantee>)>,
    force: bool,
    lift: bool,
}

/// Somebody to whom something is granted.
enum Grantee {
    Level(&'static str),
    User(Who),
}

/// The fields of a rule.
struct RuleForm {
    /// What stands before the ids of its fields: a page has two such forms.
    prefix: &'static str,
    name: String,
    actions: Vec<ActionForm>,
    /// Whether those who may push may force; absent for tags.
    force: Option<bool>,
}

/// Who may do one thing.
struct ActionForm {
    /// The name of the field of the level.
    level: String,
    /// The name of the field of people and bots.
    users: &'static str,
    label: &'static str,
    levels: Vec<Choice>,
    typed: String,
}

#[derive(Template)]
#[template(path = "project/rule.html")]
struct RulePage {
    frame: Frame,
    name: String,
    kind: &'static str,
    href: String,
    back: String,
    rule: RuleForm,
    lift: bool,
    problems: Complaints,
}

#[derive(Template)]
#[template(path = "project/unprotect.html")]
struct UnprotectPage {
    frame: Frame,
    name: String,
    kind: &'static str,
    href: String,
    back: String,
    lift: bool,
}

/// What pages offer for a kind of rule. Who may lift one is left to the API.
fn actions(kind: RefKind) -> &'static [Action] {
    match kind {
        RefKind::Branch => &[Action::Push, Action::Merge],
        RefKind::Tag => &[Action::Create],
    }
}

fn label(action: Action) -> &'static str {
    match action {
        Action::Push => "Allowed to push",
        Action::Merge => "Allowed to merge",
        Action::Create => "Allowed to create",
        Action::Unprotect => "Allowed to unprotect",
    }
}

fn verb(action: Action) -> &'static str {
    match action {
        Action::Push => "Push",
        Action::Merge => "Merge",
        Action::Create => "Create",
        Action::Unprotect => "Unprotect",
    }
}

/// The name of a level on pages.
fn title(level: Level) -> &'static str {
    match level {
        Level::NoOne => "No one",
        Level::Developers => "Developers and above",
        Level::Maintainers => "Maintainers and above",
        Level::Admins => "Administrators",
    }
}

/// The levels from the widest.
const LEVELS: [Level; 4] = [Level::Developers, Level::Maintainers, Level::Admins, Level::NoOne];

/// The field at which it stands who is named for an action.
fn users_field(action: Action) -> &'static str {
    match action {
        Action::Push => "push_users",
        Action::Merge => "merge_users",
        Action::Create => "create_users",
        Action::Unprotect => "unprotect_users",
    }
}

/// What stands before the ids of the fields of a rule.
fn prefix(kind: RefKind) -> &'static str {
    if kind == RefKind::Tag { "tag_" } else { "" }
}

impl RuleForm {
    /// The id of a field.
    fn id(&self, field: &str) -> String {
        format!("{}{field}", self.prefix)
    }

    /// As it was typed, or as rules start where nothing was.
    fn typed(kind: RefKind, form: &Form) -> Self {
        let of = |action: &Action| {
            let field = format!("{}_level", action.name());
            let level = form.number(&field).map_or(Level::Maintainers, Level::from_number);
            ActionForm::new(*action, level, form.text(users_field(*action)).to_owned())
        };
        Self {
            prefix: prefix(kind),
            name: form.text("name").to_owned(),
            actions: actions(kind).iter().map(of).collect(),
            force: (kind == RefKind::Branch).then(|| form.is_on("allow_force_push")),
        }
    }

    /// As the rule is.
    fn stored(rule: &ProtectedRef, people: &HashMap<i64, User>) -> Self {
        let of = |action: &Action| {
            let own: Vec<_> = rule.grants.iter().filter(|grant| grant.action == *action).collect();
            let has = |level: &Level| own.iter().any(|grant| grant.holder == Holder::Level(*level));
            let level = LEVELS.into_iter().find(has).unwrap_or(Level::NoOne);
            let users = own.iter().filter_map(|grant| match grant.holder {
                Holder::User { id, .. } => people.get(&id).map(|user| user.username.clone()),
                Holder::Level(_) => None,
            });
            ActionForm::new(*action, level, users.collect::<Vec<_>>().join(", "))
        };
        Self {
            prefix: prefix(rule.kind),
            name: rule.name.clone(),
            actions: actions(rule.kind).iter().map(of).collect(),
            force: (rule.kind == RefKind::Branch).then_some(rule.allow_force_push),
        }
    }
}

impl ActionForm {
    fn new(action: Action, chosen: Level, typed: String) -> Self {
        let option = |level: Level| Choice::new(level.number().to_string(), title(level), level == chosen);
        Self {
            level: format!("{}_level", action.name()),
            users: users_field(action),
            label: label(action),
            levels: LEVELS.into_iter().map(option).collect(),
            typed,
        }
    }
}

/// The grants that a form asks for.
fn grants(tx: &mut Tx<'_>, kind: RefKind, form: &Form) -> Result<Vec<(Action, Named)>> {
    let mut wanted = Vec::new();
    for action in actions(kind) {
        let level =
            form.number(&format!("{}_level", action.name())).filter(|level| action.levels().contains(level));
        let level = level.ok_or_else(|| Error::invalid("name", "needs a level for each right"))?;
        wanted.push((*action, Named::Level(Level::from_number(level))));
        let users = form.text(users_field(*action)).split(',');
        let users = users.map(|name| name.trim().trim_start_matches('@')).filter(|name| !name.is_empty());
        let users: Vec<String> = users.map(str::to_owned).collect();
        wanted.extend(sight::named(tx, *action, users_field(*action), &users)?);
    }
    Ok(wanted)
}

/// What a refusal says at the fields. Whoever may change nothing is told so where the page is read again.
fn refused(error: Error, kind: RefKind) -> Result<Complaints> {
    let mut found = complaints(error)?;
    for problem in &mut found.0 {
        problem.field.insert_str(0, prefix(kind));
    }
    Ok(found)
}

fn complaints(error: Error) -> Result<Complaints> {
    match error {
        Error::Conflict(text) => Ok(Complaints::saying("name", &text)),
        Error::Unprocessable(text) => {
            let of = [("Push", "push_users"), ("Merge", "merge_users"), ("Create", "create_users")];
            let field = of.iter().find(|(start, _)| text.starts_with(&format!("{start} access levels")));
            let Some((_, field)) = field else { return Ok(Complaints::saying("name", &text)) };
            let text = "Only members of the project can be named, bots among them.";
            Ok(Complaints::saying(field, text))
        }
        Error::Invalid(fields) => {
            let mut found = Complaints::default();
            for (field, text) in fields {
                let text = if field.ends_with("_users") {
                    format!("This {text}")
                } else {
                    format!("The name {text}")
                };
                found.say(field, &text);
            }
            Ok(found)
        }
        other => Complaints::of(other),
    }
}

impl Page for ShowRepository {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        show(&visit, Complaints::default(), RefKind::Branch).await
    }
}

impl Page for Protect {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let kind = if visit.form().text("kind") == "tag" { RefKind::Tag } else { RefKind::Branch };
        let done = visit.act(move |tx, form| {
            let (project, place) = project::<Self>(tx, form)?;
            let wanted = Wanted {
                kind,
                name: form.text("name").trim().to_owned(),
                allow_force_push: form.is_on("allow_force_push"),
                grants: grants(tx, kind, form)?,
            };
            let rule = protect(tx, &project, &wanted)?;
            let text = format!("The {} {} is protected now.", kind.name(), rule.name);
            Ok(Go::to(place.at("/-/settings/repository")).saying(text))
        });
        match done.await {
            Ok(reply) => Ok(reply),
            Err(error) => {
                visit.note_refusal(&error);
                show(&visit, refused(error, kind)?, kind).await
            }
        }
    }
}

async fn show<Op: Page>(visit: &Visit<Op>, problems: Complaints, typed: RefKind) -> Result<Reply> {
    let found = visit.read(|tx, form| {
        let (project, place) = project::<Op>(tx, form)?;
        let (rules, people) = sight::all(tx, &project)?;
        Ok((place, rules, people))
    });
    let ((place, rules, people), proof) = found.await?.take();
    let frame = visit.frame("Repository settings").await?;
    let nothing = Form::default();
    let kind = |kind: RefKind| {
        let mine = rules.iter().filter(|seen| seen.rule.kind == kind);
        let form = if kind == typed { visit.form() } else { &nothing };
        let tags = kind == RefKind::Tag;
        Kind {
            name: kind.name(),
            noun: if tags { "Tag" } else { "Branch" },
            hint: if tags {
                "A name, or a wildcard such as v*."
            } else {
                "A name, or a wildcard such as release/*."
            },
            title: if tags { "Protected tags" } else { "Protected branches" },
            help: if tags {
                "Only who is named makes such a tag, and nobody moves it."
            } else {
                "Only who is named pushes to such a branch, and nobody deletes it by a push."
            },
            rules: mine.map(|seen| row(seen, &people, &place)).collect(),
            form: RuleForm::typed(kind, form),
        }
    };
    let page = RepositoryPage {
        kinds: vec![kind(RefKind::Branch), kind(RefKind::Tag)],
        frame: place.frame(frame, ProjectPage::Repository, "Repository settings"),
        place,
        problems,
    };
    if page.problems.is_empty() { visit.show(proof, &page) } else { visit.show_again(proof, &page) }
}

fn row(seen: &Seen, people: &HashMap<i64, User>, place: &ProjectPlace) -> Row {
    let rule = &seen.rule;
    let grantee = |holder: &Holder| match holder {
        Holder::Level(level) => Some(Grantee::Level(title(*level))),
        Holder::User { id, .. } => people.get(id).map(|user| Grantee::User(Who::of(user))),
    };
    let of = |action: &Action| {
        let own = rule.grants.iter().filter(|grant| grant.action == *action);
        let mut holders: Vec<_> = own.filter_map(|grant| grantee(&grant.holder)).collect();
        if holders.len() > 1 {
            holders.retain(|holder| !matches!(holder, Grantee::Level(name) if *name == title(Level::NoOne)));
        }
        (verb(*action), holders)
    };
    Row {
        name: rule.name.clone(),
        href: place.at(&format!("/-/settings/repository/{}", rule.id)),
        grants: actions(rule.kind).iter().map(of).collect(),
        force: rule.allow_force_push,
        lift: seen.lift && place.menu.manage,
    }
}

/// A rule, where it is, and whom it names.
type Found<'tx, Op> = (Authorized<'tx, Op, Project>, ProjectPlace, Seen, HashMap<i64, User>);

/// The rule of the address.
fn rule<'tx, Op: Operation>(tx: &mut Tx<'tx>, form: &Form) -> Result<Found<'tx, Op>> {
    let (project, place) = project::<Op>(tx, form)?;
    let (seen, people) = sight::one(tx, &project, form.number_at("rule_id"))?;
    Ok((project, place, seen, people))
}

impl Page for ShowProtection {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        show_rule(&visit, Complaints::default()).await
    }
}

impl Page for ChangeProtection {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let done = visit.act(|tx, form| {
            let (project, place, seen, _) = rule::<Self>(tx, form)?;
            let kind = seen.rule.kind;
            let wanted = grants(tx, kind, form)?;
            let force = (kind == RefKind::Branch).then(|| form.is_on("allow_force_push"));
            let changed = sight::set(tx, &project, seen.rule.id, force, actions(kind), &wanted)?;
            let text = format!("The protection of {} was saved.", changed.name);
            Ok(Go::to(place.at("/-/settings/repository")).saying(text))
        });
        match done.await {
            Ok(reply) => Ok(reply),
            Err(error) => {
                visit.note_refusal(&error);
                show_rule(&visit, complaints(error)?).await
            }
        }
    }
}

async fn show_rule<Op: Page>(visit: &Visit<Op>, problems: Complaints) -> Result<Reply> {
    let found = visit.read(|tx, form| {
        let (_, place, seen, people) = rule::<Op>(tx, form)?;
        Ok((place, seen, people))
    });
    let ((place, seen, people), proof) = found.await?.take();
    let (rule, back) = (&seen.rule, place.at("/-/settings/repository"));
    let heading = format!("Protection of {}", rule.name);
    let frame = place.frame(visit.frame(heading).await?, ProjectPage::Repository, "");
    let form = if problems.is_empty() {
        RuleForm::stored(rule, &people)
    } else {
        RuleForm::typed(rule.kind, visit.form())
    };
    // Here is one form alone.
    let form = RuleForm { prefix: "", ..form };
    let page = RulePage {
        frame: frame.crumb("Repository settings", &back).crumb(&rule.name, ""),
        name: rule.name.clone(),
        kind: rule.kind.name(),
        href: format!("{back}/{}", rule.id),
        back,
        rule: form,
        lift: seen.lift,
        problems,
    };
    if page.problems.is_empty() { visit.show(proof, &page) } else { visit.show_again(proof, &page) }
}

impl Page for AskToUnprotect {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let found = visit.read(|tx, form| {
            let (_, place, seen, _) = rule::<Self>(tx, form)?;
            Ok((place, seen))
        });
        let ((place, seen), proof) = found.await?.take();
        let back = place.at("/-/settings/repository");
        let frame = visit.frame(format!("Unprotect {}", seen.rule.name)).await?;
        let frame = place.frame(frame, ProjectPage::Repository, "").crumb("Repository settings", &back);
        let page = UnprotectPage {
            frame: frame.crumb(format!("Unprotect {}", seen.rule.name), ""),
            name: seen.rule.name.clone(),
            kind: seen.rule.kind.name(),
            href: format!("{back}/{}/unprotect", seen.rule.id),
            back,
            lift: seen.lift,
        };
        visit.show(proof, &page)
    }
}

impl Page for LiftProtection {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let done = visit.act(|tx, form| {
            let (project, place) = project::<Self>(tx, form)?;
            let (kind, name) = sight::lift(tx, &project, form.number_at("rule_id"))?;
            let text = format!("The {} {name} is protected no more.", kind.name());
            Ok(Go::to(place.at("/-/settings/repository")).saying(text))
        });
        done.await
    }
}
