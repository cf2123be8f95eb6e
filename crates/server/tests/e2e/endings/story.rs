//! A project, and everybody who has a key to it.

use serde_json::json;
use tessera_testkit::{Method, Minted, Person, TestApp};

use super::doors::{Doors, Key, NAMES, OPEN, Place, git, rest};
use super::stream::Stream;
use crate::instance;
use crate::rest::coverage;

/// Ada's personal token; she is a Maintainer.
pub(crate) const PERSONAL: &str = "Ada's token";
/// An impersonation token for her.
pub(crate) const IMPERSONATION: &str = "an impersonation token for Ada";
/// Her password.
pub(crate) const PASSWORD: &str = "Ada's password";
/// The administrator on her behalf.
pub(crate) const SUDO: &str = "sudo as Ada";
/// A project token that the owner made.
pub(crate) const BOT: &str = "a bot";
/// A project token that Ada made.
pub(crate) const MADE: &str = "the bot that Ada made";
/// The personal token of the project's owner.
pub(crate) const OWNER: &str = "the owner's token";

/// All of Ada's own.
pub(crate) const ADAS: [&str; 4] = [PERSONAL, IMPERSONATION, PASSWORD, SUDO];
/// Every kind of credential that there is.
pub(crate) const EVERYBODY: [&str; 7] = [PERSONAL, IMPERSONATION, PASSWORD, SUDO, BOT, MADE, OWNER];

/// Who holds a key.
struct Holder {
    name: &'static str,
    key: Key,
    /// The services of Git that it has begun and not ended.
    streams: Vec<Stream>,
}

/// An instance with a private project, and what its people hold.
pub(crate) struct Story {
    pub(crate) app: TestApp,
    pub(crate) place: Place,
    /// The owner of the project.
    pub(crate) olga: Person,
    /// A Maintainer of it.
    pub(crate) ada: Person,
    pub(crate) bot: Minted,
    pub(crate) made: Minted,
    /// The token for Ada that only administrators know of.
    pub(crate) impersonation: i64,
    holders: Vec<Holder>,
}

impl Story {
    /// A project in its owner's own namespace.
    pub(crate) async fn begin() -> Self {
        let app = instance().listening().start().await;
        let olga = app.person("olga").await;
        let project = json!({ "name": "demo", "initialize_with_readme": true });
        let id = olga.client.project_with(project).await;
        Self::around(app, olga, id, "olga/demo").await
    }

    /// A project in a group below a group; both are the owner's.
    pub(crate) async fn in_group() -> Self {
        let app = instance().listening().start().await;
        let olga = app.person("olga").await;
        let above = olga.client.group("above").await;
        let below = json!({ "name": "Below", "path": "below", "parent_id": above });
        let below = olga.client.post("/groups", below).await.created()["id"].clone();
        let project = json!({ "name": "demo", "namespace_id": below, "initialize_with_readme": true });
        let id = olga.client.project_with(project).await;
        Self::around(app, olga, id, "above/below/demo").await
    }

    async fn around(app: TestApp, olga: Person, id: i64, path: &str) -> Self {
        let main = olga.client.get(&format!("/projects/{id}/repository/branches/main")).await.ok();
        let head = main["commit"]["id"].as_str().unwrap().to_owned();
        let ada = app.person_in(id, "ada", 40).await;
        let bot = olga.client.project_token(id, "ci", &["api"]).await;
        let made = ada.client.project_token(id, "deploy", &["api"]).await;
        let impersonation = app.impersonation_token(ada.id, &["api"]).await;
        let number = impersonation.get("/personal_access_tokens/self").await.ok()["id"].as_i64().unwrap();
        let holders = [
            (PERSONAL, Key::Token(ada.client.clone())),
            (IMPERSONATION, Key::Token(impersonation)),
            (PASSWORD, Key::Password(app.anonymous(), "ada")),
            (SUDO, Key::Sudo(app.admin(), "ada")),
            (BOT, Key::Token(bot.client.clone())),
            (MADE, Key::Token(made.client.clone())),
            (OWNER, Key::Token(olga.client.clone())),
        ];
        let holders = holders.map(|(name, key)| Holder { name, key, streams: Vec::new() }).into();
        let place = Place::new(id, path.to_owned(), head);
        Self { app, place, olga, ada, bot, made, impersonation: number, holders }
    }

