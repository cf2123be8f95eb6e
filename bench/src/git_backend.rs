//! The Git baseline: `git http-backend` behind nginx and fcgiwrap, with Basic authentication like the product's.
//!
//! It checks pushed objects and syncs what it writes as the product's git does ([`SETTINGS`]): by itself git does not
//! check them at all, and what a check or a sync costs is no difference between two ways of serving. It does less than
//! the product all the same: it judges no reference, writes nothing down, and syncs no folder.

use crate::error::{Context, Error, Result};
use crate::process::{self, Server, find_program, run};
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// Requests handled at once; more than the clones that are started together ask for.
const WORKERS: &str = "24";

/// The product's settings of git that buy safety with time.
const SETTINGS: &str = "\
[core]
\tfsync = committed
\tfsyncMethod = fsync
[receive]
\tfsckObjects = true
";

/// What the packages are called, for the message when one is missing.
const INSTALL: &str = "on Debian: apt-get install nginx-light fcgiwrap git";

/// A running pair of nginx and fcgiwrap over a folder of bare repositories.
#[derive(Debug)]
pub struct Backend {
    nginx: Server,
    wrapper: Server,
    addr: SocketAddr,
    password: String,
    /// The folder of repositories.
    pub root: PathBuf,
}

fn required(name: &str) -> Result<PathBuf> {
    find_program(name).ok_or_else(|| Error::Missing(format!("{name} is not installed ({INSTALL})")))
}

fn http_backend() -> Result<PathBuf> {
    let folder = run(Command::new(required("git")?).arg("--exec-path"))?;
    let path = Path::new(folder.trim()).join("git-http-backend");
    if path.is_file() {
        Ok(path)
    } else {
        Err(Error::Missing(format!("git http-backend is not installed ({INSTALL})")))
    }
}

impl Backend {
    /// Starts both servers in `folder`; the user is `oauth2`, as in the product's URLs.
    pub fn start(folder: &Path, password: &str) -> Result<Self> {
        let (nginx, wrapper, backend) = (required("nginx")?, required("fcgiwrap")?, http_backend()?);
        let root = folder.join("repositories");
        fs::create_dir_all(&root).context("repository folder")?;
        fs::create_dir_all(folder.join("tmp")).context("nginx folder")?;
        let addr = process::free_address()?;
        let socket = folder.join("fcgi.sock");
        fs::remove_file(&socket).ok();
        fs::write(folder.join("users"), format!("oauth2:{{PLAIN}}{password}\n")).context("nginx users")?;
        fs::write(folder.join("gitconfig"), SETTINGS).context("settings of git")?;
        let config = folder.join("nginx.conf");
        fs::write(&config, configuration(folder, addr, &socket, &root, &backend)).context("nginx.conf")?;

        let mut command = Command::new(wrapper);
        command.args(["-c", WORKERS, "-s"]).arg(format!("unix:{}", socket.display()));
        command.env("GIT_CONFIG_GLOBAL", "/dev/null");
        let wrapper = Server::start_metered(command, folder, "fcgiwrap")?;
        let since = Instant::now();
        while !socket.exists() && since.elapsed() < Duration::from_secs(5) {
            std::thread::sleep(Duration::from_millis(5));
        }
        let mut command = Command::new(nginx);
        command.arg("-p").arg(folder).arg("-c").arg(&config).arg("-e").arg(folder.join("nginx-error.log"));
        let mut nginx = Server::start_metered(command, folder, "nginx")?;
        nginx
            .wait_until_ready(addr, "/ready", Duration::from_secs(10))
            .map_err(|error| error.during("nginx"))?;
        Ok(Self { nginx, wrapper, addr, password: password.to_owned(), root })
    }

    /// Both servers.
    pub fn servers(&self) -> [&Server; 2] {
        [&self.nginx, &self.wrapper]
    }

    /// The URL of the repository `name` (with `.git`).
    pub fn url(&self, name: &str) -> String {
        format!("http://oauth2:{}@{}/{name}", self.password, self.addr)
    }
}

fn configuration(folder: &Path, addr: SocketAddr, socket: &Path, root: &Path, backend: &Path) -> String {
    let [folder, socket, root, backend] =
        [folder, socket, root, backend].map(|path| path.display().to_string());
    // Workers drop root's rights by default and could then not reach a private folder.
    let user = if rustix::process::geteuid().is_root() { "user root;" } else { "" };
    format!(
        r#"{user}
daemon off;
worker_processes 2;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log warn;
events {{ worker_connections 512; }}
http {{
  access_log off;
  client_max_body_size 0;
  client_body_temp_path {folder}/tmp/body;
  fastcgi_temp_path {folder}/tmp/fastcgi;
  proxy_temp_path {folder}/tmp/proxy;
  uwsgi_temp_path {folder}/tmp/uwsgi;
  scgi_temp_path {folder}/tmp/scgi;
  server {{
    listen {addr};
    location = /ready {{ return 200 "ok"; }}
    location / {{
      auth_basic "bench";
      auth_basic_user_file {folder}/users;
      fastcgi_pass unix:{socket};
      # Packs streamed in both directions, not spooled: the faster setting, so the harder baseline.
      fastcgi_buffering off;
      fastcgi_read_timeout 600;
      fastcgi_request_buffering off;
      fastcgi_param SCRIPT_FILENAME {backend};
      fastcgi_param GIT_PROJECT_ROOT {root};
      fastcgi_param GIT_HTTP_EXPORT_ALL 1;
      fastcgi_param GIT_PROTOCOL $http_git_protocol;
      fastcgi_param GIT_CONFIG_GLOBAL {folder}/gitconfig;
      fastcgi_param GIT_CONFIG_NOSYSTEM 1;
      fastcgi_param PATH_INFO $uri;
      fastcgi_param REMOTE_USER $remote_user;
      fastcgi_param REMOTE_ADDR $remote_addr;
      fastcgi_param REQUEST_METHOD $request_method;
      fastcgi_param QUERY_STRING $query_string;
      fastcgi_param CONTENT_TYPE $content_type;
      fastcgi_param CONTENT_LENGTH $content_length;
      fastcgi_param HTTP_CONTENT_ENCODING $http_content_encoding;
      fastcgi_param SERVER_PROTOCOL $server_protocol;
    }}
  }}
}}
"#
    )
}
