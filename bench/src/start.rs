//! From exec to the first 200, and memory when idle; beside it the bare HTTP stack does the same.

use crate::baseline_http::Captured;
use crate::error::{Context, Result};
use crate::http::Answer;
use crate::process::{self, Server};
use crate::product::{Product, READINESS};
use crate::report::{Aim, Better, Figure, Report};
use crate::{Settings, say};
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// When a server counts as idle.
const IDLE_AFTER: Duration = Duration::from_secs(3);

/// Nothing measured here should take longer.
const PATIENCE: Duration = Duration::from_secs(30);

/// One start: how long it took, and what was resident afterwards.
struct Start {
    milliseconds: f64,
    rss_mb: f64,
    pss_mb: f64,
}

fn timed_start(
    command: Command,
    addr: SocketAddr,
    settings: &Settings,
    name: &str,
    idle: bool,
) -> Result<Start> {
    let begin = Instant::now();
    let mut server = Server::start(command, &settings.run_dir, name)?;
    server.wait_until_ready(addr, READINESS, PATIENCE)?;
    let milliseconds = begin.elapsed().as_secs_f64() * 1e3;
    let memory = if idle {
        std::thread::sleep(IDLE_AFTER);
        process::server_memory(&[server.id()])
    } else {
        process::Memory::default()
    };
    server.stop()?;
    Ok(Start { milliseconds, rss_mb: memory.rss_kb as f64 / 1024.0, pss_mb: memory.pss_kb as f64 / 1024.0 })
}

/// The command of the bare HTTP stack on `addr`, replaying the answer in `file`.
pub fn baseline_command(addr: SocketAddr, file: &Path) -> Result<Command> {
    let mut command = Command::new(std::env::current_exe().context("own path")?);
    command.args(["baseline-http", "--listen", &addr.to_string(), "--answer"]).arg(file);
    Ok(command)
}

fn empty_answer(settings: &Settings) -> Result<PathBuf> {
    let file = settings.run_dir.join("empty-answer.json");
    Captured::from_answer(&Answer { status: 200, headers: Vec::new(), body: b"{}".to_vec() }).save(&file)?;
    Ok(file)
}

/// Measures start-up on an empty and on an existing data directory, and idle memory on both.
pub fn measure(settings: &Settings, product: &Product, report: &mut Report) -> Result<()> {
    let answer = empty_answer(settings)?;
    let figure = |name: &str, unit, limit| Figure::new("start", name, unit, Better::Less, limit);
    let mut empty = figure("exec to ready, empty data directory / bare HTTP stack", "ms", Aim::Below(300.0));
    let mut again =
        figure("exec to ready, existing data directory / bare HTTP stack", "ms", Aim::Below(300.0));
    let mut rss = figure("idle RSS after 3 s / bare HTTP stack", "MB", Aim::Below(60.0));
    let mut pss = figure("idle PSS after 3 s / bare HTTP stack", "MB", Aim::None);
    for round in 0..settings.rounds {
        say(&format!("start round {}", round + 1));
        let data = settings.run_dir.join(format!("start-{round}"));
        let addr = process::free_address()?;
        let first = timed_start(product.serve_command(&data, addr), addr, settings, "start-product", true)?;
        let bare = timed_start(baseline_command(addr, &answer)?, addr, settings, "start-bare", true)?;
        empty.round(first.milliseconds, bare.milliseconds);
        rss.round(first.rss_mb, bare.rss_mb);
        pss.round(first.pss_mb, bare.pss_mb);
        let second = timed_start(product.serve_command(&data, addr), addr, settings, "start-product", false)?;
        let bare = timed_start(baseline_command(addr, &answer)?, addr, settings, "start-bare", false)?;
        again.round(second.milliseconds, bare.milliseconds);
        fs::remove_dir_all(&data).context("data directory")?;
    }
    report.add([empty, again, rss, pss]);
    Ok(())
}
