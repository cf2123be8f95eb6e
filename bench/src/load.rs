//! The load generator: keep-alive connections driven by one thread over epoll, two system calls a request.
//!
//! It shares the machine with the server it measures, so it copies a ready-made request, overwrites the token in
//! place, and looks at no more of an answer than its status and its length.

use crate::error::{Context, Result, failed};
use crate::rng::Rng;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// How long requests still under way at the end are waited for.
const DRAIN: Duration = Duration::from_secs(5);

/// Tokens of one length, one behind the other.
#[derive(Debug)]
pub struct Tokens {
    bytes: Vec<u8>,
    width: usize,
}

impl Tokens {
    /// `count` tokens: `prefix` and 20 random letters and digits, the same for the same seed.
    pub fn generate(prefix: &str, count: usize, seed: u64) -> Self {
        let width = prefix.len() + 20;
        let mut bytes = Vec::with_capacity(width * count);
        let mut rng = Rng::new(seed);
        for _ in 0..count {
            bytes.extend_from_slice(prefix.as_bytes());
            rng.alphanumeric(20, &mut bytes);
        }
        Self { bytes, width }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.bytes.len() / self.width
    }

    /// The token at `index`.
    pub fn get(&self, index: usize) -> &[u8] {
        &self.bytes[index * self.width..(index + 1) * self.width]
    }

    /// All of them, one a line.
    pub fn lines(&self) -> Vec<u8> {
        let mut text = Vec::with_capacity(self.bytes.len() + self.count());
        for token in self.bytes.chunks_exact(self.width) {
            text.extend_from_slice(token);
            text.push(b'\n');
        }
        text
    }
}

/// What is sent: one request over and over, or with a random token put in its place each time.
#[derive(Debug)]
pub struct Requests<'a> {
    template: Vec<u8>,
    tokens: Option<(&'a Tokens, usize)>,
}

impl<'a> Requests<'a> {
    /// The same bytes each time.
    pub fn fixed(template: Vec<u8>) -> Self {
        Self { template, tokens: None }
    }

    /// `template` holds the first token of `tokens`; each sending replaces it by a random one of them.
    pub fn with_tokens(template: Vec<u8>, tokens: &'a Tokens) -> Result<Self> {
        let first = tokens.get(0);
        match template.windows(first.len()).position(|window| window == first) {
            Some(place) => Ok(Self { template, tokens: Some((tokens, place)) }),
            None => failed("the request does not hold the token"),
        }
    }

    fn refresh(&self, buffer: &mut [u8], rng: &mut Rng) {
        if let Some((tokens, place)) = self.tokens {
            let token = tokens.get(rng.below(tokens.count()));
            buffer[place..place + token.len()].copy_from_slice(token);
        }
    }
}

/// One run against one server.
#[derive(Debug)]
pub struct Plan<'a> {
    /// The server.
    pub addr: SocketAddr,
    /// Connections, each with one request under way at a time.
    pub connections: usize,
    /// Time before the measurement begins.
    pub warm_up: Duration,
    /// Time measured.
    pub measured: Duration,
    /// What to send.
    pub requests: Requests<'a>,
    /// The only status that counts; another one fails the run.
    pub status: u16,
    /// Picks the tokens.
    pub seed: u64,
}

/// What a run gave.
#[derive(Debug)]
pub struct Outcome {
    /// Answers in the measured time.
    pub answers: u64,
    /// The measured time in seconds.
    pub seconds: f64,
    /// CPU time of the server in the measured time.
    pub server_cpu: Duration,
    /// Microseconds from sending to the last byte of the answer, ascending.
    pub latencies: Vec<u32>,
}

impl Outcome {
    /// Answers a second.
    pub fn rate(&self) -> f64 {
        self.answers as f64 / self.seconds
    }

    /// Server CPU per answer in microseconds.
    pub fn cpu_us(&self) -> f64 {
        self.server_cpu.as_secs_f64() * 1e6 / self.answers.max(1) as f64
    }

    /// The latency in milliseconds that `share` of the answers did not exceed.
    pub fn latency_ms(&self, share: f64) -> f64 {
        if self.latencies.is_empty() {
            return 0.0;
        }
        let index = ((self.latencies.len() as f64 * share) as usize).min(self.latencies.len() - 1);
        f64::from(self.latencies[index]) / 1e3
    }
}

