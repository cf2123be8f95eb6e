//! What a backup says of itself, and the names of what it holds.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The form of the archive that this version writes and reads.
pub(super) const FORMAT: u32 = 1;
/// The first member, the last but one, and the last.
pub(super) const HEAD: &str = "backup.json";
pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const DIGEST: &str = "manifest.sha256";

/// What stands at the beginning, so that a backup that cannot be read here is told at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    /// The form of the archive.
    pub(super) format: u32,
    /// The version of tessera that wrote it.
    pub(super) version: String,
    /// The migrations of its database, each with its checksum.
    pub(super) schema: Vec<(i64, String)>,
    /// When the database was read, as RFC 3339.
    pub(super) created_at: String,
}

/// What stands at the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// The beginning again.
    pub(super) head: Head,
    /// The fingerprint of the instance's key.
    pub(super) instance: String,
    /// From when on repositories were copied, in microseconds since 1970: pushes since may be in the database alone.
    pub(super) copied_from: i64,
    /// Rows of each table.
    pub(super) rows: BTreeMap<String, u64>,
    /// How many repositories it holds; a project whose repository has no folder yet has none here.
    pub(super) repositories: u64,
    /// Every other member, in order.
    pub(super) members: Vec<Member>,
}

/// A file of the archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) size: u64,
    pub(super) sha256: String,
}

impl Head {
    /// Why this version cannot read what follows, if so. `known` are its own migrations.
    pub(super) fn trouble(&self, known: &[(i64, String)]) -> Option<String> {
        let newer =
            format!("the backup was written by tessera {}: restore it with that version", self.version);
        if self.format > FORMAT {
            return Some(format!("{newer} (its form is {}, this version reads {FORMAT})", self.format));
        }
        if self.schema.len() > known.len() {
            let (found, known) = (self.schema.len(), known.len());
            return Some(format!("{newer} (its database has migration {found}, this version knows {known})"));
        }
        let other = self.schema.is_empty() || !known.starts_with(&self.schema);
        other.then(|| format!("{newer} (its database has another schema)"))
    }
}

/// Where a member belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Head,
    Manifest,
    Digest,
    /// The rows of a table.
    Table(String),
    /// A file of the folder of keys.
    Secret(PathBuf),
    /// A file of the repository of this project.
    Repository(u64, PathBuf),
    /// A file of the folder of objects.
    Object(PathBuf),
}

impl Place {
    /// Understands a name. One that would lead anywhere else is none.
    pub(super) fn of(name: &str) -> Option<Self> {
        let plain = |part: &str| {
            let letters = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
            !part.is_empty() && part.len() <= 255 && !part.starts_with('.') && part.bytes().all(letters)
        };
        if !name.split('/').all(plain) {
            return None;
        }
        match name {
            HEAD => return Some(Self::Head),
            MANIFEST => return Some(Self::Manifest),
            DIGEST => return Some(Self::Digest),
            _ => {}
        }
        let (first, rest) = name.split_once('/')?;
        let path = || {
            let path = PathBuf::from(rest);
            path.components().all(|part| matches!(part, Component::Normal(_))).then_some(path)
        };
        match first {
            "database" => rest.strip_suffix(".jsonl").map(|table| Self::Table(table.to_owned())),
            "secrets" if !rest.contains('/') => Some(Self::Secret(path()?)),
            "objects" => Some(Self::Object(path()?)),
            "repositories" => {
                let (id, file) = rest.split_once('/')?;
                let known = ["HEAD", "packed-refs"].contains(&file) || file.starts_with("objects/");
                let id: u64 = id.parse().ok().filter(|number: &u64| number.to_string() == id)?;
                known.then(|| Self::Repository(id, PathBuf::from(file)))
            }
            _ => None,
        }
    }
}

/// The name of a file below a folder of the archive; nothing for one that it does not take.
pub(super) fn name(folder: &str, file: &Path) -> Option<String> {
    let name = format!("{folder}/{}", file.to_str()?);
    Place::of(&name).map(|_| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_where_they_belong_and_nowhere_else() {
        assert_eq!(Place::of("backup.json"), Some(Place::Head));
        assert_eq!(Place::of("database/users.jsonl"), Some(Place::Table("users".to_owned())));
        assert_eq!(Place::of("secrets/audit_head"), Some(Place::Secret("audit_head".into())));
        assert_eq!(
            Place::of("repositories/17/objects/pack/pack-ab.idx"),
            Some(Place::Repository(17, "objects/pack/pack-ab.idx".into()))
        );
        assert_eq!(Place::of("objects/ab/cd/ef"), Some(Place::Object("ab/cd/ef".into())));
        for name in [
            "",
            "/etc/passwd",
            "../secrets/x",
            "secrets/../x",
            "secrets/a/b",
            "secrets/",
            "secrets",
            "objects//x",
            "objects/./x",
            "objects/..",
            "objects/.hidden",
            "objects/a\\b",
            "objects/a\0",
            "repositories/017/HEAD",
            "repositories/x/HEAD",
            "repositories/1/config",
            "repositories/1/hooks/post-update",
            "repositories/1/objects/../../config",
            "repositories/-1/HEAD",
            "run/lock",
            "tessera.db",
            "database/users.sql",
        ] {
            assert_eq!(Place::of(name), None, "{name:?}");
        }
        assert_eq!(name("objects", Path::new("a/b")).as_deref(), Some("objects/a/b"));
        assert_eq!(name("secrets", Path::new(".draft")), None);
    }

    #[test]
    fn a_newer_backup_says_who_can_read_it() {
        let known = vec![(1, "a".to_owned()), (2, "b".to_owned())];
        let head = |format, schema: &[(i64, &str)]| Head {
            format,
            version: "9.1".to_owned(),
            schema: schema.iter().map(|(version, sum)| (*version, (*sum).to_owned())).collect(),
            created_at: String::new(),
        };
        assert_eq!(head(1, &[(1, "a")]).trouble(&known), None, "an older schema is brought up to date");
        assert_eq!(head(1, &[(1, "a"), (2, "b")]).trouble(&known), None);
        for (head, part) in [
            (head(2, &[(1, "a")]), "its form is 2, this version reads 1"),
            (head(1, &[(1, "a"), (2, "b"), (3, "c")]), "its database has migration 3, this version knows 2"),
            (head(1, &[(1, "x")]), "its database has another schema"),
            (head(1, &[]), "its database has another schema"),
        ] {
            let told = head.trouble(&known).unwrap();
            assert!(
                told.starts_with("the backup was written by tessera 9.1: ") && told.contains(part),
                "{told}"
            );
        }
    }
}
