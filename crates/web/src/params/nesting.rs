//! Flat names with brackets into trees, by Rack's rules: `a[]=1`, `a[b]=2`, `a[][x]=3`.

use serde_json::{Map, Value};

use super::ParamError;

/// How deep brackets may nest.
pub(super) const MAX_DEPTH: usize = 32;
/// How many name-value pairs one query or one body may have.
pub(super) const MAX_PAIRS: usize = 4096;
/// How many lists and maps brackets may open in one query or body. Without it 4096 names, each nested to the
/// full depth, would take some hundred times the memory of the request.
const MAX_CONTAINERS: usize = 8192;

/// A tree under construction from name-value pairs.
#[derive(Default)]
pub(super) struct Tree {
    map: Map<String, Value>,
    pairs: usize,
    containers: usize,
}

impl Tree {
    /// Counts one pair more, whether or not it has a place in the tree.
    pub(super) fn count(&mut self) -> Result<(), ParamError> {
        self.pairs += 1;
        if self.pairs > MAX_PAIRS {
            return Err(ParamError::malformed(format!(
                "Too many parameters: at most {MAX_PAIRS} are accepted"
            )));
        }
        Ok(())
    }

    /// Puts `value` where `name` says. A name made of brackets alone names nothing and is ignored.
    pub(super) fn insert(&mut self, name: &str, value: Value) -> Result<(), ParamError> {
        place(&mut self.map, name, value, 1, &mut self.containers)
    }

    pub(super) fn into_map(self) -> Map<String, Value> {
        self.map
    }
}

/// The first step of a name and what follows it: `a[b][c]` is `a` and `[b][c]`.
fn split(name: &str) -> Option<(&str, &str)> {
    let start = name.find(|c| c != '[' && c != ']')?;
    let body = &name[start..];
    let end = body.find(['[', ']']).unwrap_or(body.len());
    Some((&body[..end], body[end..].trim_start_matches(']')))
}

fn place(
    map: &mut Map<String, Value>,
    name: &str,
    value: Value,
    depth: usize,
    containers: &mut usize,
) -> Result<(), ParamError> {
    if depth > MAX_DEPTH {
        return Err(ParamError::malformed(format!(
            "Parameters are nested too deeply: at most {MAX_DEPTH} levels are accepted"
        )));
    }
    let Some((key, after)) = split(name) else { return Ok(()) };
    match after {
        "" => put(map, key, value),
        // An opening bracket that is never closed is part of the name.
        "[" => put(map, name, value),
        "[]" => {
            list(map, key, containers)?.push(value);
            Ok(())
        }
        _ => match after.strip_prefix("[]") {
            Some(child) => place_in_list(map, key, child, value, depth, containers),
            None => place(hash(map, key, containers)?, after, value, depth + 1, containers),
        },
    }
}

/// `key[]child=value`: into the last map of the list, or into a new one when that has the child already.
fn place_in_list(
    map: &mut Map<String, Value>,
    key: &str,
    child: &str,
    value: Value,
    depth: usize,
    containers: &mut usize,
) -> Result<(), ParamError> {
    if split(child).is_none() {
        return Err(ParamError::malformed(format!("Parameter '{key}' has a list directly in a list")));
    }
    let items = list(map, key, containers)?;
    let fits = matches!(items.last(), Some(Value::Object(last)) if !has(last, child));
    if !fits {
        open(containers)?;
        items.push(Value::Object(Map::new()));
    }
    match items.last_mut() {
        Some(Value::Object(last)) => place(last, child, value, depth + 1, containers),
        _ => Ok(()),
    }
}

/// Whether a map has a value at this name already. A name that ends in a list never counts as taken.
fn has(map: &Map<String, Value>, name: &str) -> bool {
    if name.contains("[]") {
        return false;
    }
    let mut steps = name.split(['[', ']']).filter(|step| !step.is_empty());
    let Some(first) = steps.next().and_then(|step| map.get(step)) else { return false };
    steps.try_fold(first, |here, step| here.as_object().and_then(|map| map.get(step))).is_some()
}

fn put(map: &mut Map<String, Value>, key: &str, value: Value) -> Result<(), ParamError> {
    match map.get_mut(key) {
        Some(taken @ (Value::Array(_) | Value::Object(_))) => Err(conflict(key, "String", taken)),
        Some(taken) => {
            *taken = value;
            Ok(())
        }
        None => {
            map.insert(key.to_owned(), value);
            Ok(())
        }
    }
}

fn list<'m>(
    map: &'m mut Map<String, Value>,
    key: &str,
    containers: &mut usize,
) -> Result<&'m mut Vec<Value>, ParamError> {
    if !map.contains_key(key) {
        open(containers)?;
    }
    match map.entry(key).or_insert_with(|| Value::Array(Vec::new())) {
        Value::Array(items) => Ok(items),
        taken => Err(conflict(key, "Array", taken)),
    }
}

