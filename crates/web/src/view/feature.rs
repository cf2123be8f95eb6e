//! Feature flags (semantics sheet 4.3).

use serde_json::{Value, json};
use tessera_service::feature::{Definition, gate};
use tessera_service::features::Flag;

/// What the server knows of a flag.
pub(crate) fn definition(definition: &Definition) -> Value {
    json!({
        "name": definition.name,
        "introduced_by_url": null,
        "rollout_issue_url": null,
        "milestone": null,
        "log_state_changes": null,
        "type": "development",
        "group": definition.group,
        "default_enabled": definition.default,
    })
}

/// A flag that was set. The boolean gate is always there, others only when they say something.
pub(crate) fn flag(flag: &Flag) -> Value {
    let mut gates = vec![json!({ "key": gate::BOOLEAN, "value": flag.boolean })];
    if !flag.actors.is_empty() {
        gates.push(json!({ "key": gate::ACTORS, "value": flag.actors }));
    }
    for (key, part) in [
        (gate::PERCENTAGE_OF_ACTORS, flag.percentage_of_actors),
        (gate::PERCENTAGE_OF_TIME, flag.percentage_of_time),
    ] {
        if part > 0.0 {
            gates.push(json!({ "key": key, "value": number(part) }));
        }
    }
    if !flag.groups.is_empty() {
        gates.push(json!({ "key": gate::GROUPS, "value": flag.groups }));
    }
    json!({
        "name": flag.name,
        "state": flag.state(),
        "gates": gates,
        "definition": flag.definition.map(definition),
    })
}

/// A whole percentage is written without a fraction.
fn number(part: f64) -> Value {
    let text = part.to_string();
    text.parse::<u64>().map_or_else(|_| json!(part), |whole| json!(whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gates_stand_in_order_and_empty_ones_are_left_out() {
        let mut shown = Flag {
            name: "f".to_owned(),
            boolean: false,
            actors: Vec::new(),
            percentage_of_actors: 0.0,
            percentage_of_time: 0.0,
            groups: Vec::new(),
            definition: None,
        };
        assert_eq!(
            flag(&shown),
            json!({"name": "f", "state": "off", "gates": [{"key": "boolean", "value": false}], "definition": null})
        );
        shown.actors.push("Project:52".to_owned());
        shown.percentage_of_actors = 25.0;
        shown.percentage_of_time = 2.5;
        shown.groups.push("team".to_owned());
        assert_eq!(
            flag(&shown)["gates"].to_string(),
            r#"[{"key":"boolean","value":false},{"key":"actors","value":["Project:52"]},{"key":"percentage_of_actors","value":25},{"key":"percentage_of_time","value":2.5},{"key":"groups","value":["team"]}]"#
        );
    }
}