struct Connection {
    stream: TcpStream,
    out: Vec<u8>,
    sent: usize,
    input: Vec<u8>,
    filled: usize,
    started: Instant,
    busy: bool,
    shape: Shape,
}

/// Runs the plan; `cpu` reads the server's CPU time at both ends of the measured time.
pub fn run(plan: &Plan<'_>, cpu: &dyn Fn() -> Result<Duration>) -> Result<Outcome> {
    let mut poll = Poll::new().context("epoll")?;
    let mut events = Events::with_capacity(256);
    let mut rng = Rng::new(plan.seed);
    let mut connections = open(plan, &poll, &mut rng)?;
    let begin = Instant::now() + plan.warm_up;
    let mut window: Option<(Instant, Duration)> = None;
    let mut outcome = Outcome { answers: 0, seconds: 0.0, server_cpu: Duration::ZERO, latencies: Vec::new() };
    let mut closing: Option<Instant> = None;
    loop {
        poll.poll(&mut events, Some(Duration::from_millis(20))).or_else(ignore_interrupt)?;
        for event in &events {
            let connection = &mut connections[event.token().0];
            if !connection.advance(plan.status)? {
                continue;
            }
            let now = Instant::now();
            if window.is_some() && closing.is_none() {
                outcome.answers += 1;
                let micros = now.duration_since(connection.started).as_micros();
                outcome.latencies.push(u32::try_from(micros).unwrap_or(u32::MAX));
            }
            if closing.is_none() {
                plan.requests.refresh(&mut connection.out, &mut rng);
                connection.send(now)?;
            }
        }
        let now = Instant::now();
        match (window, closing) {
            (None, _) if now >= begin => window = Some((now, cpu()?)),
            (Some((start, cpu_start)), None) if now.duration_since(start) >= plan.measured => {
                outcome.seconds = now.duration_since(start).as_secs_f64();
                outcome.server_cpu = cpu()?.saturating_sub(cpu_start);
                closing = Some(now);
            }
            (_, Some(since)) if connections.iter().all(|c| !c.busy) || since.elapsed() > DRAIN => break,
            _ => {}
        }
    }
    outcome.latencies.sort_unstable();
    if outcome.answers == 0 {
        return failed("not one answer in the measured time");
    }
    Ok(outcome)
}

fn ignore_interrupt(error: std::io::Error) -> Result<()> {
    if error.kind() == ErrorKind::Interrupted { Ok(()) } else { Err(error).context("epoll") }
}

fn open(plan: &Plan<'_>, poll: &Poll, rng: &mut Rng) -> Result<Vec<Connection>> {
    let mut connections = Vec::with_capacity(plan.connections);
    for index in 0..plan.connections {
        // Connected before it is handed to epoll: a refused connection is then an error here.
        let stream = std::net::TcpStream::connect(plan.addr).context("connect")?;
        stream.set_nodelay(true).context("socket")?;
        stream.set_nonblocking(true).context("socket")?;
        let mut stream = TcpStream::from_std(stream);
        let interest = Interest::READABLE | Interest::WRITABLE;
        poll.registry().register(&mut stream, Token(index), interest).context("epoll")?;
        let mut out = plan.requests.template.clone();
        plan.requests.refresh(&mut out, rng);
        let mut connection = Connection {
            stream,
            out,
            sent: 0,
            input: vec![0; 16 * 1024],
            filled: 0,
            started: Instant::now(),
            busy: false,
            shape: Shape::default(),
        };
        connection.send(Instant::now())?;
        connections.push(connection);
    }
    Ok(connections)
}

impl Connection {
    fn send(&mut self, now: Instant) -> Result<()> {
        self.started = now;
        self.sent = 0;
        self.filled = 0;
        self.busy = true;
        self.flush()
    }

