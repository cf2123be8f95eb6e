//! What hangs on accounts, and what moves with a namespace.

use tessera_model::project::Namespace;
use tessera_model::role::Role;
use tessera_model::user::UserKind;
use tessera_model::visibility::Visibility;
use tessera_store::query::accounts::{self, Associations, Belonging};
use tessera_store::query::filter::Slice;
use tessera_store::query::members::{self, Place};
use tessera_store::query::projects::{self, NewProject, Viewer};
use tessera_store::query::users::{self, UserFilter};
use tessera_store::query::{namespaces, paths};
use tessera_store::{Conn, DbError};

use crate::harness::{NOW, read, write};
use crate::world::{World, new_group, new_user, today};

const ALL: Slice = Slice { limit: 100, offset: 0 };

/// Moves a namespace and what lies below it.
fn rename(conn: &mut dyn Conn, id: i64, path: &str, name: &str) -> Result<(), DbError> {
    let before = namespaces::by_id(conn, id)?.unwrap();
    let after = Namespace {
        path: path.to_owned(),
        full_path: path.to_owned(),
        name: name.to_owned(),
        full_name: name.to_owned(),
        ..before.clone()
    };
    namespaces::update(conn, &after, NOW)?;
    paths::follow(conn, &before, &after, NOW)
}

