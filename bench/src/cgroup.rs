//! A control group for each measured server: its CPU time is exact there, and nothing is lost.
//!
//! `/proc` counts in ticks of 10 ms and leaves out the children of a process that ignores SIGCHLD, as fcgiwrap does.

use crate::error::{Context, Result, failed};
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// A group of its own below the group of the harness; removed when dropped.
#[derive(Debug)]
pub struct Group {
    folder: PathBuf,
}

impl Group {
    /// None where there is no version 2 hierarchy or no right to add to it.
    pub fn create(name: &str) -> Option<Self> {
        let mounts = fs::read_to_string("/proc/self/mounts").ok()?;
        let mount = mounts.lines().find_map(|line| {
            let mut fields = line.split(' ').skip(1);
            let folder = fields.next()?;
            (fields.next()? == "cgroup2").then_some(folder)
        })?;
        let own = fs::read_to_string("/proc/self/cgroup").ok()?;
        let own = own.lines().find_map(|line| line.strip_prefix("0::/"))?;
        let folder =
            PathBuf::from(mount).join(own).join(format!("tessera-bench-{}-{name}", std::process::id()));
        fs::create_dir(&folder).ok()?;
        let group = Self { folder };
        group.cpu().is_ok().then_some(group)
    }

    /// The folder of the group.
    pub fn folder(&self) -> &PathBuf {
        &self.folder
    }

    /// The command, entering the group before it begins: what it forks at once is then counted too.
    pub fn wrap(&self, command: &Command) -> Command {
        let mut wrapped = Command::new("/bin/sh");
        wrapped.arg("-c").arg(r#"echo $$ > "$0/cgroup.procs" && exec "$@""#).arg(&self.folder);
        wrapped.arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => wrapped.env(name, value),
                None => wrapped.env_remove(name),
            };
        }
        wrapped
    }

    /// CPU time of everything that ever ran in the group.
    pub fn cpu(&self) -> Result<Duration> {
        let text = fs::read_to_string(self.folder.join("cpu.stat")).context("cpu.stat")?;
        let Some(micros) = text.lines().find_map(|line| line.strip_prefix("usage_usec ")) else {
            return failed("cpu.stat without usage_usec");
        };
        Ok(Duration::from_micros(micros.trim().parse().context("usage_usec")?))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // A killed process leaves its group a moment after it was waited for.
        for _ in 0..50 {
            if fs::remove_dir(&self.folder).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}
