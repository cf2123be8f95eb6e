//! The URLs that answers hold.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What may not stand in the path of a URL as it is; slashes may.
const IN_PATHS: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'/')
    .remove(b'@')
    .remove(b'+');

/// Makes URLs below the external one.
#[derive(Clone, Debug)]
pub(crate) struct Links {
    base: String,
}

impl Links {
    /// Takes the external URL, without a slash at its end.
    pub(crate) fn new(base: &str) -> Self {
        Self { base: base.to_owned() }
    }

    /// The page at a path that has no slash at its start.
    pub(crate) fn web(&self, path: &str) -> String {
        format!("{}/{path}", self.base)
    }

    /// The REST resource at a path that has no slash at its start.
    pub(crate) fn api(&self, path: &str) -> String {
        format!("{}/api/v4/{path}", self.base)
    }

    /// A name such as that of a branch, as a part of a URL's path.
    pub(crate) fn escape(name: &str) -> String {
        utf8_percent_encode(name, &IN_PATHS).to_string()
    }

    /// The host, with its port if it has one.
    pub(crate) fn host(&self) -> &str {
        let rest = self.base.split_once("://").map_or(self.base.as_str(), |(_, rest)| rest);
        rest.split('/').next().unwrap_or(rest)
    }
}
