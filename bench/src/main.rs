//! Measures the product against paired baselines; `scripts/bench` builds and calls it.
//!
//! Nothing here passes or fails on a time by itself: a run prints figures, each beside the figure of a baseline taken
//! in the same round, and only `--check` turns a missed aim into an exit code.

#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts and times of a run stay far below 2^52"
)]

mod audit;
mod baseline_http;
mod cgroup;
mod create;
mod error;
mod git;
mod git_backend;
mod git_repo;
mod http;
mod ledger;
mod load;
mod pages;
mod process;
mod product;
mod replay;
mod report;
mod rng;
mod start;
mod tokens;

use clap::{Args, Parser, Subcommand, ValueEnum};
use error::{Context, Result};
use product::Product;
use report::{Machine, Report};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
#[command(
    about = "Measures Tessera against paired baselines in the same run",
    disable_help_subcommand = true
)]
struct Cli {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run the cases and report
    Run(Box<Settings>),
    /// Be the bare HTTP stack that the token case compares with
    #[command(hide = true)]
    BaselineHttp {
        /// Address to listen on
        #[arg(long)]
        listen: SocketAddr,
        /// The captured answer
        #[arg(long)]
        answer: PathBuf,
    },
}

/// What a run does; every field is a flag of `scripts/bench`.
#[derive(Args, Debug, Clone)]
pub struct Settings {
    /// The product's binary
    #[arg(long)]
    product: PathBuf,
    /// Folder for reports and generated repositories
    #[arg(long)]
    out: PathBuf,
    /// Folder for data directories and logs of this run
    #[arg(long)]
    run_dir: PathBuf,
    /// Folder that git's clients clone into: in memory, so that the disk is left to the servers
    #[arg(long)]
    scratch: PathBuf,
    /// Interleaved rounds of each measurement
    #[arg(long, env = "BENCH_ROUNDS", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Cases to run, separated by commas
    #[arg(long, env = "BENCH_ONLY", value_enum, value_delimiter = ',')]
    only: Vec<Case>,
    /// Measured seconds of each load run
    #[arg(long, env = "BENCH_SECONDS", default_value_t = 3.0)]
    seconds: f64,
    /// Connections of the token case
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Clients of the create case
    #[arg(long, default_value_t = 32)]
    clients: usize,
    /// The two numbers of tokens on the instance
    #[arg(long, value_delimiter = ',', num_args = 1, default_values_t = [1_000, 1_000_000])]
    tokens: Vec<usize>,
    /// Commits of the large and of the small repository
    #[arg(long, value_delimiter = ',', num_args = 1, default_values_t = [8_000, 150])]
    commits: Vec<usize>,
    /// Clones at once in the parallel part
    #[arg(long, default_value_t = 8)]
    parallel: usize,
    /// Arguments added to every `tessera serve`, separated by blanks
    #[arg(long, env = "BENCH_SERVE_ARGS", default_value = "")]
    serve_args: String,
    /// Exit with 1 when an aim is missed or a case was not run
    #[arg(long)]
    check: bool,
}

/// A case of the report.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
enum Case {
    /// Verifying the audit log against SQLite reading it
    Audit,
    /// Authenticated GET /user against the bare HTTP stack
    Tokens,
    /// What keeping the ledger of tokens costs
    Ledger,
    /// Creating project access tokens against SQLite alone
    Create,
    /// Cloning against git http-backend
    Clone,
    /// Pushing against git http-backend
    Push,
    /// The page of fifty tokens against the bare HTTP stack
    Pages,
    /// Start-up and idle memory against the bare HTTP stack
    Start,
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Task::Run(settings) => run(&settings),
        Task::BaselineHttp { listen, answer } => {
            baseline_http::serve(listen, &answer).map(|()| ExitCode::SUCCESS)
        }
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("bench: {error}");
        ExitCode::FAILURE
    })
}

fn run(settings: &Settings) -> Result<ExitCode> {
    std::fs::create_dir_all(&settings.run_dir).context("run folder")?;
    let machine = Machine::look();
    let mut report = Report::default();
    let wanted = |case: Case| settings.only.is_empty() || settings.only.contains(&case);
    let arguments = settings.serve_args.split_whitespace().map(str::to_owned).collect();
    match Product::new(&settings.product, &settings.run_dir, arguments) {
        Err(error) => report.ended("all cases", error),
        Ok(product) => {
            let parts = git::Parts { clone: wanted(Case::Clone), push: wanted(Case::Push) };
            if wanted(Case::Start) {
                finish("start", start::measure(settings, &product, &mut report), &mut report);
            }
            if wanted(Case::Tokens) {
                finish("tokens", tokens::measure(settings, &product, &mut report), &mut report);
            }
            if wanted(Case::Ledger) {
                finish("ledger", ledger::measure(settings, &product, &mut report), &mut report);
            }
            if wanted(Case::Create) {
                finish("create", create::measure(settings, &product, &mut report), &mut report);
            }
            if wanted(Case::Pages) {
                finish("pages", pages::measure(settings, &product, &mut report), &mut report);
            }
            if wanted(Case::Audit) {
                finish("audit", audit::measure(settings, &product, &mut report), &mut report);
            }
            if parts.clone || parts.push {
                finish("clone, push", git::measure(settings, &product, parts, &mut report), &mut report);
            }
        }
    }
    println!("{}", report.table(&machine));
    let path = report.save(&settings.out, &machine, &settings.json())?;
    println!("written to {}", path.display());
    let good = report.sound() && (!settings.check || report.all_met());
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Puts the ending of a case that broke or could not start into the report; the others go on.
fn finish(case: &str, outcome: Result<()>, report: &mut Report) {
    if let Err(error) = outcome {
        say(&format!("{case}: {error}"));
        report.ended(case, error);
    }
}

/// Progress on stderr, so that the table alone is on stdout.
pub fn say(text: &str) {
    eprintln!("bench: {text}");
}

impl Settings {
    fn json(&self) -> serde_json::Value {
        serde_json::json!({
            "rounds": self.rounds, "seconds": self.seconds, "connections": self.connections,
            "clients": self.clients, "tokens": self.tokens, "commits": self.commits,
            "parallel": self.parallel, "serve_args": self.serve_args,
        })
    }
}
