//! Every query is understood by both databases, lists in every combination.

use tessera_model::issue::IssueState;
use tessera_model::scope::{Scope, ScopeSet};
use tessera_model::token::KINDS;
use tessera_model::visibility::Visibility;
use tessera_store::query::accounts;
use tessera_store::query::audit::{self, EventFilter};
use tessera_store::query::filter::Filter;
use tessera_store::query::inventory::{self, Change, Selection, Violation, Whom};
use tessera_store::query::issues::{self, Assigned, IssueFilter, Labelled};
use tessera_store::query::members::{self, MemberFilter, Place};
use tessera_store::query::namespaces::{self, GroupFilter};
use tessera_store::query::notes;
use tessera_store::query::people::Who;
use tessera_store::query::projects::{self, ProjectFilter, Viewer};
use tessera_store::query::tokens::{self, TokenFilter};
use tessera_store::query::users::{self, UserFilter};
use tessera_store::query::{self, filter::Slice};
use tessera_store::{DbError, Store, fate};

use crate::harness::{NOW, read};
use crate::world::{World, today};

/// Every order of a list, ascending and descending.
fn both_ways(orders: &[(&str, &'static str, &'static str)]) -> Vec<&'static str> {
    orders.iter().flat_map(|(_, up, down)| [*up, *down]).collect()
}

/// A filter with nothing, with each setting alone, and with all of them.
fn alone_and_together<F: Default>(settings: &[fn(&mut F)]) -> Vec<F> {
    let mut filters = vec![F::default()];
    let mut all = F::default();
    for set in settings {
        let mut one = F::default();
        set(&mut one);
        filters.push(one);
        set(&mut all);
    }
    filters.push(all);
    filters
}

fn user_filters() -> Vec<UserFilter> {
    alone_and_together::<UserFilter>(&[
        |f| f.external = Some(false),
        |f| f.humans = Some(false),
        |f| f.search = Some("o_%\\".to_owned()),
        |f| (f.search, f.search_email) = (Some("owner@example.org".to_owned()), true),
        |f| f.username = Some("Owner".to_owned()),
        |f| f.states = vec!["active"],
        |f| f.states = vec!["active", "blocked"],
        |f| f.external = Some(true),
        |f| f.humans = Some(true),
        |f| f.admins = true,
        |f| f.two_factor = Some(true),
        |f| f.two_factor = Some(false),
        |f| f.without_project_bots = true,
        |f| f.without_projects = true,
        |f| f.exclude_internal = true,
        |f| f.exclude_active = true,
        |f| f.created_after = Some(NOW),
        |f| f.created_before = Some(NOW),
    ])
}

fn token_filters(world: World) -> Vec<TokenFilter> {
    let mut filters = alone_and_together::<TokenFilter>(&[
        |f| f.kinds = KINDS[..1].to_vec(),
        |f| f.kinds = KINDS[..2].to_vec(),
        |f| f.active = Some(false),
        |f| f.active = Some(true),
        |f| f.revoked = Some(true),
        |f| f.revoked = Some(false),
        |f| (f.active, f.enforce_pat_expiration) = (Some(true), true),
        |f| f.created = (Some(NOW), None),
        |f| f.created = (Some(NOW), Some(NOW)),
        |f| f.last_used = (Some(NOW), None),
        |f| f.last_used = (Some(NOW), Some(NOW)),
        |f| f.expires = (Some(today()), None),
        |f| f.expires = (Some(today()), Some(today())),
        |f| f.search = Some("deploy".to_owned()),
    ]);
    filters.push(TokenFilter { user_id: Some(world.bot), ..TokenFilter::default() });
    filters.push(TokenFilter { project_id: Some(world.project), ..TokenFilter::default() });
    if let Some(all) = filters.iter().find(|f| f.search.is_some() && f.revoked.is_some()).cloned() {
        filters.push(TokenFilter { user_id: Some(world.bot), project_id: Some(world.project), ..all });
    }
    filters
}

fn selections(world: World) -> Vec<Selection> {
    let mut selections = alone_and_together::<Selection>(&[
        |s| s.owner = Some(Whom::Name("project_1_bot".to_owned())),
        |s| s.creator = Some(Whom::Name("Owner".to_owned())),
        |s| s.text = Some("_1_BOT".to_owned()),
        |s| s.scopes = ScopeSet::of(&[Scope::Api]),
        |s| s.unused_since = Some(NOW.plus_seconds(1)),
        |s| s.has_end = Some(false),
        |s| s.has_end = Some(true),
        |s| s.never_used = true,
        |s| s.violation = Some(Violation::default()),
        |s| s.violation = Some(Violation { endless: true, ..Violation::default() }),
        |s| s.violation = Some(Violation { after: Some(today()), ..Violation::default() }),
        |s| s.violation = Some(Violation { endless: true, after: Some(today()), expired: true }),
    ]);
    selections.push(Selection { owner: Some(Whom::Id(world.bot)), ..Selection::default() });
    selections.push(Selection { creator: Some(Whom::Id(world.owner)), ..Selection::default() });
    selections.push(Selection { ids: vec![world.token, world.token + 1], ..Selection::default() });
    selections
}

