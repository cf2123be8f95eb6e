//! Git over HTTP (P2, U2): the two services, each with its advertisement.

use crate::ability::Ability;
use crate::operation::{Access, Method, Refusal, Row};
use crate::scope::{Scope, ScopeSet};

const FETCH: ScopeSet = ScopeSet::of(&[Scope::Api, Scope::ReadApi, Scope::ReadRepository, Scope::WriteRepository]);
const PUSH: ScopeSet = ScopeSet::of(&[Scope::Api, Scope::WriteRepository]);

const fn fetch(method: Method, path: &'static str) -> Row {
    Row::git(method, path, FETCH, Access::Read)
        .needs(Ability::DownloadCode)
        .anonymous()
        .brief()
        .refusing(Refusal::ForbiddenText("You are not allowed to download code from this project."))
}

const fn push(method: Method, path: &'static str) -> Row {
    Row::git(method, path, PUSH, Access::Write)
        .needs(Ability::PushCode)
        .brief()
        .refusing(Refusal::ForbiddenText("You are not allowed to push code to this project."))
}

operations! { $ git;
    /// What can be fetched.
    AdvertiseUploadPack = fetch(Method::Get, "/:path.git/info/refs?service=git-upload-pack");
    /// Clone and fetch.
    UploadPack = fetch(Method::Post, "/:path.git/git-upload-pack");
    /// What can be pushed to.
    AdvertiseReceivePack = push(Method::Get, "/:path.git/info/refs?service=git-receive-pack");
    /// Push.
    ReceivePack = push(Method::Post, "/:path.git/git-receive-pack");
}
