//! The decision over references, case by case.

use super::*;

const CREATE: Change = Change::Create;
const PUSH: Change = Change::Update { forced: false };
const FORCE: Change = Change::Update { forced: true };
const DELETE: Change = Change::Delete;

fn actor(user_id: i64, role: Role) -> Actor {
    Actor { user_id: Some(user_id), role: Some(role), admin: false }
}

fn level(action: Action, level: Level) -> Grant {
    Grant { id: 0, action, holder: Holder::Level(level) }
}

fn user(action: Action, id: i64) -> Grant {
    Grant { id: 0, action, holder: Holder::User { id, name: "someone".to_owned() } }
}

fn rule(kind: RefKind, name: &str, allow_force_push: bool, grants: Vec<Grant>) -> ProtectedRef {
    ProtectedRef { id: 1, kind, name: name.to_owned(), allow_force_push, grants }
}

/// What becomes of one update, as text.
fn verdict(refs: &[ProtectedRef], actor: Actor, name: &str, change: Change, door: Door) -> &'static str {
    let rules = Rules { default_branch: "main", empty: false, default_protection: 2, refs };
    match decide_ref_update(actor, &rules, RefUpdate { name, change }, door) {
        Ok(()) => "ok",
        Err(refusal) => refusal.text(),
    }
}

#[test]
fn patterns() {
    for (pattern, name, fits) in [
        ("main", "main", true),
        ("main", "Main", false),
        ("main", "main2", false),
        ("*", "anything/at/all", true),
        ("release/*", "release/1.0/x", true),
        ("release/*", "release/", true),
        ("release/*", "release", false),
        ("*-stable", "1-2-stable", true),
        ("*-stable", "1-2-stable-3", false),
        ("a*b*c", "a-b-b-c", true),
        ("a*b*c", "a-c-b", false),
        ("a*a", "a", false),
        ("ab*ba", "aba", false),
        ("**", "x", true),
        ("*ü*", "xüx", true),
    ] {
        assert_eq!(matches(pattern, name), fits, "{pattern} {name}");
    }
}

#[test]
fn a_wildcard_takes_no_exponential_time() {
    let pattern = "*a".repeat(500);
    assert!(!matches(&format!("{pattern}b"), &"a".repeat(10_000)));
}

#[test]
fn the_usual_protection_of_main() {
    let refs = [rule(
        RefKind::Branch,
        "main",
        false,
        vec![level(Action::Push, Level::Maintainers), level(Action::Merge, Level::Maintainers)],
    )];
    let (developer, maintainer) = (actor(1, Role::Developer), actor(2, Role::Maintainer));
    let push = "You are not allowed to push code to protected branches on this project.";
    let force = "You are not allowed to force push code to a protected branch on this project.";
    for (who, name, change, expected) in [
        (developer, "refs/heads/main", PUSH, push),
        (developer, "refs/heads/main", FORCE, force),
        (developer, "refs/heads/main", DELETE, "The default branch of a project cannot be deleted."),
        (developer, "refs/heads/topic", PUSH, "ok"),
        (developer, "refs/heads/topic", FORCE, "ok"),
        (developer, "refs/heads/topic", DELETE, "ok"),
        (maintainer, "refs/heads/main", PUSH, "ok"),
        (maintainer, "refs/heads/main", FORCE, force),
        (maintainer, "refs/heads/main", DELETE, "The default branch of a project cannot be deleted."),
        (developer, "refs/tags/v1", CREATE, "ok"),
        (developer, "refs/tags/v1", FORCE, "ok"),
        (developer, "refs/tags/main", CREATE, "You cannot use default branch name to create a tag"),
        (developer, "refs/notes/semantic-release-v1", CREATE, "ok"),
    ] {
        assert_eq!(verdict(&refs, who, name, change, Door::Git), expected, "{who:?} {name} {change:?}");
    }
}

#[test]
fn wildcards_and_deleting() {
    let refs = [rule(RefKind::Branch, "release/*", true, vec![level(Action::Push, Level::Maintainers)])];
    let (developer, maintainer) = (actor(1, Role::Developer), actor(2, Role::Maintainer));
    let create = "You are not allowed to create protected branches on this project.";
    assert_eq!(verdict(&refs, developer, "refs/heads/release/1", CREATE, Door::Git), create);
    assert_eq!(verdict(&refs, maintainer, "refs/heads/release/1", CREATE, Door::Git), "ok");
    assert_eq!(verdict(&refs, maintainer, "refs/heads/release/1", FORCE, Door::Git), "ok");
    let by_push = "You can only delete protected branches using the web interface.";
    assert_eq!(verdict(&refs, maintainer, "refs/heads/release/1", DELETE, Door::Git), by_push);
    assert_eq!(verdict(&refs, maintainer, "refs/heads/release/1", DELETE, Door::Api), "ok");
    let not_yours = Refusal::Delete.text();
    assert_eq!(verdict(&refs, developer, "refs/heads/release/1", DELETE, Door::Git), not_yours);
    assert_eq!(verdict(&refs, developer, "refs/heads/release/1", DELETE, Door::Api), not_yours);
}

