//! Issues and notes: what they show of people, above all of those on the way out, and who sees which.

use tessera_model::issue::{Issue, IssueState};
use tessera_model::role::Role;
use tessera_model::user::{UserKind, UserState};
use tessera_store::query::filter::Slice;
use tessera_store::query::issues::{self, Assigned, IssueFilter, NewIssue};
use tessera_store::query::members::{self, Place};
use tessera_store::query::people::Who;
use tessera_store::query::projects::{self, Viewer};
use tessera_store::query::{notes, users};
use tessera_store::{Conn, DbError, fate};

use crate::harness::{NOW, read, write};
use crate::world::{World, new_user, today};

const ALL: Slice = Slice { limit: 100, offset: 0 };
const ORDER: &str = "i.id";

fn admin(world: World) -> Viewer {
    Viewer { user_id: Some(world.owner), admin: true, sees_internal: true, fence: None, today: today() }
}

fn open(conn: &mut dyn Conn, world: World, author: i64, confidential: bool) -> Result<Issue, DbError> {
    let iid = projects::next_issue(conn, world.project)?;
    let issue = NewIssue {
        project_id: world.project,
        iid,
        title: "title",
        description: None,
        confidential,
        due_date: Some(today()),
        author_id: author,
    };
    issues::insert(conn, &issue, NOW)?;
    issues::by_iid(conn, world.project, iid)?.ok_or(DbError::Conflict)
}

/// The numbers of the issues that a list holds.
fn iids(conn: &mut dyn Conn, viewer: &Viewer, wanted: &IssueFilter) -> Result<Vec<i64>, DbError> {
    let listed = issues::list(conn, viewer, wanted, ORDER, ALL)?;
    Ok(listed.items.iter().map(|issue| issue.iid).collect())
}

/// The issues by and for somebody, by number and by name.
fn of(conn: &mut dyn Conn, world: World, id: i64, name: &str) -> Result<[Vec<i64>; 4], DbError> {
    let by = |who: Who| IssueFilter { author: Some(who), ..IssueFilter::default() };
    let to = |who: Who| IssueFilter { assigned: Some(Assigned::To(vec![who])), ..IssueFilter::default() };
    let viewer = admin(world);
    Ok([
        iids(conn, &viewer, &by(Who::Id(id)))?,
        iids(conn, &viewer, &by(Who::Username(name.to_owned())))?,
        iids(conn, &viewer, &to(Who::Id(id)))?,
        iids(conn, &viewer, &to(Who::Username(name.to_uppercase())))?,
    ])
}

