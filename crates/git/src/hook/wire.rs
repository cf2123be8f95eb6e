//! The messages between hook and server: lines of text, each a word and a value.
//!
//! ```text
//! tessera-hook 1 <nonce>            accept
//! quarantine <path>                 message <line>
//! option <text>                     end
//! update <old> <new> <reference>
//! end
//! ```
//!
//! Neither side trusts a message without its `end`.

use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use super::{HookRequest, HookVerdict, Nonce, RefUpdate};
use crate::oid::Oid;

const GREETING: &[u8] = b"tessera-hook 1 ";

/// Bytes of the first line of a request, which tells whether the rest is worth reading.
pub(crate) const OPENING: usize = GREETING.len() + 32 + 1;

/// Largest request in bytes: room for 100,000 references with long names.
pub(crate) const REQUEST_LIMIT: usize = 32 * 1024 * 1024;

/// Largest verdict in bytes.
pub(crate) const VERDICT_LIMIT: usize = 1024 * 1024;

fn malformed(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// A value that is not allowed to end its line early.
fn line(out: &mut Vec<u8>, word: &str, value: &[u8]) -> io::Result<()> {
    if value.contains(&b'\n') || value.contains(&0) {
        return Err(malformed("a value holds a line break"));
    }
    out.extend_from_slice(word.as_bytes());
    out.push(b' ');
    out.extend_from_slice(value);
    out.push(b'\n');
    Ok(())
}

/// The whole request, opening included.
pub(crate) fn write_request(nonce: Nonce, request: &HookRequest) -> io::Result<Vec<u8>> {
    let mut out = GREETING.to_vec();
    out.extend_from_slice(nonce.to_hex().as_bytes());
    out.push(b'\n');
    if let Some(path) = &request.quarantine {
        line(&mut out, "quarantine", path.as_os_str().as_bytes())?;
    }
    for option in &request.push_options {
        // Options of several lines are no option this server knows; they must not spoil the push.
        if !option.contains(['\n', '\0']) {
            line(&mut out, "option", option.as_bytes())?;
        }
    }
    for update in &request.updates {
        writeln!(out, "update {} {} {}", update.old, update.new, update.name)?;
    }
    out.extend_from_slice(b"end\n");
    if out.len() > REQUEST_LIMIT {
        return Err(malformed("too many references in one push"));
    }
    Ok(out)
}

/// Reads the opening line of a request.
pub(crate) fn read_opening(opening: &[u8; OPENING]) -> Option<Nonce> {
    Nonce::from_hex(opening.strip_prefix(GREETING)?.strip_suffix(b"\n")?)
}

/// Reads what follows the opening.
pub(crate) fn read_request(bytes: &[u8]) -> io::Result<HookRequest> {
    let mut request = HookRequest::default();
    for (word, value) in lines(bytes)? {
        match word {
            b"quarantine" => {
                request.quarantine = Some(PathBuf::from(std::ffi::OsStr::from_bytes(value)));
            }
            b"option" => request.push_options.push(String::from_utf8_lossy(value).into_owned()),
            b"update" => request.updates.push(read_update(value)?),
            _ => return Err(malformed("unknown line in a request")),
        }
    }
    Ok(request)
}

/// Reads `<old> <new> <reference>`, the form git itself uses on the hook's input.
pub(crate) fn read_update(text: &[u8]) -> io::Result<RefUpdate> {
    let mut parts = text.splitn(3, |byte| *byte == b' ');
    let mut oid = || Oid::from_hex(parts.next()?);
    let (old, new) = (oid(), oid());
    let name = parts.next().and_then(|name| std::str::from_utf8(name).ok());
    match (old, new, name) {
        (Some(old), Some(new), Some(name)) if !name.is_empty() => {
            Ok(RefUpdate { old, new, name: name.to_owned() })
        }
        (_, _, None) => Err(malformed("reference names must be UTF-8")),
        _ => Err(malformed("malformed reference update")),
    }
}

pub(crate) fn write_verdict(verdict: &HookVerdict) -> Vec<u8> {
    let mut out = if verdict.accept { b"accept\n".to_vec() } else { b"refuse\n".to_vec() };
    for text in verdict.messages.iter().flat_map(|message| message.split('\n')) {
        let clean: String = text.chars().filter(|char| !char.is_control()).collect();
        if out.len() + clean.len() + 16 > VERDICT_LIMIT {
            break;
        }
        // Control characters are gone, so the line is one line.
        drop(line(&mut out, "message", clean.as_bytes()));
    }
    out.extend_from_slice(b"end\n");
    out
}

pub(crate) fn read_verdict(bytes: &[u8]) -> io::Result<HookVerdict> {
    let (accept, rest) = if let Some(rest) = bytes.strip_prefix(b"accept\n") {
        (true, rest)
    } else if let Some(rest) = bytes.strip_prefix(b"refuse\n") {
        (false, rest)
    } else {
        return Err(malformed("malformed verdict"));
    };
    let messages = lines(rest)?
        .map(|(word, value)| match word {
            b"message" => Ok(String::from_utf8_lossy(value).into_owned()),
            _ => Err(malformed("unknown line in a verdict")),
        })
        .collect::<io::Result<_>>()?;
    Ok(HookVerdict { accept, messages })
}

/// The lines of a message as word and value, after checking that its end arrived.
fn lines(bytes: &[u8]) -> io::Result<impl Iterator<Item = (&[u8], &[u8])>> {
    let body = bytes.strip_suffix(b"end\n").filter(|body| body.is_empty() || body.ends_with(b"\n"));
    let body = body.ok_or_else(|| malformed("message without an end"))?;
    Ok(body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(|line| {
        let space = line.iter().position(|byte| *byte == b' ');
        space.map_or((line, &[][..]), |at| (&line[..at], &line[at + 1..]))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn oid(digit: &str) -> Oid {
        digit.repeat(40).parse().unwrap()
    }

    #[test]
    fn a_request_arrives_as_sent() {
        let nonce = Nonce::new([7; 16]);
        let request = HookRequest {
            updates: vec![RefUpdate { old: oid("0"), new: oid("a"), name: "refs/heads/größe x".into() }],
            push_options: vec!["ci.skip".into(), String::new(), "two\nlines".into()],
            quarantine: Some("/data/some folder/objects/incoming-x".into()),
        };
        let bytes = write_request(nonce, &request).unwrap();
        let (opening, rest) = bytes.split_first_chunk::<OPENING>().unwrap();
        assert!(read_opening(opening) == Some(nonce));
        let mut expected = request;
        expected.push_options.pop();
        assert_eq!(read_request(rest).unwrap(), expected);
        for cut in 0..rest.len() {
            assert!(read_request(&rest[..cut]).is_err(), "cut at {cut}");
        }
    }

    #[test]
    fn a_verdict_arrives_without_control_characters() {
        let verdict =
            HookVerdict { accept: false, messages: vec!["no\x1b[31m way\nsecond".into(), String::new()] };
        let bytes = write_verdict(&verdict);
        let read = read_verdict(&bytes).unwrap();
        assert_eq!(read.messages, ["no[31m way", "second", ""]);
        assert!(!read.accept);
        assert!(read_verdict(&write_verdict(&HookVerdict::accepted())).unwrap().accept);
        for cut in 0..bytes.len() {
            assert!(read_verdict(&bytes[..cut]).is_err(), "cut at {cut}");
        }
        assert!(read_verdict(b"accept\naccept\nend\n").is_err());
    }

    #[test]
    fn nothing_smuggles_a_line() {
        let request = HookRequest { quarantine: Some("a\nupdate".into()), ..HookRequest::default() };
        assert!(write_request(Nonce::new([0; 16]), &request).is_err());
        assert!(read_update(b"short x refs/heads/a").is_err());
        assert!(read_update(format!("{} {} ", oid("0"), oid("1")).as_bytes()).is_err());
        assert!(
            read_update([format!("{} {} ", oid("0"), oid("1")).as_bytes(), b"\xff"].concat().as_slice())
                .is_err()
        );
    }
}
