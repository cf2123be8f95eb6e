//! The archive: a plain tar, so that it can be looked at with what every system has. It is not compressed: most of it
//! are packs, which are; whoever wants it smaller pipes it through a program that does just that.

use std::collections::BTreeSet;
use std::io::{self, Read, Write};

use sha2::{Digest, Sha256};
use tar::{Builder, EntryType, Header};
use tessera_model::secret::hex;
use tessera_store::migration;

use super::manifest::{DIGEST, HEAD, Head, MANIFEST, Manifest, Member, Place};

/// The largest of the members that are read whole.
const LARGEST_TEXT: u64 = 1 << 30;

/// An archive that is being written.
pub(super) struct Writer<W: Write> {
    tar: Builder<W>,
    members: Vec<Member>,
    /// Seconds since 1970.
    time: u64,
}

impl<W: Write> Writer<W> {
    /// Begins with what the backup says of itself.
    pub(super) fn begin(output: W, head: &Head, time: u64) -> io::Result<Self> {
        let mut writer = Self { tar: Builder::new(output), members: Vec::new(), time };
        writer.text(HEAD, &serde_json::to_vec_pretty(head)?)?;
        Ok(writer)
    }

    /// Adds a file of which exactly `size` bytes must come.
    pub(super) fn file(&mut self, name: &str, size: u64, content: impl Read) -> io::Result<()> {
        let member = self.put(name, size, content)?;
        self.members.push(member);
        Ok(())
    }

    /// Adds a file that is in memory.
    pub(super) fn text(&mut self, name: &str, content: &[u8]) -> io::Result<()> {
        self.file(name, content.len() as u64, content)
    }

    fn put(&mut self, name: &str, size: u64, content: impl Read) -> io::Result<Member> {
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Regular);
        header.set_mode(0o600);
        header.set_mtime(self.time);
        header.set_size(size);
        let mut content = Hashing::new(content.take(size));
        self.tar.append_data(&mut header, name, &mut content)?;
        let (count, sha256) = content.finish();
        if count != size {
            return Err(io::Error::other(format!("{name} became shorter while it was read")));
        }
        Ok(Member { name: name.to_owned(), size, sha256 })
    }

    /// Ends it with what it holds. Returns where it was written to, and how many members it has.
    pub(super) fn finish(mut self, manifest: impl FnOnce(Vec<Member>) -> Manifest) -> io::Result<W> {
        let manifest = manifest(std::mem::take(&mut self.members));
        let text = serde_json::to_vec(&manifest)?;
        let digest = hex(&Sha256::digest(&text));
        self.put(MANIFEST, text.len() as u64, text.as_slice())?;
        self.put(DIGEST, digest.len() as u64, digest.as_bytes())?;
        self.tar.into_inner()
    }
}

