//! The `Name: value` lines that may end a commit message.

use std::collections::BTreeMap;

/// What git itself writes there. A paragraph that holds one of these need not consist of trailers alone.
const OF_GIT: [&str; 2] = ["Signed-off-by: ", "(cherry picked from commit "];

/// The trailers of a message by name, the values in their order. As in git, they are the lines of the last
/// paragraph after the title, if all of them are trailers, or at least a quarter and one is git's own; a line
/// that begins with a blank goes on with the value before, of which the first line is given.
pub(super) fn of(message: &str) -> BTreeMap<&str, Vec<&str>> {
    let mut found: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let lines: Vec<&str> = message.trim_end().lines().collect();
    let Some(start) = lines.iter().rposition(|line| line.trim().is_empty()) else { return found };
    let last = &lines[start + 1..];
    let own = last.iter().filter(|line| !line.starts_with([' ', '\t']));
    let (mut trailers, mut others, mut of_git) = (0, 0, false);
    for line in own {
        of_git |= OF_GIT.iter().any(|prefix| line.starts_with(prefix));
        if trailer(line).is_some() || line.starts_with(OF_GIT[1]) {
            trailers += 1;
        } else {
            others += 1;
        }
    }
    if others == 0 || (of_git && trailers * 3 >= others) {
        for (name, value) in last.iter().filter_map(|line| trailer(line)) {
            found.entry(name).or_default().push(value);
        }
    }
    found
}

fn trailer(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(':')?;
    let name = name.trim_end_matches([' ', '\t']);
    let fits = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    fits.then(|| (name, value.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(message: &str) -> Vec<(&str, Vec<&str>)> {
        of(message).into_iter().collect()
    }

    #[test]
    fn trailers_end_a_message() {
        let message = "Title\n\nBody: text\n\nCo-authored-by: A <a@x>\nSigned-off-by: B <b@x>\n  continued\n\
                       Co-authored-by: C <c@x>\n";
        assert_eq!(
            names(message),
            [("Co-authored-by", vec!["A <a@x>", "C <c@x>"]), ("Signed-off-by", vec!["B <b@x>"])]
        );
    }

    #[test]
    fn what_is_no_trailer() {
        for message in [
            "Fix: a title alone",
            "Title\n\nA sentence: with a colon",
            "Title\n\nKey: v\nplain words",
            "",
            "\n\n",
        ] {
            assert_eq!(names(message), [], "{message:?}");
        }
        assert_eq!(
            names("Title\n\nplain words\nSigned-off-by: A\nKey: v"),
            [("Key", vec!["v"]), ("Signed-off-by", vec!["A"])]
        );
    }
}
