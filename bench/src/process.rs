//! Server processes: started in a group of their own, watched through `/proc`, stopped with all their children.

use crate::cgroup::Group;
use crate::error::{Context, Result, failed};
use rustix::process::{Pid, Signal, kill_process_group};
use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long a server may take to end after SIGTERM before it is killed.
const GRACE: Duration = Duration::from_secs(40);

/// Between two looks at memory. Short against a clone, long against the cost of a look (well below 1 ms).
const SAMPLE_EVERY: Duration = Duration::from_millis(40);

/// A running server; dropping it ends its whole process group.
#[derive(Debug)]
pub struct Server {
    child: Child,
    pid: Pid,
    log: PathBuf,
    marker: PathBuf,
    group: Option<Group>,
}

impl Server {
    /// Starts `command` with its output in `run_dir/NAME.log`. The process group's number lies in
    /// `run_dir/groups/` while it lives, with its control group inside, so that the calling script can end it
    /// should the harness itself be killed.
    pub fn start(command: Command, run_dir: &Path, name: &str) -> Result<Self> {
        Self::spawn(command, run_dir, name, None)
    }

    /// The same in a control group, where there can be one, for an exact CPU time.
    pub fn start_metered(command: Command, run_dir: &Path, name: &str) -> Result<Self> {
        match Group::create(name) {
            Some(group) => Self::spawn(group.wrap(&command), run_dir, name, Some(group)),
            None => Self::spawn(command, run_dir, name, None),
        }
    }

    fn spawn(mut command: Command, run_dir: &Path, name: &str, group: Option<Group>) -> Result<Self> {
        let log = run_dir.join(format!("{name}.log"));
        let output = fs::OpenOptions::new().create(true).append(true).open(&log).context("log file")?;
        let errors = output.try_clone().context("log file")?;
        command.stdin(Stdio::null()).stdout(output).stderr(errors).process_group(0);
        let child = command.spawn().context(&format!("start {}", command.get_program().display()))?;
        let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) else {
            return failed("no process number");
        };
        let groups = run_dir.join("groups");
        fs::create_dir_all(&groups).context("groups folder")?;
        let marker = groups.join(child.id().to_string());
        let folder = group.as_ref().map(|group| group.folder().display().to_string()).unwrap_or_default();
        fs::write(&marker, folder).context("group marker")?;
        Ok(Self { child, pid, log, marker, group })
    }

    /// The process number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for a 200 on `GET path`; an early exit or `patience` running out is an error with the log's end.
    pub fn wait_until_ready(&mut self, addr: SocketAddr, path: &str, patience: Duration) -> Result<()> {
        let started = Instant::now();
        let request = format!("GET {path} HTTP/1.1\r\nHost: {addr}\r\n\r\n");
        loop {
            if let Some(status) = self.child.try_wait().context("wait")? {
                return failed(format!(
                    "the server ended ({status}) before it was ready; {}",
                    self.log_end()
                ));
            }
            if crate::http::exchange(addr, request.as_bytes()).is_ok_and(|answer| answer.status == 200) {
                return Ok(());
            }
            if started.elapsed() > patience {
                return failed(format!("not ready within {} s; {}", patience.as_secs(), self.log_end()));
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// CPU time of the server and all its children so far.
    pub fn cpu(&self) -> Result<Duration> {
        match &self.group {
            Some(group) => group.cpu(),
            None => tree_cpu(self.id()),
        }
    }

    /// Whether [`Server::cpu`] is exact and complete.
    pub fn exact(&self) -> bool {
        self.group.is_some()
    }

    /// Ends the server as an operator would (SIGTERM), by force only when it does not obey.
    pub fn stop(&mut self) -> Result<()> {
        if self.child.try_wait().context("wait")?.is_none() {
            kill_process_group(self.pid, Signal::TERM).ok();
            let asked = Instant::now();
            while self.child.try_wait().context("wait")?.is_none() {
                if asked.elapsed() > GRACE {
                    kill_process_group(self.pid, Signal::KILL).ok();
                    self.child.wait().context("wait")?;
                    break;
                }
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        // A leader that ended may leave workers behind (fcgiwrap does).
        kill_process_group(self.pid, Signal::KILL).ok();
        fs::remove_file(&self.marker).ok();
        Ok(())
    }

    fn log_end(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        format!("its last words: {}", lines[lines.len().saturating_sub(3)..].join(" | "))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop().ok();
    }
}

/// A port nobody listens on at the moment.
pub fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").context("find a free port")?;
    listener.local_addr().context("find a free port")
}

/// CPU time (user + system) of a process, its living descendants and every child they waited for.
fn tree_cpu(root: u32) -> Result<Duration> {
    let mut ticks = 0;
    for pid in tree(&[root]) {
        // A process may end between the listing and the look; its time then counts with its parent's.
        ticks += stat_ticks(pid).unwrap_or(0);
    }
    if stat_ticks(root).is_none() {
        return failed("a server process ended during the measurement");
    }
    let per_second = rustix::param::clock_ticks_per_second();
    Ok(Duration::from_nanos(ticks * (1_000_000_000 / per_second)))
}

/// utime + stime + cutime + cstime: the fields 14 to 17 of `/proc/PID/stat`.
fn stat_ticks(pid: u32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    parse_stat_ticks(&text)
}

fn parse_stat_ticks(text: &str) -> Option<u64> {
    // The second field is the name in parentheses and may hold blanks: count from its end.
    let after_name = text.rsplit_once(')')?.1;
    let fields: Vec<u64> =
        after_name.split_whitespace().skip(11).take(4).filter_map(|f| f.parse().ok()).collect();
    (fields.len() == 4).then(|| fields.iter().sum())
}

/// The roots and all their descendants.
fn tree(roots: &[u32]) -> Vec<u32> {
    let mut found = roots.to_vec();
    let mut next = 0;
    while next < found.len() {
        let Ok(tasks) = fs::read_dir(format!("/proc/{}/task", found[next])) else {
            next += 1;
            continue;
        };
        for task in tasks.flatten() {
            let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
            found.extend(children.split_whitespace().filter_map(|pid| pid.parse::<u32>().ok()));
        }
        next += 1;
    }
    found
}

/// Resident memory of one process in kB.
#[derive(Debug, Clone, Copy, Default)]
pub struct Memory {
    /// Resident set: shared pages count in full.
    pub rss_kb: u64,
    /// Proportional set: shared pages count by their share.
    pub pss_kb: u64,
}

/// Memory of the tree under `roots` without git's own processes.
pub fn server_memory(roots: &[u32]) -> Memory {
    let mut sum = Memory::default();
    for pid in tree(roots) {
        let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
        if name.starts_with("git") {
            continue;
        }
        let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
        sum.rss_kb += smaps_value(&text, "Rss:");
        sum.pss_kb += smaps_value(&text, "Pss:");
    }
    sum
}

fn smaps_value(text: &str, key: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(key));
    line.and_then(|rest| rest.split_whitespace().next()).and_then(|value| value.parse().ok()).unwrap_or(0)
}

/// Watches the server's memory from its making until [`PeakWatch::growth_kb`].
#[derive(Debug)]
pub struct PeakWatch {
    before: u64,
    stop: Arc<AtomicBool>,
    thread: JoinHandle<u64>,
}

impl PeakWatch {
    /// Starts to watch the tree under `roots`.
    pub fn start(roots: Vec<u32>) -> Self {
        let before = server_memory(&roots).pss_kb;
        let stop = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let mut peak = 0;
            while !seen.load(Ordering::Relaxed) {
                peak = peak.max(server_memory(&roots).pss_kb);
                std::thread::sleep(SAMPLE_EVERY);
            }
            peak
        });
        Self { before, stop, thread }
    }

    /// Ends the watch: the highest PSS seen minus the PSS at the start, in kB.
    pub fn growth_kb(self) -> Result<u64> {
        self.stop.store(true, Ordering::Relaxed);
        match self.thread.join() {
            Ok(peak) => Ok(peak.saturating_sub(self.before)),
            Err(_) => failed("the memory watch broke"),
        }
    }
}

