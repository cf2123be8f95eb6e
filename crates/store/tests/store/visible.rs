//! A project or group is listed exactly if its viewer may read it singly, in worlds made at random.

use tessera_model::caller::{Caller, Via};
use tessera_model::policy::{Subject, sees};
use tessera_model::project::{Membership, Namespace, Project};
use tessera_model::role::{self, Role};
use tessera_model::user::{User, UserKind};
use tessera_model::visibility::{self, Visibility};
use tessera_store::query::filter::Slice;
use tessera_store::query::members::{self, Place};
use tessera_store::query::namespaces::{self, GroupFilter};
use tessera_store::query::projects::{self, NewProject, ProjectFilter, Viewer};
use tessera_store::query::users;
use tessera_store::{Conn, DbError};

use crate::harness::{NOW, write};
use crate::world::{new_group, new_user, today};

/// Worlds to make; each has a database transaction of its own, which is rolled back.
const WORLDS: u64 = 24;
const ALL: Slice = Slice { limit: 1000, offset: 0 };

/// Numbers that look random and are the same in every run (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, count: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(count).unwrap()).unwrap()
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

struct Made {
    groups: Vec<i64>,
    projects: Vec<i64>,
    users: Vec<i64>,
}

fn project(namespace_id: i64, name: &str, visibility: Visibility) -> NewProject<'_> {
    NewProject {
        namespace_id,
        path: name,
        full_path: name,
        name,
        description: "",
        visibility,
        default_branch: "main",
        issues_enabled: true,
        creator_id: None,
    }
}

/// Groups in groups, projects in them, people with a namespace each, bots, and memberships of which some
/// have ended. Visibility is left to chance, so that nothing leans on what use cases allow.
fn make(conn: &mut dyn Conn, dice: &mut Dice, world: u64) -> Result<Made, DbError> {
    let mut made = Made { groups: Vec::new(), projects: Vec::new(), users: Vec::new() };
    for number in 0..6 {
        let parent = (dice.below(3) > 0 && number > 0).then(|| dice.pick(&made.groups));
        let path = format!("g{world}x{number}");
        let group = Namespace { visibility: dice.pick(visibility::ALL), ..new_group(parent, &path, &path) };
        made.groups.push(namespaces::insert(conn, &group, NOW)?);
    }
    for number in 0..4 {
        let name = format!("person{world}x{number}");
        let mut user = new_user(&name, UserKind::Human);
        user.external = number == 1;
        user.admin = number == 2;
        let id = users::insert(conn, &user, NOW)?;
        let home =
            Namespace { owner_id: Some(id), visibility: Visibility::Public, ..new_group(None, &name, &name) };
        let home = namespaces::insert(conn, &home, NOW)?;
        let project =
            project(home, &format!("own{world}x{number}"), dice.pick(visibility::ALL)).into_id(conn)?;
        members::insert(conn, Place::Project(project), id, Role::Owner, None, None, NOW)?;
        made.projects.push(project);
        made.users.push(id);
    }
    for number in 0..8 {
        let (group, visibility) = (dice.pick(&made.groups), dice.pick(visibility::ALL));
        made.projects.push(project(group, &format!("p{world}x{number}"), visibility).into_id(conn)?);
    }
    for number in 0..7 {
        let user = dice.pick(&made.users);
        let place = if number % 2 == 0 {
            Place::Project(dice.pick(&made.projects))
        } else {
            Place::Group(dice.pick(&made.groups))
        };
        if members::find(conn, place, user)?.is_none() {
            let end = dice.pick(&[None, None, Some(today()), Some(today().plus_days(1))]);
            members::insert(conn, place, user, dice.pick(role::ALL), end, None, NOW)?;
        }
    }
    let home = dice.pick(&made.projects);
    let mut bot = new_user(&format!("project_{home}_bot"), UserKind::ProjectBot);
    bot.bot_project_id = Some(home);
    let bot = users::insert(conn, &bot, NOW)?;
    members::insert(conn, Place::Project(home), bot, dice.pick(role::ALL), None, None, NOW)?;
    made.users.push(bot);
    Ok(made)
}

trait IntoId {
    fn into_id(self, conn: &mut dyn Conn) -> Result<i64, DbError>;
}

impl IntoId for NewProject<'_> {
    fn into_id(self, conn: &mut dyn Conn) -> Result<i64, DbError> {
        projects::insert(conn, &self, NOW)
    }
}

fn caller(user: Option<User>) -> Caller {
    let via = if user.is_some() { Via::Password } else { Via::Anonymous };
    Caller { user, via, sudo_by: None }
}

fn viewer(caller: &Caller) -> Viewer {
    Viewer {
        user_id: caller.user_id(),
        admin: caller.is_admin(),
        sees_internal: caller.sees_internal(),
        fence: caller.fence(),
        today: today(),
    }
}

