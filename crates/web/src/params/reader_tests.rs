use bytes::Bytes;
use serde_json::json;

use super::super::Change;
use super::*;

fn params(value: Value) -> Params {
    let Value::Object(map) = value else { panic!("not an object") };
    Params::from(map)
}

/// What one line of reading gives, or the failures it reports.
fn one<T>(given: Value, read: impl FnOnce(&mut Reader<'_>) -> T) -> Result<T, String> {
    let params = params(given);
    let mut p = Reader::new(&params);
    let out = read(&mut p);
    p.finish().map(|()| out).map_err(|error| error.to_string())
}

fn refused<T>(given: Value, read: impl FnOnce(&mut Reader<'_>) -> T) -> String {
    one(given, read).map(drop).expect_err("accepted")
}

const LEVELS: [i64; 6] = [10, 15, 20, 30, 40, 50];
const SCOPES: [&str; 3] = ["api", "read_api", "read_repository"];

/// The declaration of the call that creates a project access token.
fn create(given: Value) -> Result<(String, Vec<String>, i64, Option<Date>), String> {
    one(given, |p| {
        (
            p.string("name").required(),
            p.strings("scopes").comma().among(&SCOPES).required(),
            p.integer("access_level").among(&LEVELS).or(40),
            p.date("expires_at").optional(),
        )
    })
}

#[test]
fn creating_a_token_accepts() {
    let date = Date::constant(2027, 2, 3);
    let api = || vec!["api".to_owned()];
    for (given, expected) in [
        (json!({"name": "ci", "scopes": ["api"]}), ("ci", api(), 40, None)),
        (
            json!({"name": "ci", "scopes": "api, read_api", "access_level": "20", "expires_at": "2027/02/03"}),
            ("ci", vec!["api".to_owned(), "read_api".to_owned()], 20, Some(date)),
        ),
        (
            json!({"name": 7, "scopes": ["api"], "access_level": null, "expires_at": "2027-02-03T23:00:00Z"}),
            ("7", api(), 40, Some(date)),
        ),
        (
            json!({"name": "ci", "scopes": ["api"], "access_level": "", "expires_at": ""}),
            ("ci", api(), 40, None),
        ),
        (json!({"name": "", "scopes": ""}), ("", vec![], 40, None)),
        (json!({"name": null, "scopes": null, "expires_at": null}), ("", vec![], 40, None)),
        (json!({"name": "ci", "scopes": []}), ("ci", vec![], 40, None)),
        (
            json!({"name": "ci", "scopes": ["api,read_api"]}),
            ("ci", vec!["api".into(), "read_api".into()], 40, None),
        ),
    ] {
        let (name, scopes, level, expires) = expected;
        assert_eq!(create(given.clone()), Ok((name.to_owned(), scopes, level, expires)), "{given}");
    }
}

#[test]
fn creating_a_token_refuses() {
    let ok = json!(["api"]);
    for (given, text) in [
        (json!({}), "name is missing, scopes is missing"),
        (json!({"scopes": ok}), "name is missing"),
        (json!({"name": "x"}), "scopes is missing"),
        (json!({"name": "x", "scopes": ["sudo"]}), "scopes does not have a valid value"),
        (json!({"name": "x", "scopes": ["api", "sudo"]}), "scopes does not have a valid value"),
        (
            json!({"name": "x", "scopes": {"0": "api"}}),
            "scopes is invalid, scopes does not have a valid value",
        ),
        (json!({"name": ["x"], "scopes": ok}), "name is invalid"),
        (json!({"name": "x", "scopes": ok, "access_level": 0}), "access_level does not have a valid value"),
        (
            json!({"name": "x", "scopes": ok, "access_level": "high"}),
            "access_level is invalid, access_level does not have a valid value",
        ),
        (
            json!({"name": "x", "scopes": ok, "access_level": 30.5}),
            "access_level is invalid, access_level does not have a valid value",
        ),
        (json!({"name": "x", "scopes": ok, "expires_at": "soon"}), "expires_at is invalid"),
        (
            json!({"name": "x", "scopes": ["s"], "access_level": 1, "expires_at": "x"}),
            "scopes does not have a valid value, access_level does not have a valid value, expires_at is invalid",
        ),
    ] {
        assert_eq!(create(given.clone()).unwrap_err(), text, "{given}");
    }
}

#[test]
fn values_outside_a_list() {
    let state = |p: &mut Reader<'_>| p.string("state").among(&["active", "inactive"]).optional();
    assert_eq!(one(json!({}), state), Ok(None));
    assert_eq!(one(json!({"state": null}), state), Ok(None));
    assert_eq!(one(json!({"state": "active"}), state), Ok(Some("active".to_owned())));
    for given in [json!(""), json!("Active"), json!(1)] {
        assert_eq!(refused(json!({"state": given}), state), "state does not have a valid value");
    }
    assert_eq!(refused(json!({"state": []}), state), "state is invalid, state does not have a valid value");

    let level = |p: &mut Reader<'_>| p.integer("access_level").among(&LEVELS).required();
    assert_eq!(one(json!({"access_level": "30"}), level), Ok(30));
    assert_eq!(
        refused(json!({}), level),
        "access_level is missing, access_level does not have a valid value"
    );
    for given in [json!(null), json!(""), json!(31)] {
        assert_eq!(
            refused(json!({"access_level": given}), level),
            "access_level does not have a valid value"
        );
    }
    // Dynamic lists work as well as fixed ones.
    let names = vec!["a".to_owned()];
    assert_eq!(one(json!({"x": "a"}), |p| p.string("x").among(&names).required()), Ok("a".to_owned()));
}

#[test]
fn excluded_blank_and_mismatched_values() {
    let rows = |p: &mut Reader<'_>| p.integer("per_page").excluding(&[0]).or(20);
    assert_eq!(one(json!({"per_page": ""}), rows), Ok(20));
    assert_eq!(refused(json!({"per_page": "0"}), rows), "per_page has a value not allowed");
    assert_eq!(refused(json!({"per_page": "x"}), rows), "per_page is invalid");

    let body = |p: &mut Reader<'_>| p.string("body").not_blank().required();
    assert_eq!(one(json!({"body": "x"}), body), Ok("x".to_owned()));
    assert_eq!(refused(json!({}), body), "body is missing, body is empty");
    for blank in [json!(null), json!(""), json!(" \n")] {
        assert_eq!(refused(json!({"body": blank}), body), "body is empty");
    }
    let title = |p: &mut Reader<'_>| p.string("title").not_blank().optional();
    assert_eq!(one(json!({}), title), Ok(None));
    assert_eq!(refused(json!({"title": ""}), title), "title is empty");

    let sha = |p: &mut Reader<'_>| p.string("sha").matching(|text| text.len() == 40).optional();
    assert_eq!(refused(json!({"sha": "abc"}), sha), "sha is invalid");
    assert_eq!(one(json!({"sha": null}), sha), Ok(None));
}

#[test]
fn required_is_about_the_key() {
    let read = |p: &mut Reader<'_>| {
        (
            p.string("s").required(),
            p.integer("i").required(),
            p.boolean("b").required(),
            p.date("d").given(),
            p.datetime("t").given(),
            p.integers("l").required(),
        )
    };
    let nulls = json!({"s": null, "i": null, "b": null, "d": null, "t": null, "l": null});
    let empties = json!({"s": "", "i": "", "b": "", "d": "", "t": "", "l": ""});
    for given in [nulls, empties] {
        assert_eq!(one(given, read), Ok((String::new(), 0, false, None, None, vec![])));
    }
    assert_eq!(
        refused(json!({}), read),
        "s is missing, i is missing, b is missing, d is missing, t is missing, l is missing"
    );
}

#[test]
fn scalars() {
    assert_eq!(one(json!({"revoked": "yes"}), |p| p.boolean("revoked").optional()), Ok(Some(true)));
    assert_eq!(
        refused(json!({"revoked": "maybe"}), |p| p.boolean("revoked").optional()),
        "revoked is invalid"
    );
    assert_eq!(
        one(json!({"created_after": "1970-01-01T00:00:01Z"}), |p| p.datetime("created_after").optional()),
        Ok(Some(1_000_000))
    );
    assert_eq!(
        refused(json!({"created_after": "x"}), |p| p.datetime("created_after").optional()),
        "created_after is invalid"
    );
    assert_eq!(
        refused(json!({"token_id": "x"}), |p| p.integer("token_id").required()),
        "token_id is invalid"
    );
}

#[test]
fn lists() {
    let strict = |p: &mut Reader<'_>| p.strings("x").optional();
    assert_eq!(one(json!({}), strict), Ok(None));
    assert_eq!(one(json!({"x": null}), strict), Ok(None));
    assert_eq!(
        one(json!({"x": ["a", 1, true]}), strict),
        Ok(Some(vec!["a".into(), "1".into(), "true".into()]))
    );
    assert_eq!(one(json!({"x": ["a,b"]}), strict), Ok(Some(vec!["a,b".into()])));
    for given in [json!("a"), json!(1), json!({"a": 1}), json!([["a"]]), json!([{}])] {
        assert_eq!(refused(json!({"x": given}), strict), "x is invalid");
    }
    let comma = |p: &mut Reader<'_>| p.strings("x").comma().or(vec!["d".into()]);
    assert_eq!(one(json!({"x": " a, b ,,"}), comma), Ok(vec!["a".into(), "b".into()]));
    assert_eq!(one(json!({}), comma), Ok(vec!["d".into()]));
    assert_eq!(one(json!({"x": [null, "a"]}), comma), Ok(vec!["a".into()]));

    let ids = |p: &mut Reader<'_>| p.integers("ids").comma().required();
    assert_eq!(one(json!({"ids": "1, 2"}), ids), Ok(vec![1, 2]));
    assert_eq!(one(json!({"ids": [1, "2", ""]}), ids), Ok(vec![1, 2]));
    assert_eq!(one(json!({"ids": 3}), ids), Ok(vec![3]));
    assert_eq!(refused(json!({"ids": "1,x"}), ids), "ids is invalid");
    assert_eq!(
        refused(json!({"ids": [7]}), |p| p.integers("ids").among(&[1]).optional()),
        "ids does not have a valid value"
    );
}

#[test]
fn updates_tell_absence_from_null() {
    let text = |p: &mut Reader<'_>| p.string("x").update();
    assert_eq!(one(json!({}), text), Ok(Change::Keep));
    assert_eq!(one(json!({"x": null}), text), Ok(Change::Clear));
    assert_eq!(one(json!({"x": ""}), text), Ok(Change::Set(String::new())));
    let number = |p: &mut Reader<'_>| p.integer("x").update();
    assert_eq!(one(json!({"x": ""}), number), Ok(Change::Clear));
    assert_eq!(one(json!({"x": "5"}), number), Ok(Change::Set(5)));
    assert_eq!(refused(json!({"x": "v"}), number), "x is invalid");
    let list = |p: &mut Reader<'_>| p.strings("x").update();
    assert_eq!(one(json!({"x": []}), list), Ok(Change::Set(vec![])));
    assert_eq!(one(json!({"x": null}), list), Ok(Change::Clear));

    assert_eq!(Change::Keep.apply(Some(1)), Some(1));
    assert_eq!(Change::Clear.apply(Some(1)), None);
    assert_eq!(Change::Set(2).map(|it| it + 1).apply(Some(1)), Some(3));
    assert_eq!(Change::Set(2).into_option(), Some(Some(2)));
}

#[test]
fn rules_between_parameters() {
    let exclusive = |p: &mut Reader<'_>| p.mutually_exclusive(&["key", "project"]);
    assert_eq!(one(json!({"project": 1}), exclusive), Ok(()));
    assert_eq!(refused(json!({"project": null, "key": 1}), exclusive), "key, project are mutually exclusive");
    assert_eq!(
        refused(json!({"project": 1, "user": 1, "key": 1}), |p| {
            p.mutually_exclusive(&["key", "feature_group"]);
            p.mutually_exclusive(&["key", "user"]);
            p.mutually_exclusive(&["key", "project"]);
        }),
        "key, user are mutually exclusive, key, project are mutually exclusive"
    );
    assert_eq!(
        refused(json!({"a": 1, "c": 1}), |p| p.mutually_exclusive(&["a", "b", "c"])),
        "a, c are mutually exclusive"
    );

    let names = ["password", "reset_password", "force_random_password"];
    assert_eq!(one(json!({"reset_password": true}), |p| p.at_least_one_of(&names)), Ok(()));
    assert_eq!(
        refused(json!({}), |p| p.at_least_one_of(&names)),
        "password, reset_password, force_random_password are missing, at least one parameter must be provided"
    );

    let pair = ["extern_uid", "provider"];
    assert_eq!(one(json!({}), |p| p.all_or_none_of(&pair)), Ok(()));
    assert_eq!(one(json!({"provider": 1, "extern_uid": 2}), |p| p.all_or_none_of(&pair)), Ok(()));
    assert_eq!(
        refused(json!({"provider": 1}), |p| p.all_or_none_of(&pair)),
        "extern_uid, provider provide all or none of parameters"
    );

    assert_eq!(one(json!({"a": 1}), |p| p.exactly_one_of(&["a", "b"])), Ok(()));
    assert_eq!(
        refused(json!({}), |p| p.exactly_one_of(&["a", "b"])),
        "a, b are missing, exactly one parameter must be provided"
    );
    assert_eq!(
        refused(json!({"a": 1, "b": 1}), |p| p.exactly_one_of(&["a", "b"])),
        "a, b are mutually exclusive"
    );
}

#[test]
fn presence_counts_null() {
    let read = |p: &mut Reader<'_>| (p.present("description"), p.value("description").is_some());
    assert_eq!(one(json!({"description": null}), read), Ok((true, true)));
    assert_eq!(one(json!({}), read), Ok((false, false)));
}

#[test]
fn nested_lists_and_maps() {
    let rules = |p: &mut Reader<'_>| {
        p.nested("allowed_to_push").each(|rule| {
            let level = rule.integer("access_level").among(&[0, 30, 40]).optional();
            let user = rule.integer("user_id").optional();
            rule.mutually_exclusive(&["access_level", "user_id"]);
            (level, user)
        })
    };
    assert_eq!(one(json!({}), rules), Ok(None));
    assert_eq!(one(json!({"allowed_to_push": null}), rules), Ok(None));
    assert_eq!(one(json!({"allowed_to_push": []}), rules), Ok(Some(vec![])));
    assert_eq!(
        one(json!({"allowed_to_push": [{"access_level": "40"}, {"user_id": 3}]}), rules),
        Ok(Some(vec![(Some(40), None), (None, Some(3))]))
    );
    assert_eq!(
        refused(
            json!({"allowed_to_push": [{"access_level": 7}, {"user_id": "x", "access_level": 0}]}),
            rules
        ),
        "allowed_to_push[0][access_level] does not have a valid value, allowed_to_push[1][user_id] is invalid, \
         allowed_to_push[1][access_level], allowed_to_push[1][user_id] are mutually exclusive"
    );
    for given in [json!("x"), json!({"0": {}}), json!([1]), json!([{}, []])] {
        assert_eq!(refused(json!({"allowed_to_push": given}), rules), "allowed_to_push is invalid");
    }

    let links = |p: &mut Reader<'_>| {
        p.nested("assets")
            .map(|assets| assets.nested("links").required().each(|link| link.string("name").required()))
    };
    assert_eq!(
        one(json!({"assets": {"links": [{"name": "a"}]}}), links),
        Ok(Some(Some(vec!["a".to_owned()])))
    );
    assert_eq!(refused(json!({"assets": {"links": [{}]}}), links), "assets[links][0][name] is missing");
    assert_eq!(refused(json!({"assets": {}}), links), "assets[links] is missing");
    assert_eq!(refused(json!({"assets": []}), links), "assets is invalid");
    assert_eq!(refused(json!({}), |p| p.nested("x").required().map(|_| ())), "x is missing");

    // Below the top a missing value is only missing, whatever its list of values.
    let action =
        |p: &mut Reader<'_>| p.nested("a").each(|a| a.string("action").among(&["create"]).required());
    assert_eq!(refused(json!({"a": [{}]}), action), "a[0][action] is missing");
}

