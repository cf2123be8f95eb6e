//! Both databases answer alike: one story of calls, told to each, must give the same text.

use std::fmt::Debug;

use tessera_model::audit::{Record, Seal};
use tessera_model::role::Role;
use tessera_model::scope::{Scope, ScopeSet};
use tessera_model::secret::Digest;
use tessera_model::time::Timestamp;
use tessera_model::token::TokenKind;
use tessera_model::user::{UserKind, UserState};
use tessera_store::query::audit::{self, EventFilter};
use tessera_store::query::filter::Slice;
use tessera_store::query::mails::{self, NewMail};
use tessera_store::query::members::Place;
use tessera_store::query::notices::{self, Notice};
use tessera_store::query::{
    daily_jobs, features, imports, instance, inventory, jobs, members, namespaces, projects, retention,
    settings, statistics, tokens, two_factor, users,
};
use tessera_store::{Conn, DbError, Store};

use crate::harness::{Database, NOW, run, write};
use crate::prepare::lists;
use crate::world::{World, new_user, today};

/// What was asked and what was answered.
struct Story<'c> {
    conn: &'c mut dyn Conn,
    lines: Vec<String>,
}

impl Story<'_> {
    fn tell<T: Debug>(
        &mut self,
        what: &str,
        call: impl FnOnce(&mut dyn Conn) -> Result<T, DbError>,
    ) -> Result<(), DbError> {
        let answer = call(self.conn).map_err(|error| DbError::Failed(format!("{what}: {error}")))?;
        self.lines.push(format!("{what}: {answer:?}"));
        Ok(())
    }
}

fn people(story: &mut Story<'_>, world: World) -> Result<(), DbError> {
    story.tell("user", |c| users::by_id(c, world.owner))?;
    story.tell("user by name", |c| users::by_username(c, "OWNER"))?;
    story.tell("user by address", |c| users::by_email(c, "Owner@Example.org"))?;
    story.tell("ghost", users::ghost)?;
    story.tell("name taken", |c| users::username_taken(c, "top", 0))?;
    story.tell("address taken", |c| users::email_taken(c, "OWNER@example.org", world.owner))?;
    story.tell("password", |c| users::set_password(c, world.owner, "hash", true, NOW))?;
    story.tell("hash", |c| Ok(two_factor::sign_in(c, world.owner)?.password_hash))?;
    story.tell("state", |c| users::set_state(c, world.owner, UserState::Blocked, NOW))?;
    story.tell("external", |c| users::set_external(c, world.owner, true))?;
    story.tell("seen", |c| users::seen(c, world.owner, today()))?;
    story.tell("seen before", |c| users::seen(c, world.owner, today().plus_days(-1)))?;
    story.tell("update", |c| {
        let user = users::by_id(c, world.owner)?.ok_or(DbError::Conflict)?;
        let changed =
            tessera_model::user::User { admin: true, bio: "Ünïcode \u{1f980}".to_owned(), ..user };
        users::update(c, &changed, NOW)
    })?;
    story.tell("user then", |c| users::by_id(c, world.owner))?;
    story.tell("administrators", users::administrators)?;
    story.tell("bots", |c| users::bots_of_project(c, world.project))?;
    story.tell("people", statistics::people)?;
    story.tell("how many bots", statistics::bots)?;
    story.tell("add and remove", |c| {
        let id = users::insert(c, &new_user("short", UserKind::Human), NOW)?;
        users::delete(c, id)
    })
}