both! {
    async fn whoever_is_on_the_way_out_is_the_ghost_user_at_once(db: Database) {
        let store = db.open();
        let world = World::make(&store).await;
        write(&store, move |conn| {
            let by_bot = open(conn, world, world.bot, false)?;
            let by_owner = open(conn, world, world.owner, false)?;
            issues::set_assignees(conn, by_owner.id, &[world.bot, world.owner, world.bot])?;
            issues::close(conn, by_owner.id, Some(world.bot), NOW)?;
            let note = notes::insert(conn, by_bot.id, world.bot, "body", NOW)?;
            assert_eq!(by_bot.author.id, world.bot);
            assert_eq!(of(conn, world, world.bot, "project_1_bot")?, [vec![1], vec![1], vec![2], vec![2]]);
            let nobody: [Vec<i64>; 4] = Default::default();
            assert_eq!(of(conn, world, world.ghost, "ghost")?, nobody);

            users::set_state(conn, world.bot, UserState::Ghosted, NOW)?;
            assert_eq!(of(conn, world, world.bot, "project_1_bot")?, nobody);
            assert_eq!(of(conn, world, world.ghost, "ghost")?, [vec![1], vec![1], vec![2], vec![2]]);
            let by_bot = issues::by_iid(conn, world.project, 1)?.ok_or(DbError::Conflict)?;
            assert_eq!((by_bot.author.id, by_bot.notes), (world.ghost, 1));
            assert_eq!(notes::by_id(conn, &by_bot, note)?.ok_or(DbError::Conflict)?.author.id, world.ghost);
            let listed = notes::list(conn, &by_bot, "t.id", ALL)?;
            assert_eq!(listed.items[0].author.username, "ghost");
            let by_owner = issues::by_iid(conn, world.project, 2)?.ok_or(DbError::Conflict)?;
            assert_eq!(by_owner.closed_by.map(|user| user.id), Some(world.ghost));
            let assigned: Vec<i64> = by_owner.assignees.iter().map(|user| user.id).collect();
            assert_eq!(assigned, [world.ghost, world.owner]);

            // Moved or not, the same is shown and found.
            fate::settle(conn, world.bot, world.ghost, 500)?;
            assert_eq!(of(conn, world, world.ghost, "ghost")?, [vec![1], vec![1], vec![], vec![]]);
            let by_bot = issues::by_iid(conn, world.project, 1)?.ok_or(DbError::Conflict)?;
            assert_eq!((by_bot.author.id, by_bot.notes), (world.ghost, 1));
            Ok(())
        }).await.unwrap();
    }

    async fn confidential_issues_are_seen_by_their_people_and_by_those_who_plan(db: Database) {
        let store = db.open();
        let world = World::make(&store).await;
        write(&store, move |conn| {
            let mut people = [0; 3];
            for (place, (name, role)) in
                [("guest", Role::Guest), ("planner", Role::Planner), ("assigned", Role::Guest)].iter().enumerate()
            {
                people[place] = users::insert(conn, &new_user(name, UserKind::Human), NOW)?;
                let project = Place::Project(world.project);
                members::insert(conn, project, people[place], *role, None, None, NOW)?;
            }
            let [guest, planner, assigned] = people;
            open(conn, world, world.owner, false)?;
            let secret = open(conn, world, world.owner, true)?;
            issues::set_assignees(conn, secret.id, &[assigned])?;
            open(conn, world, guest, true)?;
            let person = |id: i64| Viewer { user_id: Some(id), admin: false, ..admin(world) };
            let bot = Viewer { fence: Some(world.project), sees_internal: false, ..person(world.bot) };
            let fenced_elsewhere = Viewer { fence: Some(world.project + 1), ..bot.clone() };
            let nobody = Viewer { user_id: None, sees_internal: false, ..person(0) };
            for (who, viewer, everywhere, in_project) in [
                ("guest", person(guest), vec![1, 3], vec![1, 3]),
                ("planner", person(planner), vec![1, 2, 3], vec![1]),
                ("assigned", person(assigned), vec![1, 2], vec![1, 2]),
                ("owner", person(world.owner), vec![1, 2, 3], vec![1, 2]),
                ("admin", admin(world), vec![1, 2, 3], vec![1, 2, 3]),
                ("bot", bot, vec![1, 2, 3], vec![1]),
                ("a bot of another project", fenced_elsewhere, vec![], vec![1]),
                ("nobody", nobody, vec![], vec![1]),
            ] {
                assert_eq!(iids(conn, &viewer, &IssueFilter::default())?, everywhere, "{who}");
                // Within a project the role is known beforehand; without it people see their own.
                let by_role = IssueFilter { project: Some((world.project, true)), ..IssueFilter::default() };
                assert_eq!(iids(conn, &viewer, &by_role)?, [1, 2, 3], "{who}");
                let without = IssueFilter { project: Some((world.project, false)), ..IssueFilter::default() };
                assert_eq!(iids(conn, &viewer, &without)?, in_project, "{who}");
            }
            Ok(())
        }).await.unwrap();
    }

    async fn what_hangs_on_many_issues_comes_with_each(db: Database) {
        let store = db.open();
        let world = World::make(&store).await;
        write(&store, move |conn| {
            for number in 1..=70 {
                let issue = open(conn, world, world.owner, false)?;
                let labels: Vec<String> = (0..number % 3).rev().map(|label| format!("{label}-{number}")).collect();
                issues::set_labels(conn, issue.id, &labels)?;
                if number % 2 == 0 {
                    issues::set_assignees(conn, issue.id, &[world.bot])?;
                    notes::insert(conn, issue.id, world.owner, "x", NOW)?;
                }
            }
            issues::close(conn, 70, Some(world.owner), NOW)?;
            issues::close(conn, 69, Some(world.owner), NOW)?;
            issues::reopen(conn, 69)?;
            let listed = issues::list(conn, &admin(world), &IssueFilter::default(), ORDER, ALL)?;
            assert_eq!((listed.items.len(), listed.total), (70, Some(70)));
            for (issue, number) in listed.items.iter().zip(1_i64..) {
                let labels: Vec<String> = (0..number % 3).map(|label| format!("{label}-{number}")).collect();
                assert_eq!(issue.labels, labels, "in order");
                assert_eq!(issue.assignees.len(), usize::from(number % 2 == 0));
                assert_eq!(issue.notes, i64::from(number % 2 == 0));
                let closed = issue.closed_by.is_some() && issue.closed_at.is_some();
                assert_eq!((issue.state == IssueState::Closed, closed), (number == 70, number == 70));
            }
            let last = listed.items.last().cloned().ok_or(DbError::Conflict)?;
            issues::delete(conn, last.id)?;
            assert!(issues::by_iid(conn, world.project, last.iid)?.is_none());
            assert_eq!(projects::next_issue(conn, world.project)?, 71, "a number is not given again");
            Ok(())
        }).await.unwrap();
        let viewer = admin(world);
        let left = read(&store, move |conn| iids(conn, &viewer, &IssueFilter::default())).await.unwrap();
        assert_eq!(left.len(), 69);
    }
}