#[test]
fn files() {
    let mut given = params(json!({"text": "x", "nothing": null}));
    given.files.push(Upload {
        name: "content".into(),
        filename: "a".into(),
        content_type: None,
        bytes: Bytes::from_static(b"1"),
    });
    let mut p = Reader::new(&given);
    assert_eq!(p.file("content").map(|file| &file.bytes[..]), Some(&b"1"[..]));
    assert!(p.required_file("content").is_some() && p.present("content"));
    assert!(p.file("absent").is_none() && p.file("nothing").is_none());
    assert!(p.finish().is_ok());

    let mut p = Reader::new(&given);
    p.required_file("absent");
    p.file("text");
    p.string("content").optional();
    p.strings("content").optional();
    p.refuse("content", "is too large");
    assert_eq!(
        p.finish().unwrap_err().to_string(),
        "absent is missing, text is invalid, content is invalid, content is invalid, content is too large"
    );
}

#[test]
fn the_number_of_reported_failures_is_bounded() {
    let given = json!({"x": vec![json!({}); 5000]});
    let text = refused(given, |p| p.nested("x").each(|x| x.string("a").required()));
    assert_eq!(text.split(", ").count(), MAX_ERRORS);
}

#[test]
fn only_the_named_may_be_given() {
    assert_eq!(one(json!({"a": 1}), |p| p.only(&["a", "b"])), Ok(()));
    assert_eq!(refused(json!({"a": 1, "aa": null}), |p| p.only(&["a", "b"])), "aa does not exist");
}