fn second_factors(story: &mut Story<'_>, world: World) -> Result<(), DbError> {
    let (user, end) = (world.owner, NOW.plus_seconds(60));
    let factor = move |c: &mut dyn Conn| {
        let found = two_factor::factor(c, user)?;
        let user = users::by_id(c, user)?.ok_or(DbError::Conflict)?;
        Ok((user.two_factor, user.password_expired, found.sealed, found.expires_at, found.consumed))
    };
    let sign_in = move |c: &mut dyn Conn| Ok(two_factor::sign_in(c, user)?.grace_started_at);
    story.tell("time begins", |c| two_factor::begin_grace(c, user, NOW))?;
    story.tell("and not again", |c| two_factor::begin_grace(c, user, end))?;
    story.tell("sign-in in time", sign_in)?;
    story.tell("start", |c| two_factor::start(c, user, vec![1, 2, 3], end))?;
    story.tell("waits", factor)?;
    story.tell("enable", |c| two_factor::enable(c, user, 7))?;
    story.tell("is on", factor)?;
    story.tell("no start then", |c| two_factor::start(c, user, vec![4], end))?;
    story.tell("the same step", |c| two_factor::consume(c, user, 7))?;
    story.tell("a later step", |c| two_factor::consume(c, user, 8))?;
    story.tell("another password", |c| users::set_password(c, user, "other", false, NOW))?;
    story.tell("is on still", factor)?;
    story.tell("sign-in with it", sign_in)?;
    story.tell("code", |c| two_factor::add_code(c, user, [9; 32]))?;
    story.tell("left", |c| two_factor::codes_left(c, user))?;
    story.tell("another's", |c| two_factor::use_code(c, world.ghost, [9; 32]))?;
    story.tell("used", |c| two_factor::use_code(c, user, [9; 32]))?;
    story.tell("used up", |c| two_factor::use_code(c, user, [9; 32]))?;
    story.tell("disable", |c| two_factor::disable(c, user))?;
    story.tell("is off", factor)?;
    story.tell("times", two_factor::forget_grace)
}

fn places(story: &mut Story<'_>, world: World) -> Result<(), DbError> {
    story.tell("group", |c| namespaces::by_path(c, "TOP/SUB"))?;
    story.tell("groups below", |c| namespaces::children(c, world.group))?;
    story.tell("own namespace", |c| namespaces::of_user(c, world.owner))?;
    story.tell("group change", |c| {
        let group = namespaces::by_id(c, world.group)?.ok_or(DbError::Conflict)?;
        let group = tessera_model::project::Namespace { token_creation_allowed: false, ..group };
        namespaces::update(c, &group, NOW)
    })?;
    story.tell("tokens allowed", |c| namespaces::token_creation_allowed(c, world.subgroup))?;
    story.tell("path taken", |c| namespaces::path_taken(c, "TOP/sub/TOOL", 0, 0))?;
    story.tell("path of its own", |c| namespaces::path_taken(c, "top/sub/tool", 0, world.project))?;
    story.tell("in the group", |c| namespaces::membership(c, world.subgroup, world.owner, today()))?;
    story.tell("not in the group", |c| namespaces::membership(c, world.subgroup, world.ghost, today()))?;
    story.tell("sole owner", |c| namespaces::solely_owned(c, world.owner))?;
    story.tell("project", |c| projects::by_path(c, "top/SUB/tool"))?;
    story.tell("projects", |c| projects::in_namespace(c, world.subgroup))?;
    for user in [world.owner, world.bot, world.ghost] {
        story.tell("in the project", |c| {
            let project = projects::by_id(c, world.project)?.ok_or(DbError::Conflict)?;
            projects::membership(c, &project, user, today())
        })?;
    }
    story.tell("clear", |c| projects::clear(c, world.project))?;
    story.tell("bot", |c| projects::next_bot(c, world.project))?;
    story.tell("issue", |c| projects::next_issue(c, world.project))?;
    story.tell("touch", |c| projects::touch(c, world.project, NOW.plus_seconds(5)))?;
    story.tell("filled", |c| projects::filled(c, world.project, "trunk", NOW.plus_seconds(6)))?;
    story.tell("owned", |c| projects::owned(c, world.owner))?;
    story.tell("project then", |c| projects::by_id(c, world.project))?;
    story.tell("archive", |c| {
        let project = projects::by_id(c, world.project)?.ok_or(DbError::Conflict)?;
        projects::update(c, &tessera_model::project::Project { archived: true, ..project }, NOW)
    })
}

fn memberships(story: &mut Story<'_>, world: World) -> Result<(), DbError> {
    let place = Place::Project(world.project);
    story.tell("member", |c| members::find(c, place, world.bot))?;
    story.tell("other owners", |c| members::other_owners(c, world.group, world.ghost, today()))?;
    story.tell("change", |c| members::update(c, 2, Role::Reporter, None, NOW))?;
    story.tell("member then", |c| members::find(c, place, world.bot))?;
    story.tell("of user", |c| members::of_user(c, world.bot))
}