    /// Only these of them, to each of whom every door is open, and who have clones and pushes under way from now on.
    pub(crate) async fn with(mut self, names: &[&str]) -> Self {
        self.holders.retain(|holder| names.contains(&holder.name));
        assert_eq!(self.holders.len(), names.len());
        self.holds("before", &[]).await;
        self.begin_streams().await;
        self
    }

    /// Somebody else with a key, without a clone or push under way.
    pub(crate) fn add(&mut self, name: &'static str, key: Key) {
        self.holders.push(Holder { name, key, streams: Vec::new() });
    }

    /// Everybody begins a clone and a push, which are under way from now on.
    pub(crate) async fn begin_streams(&mut self) {
        for holder in &mut self.holders {
            if !matches!(holder.key, Key::Sudo(..)) {
                holder.streams.push(Stream::fetch(&self.app, &holder.key, &self.place).await);
                holder.streams.push(Stream::push(&self.app, &holder.key, &self.place).await);
            }
        }
    }

    /// Waits until all that is under way has been cut.
    pub(crate) async fn streams_end(&mut self) {
        for stream in self.holders.iter_mut().flat_map(|holder| holder.streams.drain(..)) {
            stream.ends().await.unwrap();
        }
    }

    /// Every door is open to everybody, whichever way they carry their credential.
    pub(crate) async fn is_open_by_each_carrier(&self) {
        for holder in &self.holders {
            for (door, found) in NAMES.into_iter().zip(holder.key.knock(&self.place, true).await) {
                assert!(found.is_none_or(|found| found == "open"), "{}, {door}", holder.name);
            }
        }
    }

    /// Every door answers those who are named as they say, whichever way they carry their credential, and is open to
    /// everybody else; where all are shut, so is every other operation. Clones and pushes that were under way have
    /// ended, or go on, accordingly.
    pub(crate) async fn holds(&mut self, when: &str, changed: &[(&str, Doors)]) {
        let mut wrong = Vec::new();
        let expected = |name: &str| {
            let found = changed.iter().find(|(changed, _)| *changed == name);
            found.map_or(OPEN, |(_, doors)| *doors)
        };
        for (name, _) in changed {
            assert!(self.holders.iter().any(|holder| holder.name == *name), "{name} is not there");
        }
        for holder in &self.holders {
            let doors = expected(holder.name);
            let found = holder.key.knock(&self.place, doors != OPEN).await;
            assert!(found.iter().any(Option::is_some));
            for (door, found) in NAMES.into_iter().zip(found) {
                let expected = doors.at(door);
                if let Some(found) = found.filter(|found| found != expected) {
                    wrong.push(format!("{}, {door}: {found}\n    instead of {expected}", holder.name));
                }
            }
            if let (Some((rest, git)), Key::Token(_)) = (doors.all_shut(), &holder.key) {
                wrong.extend(refused_everywhere(holder, rest, git).await);
            }
        }
        // Those that end first: by then the others have been looked at too.
        for ends in [true, false] {
            for holder in &mut self.holders {
                let doors = expected(holder.name);
                let shut = |stream: &mut Stream| (doors.at(stream.door) != "open") == ends;
                for stream in holder.streams.extract_if(.., shut) {
                    let door = stream.door;
                    let went = if ends { stream.ends().await } else { stream.goes_on().await };
                    if let Err(why) = went {
                        wrong.push(format!("{}, a {door} under way: {why}", holder.name));
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{when}:\n{}", wrong.join("\n"));
    }
}

/// Asks every operation of the table.
async fn refused_everywhere(holder: &Holder, rest_says: &str, git_says: &str) -> Vec<String> {
    let Key::Token(client) = &holder.key else { return Vec::new() };
    let mut wrong = Vec::new();
    for row in tessera_model::operation::all() {
        let method: Method = row.method.name().parse().unwrap();
        let reply = client.at(method, &coverage::address(row)).await;
        let (found, expected) = match row.surface {
            tessera_model::operation::Surface::Rest => (rest(&reply), rest_says),
            tessera_model::operation::Surface::Git => (git(&reply, true), git_says),
            tessera_model::operation::Surface::Ui => unreachable!("no token opens a page"),
        };
        if found != expected {
            wrong.push(format!("{}, {}: {found}\n    instead of {expected}", holder.name, row.name));
        }
    }
    wrong
}