    fn flush(&mut self) -> Result<()> {
        while self.sent < self.out.len() {
            match self.stream.write(&self.out[self.sent..]) {
                Ok(count) => self.sent += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error).context("send"),
            }
        }
        Ok(())
    }

    /// Moves on after an event; true when the whole answer is there.
    fn advance(&mut self, status: u16) -> Result<bool> {
        if !self.busy {
            return Ok(false);
        }
        self.flush()?;
        loop {
            if self.filled == self.input.len() {
                self.input.resize(self.input.len() * 2, 0);
            }
            let room = self.input.len() - self.filled;
            match self.stream.read(&mut self.input[self.filled..]) {
                Ok(0) => return failed("the server closed a keep-alive connection"),
                Ok(count) => {
                    self.filled += count;
                    if self.shape.complete(&self.input[..self.filled], status)? {
                        self.busy = false;
                        return Ok(true);
                    }
                    // A read that left room emptied the socket; the next bytes raise a new event.
                    if count < room {
                        return Ok(false);
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error).context("receive"),
            }
        }
    }
}

/// Where the length stood in the last answer: the next one is almost always built the same.
#[derive(Debug, Default)]
struct Shape {
    head: usize,
    length_at: usize,
    length_line: Vec<u8>,
    total: usize,
}

impl Shape {
    fn complete(&mut self, input: &[u8], status: u16) -> Result<bool> {
        if !self.fits(input) && !self.learn(input)? {
            return Ok(false);
        }
        let code = input.get(9..12).and_then(|digits| std::str::from_utf8(digits).ok());
        if code.and_then(|digits| digits.parse().ok()) != Some(status) {
            let text: String = String::from_utf8_lossy(input).chars().take(400).collect();
            return failed(format!("answer without status {status}: {text}"));
        }
        if input.len() > self.total {
            return failed("more bytes than the answer's length announces");
        }
        Ok(input.len() == self.total)
    }

    fn fits(&self, input: &[u8]) -> bool {
        self.head > 0
            && input.get(self.head - 4..self.head) == Some(b"\r\n\r\n")
            && input.get(self.length_at..self.length_at + self.length_line.len())
                == Some(self.length_line.as_slice())
    }

    fn learn(&mut self, input: &[u8]) -> Result<bool> {
        let Some(end) = input.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(false) };
        let mut place = 0;
        for line in input[..end + 2].split_inclusive(|byte| *byte == b'\n') {
            let name = b"content-length:";
            if line.len() > name.len() && line[..name.len()].eq_ignore_ascii_case(name) {
                let digits = String::from_utf8_lossy(&line[name.len()..]);
                let length: usize = digits.trim().parse().context("Content-Length")?;
                *self = Self {
                    head: end + 4,
                    length_at: place,
                    length_line: line.to_vec(),
                    total: end + 4 + length,
                };
                return Ok(true);
            }
            place += line.len();
        }
        failed("an answer without Content-Length cannot be measured")
    }
}

#[cfg(test)]
mod tests {
    use super::{Requests, Shape, Tokens};
    use crate::rng::Rng;

    #[test]
    fn answers_are_complete_at_their_length_only() {
        let mut shape = Shape::default();
        let answer = b"HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 3\r\n\r\nabc";
        assert!(!shape.complete(&answer[..20], 200).unwrap());
        assert!(!shape.complete(&answer[..answer.len() - 1], 200).unwrap());
        assert!(shape.complete(answer, 200).unwrap());
        // Another length at the same place, then a head of another size.
        assert!(shape.complete(b"HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 1\r\n\r\nx", 200).unwrap());
        assert!(shape.complete(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nxy", 200).unwrap());
    }

    #[test]
    fn another_status_or_no_length_fails() {
        let mut shape = Shape::default();
        assert!(shape.complete(b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n", 200).is_err());
        assert!(
            Shape::default().complete(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 200).is_err()
        );
    }

    #[test]
    fn tokens_differ_and_take_their_place() {
        let tokens = Tokens::generate("p-", 50, 3);
        assert_eq!(tokens.count(), 50);
        assert_ne!(tokens.get(0), tokens.get(1));
        assert_eq!(tokens.lines().split(|byte| *byte == b'\n').count() - 1, 50);
        let mut template = b"X: ".to_vec();
        template.extend_from_slice(tokens.get(0));
        let requests = Requests::with_tokens(template.clone(), &tokens).unwrap();
        let mut buffer = template;
        requests.refresh(&mut buffer, &mut Rng::new(9));
        assert!((0..50).any(|index| tokens.get(index) == &buffer[3..]));
        assert!(Requests::with_tokens(b"no token".to_vec(), &tokens).is_err());
    }
}
