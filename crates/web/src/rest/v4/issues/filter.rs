//! What the query asks of a list of issues, wherever they are.

use tessera_model::issue::IssueState;
use tessera_model::time::Timestamp;
use tessera_service::issues::list::{Assigned, IssueFilter, Labelled, ORDERS, Who, order_of};

use crate::params::Reader;

/// Numbers of issues that one list may name.
const MOST_IIDS: usize = 1000;

/// The filter and the order.
pub(super) fn read(p: &mut Reader<'_>) -> (IssueFilter, &'static str) {
    let state = p.string("state").among(&["opened", "closed", "all"]).or("all".to_owned());
    let names: Vec<&str> = ORDERS.iter().map(|(name, _, _)| *name).collect();
    let by = p.string("order_by").among(&names).or("created_at".to_owned());
    let descending = p.string("sort").among(&["asc", "desc"]).or("desc".to_owned()) == "desc";
    let kind = p.string("issue_type").among(&["issue", "incident", "test_case", "task"]).optional();
    let labels = p.strings("labels").comma().optional().map(labelled);
    let milestone = p.string("milestone").optional();
    let iids = p.integers("iids").comma().or(Vec::new());
    if iids.len() > MOST_IIDS {
        p.refuse("iids", &format!("are too many (maximum is {MOST_IIDS})"));
    }
    let search = p.string("search").optional();
    let place = p.string("in").or(String::new());
    let author = author(p);
    let assigned = assigned(p);
    let mut time = |name: &str| p.datetime(name).optional().map(Timestamp);
    let created = (time("created_after"), time("created_before"));
    let updated = (time("updated_after"), time("updated_before"));
    let confidential = p.boolean("confidential").optional();
    let filter = IssueFilter {
        state: (state != "all").then(|| IssueState::parse(&state)),
        labels: labels.flatten(),
        search,
        search_title_only: place == "title",
        search_description_only: place == "description",
        author,
        assigned,
        iids,
        created,
        updated,
        confidential,
        nothing: kind.is_some_and(|kind| kind != "issue") || milestone.is_some_and(|title| !is_none(&title)),
        ..IssueFilter::default()
    };
    (filter, order_of(&by, descending))
}

/// Issues here have no milestone, which is what this word asks for.
fn is_none(milestone: &str) -> bool {
    milestone.is_empty() || milestone.eq_ignore_ascii_case("none") || milestone == "No Milestone"
}

fn labelled(labels: Vec<String>) -> Option<Labelled> {
    match labels.as_slice() {
        [] => None,
        [one] if one.eq_ignore_ascii_case("none") || one == "No Label" => Some(Labelled::None),
        [one] if one.eq_ignore_ascii_case("any") => Some(Labelled::Any),
        _ => Some(Labelled::All(labels)),
    }
}

fn author(p: &mut Reader<'_>) -> Option<Who> {
    let id = p.integer("author_id").optional().map(Who::Id);
    let username = p.string("author_username").optional().filter(|name| !name.is_empty());
    p.mutually_exclusive(&["author_id", "author_username"]);
    id.or_else(|| username.map(Who::Username))
}

fn assigned(p: &mut Reader<'_>) -> Option<Assigned> {
    let asked = p.string("assignee_id").optional().filter(|asked| !asked.is_empty());
    let usernames = p.strings("assignee_username").comma().or(Vec::new());
    let by_id = asked.and_then(|asked| {
        let by_id = assignee(&asked);
        if by_id.is_none() {
            p.refuse("assignee_id", &format!("should be an integer, 'None' or 'Any', however got {asked}"));
        }
        by_id
    });
    p.mutually_exclusive(&["assignee_id", "assignee_username"]);
    let by_name = usernames.into_iter().filter(|name| !name.is_empty()).map(Who::Username);
    let by_name: Vec<Who> = by_name.collect();
    by_id.or_else(|| (!by_name.is_empty()).then_some(Assigned::To(by_name)))
}

/// A number, `None`, `Any`, or the older 0 for nobody.
fn assignee(asked: &str) -> Option<Assigned> {
    match asked.trim().parse() {
        Ok(0) => Some(Assigned::None),
        Ok(id) => Some(Assigned::To(vec![Who::Id(id)])),
        Err(_) if asked.eq_ignore_ascii_case("none") => Some(Assigned::None),
        Err(_) if asked.eq_ignore_ascii_case("any") => Some(Assigned::Any),
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::params::Params;

    fn filter(given: Value) -> Result<IssueFilter, String> {
        let Value::Object(map) = given else { panic!("not an object") };
        let params = Params::from(map);
        let mut p = Reader::new(&params);
        let (filter, _) = read(&mut p);
        p.finish().map(|()| filter).map_err(|error| error.to_string())
    }

    #[test]
    fn words_stand_for_none_and_any() {
        let assigned = |asked: &str| filter(json!({ "assignee_id": asked })).map(|filter| filter.assigned);
        assert_eq!(assigned("None"), Ok(Some(Assigned::None)));
        assert_eq!(assigned("0"), Ok(Some(Assigned::None)));
        assert_eq!(assigned("any"), Ok(Some(Assigned::Any)));
        assert_eq!(assigned("7"), Ok(Some(Assigned::To(vec![Who::Id(7)]))));
        assert_eq!(assigned(""), Ok(None));
        assert_eq!(
            assigned("me"),
            Err("assignee_id should be an integer, 'None' or 'Any', however got me".to_owned())
        );
        let labels = |asked: &str| filter(json!({ "labels": asked })).unwrap().labels;
        assert_eq!(labels("None"), Some(Labelled::None));
        assert_eq!(labels("any"), Some(Labelled::Any));
        assert_eq!(labels("a, b"), Some(Labelled::All(vec!["a".to_owned(), "b".to_owned()])));
        assert_eq!(labels(""), None);
    }

    #[test]
    fn what_no_issue_has_is_asked_for_in_vain() {
        let nothing = |given: Value| filter(given).unwrap().nothing;
        assert!(!nothing(json!({})) && !nothing(json!({ "milestone": "None", "issue_type": "issue" })));
        assert!(nothing(json!({ "milestone": "v1" })) && nothing(json!({ "issue_type": "incident" })));
    }

    #[test]
    fn mistakes_are_told_in_the_order_of_declaration() {
        let given = json!({
            "author_id": 1, "author_username": "a", "assignee_id": 2, "assignee_username": "b",
            "state": "open", "sort": "up", "order_by": "stars",
        });
        assert_eq!(
            filter(given).unwrap_err(),
            "state does not have a valid value, order_by does not have a valid value, sort does not have a valid \
             value, author_id, author_username are mutually exclusive, assignee_id, assignee_username are mutually \
             exclusive"
        );
    }
}
