//! `/admin/application_settings/general`: every setting of the instance in one form.

mod words;

use std::collections::BTreeMap;

use askama::Template;
use serde_json::{Map, Value};
use tessera_model::operation::admin_pages::{SaveSettings, ShowSettings};
use tessera_model::setting::{self, Setting};
use tessera_model::{Error, Result};
use tessera_service::settings;

use super::{Choice, choices, counted};
use crate::reply::Reply;
use crate::ui::complaints::Complaints;
use crate::ui::form::Form;
use crate::ui::frame::Frame;
use crate::ui::places::{AdminPage, admin_frame};
use crate::ui::visit::{Go, Page, Visit};
use words::{GROUPS, Words};

const PATH: &str = "/admin/application_settings/general";

#[derive(Template)]
#[template(path = "admin/settings.html")]
struct SettingsPage {
    frame: Frame,
    problems: Complaints,
    groups: Vec<Section>,
}

/// Settings that belong together.
struct Section {
    id: &'static str,
    title: &'static str,
    lead: &'static str,
    fields: Vec<Field>,
}

/// One setting in the form.
struct Field {
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    /// `check`, `choice`, `number`, `list` or `text`.
    kind: &'static str,
    value: String,
    optional: bool,
    options: Vec<Choice>,
    error: String,
}

/// The form that a setting has on the page.
fn kind(setting: &Setting, words: &Words) -> &'static str {
    match setting.form {
        setting::Form::Boolean => "check",
        _ if !words.values.is_empty() => "choice",
        setting::Form::Integer(..) | setting::Form::OptionalInteger(..) => "number",
        setting::Form::List(..) => "list",
        setting::Form::Text(_) | setting::Form::Choice(_) => "text",
    }
}

/// A value as the form holds it.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(on) => String::from(if *on { "1" } else { "0" }),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n"),
        other => other.to_string(),
    }
}

/// What the form asks for where it differs from what is: nothing else is touched.
fn changes(form: &Form, values: &BTreeMap<String, Value>) -> Map<String, Value> {
    let all = GROUPS.iter().flat_map(|group| group.settings).filter(|words| form.has(words.name));
    let changed = all.filter_map(|words| {
        let given = form.text(words.name).trim().replace("\r\n", "\n");
        let before = values.get(words.name).map(text).unwrap_or_default();
        (given != before).then(|| (words.name.to_owned(), Value::String(given)))
    });
    changed.collect()
}

impl Section {
    fn of(
        group: &words::Group,
        values: &BTreeMap<String, Value>,
        form: &Form,
        problems: &Complaints,
    ) -> Self {
        let field = |words: &Words| {
            let setting = setting::find(words.name)?;
            let known = values.get(words.name).map(text).unwrap_or_default();
            let value = if problems.is_empty() || !form.has(words.name) {
                known
            } else {
                form.text(words.name).to_owned()
            };
            Some(Field {
                name: words.name,
                label: words.label,
                hint: words.hint,
                kind: kind(setting, words),
                options: choices(words.values.iter().copied(), &value),
                optional: matches!(
                    setting.form,
                    setting::Form::OptionalInteger(..) | setting::Form::List(..)
                ) || setting.default == "null",
                error: problems.at(words.name).to_owned(),
                value,
            })
        };
        Self {
            id: group.id,
            title: group.title,
            lead: group.lead,
            fields: group.settings.iter().filter_map(field).collect(),
        }
    }
}

impl Page for ShowSettings {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        show(&visit, Complaints::default()).await
    }
}

impl Page for SaveSettings {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let saved = visit.act(|tx, form| {
            let right = tx.instance::<Self>()?;
            let changes = changes(form, &settings::all(tx, &right)?);
            if changes.is_empty() {
                return Ok(Go::to(PATH).saying("Nothing was changed."));
            }
            settings::update(tx, &right, &changes)?;
            let count = i64::try_from(changes.len()).unwrap_or(0);
            let done = if count == 1 { "was" } else { "were" };
            Ok(Go::to(PATH).saying(format!("{} {done} changed.", counted(count, "setting", "settings"))))
        });
        match saved.await {
            Ok(reply) => {
                visit.service().refresh().await?;
                Ok(reply)
            }
            Err(error) => show(&visit, complaints(error)?).await,
        }
    }
}

/// What is wrong, by the names that the page has for the settings.
fn complaints(error: Error) -> Result<Complaints> {
    let Error::Invalid(fields) = error else { return Complaints::of(error) };
    let mut found = Complaints::default();
    for (name, complaint) in fields {
        let label = words::find(name).map_or(name, |words| words.label);
        found.say(name, &format!("{label} {complaint}"));
    }
    Ok(found)
}

async fn show<Op: Page>(visit: &Visit<Op>, problems: Complaints) -> Result<Reply> {
    let found = visit.read(|tx, _| {
        let right = tx.instance::<Op>()?;
        settings::all(tx, &right)
    });
    let (values, proof) = found.await?.take();
    let groups = GROUPS.iter().map(|group| Section::of(group, &values, visit.form(), &problems)).collect();
    let frame = admin_frame(visit.frame("Settings").await?, AdminPage::Settings, "Settings");
    let page = SettingsPage { frame, problems, groups };
    if page.problems.is_empty() { visit.show(proof, &page) } else { visit.show_again(proof, &page) }
}
