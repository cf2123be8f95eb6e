//! A blocking HTTP/1.1 client of one request a connection, for set-up calls only; load comes from `load`.

use crate::error::{Context, Result, failed};
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Longer than any set-up call should take.
const PATIENCE: Duration = Duration::from_mins(1);

/// An answer as it came over the wire.
#[derive(Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Names and values in the order sent.
    pub headers: Vec<(String, String)>,
    /// The body, with chunks joined.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Result<serde_json::Value> {
        serde_json::from_slice(&self.body).context("the answer is not JSON")
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// The bytes of a request on a connection that stays open, with a token and, for a JSON `body`, its type.
pub fn request(method: &str, path: &str, addr: SocketAddr, token: &str, body: Option<&str>) -> Vec<u8> {
    let mut head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {addr}\r\nUser-Agent: tessera-bench\r\nAccept: */*\r\n\
         PRIVATE-TOKEN: {token}\r\n"
    );
    if let Some(body) = body {
        head.push_str("Content-Type: application/json\r\nContent-Length: ");
        head.push_str(&body.len().to_string());
        head.push_str("\r\n\r\n");
        head.push_str(body);
    } else {
        head.push_str("\r\n");
    }
    head.into_bytes()
}

/// Sends `bytes` on a new connection and reads the one answer to it.
pub fn exchange(addr: SocketAddr, bytes: &[u8]) -> Result<Answer> {
    let stream = TcpStream::connect_timeout(&addr, PATIENCE).context("connect")?;
    stream.set_read_timeout(Some(PATIENCE)).context("socket")?;
    stream.set_nodelay(true).context("socket")?;
    (&stream).write_all(bytes).context("send")?;
    read_answer(&mut BufReader::new(stream))
}

/// Calls the API with `token`; anything but `expected` is an error that quotes the answer.
pub fn call(
    addr: SocketAddr,
    method: &str,
    path: &str,
    token: &str,
    body: Option<&str>,
    expected: u16,
) -> Result<Answer> {
    let answer = exchange(addr, &request(method, path, addr, token, body))?;
    if answer.status != expected {
        let text = String::from_utf8_lossy(&answer.body);
        let text: String = text.chars().take(300).collect();
        return failed(format!("{method} {path} answered {} instead of {expected}: {text}", answer.status));
    }
    Ok(answer)
}

fn read_line(input: &mut impl BufRead) -> Result<String> {
    let mut line = String::new();
    if input.read_line(&mut line).context("read")? == 0 {
        return failed("the connection was closed before the answer ended");
    }
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn read_answer(input: &mut impl BufRead) -> Result<Answer> {
    let first = read_line(input)?;
    let status = first.split(' ').nth(1).and_then(|code| code.parse().ok());
    let Some(status) = status else { return failed(format!("no status line: {first}")) };
    let mut headers = Vec::new();
    loop {
        let line = read_line(input)?;
        if line.is_empty() {
            break;
        }
        let Some((name, value)) = line.split_once(':') else { return failed(format!("no header: {line}")) };
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let mut answer = Answer { status, headers, body: Vec::new() };
    if let Some(length) = answer.header("content-length") {
        answer.body = vec![0; length.parse().context("Content-Length")?];
        input.read_exact(&mut answer.body).context("read")?;
    } else if answer.header("transfer-encoding").is_some() {
        loop {
            let size = usize::from_str_radix(&read_line(input)?, 16).context("chunk size")?;
            let start = answer.body.len();
            answer.body.resize(start + size, 0);
            input.read_exact(&mut answer.body[start..]).context("read")?;
            read_line(input)?;
            if size == 0 {
                break;
            }
        }
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::read_answer;

    #[test]
    fn chunked_and_sized_bodies_are_read() {
        let mut chunked: &[u8] =
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
        assert_eq!(read_answer(&mut chunked).unwrap().body, b"abcde");
        let mut sized: &[u8] = b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nokREST";
        let answer = read_answer(&mut sized).unwrap();
        assert_eq!((answer.status, answer.body.as_slice()), (201, &b"ok"[..]));
    }

    #[test]
    fn a_cut_answer_is_an_error() {
        let mut cut: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc";
        assert!(read_answer(&mut cut).is_err());
    }
}
