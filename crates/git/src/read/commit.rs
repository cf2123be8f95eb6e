//! Commits, and the parts they share with annotated tags.

use crate::error::{GitError, Result};
use crate::oid::{ObjectKind, Oid};
use crate::repository::Repository;

/// Who did something, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Display name.
    pub name: String,
    /// Address, without the angle brackets.
    pub email: String,
    /// Seconds since 1970-01-01 UTC.
    pub time: i64,
    /// The zone's distance from UTC, in minutes east.
    pub offset_minutes: i32,
}

/// One commit. Text that is not UTF-8 is converted, with U+FFFD for what cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its name.
    pub oid: Oid,
    /// Its directory.
    pub tree: Oid,
    /// None for a root, several for a merge.
    pub parents: Vec<Oid>,
    /// Who wrote the change.
    pub author: Signature,
    /// Who made the commit.
    pub committer: Signature,
    /// The whole message as stored, with its final line break if it has one.
    pub message: String,
}

impl Commit {
    /// The first line of the message.
    pub fn title(&self) -> &str {
        self.message.trim_start_matches('\n').lines().next().unwrap_or_default().trim_end()
    }

    pub(crate) fn parse(oid: Oid, content: &[u8]) -> Option<Self> {
        let headers = Headers::split(content);
        let parents = headers.all("parent").map(Oid::from_hex).collect::<Option<_>>()?;
        Some(Self {
            oid,
            tree: Oid::from_hex(headers.first("tree")?)?,
            parents,
            author: headers.signature("author")?,
            committer: headers.signature("committer")?,
            message: headers.text(headers.body),
        })
    }
}

impl Repository {
    /// The commits of these names, in the same order. [`GitError::NotFound`] when one is missing or no commit.
    pub async fn commits(&self, oids: &[Oid]) -> Result<Vec<Commit>> {
        let names: Vec<_> = oids.iter().map(Oid::to_string).collect();
        let objects = self.objects(&names).await?;
        let parse = |(oid, object): (&Oid, Option<super::batch::Object>)| {
            let object =
                object.filter(|object| object.kind == ObjectKind::Commit).ok_or(GitError::NotFound)?;
            Commit::parse(*oid, &object.content).ok_or_else(|| GitError::Protocol {
                command: "cat-file",
                detail: format!("broken commit {oid}"),
            })
        };
        oids.iter().zip(objects).map(parse).collect()
    }

    /// One commit.
    pub async fn commit(&self, oid: Oid) -> Result<Commit> {
        self.commits(&[oid]).await?.pop().ok_or(GitError::NotFound)
    }
}

/// The head of a commit or tag object, taken apart.
pub(crate) struct Headers<'a> {
    fields: Vec<(&'a [u8], &'a [u8])>,
    pub(crate) body: &'a [u8],
    latin1: bool,
}

impl<'a> Headers<'a> {
    pub(crate) fn split(content: &'a [u8]) -> Self {
        let mut rest = content;
        let mut fields = Vec::new();
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let line = &rest[..end];
            rest = &rest[end + 1..];
            if line.is_empty() {
                break;
            }
            // A line that begins with a blank continues the one before (signatures); nothing here needs those.
            if let Some(space) = line.iter().position(|byte| *byte == b' ').filter(|at| *at > 0) {
                fields.push((&line[..space], &line[space + 1..]));
            }
        }
        let mut headers = Self { fields, body: rest, latin1: false };
        let encoding = headers.first("encoding").unwrap_or_default().to_ascii_lowercase();
        headers.latin1 = matches!(&encoding[..], b"iso-8859-1" | b"iso8859-1" | b"latin1" | b"latin-1");
        headers
    }

    pub(crate) fn all(&self, name: &'static str) -> impl Iterator<Item = &'a [u8]> {
        self.fields.iter().filter(move |(field, _)| *field == name.as_bytes()).map(|(_, value)| *value)
    }

    pub(crate) fn first(&self, name: &'static str) -> Option<&'a [u8]> {
        self.all(name).next()
    }

    pub(crate) fn text(&self, bytes: &[u8]) -> String {
        if self.latin1 && std::str::from_utf8(bytes).is_err() {
            return bytes.iter().map(|byte| char::from(*byte)).collect();
        }
        String::from_utf8_lossy(bytes).into_owned()
    }

    /// `Name <email> 1700000000 +0100`. Old tools left out parts of it; what is missing reads as empty or zero.
    pub(crate) fn signature(&self, name: &'static str) -> Option<Signature> {
        let line = self.text(self.first(name)?);
        let (person, when) = line.rsplit_once('>').unwrap_or((&line, ""));
        let (name, email) = person.split_once('<').unwrap_or((person, ""));
        let mut when = when.split_whitespace();
        let time = when.next().and_then(|text| text.parse().ok()).unwrap_or(0);
        let offset_minutes = when.next().and_then(parse_zone).unwrap_or(0);
        Some(Signature { name: name.trim().to_owned(), email: email.trim().to_owned(), time, offset_minutes })
    }
}

/// `+0130` as 90.
fn parse_zone(text: &str) -> Option<i32> {
    let digits = text.strip_prefix(['+', '-'])?;
    let number: i32 = digits.parse().ok().filter(|_| digits.len() == 4)?;
    let minutes = number / 100 * 60 + number % 100;
    Some(if text.starts_with('-') { -minutes } else { minutes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_signed_merge() {
        let (tree, parent) = ("1".repeat(40), "2".repeat(40));
        let content = format!(
            "tree {tree}\nparent {parent}\nparent {tree}\nauthor A U Thor <a@example.org> 1700000000 -0130\n\
             committer C <c@example.org> 1700000001 +0000\ngpgsig -----BEGIN PGP SIGNATURE-----\n author fake <x> 1 +0000\n\
             \x20-----END PGP SIGNATURE-----\n\nTitle\n\nBody\n"
        );
        let commit = Commit::parse(Oid::ZERO, content.as_bytes()).unwrap();
        assert_eq!(commit.parents.len(), 2);
        assert_eq!(commit.author.name, "A U Thor");
        assert_eq!((commit.author.time, commit.author.offset_minutes), (1_700_000_000, -90));
        assert_eq!(commit.committer.email, "c@example.org");
        assert_eq!(commit.message, "Title\n\nBody\n");
        assert_eq!(commit.title(), "Title");
    }

    #[test]
    fn survives_odd_people() {
        for (line, name, email, time) in [
            ("author <a@b> 5 +0000", "", "a@b", 5),
            ("author X <> 5 +0000", "X", "", 5),
            ("author X <a@b>", "X", "a@b", 0),
            ("author X Y", "X Y", "", 0),
            ("author X <a> <b@c> 7 +0x00", "X", "a> <b@c", 7),
        ] {
            let text = format!("{line}\n\n");
            let signature = Headers::split(text.as_bytes()).signature("author").unwrap();
            assert_eq!((&*signature.name, &*signature.email, signature.time), (name, email, time), "{line}");
        }
    }

    #[test]
    fn converts_other_encodings() {
        let text = b"encoding ISO-8859-1\nauthor J\xf6rg <j@x> 1 +0000\n\nGr\xfc\xdfe";
        let headers = Headers::split(text);
        assert_eq!(headers.signature("author").unwrap().name, "Jörg");
        assert_eq!(headers.text(headers.body), "Grüße");
        let headers = Headers::split(b"author J\xf6rg <j@x> 1 +0000\n\n\xff");
        assert_eq!(headers.text(headers.body), "\u{fffd}");
    }
}
