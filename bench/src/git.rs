//! Clones and pushes of the real git client: the product against `git http-backend` behind nginx and fcgiwrap.

use crate::error::{Context, Result, failed};
use crate::git_backend::Backend;
use crate::git_repo::{self, git};
use crate::process::{PeakWatch, Server, run};
use crate::product::{self, Instance, Product, Project};
use crate::report::{Aim, Better, Figure, Report};
use crate::{Settings, say};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

/// Product and baseline must be as fast as this share of each other.
const SPEED: Aim = Aim::Ratio(0.95);

/// Memory the server itself may take for one clone, in MB.
const CLONE_MEMORY: Aim = Aim::Below(8.0);

/// Which halves of the case are wanted.
#[derive(Debug, Clone, Copy)]
pub struct Parts {
    /// Measure clones.
    pub clone: bool,
    /// Measure pushes.
    pub push: bool,
}

/// A repository that both sides serve.
struct Subject {
    label: &'static str,
    source: PathBuf,
    tip: String,
    product_url: String,
    baseline_url: String,
}

struct Bed<'a> {
    settings: &'a Settings,
    product: &'a Product,
    instance: Instance,
    backend: Backend,
    scratch: PathBuf,
}

/// What one measured operation cost.
struct Cost {
    seconds: f64,
    cpu_seconds: f64,
    growth_mb: f64,
}

/// Runs the wanted halves on a large and a small repository.
pub fn measure(settings: &Settings, product: &Product, parts: Parts, report: &mut Report) -> Result<()> {
    let [large, small] = settings.commits.as_slice() else { return failed("--commits wants two numbers") };
    let backend_folder = settings.run_dir.join("http-backend");
    fs::create_dir_all(&backend_folder).context("baseline folder")?;
    // First of all: without nginx or fcgiwrap there is nothing to compare with.
    let backend = Backend::start(&backend_folder, &product.root_token)?;
    let kept = settings.out.join("repositories");
    let sources =
        [("large", git_repo::generated(&kept, *large)?), ("small", git_repo::generated(&kept, *small)?)];
    for (label, source) in &sources {
        report.note(format!("git: {label} repository: {}", git_repo::describe(source)?));
    }
    let data = settings.run_dir.join("git");
    let instance = product.serve(&data, "git")?;
    if !backend.servers().iter().all(|server| server.exact()) {
        report.note(
            "git: no control group of version 2 can be made here: server CPU comes from /proc, \
             which misses the children of fcgiwrap, so the baseline's CPU is far too low",
        );
    }
    let scratch = settings.scratch.clone();
    fs::create_dir_all(&scratch).context("scratch folder")?;
    let mut bed = Bed { settings, product, instance, backend, scratch };
    let mut subjects = Vec::new();
    for (label, source) in sources {
        subjects.push(bed.publish(label, source)?);
    }
    bed.repack_both(&data, report)?;
    bed.run_parts(&subjects, parts, report)
}

