//! Authenticated `GET /api/v4/user` with a random token of a small and of a large population, against the bare stack.

use crate::baseline_http::Captured;
use crate::error::{Context, Error, Result, failed};
use crate::http;
use crate::load::{self, Outcome, Plan, Requests, Tokens};
use crate::process::{self, Server};
use crate::product::{self, ADMINISTRATOR, Instance, Product, READINESS, TOKEN_PREFIX};
use crate::report::{Aim, Better, Figure, Report};
use crate::start::baseline_command;
use crate::{Settings, say};
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Time before each measurement, for connections, caches and branch predictors.
const WARM_UP: Duration = Duration::from_millis(500);

/// One population of tokens and the instance that knows them.
pub struct Side {
    /// What the clients present.
    pub tokens: Tokens,
    /// The server.
    pub instance: Instance,
    import_seconds: f64,
    start_ms: f64,
}

/// A server that knows `count` tokens.
pub fn prepare(settings: &Settings, product: &Product, count: usize) -> Result<Side> {
    let data = settings.run_dir.join(format!("tokens-{count}"));
    // The first start makes the database and the administrator that the tokens will belong to.
    product.serve(&data, "tokens-first")?.server.stop()?;
    let tokens = Tokens::generate(TOKEN_PREFIX, count, count as u64);
    let file = settings.run_dir.join(format!("tokens-{count}.txt"));
    fs::write(&file, tokens.lines()).context("token file")?;
    let begin = Instant::now();
    product.import_tokens(&file, &data)?;
    let import_seconds = begin.elapsed().as_secs_f64();
    fs::remove_file(&file).context("token file")?;
    let begin = Instant::now();
    let instance = product.serve(&data, &format!("tokens-{count}"))?;
    let start_ms = begin.elapsed().as_secs_f64() * 1e3;
    check(instance.addr, &tokens)?;
    Ok(Side { tokens, instance, import_seconds, start_ms })
}

/// The server must know the tokens, first and last, and no other one: else the ratio would say nothing.
fn check(addr: SocketAddr, tokens: &Tokens) -> Result<()> {
    for index in [0, tokens.count() - 1] {
        let token = String::from_utf8_lossy(tokens.get(index)).into_owned();
        let user = http::call(addr, "GET", "/api/v4/user", &token, None, 200)?.json()?;
        if user["username"] != ADMINISTRATOR {
            return failed(format!("an imported token belongs to {}", user["username"]));
        }
    }
    let stranger = Tokens::generate(TOKEN_PREFIX, 1, u64::MAX);
    let token = String::from_utf8_lossy(stranger.get(0)).into_owned();
    http::call(addr, "GET", "/api/v4/user", &token, None, 401).map(|_| ())
}

struct Bare {
    server: Server,
    addr: SocketAddr,
}

/// Starts the bare stack with the answer of `side`, and checks that it gives the same bytes.
fn start_bare(settings: &Settings, side: &Side) -> Result<Bare> {
    let token = String::from_utf8_lossy(side.tokens.get(0)).into_owned();
    let answer = http::exchange(side.instance.addr, &product::user_request(side.instance.addr, &token))?;
    let file: PathBuf = settings.run_dir.join("user-answer.json");
    Captured::from_answer(&answer).save(&file)?;
    let addr = process::free_address()?;
    let mut server = Server::start_metered(baseline_command(addr, &file)?, &settings.run_dir, "bare-http")?;
    server.wait_until_ready(addr, READINESS, Duration::from_secs(10))?;
    let replayed = http::exchange(addr, &product::user_request(addr, &token))?;
    if replayed.body != answer.body || replayed.headers.len() < answer.headers.len() {
        return failed("the bare stack does not replay the product's answer");
    }
    Ok(Bare { server, addr })
}

/// Asks for `/user` for a while, each time with a random token.
pub fn drive(
    settings: &Settings,
    addr: SocketAddr,
    server: &Server,
    tokens: &Tokens,
    seed: u64,
) -> Result<Outcome> {
    let first = String::from_utf8_lossy(tokens.get(0)).into_owned();
    let plan = Plan {
        addr,
        connections: settings.connections,
        warm_up: WARM_UP,
        measured: Duration::from_secs_f64(settings.seconds),
        requests: Requests::with_tokens(product::user_request(addr, &first), tokens)?,
        status: 200,
        seed,
    };
    load::run(&plan, &|| server.cpu())
}

/// The figures of one population beside the bare stack.
struct Figures {
    rate: Figure,
    cpu: Figure,
    latency: Figure,
}

impl Figures {
    fn new(count: usize) -> Self {
        let name = |what: &str| format!("{what}, {count} tokens / bare HTTP stack");
        Self {
            rate: Figure::new("tokens", name("GET /user"), "req/s", Better::More, Aim::Ratio(0.4)),
            cpu: Figure::new("tokens", name("server CPU"), "us/req", Better::Less, Aim::None),
            latency: Figure::new("tokens", name("p99"), "ms", Better::Less, Aim::None),
        }
    }

    fn round(&mut self, product: &Outcome, bare: &Outcome) {
        self.rate.round(product.rate(), bare.rate());
        self.cpu.round(product.cpu_us(), bare.cpu_us());
        self.latency.round(product.latency_ms(0.99), bare.latency_ms(0.99));
    }
}

/// Measures both populations round by round: product, bare, product, bare.
pub fn measure(settings: &Settings, product: &Product, report: &mut Report) -> Result<()> {
    let [small, large] = settings.tokens.as_slice() else {
        return Err(Error::Failed("--tokens wants two numbers".to_owned()));
    };
    let sides = [prepare(settings, product, *small)?, prepare(settings, product, *large)?];
    let bare = start_bare(settings, &sides[0])?;
    let mut figures = [Figures::new(*small), Figures::new(*large)];
    let name = format!("GET /user, {large} tokens / {small} tokens, both product");
    let mut flat = Figure::new("tokens", name, "req/s", Better::More, Aim::Ratio(0.7));
    for round in 0..settings.rounds {
        say(&format!("tokens round {}", round + 1));
        let mut rates = Vec::new();
        for (side, figures) in sides.iter().zip(&mut figures) {
            let seed = u64::from(round);
            let mine = drive(settings, side.instance.addr, &side.instance.server, &side.tokens, seed)?;
            let other = drive(settings, bare.addr, &bare.server, &side.tokens, seed)?;
            figures.round(&mine, &other);
            rates.push(mine.rate());
        }
        flat.round(rates[1], rates[0]);
    }
    for figures in figures {
        report.add([figures.rate, figures.cpu, figures.latency]);
    }
    report.add([flat]);
    for side in &sides {
        let memory = process::server_memory(&[side.instance.server.id()]);
        report.note(format!(
            "tokens: {} tokens (one user's) imported in {:.1} s ({:.0} a second); start with them {:.0} ms; {:.0} MB RSS after the load",
            side.tokens.count(),
            side.import_seconds,
            side.tokens.count() as f64 / side.import_seconds,
            side.start_ms,
            memory.rss_kb as f64 / 1024.0
        ));
    }
    Ok(())
}
