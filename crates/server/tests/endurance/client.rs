//! An HTTP client that can send anything and notices everything.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

pub struct Client {
    address: String,
    stream: Option<BufReader<TcpStream>>,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }
}

impl Client {
    pub fn new(address: &str) -> Self {
        Self { address: address.to_owned(), stream: None }
    }

    pub fn get(&mut self, path: &str, token: Option<&str>) -> Option<Answer> {
        self.send("GET", path, token, "")
    }

    /// Sends a request with a JSON body; `None` when the connection broke.
    pub fn send(&mut self, method: &str, path: &str, token: Option<&str>, body: &str) -> Option<Answer> {
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\n", self.address);
        if let Some(token) = token {
            let _ = write!(head, "PRIVATE-TOKEN: {token}\r\n");
        }
        if !body.is_empty() {
            head.push_str("Content-Type: application/json\r\n");
        }
        let _ = write!(head, "Content-Length: {}\r\n\r\n", body.len());
        let mut bytes = head.into_bytes();
        bytes.extend(body.as_bytes());
        self.raw(&bytes, method == "HEAD")
    }

    /// Sends bytes as they are and reads one answer.
    pub fn raw(&mut self, request: &[u8], head: bool) -> Option<Answer> {
        // A kept connection may have been closed by the server: one fresh try.
        for fresh in [false, true] {
            if fresh || self.stream.is_none() {
                let stream = TcpStream::connect(&self.address).ok()?;
                stream.set_nodelay(true).ok()?;
                stream.set_read_timeout(Some(Duration::from_mins(2))).ok()?;
                self.stream = Some(BufReader::new(stream));
            }
            if let Some(answer) = self.exchange(request, head) {
                return Some(answer);
            }
            self.stream = None;
        }
        None
    }

    fn exchange(&mut self, request: &[u8], head: bool) -> Option<Answer> {
        let stream = self.stream.as_mut()?;
        // The server may answer and close before it has read all: the answer counts.
        let written = stream.get_mut().write_all(request);
        let mut line = String::new();
        stream.read_line(&mut line).ok()?;
        let status: u16 = line.split(' ').nth(1)?.parse().ok()?;
        let (mut length, mut close, mut chunked) = (0_usize, written.is_err(), false);
        loop {
            let mut header = Vec::new();
            stream.read_until(b'\n', &mut header).ok()?;
            let header = String::from_utf8_lossy(&header).to_lowercase();
            let header = header.trim_end();
            if header.is_empty() {
                break;
            }
            if let Some(value) = header.strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
            close |= header == "connection: close";
            chunked |= header == "transfer-encoding: chunked";
        }
        let mut body = Vec::new();
        if chunked && !head {
            read_chunks(stream, &mut body)?;
        } else if !head {
            body.resize(length, 0);
            stream.read_exact(&mut body).ok()?;
        }
        if close {
            self.stream = None;
        }
        Some(Answer { status, body })
    }
}

fn read_chunks(stream: &mut BufReader<TcpStream>, body: &mut Vec<u8>) -> Option<()> {
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).ok()?;
        let size = usize::from_str_radix(line.trim(), 16).ok()?;
        let mut chunk = vec![0; size + 2];
        stream.read_exact(&mut chunk).ok()?;
        if size == 0 {
            return Some(());
        }
        body.extend(&chunk[..size]);
    }
}
