//! The contract with the measured binary: every command line, path and answer of it that the harness relies on.

use crate::error::{Context, Result, failed};
use crate::http;
use crate::process::{self, Server};
use crate::rng::Rng;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// What new tokens begin with on an instance that was not told otherwise.
pub const TOKEN_PREFIX: &str = "glpat-";

/// The database in a data directory.
pub const DATABASE: &str = "tessera.db";

/// The folder of bare repositories in a data directory.
pub const REPOSITORIES: &str = "repositories";

/// The administrator that a new data directory holds.
pub const ADMINISTRATOR: &str = "root";

/// The path that answers 200 once requests are served.
pub const READINESS: &str = "/-/readiness";

/// A data directory with a million tokens may take this long before it serves.
const PATIENCE: Duration = Duration::from_mins(1);

/// The measured binary and the settings all its servers share.
#[derive(Debug, Clone)]
pub struct Product {
    binary: PathBuf,
    run_dir: PathBuf,
    serve_args: Vec<String>,
    /// The administrator's token, made for this run alone.
    pub root_token: String,
}

/// A serving instance.
#[derive(Debug)]
pub struct Instance {
    /// The process.
    pub server: Server,
    /// Where it listens.
    pub addr: SocketAddr,
}

/// A project on an instance.
#[derive(Debug, Clone)]
pub struct Project {
    /// Its number.
    pub id: u64,
    /// Its full path, as in the URL of its repository.
    pub path: String,
}

impl Product {
    /// The binary must be there; `serve_args` are handed to every `serve` as they are.
    pub fn new(binary: &Path, run_dir: &Path, serve_args: Vec<String>) -> Result<Self> {
        if !binary.is_file() {
            return failed(format!("no product binary at {}", binary.display()));
        }
        let mut token = TOKEN_PREFIX.as_bytes().to_vec();
        Rng::new(u64::from(std::process::id())).alphanumeric(20, &mut token);
        let root_token = String::from_utf8_lossy(&token).into_owned();
        Ok(Self { binary: binary.to_owned(), run_dir: run_dir.to_owned(), serve_args, root_token })
    }

    /// `tessera serve --data-dir DIR --listen ADDR`, with the administrator's token of this run.
    pub fn serve_command(&self, data_dir: &Path, addr: SocketAddr) -> Command {
        let mut command = Command::new(&self.binary);
        command.arg("serve").arg("--data-dir").arg(data_dir).arg("--listen").arg(addr.to_string());
        command.arg("--root-token").arg(&self.root_token).args(&self.serve_args);
        command
    }

    /// Starts a server on `data_dir` and waits until it is ready.
    pub fn serve(&self, data_dir: &Path, name: &str) -> Result<Instance> {
        let addr = process::free_address()?;
        let mut server = Server::start_metered(self.serve_command(data_dir, addr), &self.run_dir, name)?;
        server.wait_until_ready(addr, READINESS, PATIENCE).map_err(|error| error.during("the product"))?;
        Ok(Instance { server, addr })
    }

    /// The same, with further arguments.
    pub fn serve_with(&self, data_dir: &Path, name: &str, more: &[&str]) -> Result<Instance> {
        let mut other = self.clone();
        other.serve_args.extend(more.iter().map(|argument| (*argument).to_owned()));
        other.serve(data_dir, name)
    }

    /// Loads a file of one plain token a line, all of them the administrator's, with scope `read_user`.
    pub fn import_tokens(&self, file: &Path, data_dir: &Path) -> Result<()> {
        let mut command = Command::new(&self.binary);
        command.args(["token", "import"]).arg(file).arg("--data-dir").arg(data_dir);
        command.args(["--user", ADMINISTRATOR, "--scopes", "read_user", "--format", "plain"]);
        process::run(&mut command).map(|_| ()).map_err(|error| error.during("tessera token import"))
    }

    /// `tessera audit verify` on a data directory that no server has; its report.
    pub fn verify_audit(&self, data_dir: &Path) -> Result<serde_json::Value> {
        let mut command = Command::new(&self.binary);
        command.args(["audit", "verify", "--json", "--data-dir"]).arg(data_dir);
        let said = process::run(&mut command).map_err(|error| error.during("tessera audit verify"))?;
        serde_json::from_str(&said).context("the report of tessera audit verify")
    }
}

impl Instance {
    /// Makes an empty private project in the administrator's namespace.
    pub fn create_project(&self, product: &Product, name: &str) -> Result<Project> {
        let body = format!(r#"{{"name":"{name}","path":"{name}","visibility":"private"}}"#);
        let answer =
            http::call(self.addr, "POST", "/api/v4/projects", &product.root_token, Some(&body), 201)?
                .json()?;
        let (Some(id), Some(path)) = (answer["id"].as_u64(), answer["path_with_namespace"].as_str()) else {
            return failed("the new project's answer has no id or path_with_namespace");
        };
        Ok(Project { id, path: path.to_owned() })
    }

    /// The URL of a repository, with the administrator's token as password.
    pub fn repository_url(&self, product: &Product, project: &Project) -> String {
        format!("http://oauth2:{}@{}/{}.git", product.root_token, self.addr, project.path)
    }
}

/// A request that changes a feature flag and leaves one audit record.
pub fn set_feature_request(addr: SocketAddr, token: &str) -> Vec<u8> {
    http::request("POST", "/api/v4/features/bench", addr, token, Some(r#"{"value":"true","force":true}"#))
}

/// The request that makes one project access token.
pub fn create_token_request(addr: SocketAddr, token: &str, project: u64) -> Vec<u8> {
    let path = format!("/api/v4/projects/{project}/access_tokens");
    let body = r#"{"name":"bench","scopes":["read_repository"],"access_level":20}"#;
    http::request("POST", &path, addr, token, Some(body))
}

/// The request that is repeated to measure authentication.
pub fn user_request(addr: SocketAddr, token: &str) -> Vec<u8> {
    http::request("GET", "/api/v4/user", addr, token, None)
}

/// The bare repositories below a data directory, wherever the layout puts them.
pub fn bare_repositories(data_dir: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![data_dir.join(REPOSITORIES)];
    while let Some(folder) = open.pop() {
        if folder.join("HEAD").is_file() && folder.join("objects").is_dir() {
            found.push(folder);
            continue;
        }
        for entry in fs::read_dir(&folder).context("repositories")?.flatten() {
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                open.push(entry.path());
            }
        }
    }
    Ok(found)
}