both! {
    async fn what_lies_below_follows_at_every_depth(db: Database) {
        let store = db.open();
        let world = World::make(&store).await;
        write(&store, move |conn| {
            // A neighbour whose path only starts alike stays where it is.
            let other = namespaces::insert(conn, &new_group(None, "Topper", "Topper"), NOW)?;
            namespaces::insert(conn, &new_group(Some(other), "sub", "Topper/sub"), NOW)?;
            rename(conn, world.group, "Much-Longer", "Näme")
        })
        .await
        .unwrap();
        let (sub, tool, neighbour, gone) = read(&store, move |conn| {
            Ok((
                namespaces::by_path(conn, "much-longer/SUB")?,
                projects::by_path(conn, "MUCH-longer/sub/tool")?,
                namespaces::by_path(conn, "topper/sub")?,
                projects::by_path(conn, "top/sub/tool")?,
            ))
        })
        .await
        .unwrap();
        let sub = sub.unwrap();
        assert_eq!((sub.full_path.as_str(), sub.full_name.as_str()), ("Much-Longer/sub", "Näme / SUB"));
        assert_eq!(tool.unwrap().full_path, "Much-Longer/sub/tool");
        assert_eq!(neighbour.unwrap().full_name, "TOPPER / SUB");
        assert!(gone.is_none());

        // A name with other letters than its path, changed alone, and changed back.
        write(&store, move |conn| rename(conn, world.group, "Much-Longer", "Other")).await.unwrap();
        write(&store, move |conn| rename(conn, world.group, "Top", "TOP")).await.unwrap();
        let sub = read(&store, |conn| namespaces::by_path(conn, "top/sub")).await.unwrap().unwrap();
        assert_eq!((sub.full_path.as_str(), sub.full_name.as_str()), ("Top/sub", "TOP / SUB"));
    }

    async fn accounts_are_counted_and_found(db: Database) {
        let store = db.open();
        let world = World::make(&store).await;
        let (counted, nobody, belongings, groups, homes, both) = read(&store, move |conn| {
            Ok((
                accounts::associations(conn, world.owner, today())?,
                accounts::associations(conn, world.ghost, today())?,
                accounts::memberships(conn, world.bot, None, today(), ALL)?,
                accounts::memberships(conn, world.bot, Some(false), today(), ALL)?,
                accounts::homes(conn, &[world.owner, world.bot])?,
                accounts::by_ids(conn, &[world.bot, world.owner, 999])?,
            ))
        })
        .await
        .unwrap();
        assert_eq!(counted, Associations { groups: 1, projects: 1, issues: 0 });
        assert_eq!(nobody, Associations { groups: 0, projects: 0, issues: 0 });
        let tool = Belonging {
            id: world.project,
            name: "Tool".to_owned(),
            full_path: "Top/sub/tool".to_owned(),
            is_project: true,
            level: 40,
        };
        assert_eq!(belongings.items, [tool]);
        assert_eq!((groups.items.len(), groups.total), (0, Some(0)));
        assert_eq!(homes, []);
        assert_eq!(both.iter().map(|user| user.id).collect::<Vec<_>>(), [world.owner, world.bot]);
        let ended = today().plus_days(30);
        let later = read(&store, move |conn| accounts::memberships(conn, world.bot, Some(true), ended, ALL));
        assert_eq!(later.await.unwrap().total, Some(0), "a membership that ended is none");
    }

    async fn only_readable_projects_are_seen(db: Database) {
        let store = db.open();
        let world = World::make(&store).await;
        let (stranger, open) = write(&store, move |conn| {
            let stranger = users::insert(conn, &new_user("stranger", UserKind::Human), NOW)?;
            let open = NewProject {
                namespace_id: world.group,
                path: "open",
                full_path: "Top/open",
                name: "Open",
                description: "",
                visibility: Visibility::Public,
                default_branch: "main",
                issues_enabled: true,
                creator_id: None,
            };
            Ok((stranger, projects::insert(conn, &open, NOW)?))
        })
        .await
        .unwrap();
        let ids = [world.project, open];
        let seen = |user_id, fence| {
            let viewer = Viewer { user_id, admin: false, sees_internal: false, fence, today: today() };
            read(&store, move |conn| accounts::projects_seen(conn, &viewer, &ids))
        };
        assert_eq!(seen(None, None).await.unwrap(), [open]);
        assert_eq!(seen(Some(stranger), None).await.unwrap(), [open]);
        assert_eq!(seen(Some(world.owner), None).await.unwrap(), ids);
        assert_eq!(seen(Some(world.bot), Some(world.project)).await.unwrap(), ids);
        assert_eq!(seen(Some(world.bot), Some(open)).await.unwrap(), [open]);
    }

    async fn users_without_projects(db: Database) {
        let store = db.open();
        let world = World::make(&store).await;
        let lonely = write(&store, move |conn| {
            let member = users::insert(conn, &new_user("member", UserKind::Human), NOW)?;
            members::insert(conn, Place::Group(world.group), member, Role::Guest, None, None, NOW)?;
            users::insert(conn, &new_user("lonely", UserKind::Human), NOW)
        })
        .await
        .unwrap();
        let wanted = UserFilter { without_projects: true, humans: Some(true), ..UserFilter::default() };
        let found = read(&store, move |conn| users::list(conn, &wanted, "u.id", ALL)).await.unwrap();
        assert_eq!(found.items.iter().map(|user| user.id).collect::<Vec<_>>(), [lonely]);
    }

    async fn tokens_at_home_die_with_their_owner(db: Database) {
        let store = db.open();
        let world = World::make(&store).await;
        let (elsewhere, first, again) = write(&store, move |conn| {
            let elsewhere = accounts::revoke_at_home(conn, world.owner, "root", NOW)?;
            let home = Namespace {
                is_group: false,
                owner_id: Some(world.owner),
                ..new_group(None, "Owner", "Owner")
            };
            let home = namespaces::insert(conn, &home, NOW)?;
            conn.exec("UPDATE projects SET namespace_id = ?1 WHERE id = ?2", &[home.into(), world.project.into()])?;
            let first = accounts::revoke_at_home(conn, world.owner, "root", NOW)?;
            Ok((elsewhere, first, accounts::revoke_at_home(conn, world.owner, "root", NOW)?))
        })
        .await
        .unwrap();
        assert_eq!((elsewhere, first, again), (vec![], vec![world.token], vec![]));
    }

    async fn a_bot_is_found_by_its_name_only_by_administrators(db: Database) {
        let store = db.open();
        let world = World::make(&store).await;
        let search = |text: &str, search_email| {
            let wanted = UserFilter { search: Some(text.to_owned()), search_email, ..UserFilter::default() };
            read(&store, move |conn| users::list(conn, &wanted, "u.id", ALL))
        };
        // The bot is called "project_1_bot Name".
        let by_others = search("bot name", false).await.unwrap();
        assert_eq!(by_others.total, Some(0));
        let by_administrators = search("bot name", true).await.unwrap();
        assert_eq!(by_administrators.items[0].id, world.bot);
        assert_eq!(search("project_1", false).await.unwrap().items[0].id, world.bot);
        assert_eq!(search("owner name", false).await.unwrap().items[0].id, world.owner);
    }
}