fn hash<'m>(
    map: &'m mut Map<String, Value>,
    key: &str,
    containers: &mut usize,
) -> Result<&'m mut Map<String, Value>, ParamError> {
    if !map.contains_key(key) {
        open(containers)?;
    }
    match map.entry(key).or_insert_with(|| Value::Object(Map::new())) {
        Value::Object(inner) => Ok(inner),
        taken => Err(conflict(key, "Hash", taken)),
    }
}

fn open(containers: &mut usize) -> Result<(), ParamError> {
    *containers += 1;
    if *containers > MAX_CONTAINERS {
        return Err(ParamError::malformed("Too many nested parameters"));
    }
    Ok(())
}

fn conflict(key: &str, wanted: &str, taken: &Value) -> ParamError {
    let got = match taken {
        Value::Array(_) => "Array",
        Value::Object(_) => "Hash",
        _ => "String",
    };
    ParamError::malformed(format!("expected {wanted} (got {got}) for param '{key}'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(pairs: &[(&str, &str)]) -> Result<String, String> {
        let mut tree = Tree::default();
        for (name, value) in pairs {
            tree.count().map_err(|e| e.to_string())?;
            tree.insert(name, Value::String((*value).to_owned())).map_err(|e| e.to_string())?;
        }
        Ok(Value::Object(tree.into_map()).to_string())
    }

    #[test]
    fn shapes() {
        let table: &[(&[(&str, &str)], &str)] = &[
            (&[("a", "1"), ("a", "2")], r#"{"a":"2"}"#),
            (&[("a[]", "1"), ("a[]", "2")], r#"{"a":["1","2"]}"#),
            (&[("a[b]", "1"), ("a[c]", "2")], r#"{"a":{"b":"1","c":"2"}}"#),
            (&[("a[b][c]", "1"), ("a[b][d][]", "2")], r#"{"a":{"b":{"c":"1","d":["2"]}}}"#),
            (&[("a[][x]", "1"), ("a[][x]", "2")], r#"{"a":[{"x":"1"},{"x":"2"}]}"#),
            (&[("a[][x]", "1"), ("a[][y]", "2"), ("a[][x]", "3")], r#"{"a":[{"x":"1","y":"2"},{"x":"3"}]}"#),
            (&[("a[][x][]", "1"), ("a[][x][]", "2")], r#"{"a":[{"x":["1","2"]}]}"#),
            (
                &[("a[][x][y]", "1"), ("a[][x][z]", "2"), ("a[][x][y]", "3")],
                r#"{"a":[{"x":{"y":"1","z":"2"}},{"x":{"y":"3"}}]}"#,
            ),
            (&[("a[]", "1"), ("a[][x]", "2")], r#"{"a":["1",{"x":"2"}]}"#),
            (&[("a[", "1")], r#"{"a[":"1"}"#),
            (&[("[a]", "1")], r#"{"a":"1"}"#),
            (&[("[]", "1"), ("", "2"), ("]", "3")], "{}"),
            (&[(":action", "file_upload"), ("b.c", "1")], r#"{":action":"file_upload","b.c":"1"}"#),
        ];
        for (pairs, expected) in table {
            assert_eq!(tree(pairs).as_deref(), Ok(*expected), "{pairs:?}");
        }
    }

    #[test]
    fn conflicting_shapes_are_refused() {
        let table: &[(&[(&str, &str)], &str)] = &[
            (&[("a", "1"), ("a[b]", "2")], "expected Hash (got String) for param 'a'"),
            (&[("a", "1"), ("a[]", "2")], "expected Array (got String) for param 'a'"),
            (&[("a[b]", "1"), ("a[]", "2")], "expected Array (got Hash) for param 'a'"),
            (&[("a[]", "1"), ("a[b]", "2")], "expected Hash (got Array) for param 'a'"),
            (&[("a[b]", "1"), ("a", "2")], "expected String (got Hash) for param 'a'"),
            (&[("a[][]", "1")], "Parameter 'a' has a list directly in a list"),
        ];
        for (pairs, expected) in table {
            assert_eq!(tree(pairs).unwrap_err(), *expected, "{pairs:?}");
        }
    }

    #[test]
    fn depth_pairs_and_containers_are_bounded() {
        let at_limit = format!("a{}", "[b]".repeat(MAX_DEPTH - 1));
        assert!(tree(&[(&at_limit, "1")]).is_ok());
        let beyond = format!("a{}", "[b]".repeat(MAX_DEPTH));
        assert!(tree(&[(&beyond, "1")]).unwrap_err().contains("nested too deeply"));

        let full = vec![("a[]", "1"); MAX_PAIRS];
        assert!(tree(&full).is_ok());
        let over = vec![("a[]", "1"); MAX_PAIRS + 1];
        assert!(tree(&over).unwrap_err().contains("Too many parameters"));

        let names: Vec<String> = (0..1000).map(|n| format!("k{n}{}", "[b]".repeat(20))).collect();
        let deep: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "1")).collect();
        assert_eq!(tree(&deep).unwrap_err(), "Too many nested parameters");
    }
}