/// Every other one by a digest of ours.
fn imported(number: u8) -> imports::ImportedToken<'static> {
    let known = match number % 2 {
        0 => imports::Known::Ours(Digest([100 + number; 32]), 1),
        _ => imports::Known::Gitlab(format!("digest {number}"), 1),
    };
    imports::ImportedToken {
        kind: TokenKind::Personal,
        user: (1, "owner"),
        name: "brought along",
        description: (number == 3).then_some("from elsewhere"),
        scopes: ScopeSet::of(&[Scope::ReadApi]),
        known,
        expires_on: (number == 3).then(today),
        revoked: number == 4,
        created_at: None,
        last_used_at: (number == 4).then_some(NOW),
    }
}

fn secrets(story: &mut Story<'_>, world: World) -> Result<(), DbError> {
    story.tell("presented", |c| tokens::by_digest(c, &world.digest))?;
    story.tell("unknown", |c| tokens::by_digest(c, &Digest([9; 32])))?;
    story.tell("of GitLab", |c| tokens::by_gitlab_digest(c, "x"))?;
    let brought: Vec<_> = (0..70).map(imported).collect();
    story.tell("import", |c| imports::add(c, &brought[..69], "operator", NOW))?;
    story.tell("import again", |c| imports::add(c, &brought, "operator", NOW))?;
    story.tell("imported", |c| tokens::by_gitlab_digest(c, "digest 3"))?;
    story.tell("imported too", |c| tokens::by_digest(c, &Digest([104; 32])))?;
    story.tell("with user", |c| tokens::with_user(c, world.token))?;
    story.tell("adopt", |c| tokens::adopt(c, world.token, &Digest([8; 32]), 2))?;
    story.tell("taken", |c| tokens::digest_taken(c, &Digest([8; 32])))?;
    story.tell("used", |c| tokens::used(c, world.token, NOW, "10.0.0.1 10.0.0.2"))?;
    story.tell("used before", |c| tokens::used(c, world.token, NOW.plus_seconds(-9), "10.0.0.3"))?;
    story.tell("token", |c| tokens::by_id(c, world.token))?;
    story.tell("family", |c| tokens::live_of_family(c, world.token))?;
    story.tell("last of the family", |c| tokens::last_of_family(c, world.token))?;
    story.tell("descendants", |c| tokens::live_descendants(c, world.token))?;
    story.tell("role", |c| tokens::keep_role(c, world.bot, Role::Guest))?;
    let end = today().plus_days(60);
    story.tell("extend", |c| inventory::extend(c, world.token, end, today()))?;
    story.tell("extend again", |c| inventory::extend(c, world.token, end, today()))?;
    story.tell("extend what has ended", |c| inventory::extend(c, world.token, end.plus_days(9), end))?;
    story.tell("inventory", |c| inventory::by_id(c, world.token))?;
    story.tell("last token", inventory::last)?;
    story.tell("bearer", |c| inventory::bearer_known(c, "project_1_bot"))?;
    story.tell("no bearer", |c| inventory::bearer_known(c, "Owner"))?;
    story.tell("creator", |c| inventory::creator_known(c, "Owner"))?;
    story.tell("revoke", |c| tokens::revoke(c, world.token, "Owner", NOW))?;
    story.tell("revoke again", |c| tokens::revoke(c, world.token, "Owner", NOW))?;
    story.tell("revoked at", |c| tokens::revoked_at(c, world.token))?;
    story.tell("revoke all", |c| tokens::revoke_of_user(c, world.bot, "Owner", NOW))?;
    story.tell("release", |c| tokens::release_project(c, world.project))?;
    story.tell("release the user", |c| tokens::release_user(c, world.bot))?;
    story.tell("token then", |c| tokens::by_id(c, world.token))?;
    story.tell("inventory then", |c| inventory::by_id(c, world.token))?;
    story.tell("presented then", |c| tokens::with_user(c, world.token))?;
    story.tell("count", tokens::count)
}

