//! `/application/settings`.

mod get;
mod update;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// All settings in one object, under the one number that GitLab's has.
fn view(values: BTreeMap<String, Value>) -> Map<String, Value> {
    let mut object = Map::from_iter([("id".to_owned(), json!(1))]);
    object.extend(values);
    object
}
