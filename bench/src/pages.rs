//! The page of a project's tokens, fifty of them, beside the bare stack that hands out the same bytes.

use crate::baseline_http::Captured;
use crate::error::{Result, failed};
use crate::http::{self, Answer};
use crate::load::{self, Outcome, Plan, Requests};
use crate::process::{self, Server};
use crate::product::{ADMINISTRATOR, Instance, Product, READINESS};
use crate::report::{Aim, Better, Figure, Report};
use crate::start::baseline_command;
use crate::{Settings, say};
use std::net::SocketAddr;
use std::time::Duration;

/// Tokens on the page.
const TOKENS: usize = 50;
/// Pages a second that are promised on a machine with two cores.
const PROMISED: f64 = 2_000.0;
const PASSWORD: &str = "the password of this run";

/// Measures round by round: product, bare stack.
pub fn measure(settings: &Settings, product: &Product, report: &mut Report) -> Result<()> {
    let data = settings.run_dir.join("pages");
    let instance = product.serve_with(&data, "pages", &["--root-password", PASSWORD])?;
    let project = instance.create_project(product, "bench-pages")?;
    fill(product, &instance, project.id)?;
    let cookie = sign_in(instance.addr)?;
    let path = format!("/{}/-/settings/access_tokens", project.path);
    let page = http::exchange(instance.addr, &request(instance.addr, &path, &cookie))?;
    let shown = String::from_utf8_lossy(&page.body).matches("/revoke\"").count();
    if page.status != 200 || shown != TOKENS {
        return failed(format!("{path} answered {} and shows {shown} tokens", page.status));
    }
    let bare = start_bare(settings, &page)?;
    let name = "pages with 50 tokens / the same bytes from the bare HTTP stack";
    let mut rate = Figure::new("pages", name, "pages/s", Better::More, Aim::AtLeast(PROMISED));
    let mut cpu = Figure::new("pages", "server CPU", "us/page", Better::Less, Aim::None);
    let mut latency = Figure::new("pages", "p99", "ms", Better::Less, Aim::None);
    for round in 0..settings.rounds {
        say(&format!("pages round {}", round + 1));
        let mine = drive(settings, instance.addr, &instance.server, &path, &cookie)?;
        let other = drive(settings, bare.1, &bare.0, "/api/v4/user", &cookie)?;
        rate.round(mine.rate(), other.rate());
        cpu.round(mine.cpu_us(), other.cpu_us());
        latency.round(mine.latency_ms(0.99), other.latency_ms(0.99));
    }
    report.add([rate, cpu, latency]);
    report.note(format!("pages: the page has {} bytes, sent as they are", page.body.len()));
    Ok(())
}

/// Fifty tokens, each used once.
fn fill(product: &Product, instance: &Instance, project: u64) -> Result<()> {
    let path = format!("/api/v4/projects/{project}/access_tokens");
    for number in 1..=TOKENS {
        let body = format!(
            r#"{{"name":"pipeline {number}","scopes":["read_repository","read_api"],"access_level":30,"description":"Runs for service {number}"}}"#
        );
        let made = http::call(instance.addr, "POST", &path, &product.root_token, Some(&body), 201)?.json()?;
        let Some(token) = made["token"].as_str() else { return failed("a new token's answer has no token") };
        http::call(instance.addr, "GET", &format!("/api/v4/projects/{project}"), token, None, 200)?;
    }
    Ok(())
}

fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    let mut headers = answer.headers.iter();
    headers.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

fn cookie_of(answer: &Answer) -> Result<String> {
    match header(answer, "set-cookie").and_then(|cookie| cookie.split(';').next()) {
        Some(pair) => Ok(pair.to_owned()),
        None => failed("the page for signing in sets no cookie"),
    }
}

/// Signs in as a person does, by the form.
fn sign_in(addr: SocketAddr) -> Result<String> {
    let form = http::exchange(addr, &request(addr, "/users/sign_in", ""))?;
    let text = String::from_utf8_lossy(&form.body).into_owned();
    let proof = text.split("name=\"authenticity_token\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let Some(proof) = proof else { return failed("the page for signing in has no form") };
    let password = PASSWORD.replace(' ', "+");
    let body = format!("authenticity_token={proof}&login={ADMINISTRATOR}&password={password}");
    let cookie = cookie_of(&form)?;
    let request = format!(
        "POST /users/sign_in HTTP/1.1\r\nHost: {addr}\r\nCookie: {cookie}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer = http::exchange(addr, request.as_bytes())?;
    if answer.status != 303 {
        return failed(format!("signing in answered {}", answer.status));
    }
    cookie_of(&answer)
}

fn request(addr: SocketAddr, path: &str, cookie: &str) -> Vec<u8> {
    let cookie = if cookie.is_empty() { String::new() } else { format!("Cookie: {cookie}\r\n") };
    format!("GET {path} HTTP/1.1\r\nHost: {addr}\r\nUser-Agent: tessera-bench\r\nAccept: text/html\r\n{cookie}\r\n")
        .into_bytes()
}

fn start_bare(settings: &Settings, page: &Answer) -> Result<(Server, SocketAddr)> {
    let file = settings.run_dir.join("page-answer.json");
    Captured::from_answer(page).save(&file)?;
    let addr = process::free_address()?;
    let mut server = Server::start_metered(baseline_command(addr, &file)?, &settings.run_dir, "bare-pages")?;
    server.wait_until_ready(addr, READINESS, Duration::from_secs(10))?;
    Ok((server, addr))
}

fn drive(settings: &Settings, addr: SocketAddr, server: &Server, path: &str, cookie: &str) -> Result<Outcome> {
    let plan = Plan {
        addr,
        connections: settings.connections,
        warm_up: Duration::from_millis(500),
        measured: Duration::from_secs_f64(settings.seconds),
        requests: Requests::fixed(request(addr, path, cookie)),
        status: 200,
        seed: 0,
    };
    load::run(&plan, &|| server.cpu())
}
