//! The hook's side: a short-lived process that git starts. Blocking, standard library only.
//!
//! Whatever goes wrong here, the push is refused.

use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use super::wire;
use super::{HOOK_NAME, HookRequest, HookVerdict, NONCE_VARIABLE, Nonce, SOCKET_VARIABLE};

/// How long the server may think about one push.
const PATIENCE: Duration = Duration::from_mins(10);

/// Whether a program started under this name (its first argument) shall act as the hook.
pub fn is_hook_name(program: &std::ffi::OsStr) -> bool {
    std::path::Path::new(program).file_name().is_some_and(|name| name == HOOK_NAME)
}

/// Runs the hook on this process's environment and streams. Returns the exit code: 0 accepts the push, 1 refuses it.
pub fn main() -> u8 {
    let variable = |name: &str| std::env::var_os(name);
    let mut errors = io::stderr().lock();
    let verdict = connect(&variable).and_then(|socket| ask(&variable, io::stdin().lock(), socket));
    u8::from(!report(verdict, &mut errors))
}

/// Shows the messages; true when the push is accepted.
fn report(verdict: io::Result<HookVerdict>, errors: &mut impl Write) -> bool {
    match verdict {
        Ok(verdict) => {
            for message in &verdict.messages {
                // A client that is gone changes nothing about the verdict.
                let _ = writeln!(errors, "{message}");
            }
            verdict.accept
        }
        Err(error) => {
            let _ = writeln!(
                errors,
                "The push could not be checked and was refused ({error}). Please try again."
            );
            false
        }
    }
}

fn connect(variable: &dyn Fn(&str) -> Option<OsString>) -> io::Result<UnixStream> {
    let path =
        variable(SOCKET_VARIABLE).ok_or_else(|| io::Error::other("the server's address is missing"))?;
    let socket = UnixStream::connect(path)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    socket.set_write_timeout(Some(PATIENCE))?;
    Ok(socket)
}

/// A connection whose sending half can be closed.
trait Connection: Read + Write {
    fn finish(&mut self) -> io::Result<()>;
}

impl Connection for UnixStream {
    fn finish(&mut self) -> io::Result<()> {
        self.shutdown(Shutdown::Write)
    }
}

fn ask(
    variable: &dyn Fn(&str) -> Option<OsString>,
    input: impl Read,
    mut socket: impl Connection,
) -> io::Result<HookVerdict> {
    let nonce = variable(NONCE_VARIABLE).and_then(|text| Nonce::from_hex(text.as_encoded_bytes()));
    let nonce = nonce.ok_or_else(|| io::Error::other("the number of the push is missing"))?;
    let request = collect(variable, input)?;
    socket.write_all(&wire::write_request(nonce, &request)?)?;
    socket.finish()?;
    let mut answer = Vec::new();
    let limit = wire::VERDICT_LIMIT as u64;
    Read::take(&mut socket, limit).read_to_end(&mut answer)?;
    wire::read_verdict(&answer)
}

/// What git tells a hook: references on the input, the rest in the environment.
fn collect(variable: &dyn Fn(&str) -> Option<OsString>, input: impl Read) -> io::Result<HookRequest> {
    let mut request = HookRequest {
        quarantine: variable("GIT_QUARANTINE_PATH").filter(|path| !path.is_empty()).map(Into::into),
        ..HookRequest::default()
    };
    let count = variable("GIT_PUSH_OPTION_COUNT").and_then(|text| text.to_str()?.parse::<u32>().ok());
    for index in 0..count.unwrap_or(0).min(1000) {
        if let Some(option) = variable(&format!("GIT_PUSH_OPTION_{index}")) {
            request.push_options.push(option.to_string_lossy().into_owned());
        }
    }
    let mut lines = BufReader::new(input.take(wire::REQUEST_LIMIT as u64));
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        let Some(text) = line.strip_suffix(b"\n") else {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "too many references in one push"));
        };
        request.updates.push(wire::read_update(text)?);
        line.clear();
    }
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Canned<'a> {
        answer: &'a [u8],
        sent: &'a mut Vec<u8>,
    }

    impl Read for Canned<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.answer.read(buffer)
        }
    }

    impl Write for Canned<'_> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.sent.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Connection for Canned<'_> {
        fn finish(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn environment(name: &str) -> Option<OsString> {
        match name {
            NONCE_VARIABLE => Some("0a".repeat(16).into()),
            "GIT_QUARANTINE_PATH" => Some("/r.git/objects/tmp_objdir-incoming-1".into()),
            "GIT_PUSH_OPTION_COUNT" => Some("1".into()),
            "GIT_PUSH_OPTION_0" => Some("ci.skip".into()),
            _ => None,
        }
    }

    fn run(input: &[u8], answer: &[u8]) -> (bool, String, Vec<u8>) {
        let mut sent = Vec::new();
        let verdict = ask(&environment, input, Canned { answer, sent: &mut sent });
        let mut shown = Vec::new();
        let accepted = report(verdict, &mut shown);
        (accepted, String::from_utf8(shown).unwrap(), sent)
    }

    #[test]
    fn passes_on_the_verdict_and_its_messages() {
        let line = format!("{} {} refs/heads/main\n", "0".repeat(40), "1".repeat(40));
        let (accepted, shown, sent) = run(line.as_bytes(), b"accept\nend\n");
        assert!(accepted);
        assert_eq!(shown, "");
        let sent = String::from_utf8(sent).unwrap();
        assert!(sent.starts_with("tessera-hook 1 0a0a"), "{sent}");
        assert!(sent.contains("option ci.skip\n"), "{sent}");
        assert!(sent.ends_with(&format!("update {line}end\n")), "{sent}");

        let (accepted, shown, _) = run(line.as_bytes(), b"refuse\nmessage GitLab: no\nmessage really\nend\n");
        assert!(!accepted);
        assert_eq!(shown, "GitLab: no\nreally\n");
    }

    #[test]
    fn every_failure_refuses() {
        let line = format!("{} {} refs/heads/main\n", "0".repeat(40), "1".repeat(40));
        for answer in [&b""[..], b"accept\n", b"accept\nen", b"yes\nend\n", b"accept\nexec x\nend\n"] {
            let (accepted, shown, _) = run(line.as_bytes(), answer);
            assert!(!accepted, "{answer:?}");
            assert!(shown.starts_with("The push could not be checked"), "{shown}");
        }
        assert!(!run(b"nonsense\n", b"accept\nend\n").0);
        assert!(!run(&line.as_bytes()[..20], b"accept\nend\n").0);
        assert!(connect(&|_| None).is_err());
        assert!(connect(&|_| Some("/nonexistent/hook.sock".into())).is_err());
    }

    #[test]
    fn knows_its_name() {
        assert!(is_hook_name("/data/git-hooks/pre-receive".as_ref()));
        assert!(!is_hook_name("/usr/bin/tessera".as_ref()));
        assert!(!is_hook_name("post-receive".as_ref()));
    }
}
