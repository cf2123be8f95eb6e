//! Which row of the table a page's address is: paths of projects and groups have any number of parts, which no
//! ordinary router can match.

use std::cmp::Ordering;

use percent_encoding::percent_decode_str;

/// One part of a row's path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    /// This word.
    Word(&'static str),
    /// One part, whatever it is.
    One(&'static str),
    /// The path of a project or group: one part or more, none of them `-`.
    Path(&'static str),
    /// Everything that is left, slashes included, as it was sent: names in repositories are bytes.
    Rest(&'static str),
}

/// A row's path, ready to be compared. They sort so that of two that match the closer one comes first.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Template(Vec<Part>);

impl Ord for Template {
    fn cmp(&self, other: &Self) -> Ordering {
        let differs = self.0.iter().zip(&other.0).map(|(one, two)| one.cmp(two)).find(|order| order.is_ne());
        // `/:path/edit` is closer than `/:path`, which would take its last word for a part of the path.
        differs.unwrap_or_else(|| other.0.len().cmp(&self.0.len()))
    }
}

impl PartialOrd for Template {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// What the parts of an address stand for.
pub(super) type Places = Vec<(&'static str, String)>;

impl Template {
    /// Reads a row's path.
    pub(super) fn new(path: &'static str) -> Self {
        let parts = path.split('/').skip(1).filter(|part| !part.is_empty());
        Self(
            parts
                .map(|part| match part.split_at_checked(1) {
                    Some((":", "path")) => Part::Path("path"),
                    Some((":", name)) => Part::One(name),
                    Some(("*", name)) => Part::Rest(name),
                    _ => Part::Word(part),
                })
                .collect(),
        )
    }

    /// The places of an address that has this form; its parts come as they were sent.
    pub(super) fn places(&self, address: &[&str]) -> Option<Places> {
        let mut places = Places::new();
        let mut left = address;
        for part in &self.0 {
            match part {
                Part::Word(word) => {
                    let (first, rest) = left.split_first()?;
                    (first == word).then_some(())?;
                    left = rest;
                }
                Part::One(name) => {
                    let (first, rest) = left.split_first()?;
                    places.push((name, decode(first)?));
                    left = rest;
                }
                Part::Path(name) => {
                    let end = left.iter().position(|part| *part == "-").unwrap_or(left.len());
                    // `/:path/edit` and its like: the path ends before the last word.
                    let end = if end == left.len() { end - self.words_after_path().min(end) } else { end };
                    (end > 0).then_some(())?;
                    places.push((name, decode(&left[..end].join("/"))?));
                    left = &left[end..];
                }
                Part::Rest(name) => {
                    places.push((name, left.join("/")));
                    left = &[];
                }
            }
        }
        left.is_empty().then_some(places)
    }

    /// How many words follow the path where no `-` ends it.
    fn words_after_path(&self) -> usize {
        let after = self.0.iter().skip_while(|part| !matches!(part, Part::Path(_))).skip(1);
        after.take_while(|part| **part != Part::Word("-")).count()
    }
}

/// The text of a part; `None` for what is no text or holds a character that no name has.
fn decode(raw: &str) -> Option<String> {
    let text = percent_decode_str(raw).decode_utf8().ok()?;
    (!text.contains('\0')).then(|| text.into_owned())
}

/// The parts of an address; a slash at its end and repeated ones count for nothing before the rest of a page of files.
pub(super) fn parts(path: &str) -> Vec<&str> {
    path.split('/').filter(|part| !part.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(template: &'static str, path: &str) -> Option<String> {
        let places = Template::new(template).places(&parts(path))?;
        Some(places.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn addresses_lead_to_their_rows() {
        let yes = |template, path, places: &str| {
            assert_eq!(found(template, path).as_deref(), Some(places), "{path}");
        };
        let no = |template, path| assert_eq!(found(template, path), None, "{path}");
        yes("/", "/", "");
        yes("/users/sign_in", "/users/sign_in/", "");
        no("/users/sign_in", "/users");
        yes("/:path", "/a/b/c", "path=a/b/c");
        no("/:path", "/a/b/-/issues");
        no("/:path", "/");
        yes("/:path/-/issues/:iid", "/a/b/-/issues/7", "path=a/b iid=7");
        no("/:path/-/issues/:iid", "/-/issues/7");
        no("/:path/-/issues/:iid", "/a/-/issues");
        yes("/:path/edit", "/a/b/edit", "path=a/b");
        no("/:path/edit", "/edit");
        yes("/:path/-/blob/*rest", "/a/b/-/blob/main/x%20y/%2F.txt", "path=a/b rest=main/x%20y/%2F.txt");
        yes("/:path/-/tree/*rest", "/a/-/tree/", "path=a rest=");
        yes("/groups/:path/-/edit", "/groups/a/b/-/edit", "path=a/b");
        no("/:path", "/a/%00");
        no("/:path", "/a/%ff");
    }

    #[test]
    fn the_closer_row_comes_first() {
        let mut all: Vec<Template> = [
            "/:path",
            "/:path/edit",
            "/admin/users/:username",
            "/admin/users/new",
            "/:path/-/issues",
            "/groups/:path",
        ]
        .map(Template::new)
        .into();
        all.sort();
        let first = |path: &str| all.iter().position(|template| template.places(&parts(path)).is_some());
        assert_eq!(all[first("/admin/users/new").unwrap()], Template::new("/admin/users/new"));
        assert_eq!(all[first("/admin/users/ada").unwrap()], Template::new("/admin/users/:username"));
        assert_eq!(all[first("/groups/a").unwrap()], Template::new("/groups/:path"));
        assert_eq!(all[first("/a/b").unwrap()], Template::new("/:path"));
        assert_eq!(all[first("/a/b/edit").unwrap()], Template::new("/:path/edit"));
        assert_eq!(all[first("/a/b/-/issues").unwrap()], Template::new("/:path/-/issues"));
    }
}