/// Runs a command to its end; a failure quotes what it said.
pub fn run(command: &mut Command) -> Result<String> {
    let name = command.get_program().display().to_string();
    let output = command.stdin(Stdio::null()).output().context(&format!("start {name}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let first: Vec<_> = command.get_args().take(3).map(|arg| arg.display().to_string()).collect();
        return failed(format!("{name} {} ended with {}: {}", first.join(" "), output.status, said.trim()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The full path of a program on `PATH` or in the folders where Debian keeps servers.
pub fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let known = ["/usr/sbin", "/usr/local/sbin", "/sbin"].map(PathBuf::from);
    std::env::split_paths(&path).chain(known).map(|folder| folder.join(name)).find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::{parse_stat_ticks, smaps_value, tree};

    #[test]
    fn stat_is_read_behind_a_name_with_blanks_and_parentheses() {
        let text = "12 (a b) c) S 1 12 12 0 -1 4194304 100 0 0 0 5 6 7 8 20 0 1 0 100 0 0";
        assert_eq!(parse_stat_ticks(text), Some(26));
        assert_eq!(parse_stat_ticks("garbage"), None);
    }

    #[test]
    fn smaps_values_are_told_apart() {
        let text = "00-ff ---p 0 00:00 0 [rollup]\nRss:     4096 kB\nPss:     1024 kB\nPss_Anon: 3 kB\n";
        assert_eq!((smaps_value(text, "Rss:"), smaps_value(text, "Pss:")), (4096, 1024));
    }

    #[test]
    fn own_process_is_its_own_tree() {
        let me = std::process::id();
        assert_eq!(tree(&[me])[0], me);
    }
}