impl Bed<'_> {
    fn publish(&self, label: &'static str, source: PathBuf) -> Result<Subject> {
        let project = self.instance.create_project(self.product, &format!("bench-{label}"))?;
        let product_url = self.instance.repository_url(self.product, &project);
        let baseline_url = self.new_baseline(&format!("{label}.git"))?;
        for url in [&product_url, &baseline_url] {
            run(git().arg("-C").arg(&source).args(["push", "--quiet", url, "main"]))?;
        }
        let tip = run(git().arg("-C").arg(&source).args(["rev-parse", "main"]))?.trim().to_owned();
        Ok(Subject { label, source, tip, product_url, baseline_url })
    }

    fn new_baseline(&self, name: &str) -> Result<String> {
        let path = self.backend.root.join(name);
        run(git().args(["init", "--quiet", "--bare", "--initial-branch=main"]).arg(&path))?;
        Ok(self.backend.url(name))
    }

    /// Puts the repositories of both sides into the same, best state: what is compared is the serving.
    fn repack_both(&mut self, data: &Path, report: &mut Report) -> Result<()> {
        self.instance.server.stop()?;
        let mine = product::bare_repositories(data)?;
        if mine.is_empty() {
            report.note(
                "git: no bare repository found in the product's data directory: it serves what the push left",
            );
        } else {
            report.note("git: repositories of both sides repacked into one pack with bitmap before cloning");
        }
        let theirs = ["large.git", "small.git"].map(|name| self.backend.root.join(name));
        for repository in mine.iter().chain(&theirs) {
            git_repo::repack(repository)?;
        }
        // The new instance listens elsewhere only if the port was taken meanwhile, so keep the address.
        let command = self.product.serve_command(data, self.instance.addr);
        let mut server = Server::start_metered(command, &self.settings.run_dir, "git")?;
        server.wait_until_ready(self.instance.addr, product::READINESS, Duration::from_mins(1))?;
        self.instance.server = server;
        Ok(())
    }

    fn run_parts(&self, subjects: &[Subject], parts: Parts, report: &mut Report) -> Result<()> {
        for subject in subjects {
            if parts.clone {
                for depth in [None, Some(20)] {
                    self.clones(subject, depth, 1, report)?;
                    self.clones(subject, depth, self.settings.parallel, report)?;
                }
            }
            if parts.push {
                self.pushes(subject, report)?;
            }
        }
        Ok(())
    }

    fn clones(&self, subject: &Subject, depth: Option<u32>, count: usize, report: &mut Report) -> Result<()> {
        let kind = depth.map_or_else(|| "full".to_owned(), |depth| format!("depth {depth}"));
        let name = format!("{} repository, {kind}, x{count}", subject.label);
        let mut wall = Figure::new("clone", format!("{name}: wall / http-backend"), "s", Better::Less, SPEED);
        let mut cpu = Figure::new("clone", format!("{name}: server CPU"), "s/clone", Better::Less, Aim::None);
        let aim = if count > 1 { CLONE_MEMORY } else { Aim::None };
        let mut memory = Figure::new(
            "clone",
            format!("{name}: peak PSS growth without git"),
            "MB/clone",
            Better::Less,
            aim,
        );
        for round in 0..self.settings.rounds {
            say(&format!("clone {name}, round {}", round + 1));
            let mine =
                self.clone_once(&subject.product_url, &subject.tip, depth, count, &[&self.instance.server])?;
            let theirs =
                self.clone_once(&subject.baseline_url, &subject.tip, depth, count, &self.backend.servers())?;
            let share = count as f64;
            wall.round(mine.seconds, theirs.seconds);
            cpu.round(mine.cpu_seconds / share, theirs.cpu_seconds / share);
            memory.round(mine.growth_mb / share, theirs.growth_mb / share);
        }
        report.add([wall, cpu, memory]);
        Ok(())
    }

    fn clone_once(
        &self,
        url: &str,
        tip: &str,
        depth: Option<u32>,
        count: usize,
        servers: &[&Server],
    ) -> Result<Cost> {
        let targets: Vec<PathBuf> =
            (0..count).map(|index| self.scratch.join(format!("clone-{index}"))).collect();
        let watch = PeakWatch::start(servers.iter().map(|server| server.id()).collect());
        let cpu = cpu_of(servers)?;
        let begin = Instant::now();
        let mut clients = Vec::new();
        for target in &targets {
            let mut command = git();
            command.args(["clone", "--quiet", "--bare"]);
            if let Some(depth) = depth {
                command.arg(format!("--depth={depth}"));
            }
            command.arg(url).arg(target).stdin(Stdio::null());
            clients.push(command.spawn().context("git clone")?);
        }
        let mut good = true;
        for client in &mut clients {
            good &= client.wait().context("git clone")?.success();
        }
        let seconds = begin.elapsed().as_secs_f64();
        let cpu_seconds = cpu_of(servers)?.saturating_sub(cpu).as_secs_f64();
        let growth_mb = watch.growth_kb()? as f64 / 1024.0;
        if !good {
            return failed("a clone failed");
        }
        for target in &targets {
            let cloned = run(git().arg("-C").arg(target).args(["rev-parse", "main"]))?;
            if cloned.trim() != tip {
                return failed("a clone ended at another commit");
            }
            fs::remove_dir_all(target).context("scratch folder")?;
        }
        Ok(Cost { seconds, cpu_seconds, growth_mb })
    }

    fn pushes(&self, subject: &Subject, report: &mut Report) -> Result<()> {
        let name = format!("{} repository into an empty one", subject.label);
        let mut wall = Figure::new("push", format!("{name}: wall / http-backend"), "s", Better::Less, SPEED);
        let mut cpu = Figure::new("push", format!("{name}: server CPU"), "s/push", Better::Less, Aim::None);
        let mut memory = Figure::new(
            "push",
            format!("{name}: peak PSS growth without git"),
            "MB/push",
            Better::Less,
            Aim::None,
        );
        for round in 0..self.settings.rounds {
            say(&format!("push {name}, round {}", round + 1));
            let slug = format!("push-{}-{round}", subject.label);
            let project: Project = self.instance.create_project(self.product, &slug)?;
            let url = self.instance.repository_url(self.product, &project);
            let mine = push_once(&subject.source, &subject.tip, &url, &[&self.instance.server])?;
            let url = self.new_baseline(&format!("{slug}.git"))?;
            let theirs = push_once(&subject.source, &subject.tip, &url, &self.backend.servers())?;
            wall.round(mine.seconds, theirs.seconds);
            cpu.round(mine.cpu_seconds, theirs.cpu_seconds);
            memory.round(mine.growth_mb, theirs.growth_mb);
        }
        report.add([wall, cpu, memory]);
        Ok(())
    }
}

fn cpu_of(servers: &[&Server]) -> Result<Duration> {
    servers.iter().map(|server| server.cpu()).sum()
}

fn push_once(source: &Path, tip: &str, url: &str, servers: &[&Server]) -> Result<Cost> {
    let watch = PeakWatch::start(servers.iter().map(|server| server.id()).collect());
    let cpu = cpu_of(servers)?;
    let begin = Instant::now();
    run(git().arg("-C").arg(source).args(["push", "--quiet", url, "main"]))?;
    let seconds = begin.elapsed().as_secs_f64();
    let cpu_seconds = cpu_of(servers)?.saturating_sub(cpu).as_secs_f64();
    let growth_mb = watch.growth_kb()? as f64 / 1024.0;
    let listed = run(git().args(["ls-remote", url, "refs/heads/main"]))?;
    if !listed.starts_with(tip) {
        return failed("a pushed branch does not stand where it was pushed to");
    }
    Ok(Cost { seconds, cpu_seconds, growth_mb })
}
