//! Deterministic repositories for the Git cases, made once through `git fast-import` and kept.

use crate::error::{Context, Result, failed};
use crate::process::{find_program, run};
use crate::rng::Rng;
use crate::say;
use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Changes whenever the generator does, so that a kept repository is never mistaken for another.
const GENERATION: u32 = 1;

/// Files that the history of the large repository spreads over.
const FOLDERS: usize = 60;

/// A git command without the machine's or the user's settings.
pub fn git() -> Command {
    let mut command = Command::new(find_program("git").unwrap_or_else(|| "git".into()));
    command
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env_remove("GIT_DIR");
    command
}

/// A bare repository of `commits` commits below `folder`; made when it is not there yet.
pub fn generated(folder: &Path, commits: usize) -> Result<PathBuf> {
    let target = folder.join(format!("synthetic-{commits}-v{GENERATION}.git"));
    if target.join("complete").is_file() {
        return Ok(target);
    }
    say(&format!("generating a repository of {commits} commits (once)"));
    fs::remove_dir_all(&target).ok();
    fs::create_dir_all(folder).context("repository folder")?;
    run(git().args(["init", "--quiet", "--bare", "--initial-branch=main"]).arg(&target))?;
    let mut import = git();
    import.arg("-C").arg(&target).args(["fast-import", "--quiet", "--depth=20"]);
    let mut child = import.stdin(Stdio::piped()).spawn().context("git fast-import")?;
    let Some(input) = child.stdin.take() else { return failed("git fast-import has no input") };
    let written = write_history(&mut BufWriter::with_capacity(1 << 20, input), commits);
    if !child.wait().context("git fast-import")?.success() {
        return failed("git fast-import failed");
    }
    written.context("git fast-import")?;
    repack(&target)?;
    fs::write(target.join("complete"), b"").context("repository folder")?;
    Ok(target)
}

/// One pack with a bitmap and a commit graph: a repository in its best state.
pub fn repack(repository: &Path) -> Result<()> {
    run(git().arg("-C").arg(repository).args(["repack", "-a", "-d", "-b", "--quiet"]))?;
    run(git().arg("-C").arg(repository).args(["commit-graph", "write", "--reachable", "--no-progress"]))
        .map(|_| ())
}

/// Commits, objects and pack size in words.
pub fn describe(repository: &Path) -> Result<String> {
    let commits = run(git().arg("-C").arg(repository).args(["rev-list", "--count", "--all"]))?;
    let counted = run(git().arg("-C").arg(repository).args(["count-objects", "-v"]))?;
    let value = |key: &str| {
        let line = counted.lines().find_map(|line| line.strip_prefix(key));
        line.and_then(|rest| rest.trim().parse::<u64>().ok()).unwrap_or(0)
    };
    let megabytes = value("size-pack:") as f64 / 1024.0;
    Ok(format!(
        "{} commits, {} objects, {megabytes:.1} MB",
        commits.trim(),
        value("in-pack:") + value("count:")
    ))
}

fn write_history(out: &mut impl Write, commits: usize) -> std::io::Result<()> {
    let mut rng = Rng::new(20);
    let words = vocabulary(&mut rng);
    let mut files: Vec<(String, Vec<String>)> = Vec::new();
    for number in 1..=commits {
        let message = format!("Change {number}\n");
        let time = 1_500_000_000 + number * 600;
        writeln!(out, "commit refs/heads/main\nmark :{number}")?;
        writeln!(
            out,
            "committer Synthetic <synthetic@example.com> {time} +0000\ndata {}\n{message}",
            message.len()
        )?;
        if number > 1 {
            writeln!(out, "from :{}", number - 1)?;
        }
        // Half of the commits add a file, all of them rework part of a known one.
        if files.is_empty() || rng.below(2) == 0 {
            let path = format!("area{}/file{}.txt", rng.below(FOLDERS), files.len());
            let lines = 30 + rng.below(180);
            files.push((path, (0..lines).map(|_| line(&mut rng, &words)).collect()));
            write_file(out, &files[files.len() - 1])?;
        }
        let chosen = rng.below(files.len());
        let lines = &mut files[chosen].1;
        let start = rng.below(lines.len());
        let end = (start + 1 + rng.below(60)).min(lines.len());
        for changed in &mut lines[start..end] {
            *changed = line(&mut rng, &words);
        }
        write_file(out, &files[chosen])?;
        writeln!(out)?;
    }
    writeln!(out, "done")?;
    out.flush()
}

fn write_file(out: &mut impl Write, (path, lines): &(String, Vec<String>)) -> std::io::Result<()> {
    let length: usize = lines.iter().map(|line| line.len() + 1).sum();
    writeln!(out, "M 100644 inline {path}\ndata {length}")?;
    for line in lines {
        writeln!(out, "{line}")?;
    }
    writeln!(out)
}

/// Made-up words: text that compresses about as well as source code does.
fn vocabulary(rng: &mut Rng) -> Vec<String> {
    let word = |rng: &mut Rng| {
        let length = 3 + rng.below(8);
        (0..length).map(|_| char::from(b'a' + rng.below(26) as u8)).collect()
    };
    (0..20_000).map(|_| word(rng)).collect()
}

fn line(rng: &mut Rng, words: &[String]) -> String {
    let count = 4 + rng.below(9);
    (0..count).map(|_| words[rng.below(words.len())].as_str()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::write_history;

    #[test]
    fn the_history_is_the_same_each_time() {
        let (mut one, mut two) = (Vec::new(), Vec::new());
        write_history(&mut one, 20).unwrap();
        write_history(&mut two, 20).unwrap();
        assert_eq!(one, two);
        assert!(one.ends_with(b"done\n"));
    }
}