fn viewers(world: World) -> Vec<Viewer> {
    let nobody = Viewer { user_id: None, admin: false, sees_internal: false, fence: None, today: today() };
    let person = Viewer { user_id: Some(world.owner), sees_internal: true, ..nobody.clone() };
    let admin = Viewer { admin: true, ..person.clone() };
    let bot = Viewer { user_id: Some(world.bot), fence: Some(world.project), ..nobody.clone() };
    vec![nobody, person, admin, bot]
}

fn project_filters() -> Vec<ProjectFilter> {
    alone_and_together::<ProjectFilter>(&[
        |f| f.archived = Some(false),
        |f| f.visibility = Some(Visibility::Private),
        |f| f.search = Some("tool".to_owned()),
        |f| (f.search, f.search_namespaces) = (Some("top".to_owned()), true),
        |f| f.owner_id = Some(1),
        |f| f.membership = true,
        |f| f.min_access_level = Some(30),
        |f| f.namespace_id = Some(2),
        |f| f.below = Some(1),
        |f| f.id_after = Some(0),
        |f| f.id_before = Some(i64::MAX),
        |f| f.last_activity = (Some(NOW), None),
        |f| f.last_activity = (Some(NOW), Some(NOW)),
        |f| f.issues_enabled = Some(true),
        |f| f.nothing = true,
    ])
}

fn group_filters() -> Vec<GroupFilter> {
    alone_and_together::<GroupFilter>(&[
        |f| f.parent_id = Some(1),
        |f| f.below = Some(1),
        |f| f.top_level = true,
        |f| f.search = Some("SUB".to_owned()),
        |f| f.owned = true,
        |f| f.min_access_level = Some(10),
        |f| f.visibility = Some(Visibility::Private),
        |f| f.own_namespace = true,
        |f| f.linked = true,
        |f| f.without = vec![1, 2],
    ])
}

fn member_filters() -> Vec<MemberFilter> {
    alone_and_together::<MemberFilter>(&[
        |f| f.query = Some("name".to_owned()),
        |f| f.user_ids = vec![1],
        |f| f.user_ids = vec![1, 2, 3],
        |f| f.inherited = true,
        |f| f.people = Some(true),
        |f| f.people = Some(false),
    ])
}

fn issue_filters(world: World) -> Vec<IssueFilter> {
    let mut filters = alone_and_together::<IssueFilter>(&[
        |f| f.state = Some(IssueState::Closed),
        |f| f.labels = Some(Labelled::None),
        |f| f.labels = Some(Labelled::Any),
        |f| f.labels = Some(Labelled::All(vec!["a".to_owned(), "b".to_owned()])),
        |f| (f.search, f.search_title_only) = (Some("50%".to_owned()), true),
        |f| (f.search, f.search_title_only) = (Some("a".to_owned()), false),
        |f| (f.search, f.search_description_only) = (Some("a".to_owned()), true),
        |f| f.author = Some(Who::Id(1)),
        |f| f.author = Some(Who::Username("Ghost".to_owned())),
        |f| f.assigned = Some(Assigned::None),
        |f| f.assigned = Some(Assigned::Any),
        |f| f.assigned = Some(Assigned::To(vec![Who::Id(1), Who::Username("x".to_owned())])),
        |f| f.iids = vec![1, 2, 3],
        |f| f.created = (Some(NOW), Some(NOW)),
        |f| f.updated = (Some(NOW), Some(NOW)),
        |f| f.confidential = Some(true),
        |f| f.non_archived = true,
        |f| f.nothing = true,
    ]);
    for by_role in [true, false] {
        filters.push(IssueFilter { project: Some((world.project, by_role)), ..IssueFilter::default() });
    }
    filters
}

fn event_filters() -> Vec<EventFilter> {
    alone_and_together::<EventFilter>(&[
        |f| f.entity_kind = Some("project"),
        |f| f.entity_id = Some(1),
        |f| f.author = Some("a".to_owned()),
        |f| f.action = Some("a_%".to_owned()),
        |f| f.id = Some(1),
        |f| f.created_after = Some(NOW),
        |f| f.created_before = Some(NOW),
        |f| f.id_after = Some(0),
        |f| f.id_before = Some(i64::MAX),
        |f| f.nothing = true,
    ])
}

