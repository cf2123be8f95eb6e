//! The order of tags that are called like versions.

use std::cmp::Ordering;

/// One piece of a name: digits or letters; everything else only divides them.
#[derive(Debug, PartialEq, Eq)]
enum Piece<'a> {
    Letters(&'a str),
    Digits(&'a str),
}

fn pieces(name: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = name;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|char: char| !char.is_ascii_alphanumeric());
        let digits = rest.starts_with(|char: char| char.is_ascii_digit());
        let ends = |char: char| !char.is_ascii_alphanumeric() || char.is_ascii_digit() != digits;
        let (piece, after) = rest.split_at(rest.find(ends).unwrap_or(rest.len()));
        rest = after;
        match piece {
            "" => None,
            digits_of if digits => Some(Piece::Digits(digits_of.trim_start_matches('0'))),
            letters => Some(Piece::Letters(letters)),
        }
    })
}

/// Compares two names as versions: numbers by their size, letters before numbers, and a version after
/// its own pre-releases (`1.0-rc1` before `1.0` before `1.0.1`). Names that differ only in what divides their
/// pieces go by their bytes.
pub(crate) fn compare(one: &str, other: &str) -> Ordering {
    let (mut ones, mut others) = (pieces(one), pieces(other));
    loop {
        let order = match (ones.next(), others.next()) {
            (None, None) => return one.cmp(other),
            (None, Some(Piece::Letters(_))) | (Some(Piece::Digits(_)), Some(Piece::Letters(_)) | None) => {
                Ordering::Greater
            }
            (None, Some(Piece::Digits(_))) | (Some(Piece::Letters(_)), Some(Piece::Digits(_)) | None) => {
                Ordering::Less
            }
            (Some(Piece::Letters(one)), Some(Piece::Letters(other))) => one.cmp(other),
            // Of any length, hence not as numbers.
            (Some(Piece::Digits(one)), Some(Piece::Digits(other))) => {
                one.len().cmp(&other.len()).then_with(|| one.cmp(other))
            }
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_in_their_order() {
        let sorted = [
            "v0.9",
            "v1.0.0-alpha",
            "v1.0.0-rc1",
            "v1.0.0-rc2",
            "v1.0.0-rc10",
            "v1.0.0",
            "v1.0.1",
            "v1.2.0",
            "v1.10.0",
            "v2",
            "v99999999999999999999999999",
        ];
        let mut names = sorted;
        names.reverse();
        names.sort_by(|one, other| compare(one, other));
        assert_eq!(names, sorted);
    }

    #[test]
    fn no_two_different_names_are_the_same() {
        assert_eq!(compare("1.0", "1-0"), ".".cmp("-"));
        assert_eq!(compare("01", "1"), "01".cmp("1"));
        assert_eq!(compare("", ""), Ordering::Equal);
    }
}
