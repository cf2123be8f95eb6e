//! The exact commands by which a new token is used; its secret's place is marked.

use tessera_model::scope::{Scope, ScopeSet};
use tessera_service::host_of;

/// A command, with what stands before and after the secret.
pub(super) struct Command {
    pub(super) id: &'static str,
    pub(super) program: &'static str,
    pub(super) before: String,
    pub(super) after: String,
    /// What there is to know beside it; mostly nothing.
    pub(super) note: &'static str,
}

/// A project in which a token works.
pub(super) struct Where<'a> {
    pub(super) id: i64,
    pub(super) full_path: &'a str,
}

const GIT: ScopeSet =
    ScopeSet::of(&[Scope::Api, Scope::ReadApi, Scope::ReadRepository, Scope::WriteRepository]);
const API: ScopeSet = ScopeSet::of(&[Scope::Api, Scope::ReadApi]);
const REGISTRY: ScopeSet = ScopeSet::of(&[Scope::ReadRegistry, Scope::WriteRegistry]);

/// The commands that a token's scopes open. `username` is what stands beside the secret where programs ask for one.
pub(super) fn of(scopes: ScopeSet, base: &str, username: &str, project: Option<Where<'_>>) -> Vec<Command> {
    let mut all = Vec::new();
    let (scheme, rest) = base.split_once("://").unwrap_or(("https", base));
    if scopes.intersects(GIT) {
        let path = project.as_ref().map_or("GROUP/PROJECT", |project| project.full_path);
        all.push(Command {
            id: "use-git",
            program: "git",
            before: format!("git clone {scheme}://{username}:"),
            after: format!("@{rest}/{path}.git"),
            note: "",
        });
    }
    if scopes.intersects(API) {
        let path = match &project {
            Some(project) => format!("projects/{}", project.id),
            None => "user".to_owned(),
        };
        all.push(curl(base, &path));
    } else if scopes.contains(Scope::ReadUser) {
        all.push(curl(base, "user"));
    }
    if scopes.intersects(REGISTRY) {
        all.push(Command {
            id: "use-docker",
            program: "docker",
            before: "echo ".to_owned(),
            after: format!(" | docker login {} --username {username} --password-stdin", host_and_port(base)),
            note: "This version of the server has no container registry yet; the command is the one for when it has.",
        });
    }
    if scopes.contains(Scope::SelfRotate) {
        all.push(Command {
            id: "use-rotate",
            program: "renew",
            before: "curl --request POST --header \"PRIVATE-TOKEN: ".to_owned(),
            after: format!("\" \"{base}/api/v4/personal_access_tokens/self/rotate\""),
            note: "",
        });
    }
    all
}

fn curl(base: &str, path: &str) -> Command {
    Command {
        id: "use-curl",
        program: "curl",
        before: "curl --header \"PRIVATE-TOKEN: ".to_owned(),
        after: format!("\" \"{base}/api/v4/{path}\""),
        note: "",
    }
}

fn host_and_port(base: &str) -> &str {
    let rest = base.split_once("://").map_or(base, |(_, rest)| rest);
    rest.split('/').next().unwrap_or_else(|| host_of(base))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_those_that_the_scopes_open() {
        let shown = |scopes: &[Scope]| {
            let project = Some(Where { id: 7, full_path: "acme/app" });
            let all = of(ScopeSet::of(scopes), "https://git.test:8443", "bot", project);
            all.iter().map(|one| format!("{}TOKEN{}", one.before, one.after)).collect::<Vec<_>>()
        };
        assert_eq!(
            shown(&[Scope::ReadRepository]),
            ["git clone https://bot:TOKEN@git.test:8443/acme/app.git"]
        );
        assert_eq!(
            shown(&[Scope::ReadApi])[1],
            "curl --header \"PRIVATE-TOKEN: TOKEN\" \"https://git.test:8443/api/v4/projects/7\""
        );
        assert_eq!(
            shown(&[Scope::WriteRegistry]),
            ["echo TOKEN | docker login git.test:8443 --username bot --password-stdin"]
        );
    }
}