#[test]
fn named_users_and_no_one() {
    let no_one = level(Action::Push, Level::NoOne);
    let refs = [rule(RefKind::Branch, "main", false, vec![no_one, user(Action::Push, 7)])];
    let push = "You are not allowed to push code to protected branches on this project.";
    assert_eq!(verdict(&refs, actor(7, Role::Developer), "refs/heads/main", PUSH, Door::Git), "ok");
    assert_eq!(verdict(&refs, actor(7, Role::Reporter), "refs/heads/main", PUSH, Door::Git), push);
    assert_eq!(verdict(&refs, actor(8, Role::Owner), "refs/heads/main", PUSH, Door::Git), push);
    let admin = Actor { user_id: Some(9), role: Some(Role::Owner), admin: true };
    assert_eq!(verdict(&refs, admin, "refs/heads/main", PUSH, Door::Git), push);
    let refs = [rule(RefKind::Branch, "main", false, vec![level(Action::Push, Level::Admins)])];
    assert_eq!(verdict(&refs, admin, "refs/heads/main", PUSH, Door::Git), "ok");
    assert_eq!(verdict(&refs, actor(8, Role::Owner), "refs/heads/main", PUSH, Door::Git), push);
}

#[test]
fn of_several_rules_the_widest_counts() {
    let refs = [
        rule(RefKind::Branch, "main", false, vec![level(Action::Push, Level::NoOne)]),
        rule(RefKind::Branch, "ma*", true, vec![level(Action::Push, Level::Developers)]),
    ];
    assert_eq!(verdict(&refs, actor(1, Role::Developer), "refs/heads/main", FORCE, Door::Git), "ok");
}

#[test]
fn protected_tags() {
    let refs = [rule(RefKind::Tag, "v*", false, vec![level(Action::Create, Level::Maintainers)])];
    let (developer, maintainer) = (actor(1, Role::Developer), actor(2, Role::Maintainer));
    for (who, change, door, expected) in [
        (developer, CREATE, Door::Git, Refusal::CreateTag.text()),
        (maintainer, CREATE, Door::Git, "ok"),
        (maintainer, PUSH, Door::Git, Refusal::UpdateTag.text()),
        (maintainer, FORCE, Door::Api, Refusal::UpdateTag.text()),
        (maintainer, DELETE, Door::Git, Refusal::DeleteTagByPush.text()),
        (maintainer, DELETE, Door::Api, "ok"),
        (developer, DELETE, Door::Api, Refusal::DeleteTag.text()),
    ] {
        assert_eq!(verdict(&refs, who, "refs/tags/v1", change, door), expected, "{who:?} {change:?}");
    }
    assert_eq!(verdict(&refs, developer, "refs/heads/v1", CREATE, Door::Git), "ok");
}

#[test]
fn names_that_nobody_may_use() {
    let owner = actor(1, Role::Owner);
    let hex = "0123456789abcdef0123456789ABCDEF01234567";
    let text = Refusal::HexName.text();
    assert_eq!(verdict(&[], owner, &format!("refs/heads/{hex}"), CREATE, Door::Git), text);
    assert_eq!(verdict(&[], owner, &format!("refs/heads/{hex}/x"), CREATE, Door::Git), text);
    assert_eq!(verdict(&[], owner, &format!("refs/heads/{hex}"), DELETE, Door::Git), "ok");
    assert_eq!(verdict(&[], owner, &format!("refs/heads/{hex}0"), CREATE, Door::Git), "ok");
    let internal = Refusal::Internal.text();
    for name in
        ["refs/merge-requests/1/head", "refs/keep-around/x", "refs/tessera/x", "HEAD", "refs/replace/x"]
    {
        assert_eq!(verdict(&[], owner, name, CREATE, Door::Git), internal, "{name}");
    }
}

#[test]
fn the_first_branch_of_a_project() {
    let first = |protection, role| {
        let rules = Rules { default_branch: "main", empty: true, default_protection: protection, refs: &[] };
        let update = RefUpdate { name: "refs/heads/other", change: CREATE };
        decide_ref_update(actor(1, role), &rules, update, Door::Git).is_ok()
    };
    for (protection, developer, maintainer) in
        [(0, true, true), (1, true, true), (2, false, true), (3, false, true), (4, true, true)]
    {
        assert_eq!(first(protection, Role::Developer), developer, "{protection}");
        assert_eq!(first(protection, Role::Maintainer), maintainer, "{protection}");
    }
    let lines = Refusal::EmptyProject.lines("group/project", "main", "https://host/m");
    assert_eq!(lines[0], "A default branch (e.g. main) does not yet exist for group/project");
    assert_eq!(lines[3], "  https://host/m");
}

#[test]
fn who_may_lift_a_rule() {
    let (developer, maintainer) = (actor(1, Role::Developer), actor(2, Role::Maintainer));
    assert!(rule(RefKind::Branch, "x", false, vec![]).may_be_lifted_by(maintainer));
    let rule = rule(RefKind::Branch, "x", false, vec![user(Action::Unprotect, 1)]);
    assert!(rule.may_be_lifted_by(developer));
    assert!(!rule.may_be_lifted_by(maintainer));
}
