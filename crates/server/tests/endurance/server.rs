//! The real binary on a port of its own.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::client::Client;

/// How long a test waits for what comes soon on a machine that has nothing else to do.
const PATIENCE: Duration = Duration::from_mins(2);

/// The administrator's token.
pub const ROOT: &str = "glpat-endurance-root-token-0001";

pub struct Server {
    child: Child,
    pub address: String,
    log: PathBuf,
}

impl Server {
    /// Starts the binary on a data directory and waits until it is ready. Returns how long that took.
    pub fn start(folder: &Path) -> (Self, Duration) {
        let log = folder.join("server.log");
        let errors = File::options().create(true).append(true).open(&log).unwrap();
        let skip = std::fs::metadata(&log).unwrap().len();
        let started = Instant::now();
        let child = Command::new(env!("CARGO_BIN_EXE_tessera"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(folder.join("data"))
            .env("TESSERA_ROOT_TOKEN", ROOT)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(errors)
            .spawn()
            .unwrap();
        let mut server = Self { child, address: String::new(), log };
        server.address = server.wait_for_address(skip);
        while Client::new(&server.address).get("/-/readiness", None).map(|answer| answer.status) != Some(200)
        {
            assert!(started.elapsed() < PATIENCE, "not ready: {}", server.log_text());
            sleep(Duration::from_millis(5));
        }
        (server, started.elapsed())
    }

    fn wait_for_address(&mut self, skip: u64) -> String {
        let started = Instant::now();
        loop {
            let text = self.log_text();
            let fresh = text.get(usize::try_from(skip).unwrap()..).unwrap_or_default();
            let told = fresh.split_once("listens at http://").and_then(|(_, rest)| rest.split_once('\n'));
            if let Some((address, _)) = told {
                return address.trim().to_owned();
            }
            assert!(self.child.try_wait().unwrap().is_none(), "the server ended: {fresh}");
            assert!(started.elapsed() < PATIENCE, "no address: {fresh}");
            sleep(Duration::from_millis(2));
        }
    }

    pub fn log_text(&self) -> String {
        let mut text = Vec::new();
        File::open(&self.log).unwrap().read_to_end(&mut text).unwrap();
        String::from_utf8_lossy(&text).into_owned()
    }

    /// SIGKILL: nothing is finished, nothing is flushed.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub fn client(&self) -> Client {
        Client::new(&self.address)
    }
}

/// Waits until something is so, or for so long that it never will be: the caller's assertions tell.
pub fn wait_until(so: impl Fn() -> bool) {
    let started = Instant::now();
    while !so() && started.elapsed() < PATIENCE {
        sleep(Duration::from_millis(2));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