fn instance_wide(story: &mut Story<'_>) -> Result<(), DbError> {
    // Names that bytes order in one way and dictionaries in another.
    story.tell("feature", |c| features::add(c, "ba", NOW))?;
    for name in ["b_a", "B", "ba", "a-b", "é", "_", "ab"] {
        story.tell("feature", |c| features::add(c, name, NOW))?;
        story.tell("feature again", |c| features::add(c, name, NOW))?;
        story.tell("gate", |c| features::add_gate(c, "ba", name, "1"))?;
        story.tell("setting", |c| settings::put(c, name, "1"))?;
        story.tell("fact", |c| instance::put(c, name, "1"))?;
    }
    story.tell("features", features::names)?;
    story.tell("there", |c| features::exists(c, "ba"))?;
    story.tell("gates", |c| features::gates(c, "ba"))?;
    story.tell("gate closed", |c| features::remove_gate(c, "ba", "B", "1"))?;
    story.tell("gates closed", |c| features::clear_gate(c, "ba", "_"))?;
    story.tell("gates then", |c| features::gates(c, "ba"))?;
    story.tell("all gates closed", |c| features::clear(c, "ba"))?;
    story.tell("forgotten", |c| features::remove(c, "ba"))?;
    story.tell("settings", settings::all)?;
    story.tell("setting changed", |c| settings::put(c, "B", "2"))?;
    story.tell("setting", |c| settings::one(c, "B"))?;
    story.tell("no setting", |c| settings::one(c, "none"))?;
    story.tell("fact", |c| instance::get(c, "é"))
}

fn records(story: &mut Story<'_>, world: World) -> Result<(), DbError> {
    let record = Record {
        created_at: NOW,
        action: "token.create".to_owned(),
        actor_id: Some(world.owner),
        actor_username: "Owner".to_owned(),
        token_id: None,
        target_kind: "token".to_owned(),
        target_id: Some(world.token),
        target_name: "deploy".to_owned(),
        entity_kind: "project".to_owned(),
        entity_id: Some(world.project),
        address: "10.0.0.1".to_owned(),
        request_id: "r1".to_owned(),
        surface: "rest".to_owned(),
        details: "{}".to_owned(),
        writer: i64::MAX,
        number: 3,
    };
    story.tell("audit", |c| audit::add(c, &record, [7; 32]))?;
    story.tell("audit again", |c| audit::add(c, &record, [8; 32]))?;
    story.tell("unsealed", |c| audit::unsealed(c, 0, 10))?;
    story.tell("waiting", audit::waiting)?;
    let seal = |number: i64, ids: &str| Seal {
        number,
        sealed_at: NOW,
        ids: ids.to_owned(),
        content: vec![1, 255],
        code: vec![2; 32],
        anchor: None,
    };
    story.tell("seal", |c| audit::add_seal(c, &seal(1, "1-2")))?;
    story.tell("cover", |c| audit::cover(c, 1, 0, i64::MAX))?;
    story.tell("cover again", |c| audit::cover(c, 1, 0, i64::MAX))?;
    story.tell("sealed", |c| audit::sealed(c, (i64::MIN, i64::MIN), 10))?;
    story.tell("next seal", |c| audit::add_seal(c, &seal(2, "")))?;
    story.tell("seals", |c| audit::seals(c, 0, 10))?;
    story.tell("newest", audit::newest)?;
    story.tell("no anchor", audit::anchor)?;
    story.tell("strays", |c| audit::strays(c, 0, 10))?;
    story.tell("listed", |c| {
        let filter = audit::filter(&EventFilter { entity_kind: Some("project"), ..EventFilter::default() });
        filter.list(c, "e.id DESC", Slice { limit: 5, offset: 0 }, audit::listed)
    })?;
    story.tell("retained", |c| audit::retain_after(c, 1, [9; 32]))?;
    story.tell("anchor", audit::anchor)?;
    story.tell("the anchor", |c| audit::seal_of(c, 1))?;
    story.tell("audit anew", |c| audit::add(c, &record, [7; 32]))?;
    story.tell("audited", |c| audit::count(c, "token.create"))?;
    let later = NOW.plus_seconds(60);
    story.tell("job", |c| jobs::add(c, "mail", "{}", Some("key"), later, NOW))?;
    story.tell("job again", |c| jobs::add(c, "mail", "{}", Some("key"), later, NOW))?;
    story.tell("nothing due", |c| jobs::claim(c, NOW, later))?;
    story.tell("claimed", |c| jobs::claim(c, later, later.plus_seconds(30)))?;
    story.tell("nothing left", |c| jobs::claim(c, later, later.plus_seconds(30)))?;
    story.tell("renewed", |c| jobs::renew(c, 1, later.plus_seconds(40)))?;
    story.tell("still leased", |c| jobs::claim(c, later.plus_seconds(30), later.plus_seconds(60)))?;
    story.tell("released", |c| jobs::renew(c, 1, later.plus_seconds(30)))?;
    story.tell("lease over", |c| jobs::claim(c, later.plus_seconds(30), later.plus_seconds(60)))?;
    story.tell("retry", |c| jobs::retry(c, 1, later.plus_seconds(90), "broke"))?;
    story.tell("go on", |c| jobs::go_on(c, 1, later.plus_seconds(90), "{\"at\":2}"))?;
    story.tell("goes on", |c| jobs::claim(c, later.plus_seconds(90), later.plus_seconds(120)))?;
    story.tell("waiting", jobs::waiting)?;
    story.tell("done", |c| jobs::done(c, 1))?;
    story.tell("waiting then", jobs::waiting)?;
    story.tell("daily", |c| daily_jobs::ask(c, "notice", NOW))?;
    story.tell("daily again", |c| daily_jobs::ask(c, "notice", NOW))?;
    story.tell("daily before", |c| daily_jobs::ask(c, "notice", NOW.plus_seconds(-1)))?;
    story.tell("daily later", |c| daily_jobs::ask(c, "notice", later))?;
    story.tell("daily done", |c| daily_jobs::done(c, "notice", later))?;
    story.tell("daily jobs", daily_jobs::all)?;
    mails_and_notices(story, world, later)?;
    story.tell("inactive bot", |c| retention::inactive_bot(c, 0, NOW.plus_seconds(86_400 * 3650)))?;
    story.tell("ended members", |c| retention::ended_members(c, NOW.date().plus_days(3650), 0, 10))
}