/// Reads an archive through and checks it whole. Every member but those at its ends is handed to `unpack` with its
/// place, which reads it or not.
///
/// # Errors
/// What is wrong with it, in one line.
pub(super) fn read(
    input: impl Read,
    mut seen: impl FnMut(u64),
    mut unpack: impl FnMut(&Place, &mut dyn Read) -> io::Result<()>,
) -> Result<Manifest, String> {
    let mut archive = tar::Archive::new(input);
    let mut found: Vec<Member> = Vec::new();
    let mut names = BTreeSet::new();
    let (mut head, mut manifest, mut digest): (Option<Head>, Option<Vec<u8>>, Option<Vec<u8>>) =
        Default::default();
    let damaged = |error: io::Error| format!("the backup is damaged: {error}");
    for entry in archive.entries().map_err(damaged)? {
        let entry = entry.map_err(damaged)?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let stranger = || format!("this is no backup of tessera: it holds {name:?}");
        let place = Place::of(&name).ok_or_else(stranger)?;
        if entry.header().entry_type() != EntryType::Regular
            || !names.insert(name.clone())
            || digest.is_some()
        {
            return Err(stranger());
        }
        if (place == Place::Head) != found.is_empty() || (manifest.is_some() && place != Place::Digest) {
            return Err(stranger());
        }
        let size = entry.size();
        let mut content = Hashing::new(entry);
        let text = match place {
            Place::Head | Place::Manifest | Place::Digest => {
                let mut text = Vec::new();
                (&mut content).take(LARGEST_TEXT).read_to_end(&mut text).map_err(damaged)?;
                text
            }
            _ => {
                unpack(&place, &mut content).map_err(|error| format!("{name}: {error}"))?;
                Vec::new()
            }
        };
        io::copy(&mut content, &mut io::sink()).map_err(damaged)?;
        let (count, sha256) = content.finish();
        if count != size {
            return Err(format!("the backup is damaged: {name} ends too early"));
        }
        seen(size);
        match place {
            Place::Manifest => {
                manifest = Some(text);
                continue;
            }
            Place::Digest => {
                digest = Some(text);
                continue;
            }
            Place::Head => head = Some(understand(&text)?),
            _ => {}
        }
        found.push(Member { name, size, sha256 });
    }
    let cut = || "the backup is damaged: its end is missing".to_owned();
    let (text, digest, head) = (manifest.ok_or_else(cut)?, digest.ok_or_else(cut)?, head.ok_or_else(cut)?);
    if hex(&Sha256::digest(&text)).as_bytes() != digest.as_slice() {
        return Err("the backup is damaged: its manifest is not what was written".to_owned());
    }
    let manifest: Manifest =
        serde_json::from_slice(&text).map_err(|error| format!("the backup is damaged: {error}"))?;
    compare(&manifest, &found)?;
    if manifest.head == head {
        Ok(manifest)
    } else {
        Err("the backup is damaged: its ends differ".to_owned())
    }
}

/// Reads the beginning; a backup that this version cannot restore ends here.
fn understand(text: &[u8]) -> Result<Head, String> {
    // A newer form may say less or more: its number must be found all the same.
    let loose: serde_json::Value =
        serde_json::from_slice(text).map_err(|error| format!("the backup is damaged: {HEAD}: {error}"))?;
    let head: Head = match serde_json::from_value(loose.clone()) {
        Ok(head) => head,
        Err(error) => {
            let format =
                loose["format"].as_u64().filter(|format| *format > u64::from(super::manifest::FORMAT));
            return Err(format.map_or_else(
                || format!("the backup is damaged: {HEAD}: {error}"),
                |format| {
                    format!("the backup was written by a newer version of tessera (its form is {format})")
                },
            ));
        }
    };
    head.trouble(&migration::known()).map_or(Ok(head), Err)
}

fn compare(manifest: &Manifest, found: &[Member]) -> Result<(), String> {
    for (expected, found) in manifest.members.iter().zip(found) {
        if expected != found {
            return Err(format!("the backup is damaged: {} is not what was written", found.name));
        }
    }
    if manifest.members.len() == found.len() {
        Ok(())
    } else {
        Err("the backup is damaged: members are missing".to_owned())
    }
}

/// Counts and digests what is read through it.
struct Hashing<R> {
    inner: R,
    hash: Sha256,
    count: u64,
}

impl<R: Read> Hashing<R> {
    fn new(inner: R) -> Self {
        Self { inner, hash: Sha256::new(), count: 0 }
    }