/// Every list query in every combination, with the orders that it may have.
pub(crate) fn lists(world: World) -> Vec<(String, Filter, Vec<&'static str>)> {
    let mut lists = Vec::new();
    for wanted in user_filters() {
        lists.push((format!("{wanted:?}"), users::filter(&wanted), both_ways(users::ORDERS)));
    }
    let token_orders: Vec<_> = tokens::ORDERS.iter().map(|(_, order)| *order).collect();
    for wanted in token_filters(world) {
        lists.push((format!("{wanted:?}"), tokens::filter(&wanted, today()), token_orders.clone()));
        let all = Selection { tokens: wanted, ..Selection::default() };
        lists.push((format!("{all:?}"), inventory::filter(&all, today()), token_orders.clone()));
    }
    for wanted in selections(world) {
        lists.push((format!("{wanted:?}"), inventory::filter(&wanted, today()), vec!["t.id"]));
        for change in [Change::Revoke, Change::Extend(today().plus_days(90))] {
            let sudo = ScopeSet::of(&[Scope::Sudo]);
            let touched = inventory::touched(&wanted, change, Some(world.token + 1), sudo, today());
            lists.push((format!("{change:?} {wanted:?}"), touched, vec!["t.id"]));
        }
    }
    for viewer in viewers(world) {
        for wanted in project_filters() {
            let label = format!("{viewer:?} {wanted:?}");
            lists.push((label, projects::filter(&viewer, &wanted), both_ways(projects::ORDERS)));
        }
        for wanted in group_filters() {
            let label = format!("{viewer:?} {wanted:?}");
            lists.push((label, namespaces::filter(&viewer, &wanted), both_ways(namespaces::ORDERS)));
        }
        for wanted in issue_filters(world) {
            let label = format!("{viewer:?} {wanted:?}");
            lists.push((label, issues::filter(&viewer, &wanted), both_ways(issues::ORDERS)));
        }
    }
    for wanted in event_filters() {
        lists.push((format!("{wanted:?}"), audit::filter(&wanted), both_ways(audit::ORDERS)));
    }
    for projects in [None, Some(true), Some(false)] {
        let filter = accounts::memberships_filter(world.owner, projects, today());
        lists.push((format!("memberships {projects:?}"), filter, vec!["m.id"]));
    }
    lists.push(("notes".to_owned(), notes::filter(1), both_ways(notes::ORDERS)));
    for place in [Place::Project(world.project), Place::Group(world.group)] {
        for wanted in member_filters() {
            let label = format!("{place:?} {wanted:?}");
            let filter = members::filter(place, world.subgroup, &wanted, today());
            lists.push((label, filter, members::ORDERS.to_vec()));
        }
    }
    lists
}

async fn faults(store: &Store, texts: Vec<(String, String)>) -> Vec<String> {
    let mut faults = Vec::new();
    for (label, sql) in texts {
        let text = sql.clone();
        if let Err(error) = read(store, move |conn| conn.prepare(&text)).await {
            faults.push(format!("{label}: {error}\n{sql}"));
        }
    }
    faults
}

both! {
    async fn every_query_prepares(db: Database) {
        let store = db.open();
        let mut texts: Vec<(String, String)> =
            query::all().map(|(name, sql)| ((*name).to_owned(), (*sql).to_owned())).collect();
        assert!(texts.len() >= 80, "only {} queries are registered", texts.len());
        texts.push(("the count of fates".to_owned(), fate::counting()));
        for (table, column, fate) in fate::FATES {
            if let Some(sql) = fate::statement(table, column, *fate) {
                texts.push((format!("the fate of {table}.{column}"), sql));
            }
        }
        let faults = faults(&store, texts).await;
        assert!(faults.is_empty(), "{}", faults.join("\n\n"));
    }

    async fn every_list_runs_in_every_order(db: Database) {
        // Only a run binds the parameters, and PostgreSQL takes no number for a truth value.
        let store = db.open();
        let world = World::make(&store).await;
        let count = lists(world).len();
        assert!(count > 120, "{count}");
        let faults = read(&store, move |conn| {
            let mut faults = Vec::new();
            for (label, filter, orders) in lists(world) {
                for order in orders {
                    let listed = filter.list(conn, order, Slice { limit: 5, offset: 0 }, Ok);
                    match listed {
                        Ok(listed) if listed.total == i64::try_from(listed.items.len()).ok() => {}
                        Ok(listed) => faults.push(format!(
                            "{label} by {order}: {:?} counted, {} listed", listed.total, listed.items.len()
                        )),
                        Err(error) => return Err(DbError::Failed(format!("{label} by {order}: {error}"))),
                    }
                }
            }
            Ok(faults)
        });
        let faults = faults.await.unwrap();
        assert!(faults.is_empty(), "{}", faults.join("\n\n"));
    }
}