fn role_in_project(conn: &mut dyn Conn, caller: &Caller, project: &Project) -> Result<Membership, DbError> {
    caller
        .user_id()
        .map_or(Ok(Membership::default()), |user| projects::membership(conn, project, user, today()))
}

fn check_projects(conn: &mut dyn Conn, caller: &Caller, made: &Made) -> Result<(), DbError> {
    let (viewer, order) = (viewer(caller), "p.id");
    let ids = |filter: ProjectFilter, conn: &mut dyn Conn| {
        let listed = projects::list(conn, &viewer, &filter, order, ALL)?;
        assert_eq!(listed.total, Some(i64::try_from(listed.items.len()).unwrap()));
        Ok::<_, DbError>(listed.items.iter().map(|project| project.id).collect::<Vec<_>>())
    };
    let batch = match caller.user_id() {
        Some(user) => members::of_user_in(conn, user, &made.projects, today())?,
        None => std::collections::HashMap::new(),
    };
    let (mut visible, mut maintained) = (Vec::new(), Vec::new());
    for id in &made.projects {
        let project = projects::by_id(conn, *id)?.unwrap();
        let membership = role_in_project(conn, caller, &project)?;
        assert_eq!(batch.get(id).copied().unwrap_or_default(), membership, "{caller:?} in {project:?}");
        let role = membership.role();
        let subject =
            Subject { project_id: Some(*id), visibility: project.visibility, archived: false, role };
        let seen = sees(caller, &subject);
        visible.extend(seen.then_some(*id));
        maintained.extend((seen && role >= Some(Role::Maintainer)).then_some(*id));
    }
    visible.sort_unstable();
    maintained.sort_unstable();
    assert_eq!(ids(ProjectFilter::default(), conn)?, visible, "{caller:?}");
    let least = ProjectFilter { min_access_level: Some(40), ..ProjectFilter::default() };
    assert_eq!(ids(least, conn)?, maintained, "{caller:?}");
    // Keyset pages, put together, are the whole list.
    let (mut pages, mut after) = (Vec::new(), None);
    loop {
        let wanted = ProjectFilter { id_after: after, ..ProjectFilter::default() };
        let (rows, more) = projects::first(conn, &viewer, &wanted, order, 3)?;
        pages.extend(rows.iter().map(|project| project.id));
        after = rows.last().map(|project| project.id);
        if !more {
            break;
        }
    }
    assert_eq!(pages, visible, "{caller:?}");
    Ok(())
}

fn check_groups(conn: &mut dyn Conn, caller: &Caller, made: &Made) -> Result<(), DbError> {
    let viewer = viewer(caller);
    let ids = |filter: GroupFilter, conn: &mut dyn Conn| {
        let listed = namespaces::list(conn, &viewer, &filter, "n.id", ALL)?;
        Ok::<_, DbError>(listed.items.iter().map(|group| group.id).collect::<Vec<_>>())
    };
    let (mut visible, mut linked, mut owned) = (Vec::new(), Vec::new(), Vec::new());
    for id in &made.groups {
        let group = namespaces::by_id(conn, *id)?.unwrap();
        let (role, leads) = match caller.user_id() {
            Some(user) => (
                namespaces::membership(conn, *id, user, today())?.role(),
                namespaces::leads_to_member(conn, *id, user, today())?,
            ),
            None => (None, false),
        };
        let open = role.is_none() && leads && caller.fence().is_none();
        let visibility = if open { Visibility::Public } else { group.visibility };
        let seen = sees(caller, &Subject { project_id: None, visibility, archived: false, role });
        visible.extend(seen.then_some(*id));
        linked.extend((seen && (leads || role.is_some())).then_some(*id));
        owned.extend((seen && role == Some(Role::Owner)).then_some(*id));
    }
    assert_eq!(ids(GroupFilter::default(), conn)?, visible, "{caller:?}");
    assert_eq!(ids(GroupFilter { linked: true, ..GroupFilter::default() }, conn)?, linked, "{caller:?}");
    assert_eq!(ids(GroupFilter { owned: true, ..GroupFilter::default() }, conn)?, owned, "{caller:?}");
    Ok(())
}

fn check(conn: &mut dyn Conn, world: u64) -> Result<(), DbError> {
    let mut dice = Dice(world.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let made = make(conn, &mut dice, world)?;
    let mut callers = vec![caller(None)];
    for user in &made.users {
        callers.push(caller(users::by_id(conn, *user)?));
    }
    for caller in callers {
        check_projects(conn, &caller, &made)?;
        check_groups(conn, &caller, &made)?;
    }
    Ok(())
}

both! {
    async fn what_may_be_read_singly_is_listed(db: Database) {
        for world in 0..WORLDS {
            let store = db.open();
            // The error at the end undoes the world.
            let done = write(&store, move |conn| {
                check(conn, world)?;
                Err::<(), _>(DbError::Failed("undo".to_owned()))
            });
            assert!(matches!(done.await, Err(DbError::Failed(text)) if text == "undo"));
        }
    }
}