    fn finish(self) -> (u64, String) {
        (self.count, hex(&self.hash.finalize()))
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hash.update(&buffer[..count]);
        self.count += count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const FILES: &[(&str, &str)] = &[
        ("secrets/token_digest_key", "a key"),
        ("database/users.jsonl", "rows of users"),
        ("repositories/1/HEAD", "ref: refs/heads/main\n"),
    ];

    fn written(format: u32, files: &[(&str, &str)]) -> Vec<u8> {
        let head = Head {
            format,
            version: "1".to_owned(),
            schema: migration::known(),
            created_at: "now".to_owned(),
        };
        let mut writer = Writer::begin(Vec::new(), &head, 0).unwrap();
        for (name, text) in files {
            writer.text(name, text.as_bytes()).unwrap();
        }
        let manifest = |members| Manifest {
            head,
            instance: "i".to_owned(),
            copied_from: 0,
            rows: BTreeMap::new(),
            repositories: 1,
            members,
        };
        writer.finish(manifest).unwrap()
    }

    fn unpacked(bytes: &[u8]) -> Result<Vec<String>, String> {
        let mut texts = Vec::new();
        read(
            bytes,
            |_| {},
            |_, content| {
                let mut text = String::new();
                // A text that is no UTF-8 any more is judged by its digest.
                let _ = content.read_to_string(&mut text);
                texts.push(text);
                Ok(())
            },
        )?;
        Ok(texts)
    }

    #[test]
    fn what_was_written_is_read() {
        let texts = unpacked(&written(1, FILES)).unwrap();
        assert_eq!(texts, FILES.iter().map(|(_, text)| *text).collect::<Vec<_>>());
    }

    #[test]
    fn no_byte_of_a_member_can_change_and_no_end_be_cut_unseen() {
        let whole = written(1, FILES);
        let mut spans = Vec::new();
        for entry in tar::Archive::new(whole.as_slice()).entries().unwrap() {
            let entry = entry.unwrap();
            let start = usize::try_from(entry.raw_file_position()).unwrap();
            spans.push((start - 512, start + usize::try_from(entry.size()).unwrap()));
        }
        assert_eq!(spans.len(), FILES.len() + 3);
        let mut seen = 0;
        for (start, end) in spans {
            for place in start..end {
                let mut bytes = whole.clone();
                bytes[place] ^= 1;
                // The last byte of a header's own checksum is a blank that says nothing.
                let told = unpacked(&bytes);
                assert!(
                    told.is_err() || bytes_say_the_same(&bytes, &whole),
                    "a change at {place} was not seen"
                );
                seen += u32::from(told.is_err());
            }
            assert!(unpacked(&whole[..start]).is_err(), "cut at {start}");
            assert!(unpacked(&whole[..end - 1]).is_err(), "cut before {end}");
        }
        assert!(seen > 3000, "{seen}");
    }

    /// Whether two archives hold the same members with the same content.
    fn bytes_say_the_same(one: &[u8], other: &[u8]) -> bool {
        let all = |bytes: &[u8]| {
            let mut all = Vec::new();
            for entry in tar::Archive::new(bytes).entries().unwrap() {
                let mut entry = entry.unwrap();
                let mut content = Vec::new();
                entry.read_to_end(&mut content).unwrap();
                all.push((entry.path_bytes().into_owned(), content));
            }
            all
        };
        all(one) == all(other)
    }

    #[test]
    fn strangers_are_refused() {
        let newer = unpacked(&written(2, FILES)).unwrap_err();
        assert!(newer.contains("its form is 2, this version reads 1"), "{newer}");
        assert!(unpacked(b"").unwrap_err().contains("its end is missing"));
        assert!(unpacked(&[b'x'; 4096]).unwrap_err().contains("damaged"));
        let twice = [FILES[0], FILES[0]];
        assert!(unpacked(&written(1, &twice)).unwrap_err().contains("no backup of tessera"));
        // One that leads out of its place cannot be written by name; its header is forged.
        for (name, kind) in [("../../x", EntryType::Regular), ("objects/x", EntryType::Symlink)] {
            let mut header = Header::new_gnu();
            header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
            header.set_entry_type(kind);
            header.set_size(0);
            header.set_cksum();
            let mut bytes = header.as_bytes().to_vec();
            bytes.extend(written(1, FILES));
            assert!(unpacked(&bytes).unwrap_err().contains("no backup of tessera"), "{name}");
        }
    }
}