fn mails_and_notices(story: &mut Story<'_>, world: World, later: Timestamp) -> Result<(), DbError> {
    let mail = NewMail {
        message_id: "1@tessera.test",
        to: ("ada@people.test", "Ada"),
        subject: "News",
        letter: "letter",
    };
    story.tell("mail", |c| mails::add(c, &mail, NOW))?;
    story.tell("mail due", |c| mails::due(c, NOW))?;
    story.tell("mail claimed", |c| mails::claim(c, NOW, later))?;
    story.tell("no mail due", |c| mails::claim(c, NOW, later))?;
    story.tell("in hand", |c| mails::revive(c, NOW))?;
    story.tell("none revived", |c| mails::due(c, NOW))?;
    story.tell("mail put back", |c| mails::put_back(c, 1, true, later, "refused"))?;
    story.tell("unsent", mails::unsent)?;
    story.tell("revived", |c| mails::revive(c, NOW))?;
    story.tell("claimed again", |c| mails::claim(c, NOW, later))?;
    story.tell("sent", |c| mails::sent(c, 1, NOW))?;
    story.tell("none unsent", mails::unsent)?;
    story.tell("forgotten", |c| mails::forget(c, NOW, 10))?;
    let ends = (NOW.date().plus_days(-3650), NOW.date().plus_days(3650));
    for notice in [Notice::Sixty, Notice::Thirty, Notice::Seven, Notice::Expired] {
        story.tell("tokens to tell of", |c| notices::due(c, notice, ends, 0, 10))?;
        story.tell("told of", |c| notices::mark(c, notice, 1, NOW))?;
        story.tell("no more", |c| notices::due(c, notice, ends, 0, 10))?;
    }
    story.tell("to tell", |c| notices::add(c, Notice::Seven, world.owner, 1))?;
    story.tell("once", |c| notices::add(c, Notice::Seven, world.owner, 1))?;
    story.tell("whom", |c| notices::next(c, Notice::Seven))?;
    story.tell("of what", |c| notices::of_user(c, Notice::Seven, world.owner))?;
    story.tell("told", |c| notices::told(c, Notice::Seven, world.owner))?;
    story.tell("nobody", |c| notices::next(c, Notice::Seven))?;
    story.tell("managers", |c| notices::managers(c, world.project, true, NOW.date()))
}

