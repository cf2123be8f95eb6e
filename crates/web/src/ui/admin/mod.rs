//! The pages of administrators.

mod audit;
mod features;
mod jobs;
mod overview;
mod places;
mod settings;
mod system;
mod tokens;
mod users;

use crate::ui::choice::Choice;

/// Entries of a list to choose from, given as values and labels.
fn choices<'a>(all: impl IntoIterator<Item = (&'a str, &'a str)>, chosen: &str) -> Vec<Choice> {
    all.into_iter().map(|(value, label)| Choice::new(value, label, value == chosen)).collect()
}

/// An address with a query of these fields; those without a value are left out.
fn address<'a>(path: &str, fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(fields.into_iter().filter(|(_, value)| !value.is_empty()));
    let query = query.finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// A number with what it counts: `1 token`, `2 tokens`.
fn counted(count: i64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(count), if count == 1 { one } else { many })
}

/// A number with commas between its thousands.
fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = if number < 0 { "-".to_owned() } else { String::new() };
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_parted() {
        for (number, text) in
            [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567"), (-1000, "-1,000")]
        {
            assert_eq!(grouped(number), text);
        }
        assert_eq!(counted(1, "token", "tokens"), "1 token");
        assert_eq!(counted(1200, "token", "tokens"), "1,200 tokens");
    }

    #[test]
    fn addresses_say_what_there_is_to_say() {
        assert_eq!(address("/a", [("b", "")]), "/a");
        assert_eq!(address("/a", [("b", "c d"), ("e", ""), ("f", "&")]), "/a?b=c+d&f=%26");
    }
}