fn ends(story: &mut Story<'_>, world: World) -> Result<(), DbError> {
    story
        .tell("members of the project go", |c| members::delete_of_place(c, Place::Project(world.project)))?;
    story.tell("members of the group go", |c| members::delete_of_place(c, Place::Group(world.group)))?;
    story.tell("memberships go", |c| members::delete_of_user(c, world.owner))?;
    story.tell("a membership goes", |c| members::delete(c, 1))?;
    story.tell("the project goes", |c| projects::delete(c, world.project))?;
    story.tell("the groups go", |c| {
        namespaces::delete(c, world.subgroup)?;
        namespaces::delete(c, world.group)
    })
}

/// Every list, page by page so that its order shows.
fn all_lists(story: &mut Story<'_>, world: World) -> Result<(), DbError> {
    // A second user, project and group, in an order that bytes and dictionaries see differently.
    for name in ["owner-2", "Owner_1", "Zoe", "adam"] {
        story.tell("one more", |c| users::insert(c, &new_user(name, UserKind::Human), NOW))?;
        let group = crate::world::new_group(None, name, name);
        story.tell("one more", |c| namespaces::insert(c, &group, NOW))?;
    }
    for (label, filter, orders) in lists(world) {
        for order in orders {
            let slice = Slice { limit: 4, offset: 0 };
            story.tell(&format!("{label} by {order}"), |c| {
                filter.list(c, order, slice, |row| row.cells().int())
            })?;
        }
    }
    Ok(())
}

async fn told(store: &Store) -> Vec<String> {
    let world = World::make(store).await;
    write(store, move |conn| {
        let mut story = Story { conn, lines: Vec::new() };
        people(&mut story, world)?;
        second_factors(&mut story, world)?;
        places(&mut story, world)?;
        memberships(&mut story, world)?;
        all_lists(&mut story, world)?;
        secrets(&mut story, world)?;
        instance_wide(&mut story)?;
        records(&mut story, world)?;
        ends(&mut story, world)?;
        Ok(story.lines)
    })
    .await
    .unwrap()
}

#[test]
fn both_databases_tell_the_same_story() {
    run(Database::postgres(), |db| async move {
        let (file, server) = (Database::sqlite(), db);
        let (sqlite, postgres) = (told(&file.open()).await, told(&server.open()).await);
        assert!(sqlite.len() > 1000, "{}", sqlite.len());
        for (here, there) in sqlite.iter().zip(&postgres) {
            assert_eq!(here, there, "SQLite on the left, PostgreSQL on the right");
        }
        assert_eq!(sqlite.len(), postgres.len());
    });
}

#[test]
fn sqlite_tells_the_story_that_was_meant() {
    run(Some(Database::sqlite()), |db| async move {
        let story = told(&db.open()).await;
        for line in [
            "name taken: true",
            "address taken: false",
            "hash: Some(\"hash\")",
            "administrators: 0",
            "tokens allowed: false",
            "path taken: true",
            "path of its own: false",
            "bot: 0",
            "issue: 1",
            "revoke: true",
            "revoke again: false",
            "nothing due: None",
            "nothing left: None",
            "waiting: 1",
            "waiting then: 0",
            "no start then: false",
            "the same step: false",
            "a later step: true",
            "waits: (false, true, Some([1, 2, 3]), Some(Timestamp(1780000060000000)), None)",
            "is on: (true, true, Some([1, 2, 3]), None, Some(7))",
            "is on still: (true, false, Some([1, 2, 3]), None, Some(8))",
            "sign-in with it: None",
            "left: 1",
            "another's: false",
            "used: true",
            "used up: false",
            "is off: (false, false, None, None, None)",
            "features: [\"B\", \"_\", \"a-b\", \"ab\", \"b_a\", \"ba\", \"é\"]",
        ] {
            assert!(story.iter().any(|told| told == line), "{line} is missing");
        }
    });
}
