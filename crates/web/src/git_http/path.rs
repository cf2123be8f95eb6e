//! Which row of the table a path asks for.

use http::Uri;
use percent_encoding::percent_decode_str;
use tessera_model::operation::Method;

/// What a request wants of Git.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// A row of the table.
    Service {
        /// The row's verb.
        method: Method,
        /// The row's path.
        template: &'static str,
        /// The repository's path, without `.git`.
        path: String,
    },
    /// The address without `.git`: the one with it.
    Redirect(String),
    /// HEAD, which no Git client sends.
    HeadOfRefs,
    /// The old protocol, which reads files.
    Dumb,
    /// Nothing of Git's.
    Other,
}

const ADVERTISE_UPLOAD: &str = "/:path.git/info/refs?service=git-upload-pack";
const ADVERTISE_RECEIVE: &str = "/:path.git/info/refs?service=git-receive-pack";
const UPLOAD: &str = "/:path.git/git-upload-pack";
const RECEIVE: &str = "/:path.git/git-receive-pack";

/// Tells what a request wants.
pub(super) fn target(method: &http::Method, uri: &Uri) -> Target {
    let path = uri.path();
    if let Some(base) = path.strip_suffix("/info/refs") {
        return refs(method, base, uri.query().unwrap_or_default());
    }
    let services = [("/git-upload-pack", UPLOAD), ("/git-receive-pack", RECEIVE)];
    for (end, template) in services {
        if let Some(path) = path.strip_suffix(end).and_then(repository)
            && method == http::Method::POST
        {
            return Target::Service { method: Method::Post, template, path };
        }
    }
    Target::Other
}

fn refs(method: &http::Method, base: &str, query: &str) -> Target {
    // Any other parameter may stand beside it, as for the rows of REST.
    let service = query.split('&').find_map(|pair| pair.strip_prefix("service="));
    let Some(path) = repository(base) else {
        let plain = ["", "service=git-upload-pack", "service=git-receive-pack"].contains(&query);
        // `//host` at the start of a Location would lead to another host.
        let whole =
            base.len() > 1 && base.starts_with('/') && !base.starts_with("//") && !base.ends_with('/');
        return if method == http::Method::GET && plain && whole {
            let query = if query.is_empty() { String::new() } else { format!("?{query}") };
            Target::Redirect(format!("{base}.git/info/refs{query}"))
        } else {
            Target::Other
        };
    };
    match (method, service) {
        (&http::Method::HEAD, _) => Target::HeadOfRefs,
        (&http::Method::GET, Some("git-upload-pack")) => {
            Target::Service { method: Method::Get, template: ADVERTISE_UPLOAD, path }
        }
        (&http::Method::GET, Some("git-receive-pack")) => {
            Target::Service { method: Method::Get, template: ADVERTISE_RECEIVE, path }
        }
        (&http::Method::GET, _) => Target::Dumb,
        _ => Target::Other,
    }
}

/// The repository's path, if this is the address of one.
fn repository(base: &str) -> Option<String> {
    let path = base.strip_prefix('/')?.strip_suffix(".git")?;
    let decoded = percent_decode_str(path).decode_utf8().ok()?;
    Some(decoded.into_owned()).filter(|path| !path.is_empty())
}

#[cfg(test)]
mod tests {
    use tessera_model::operation::git;

    use super::*;

    fn of(method: &str, uri: &str) -> Target {
        target(&method.parse().unwrap(), &uri.parse().unwrap())
    }

    #[test]
    fn every_row_has_an_address() {
        for row in git::ROWS {
            let uri = row.path.replace(":path", "group/sub/project");
            let Target::Service { method, template, path } = of(row.method.name(), &uri) else {
                panic!("{} is not reached", row.name);
            };
            assert_eq!((method, template, &*path), (row.method, row.path, "group/sub/project"));
        }
    }

    #[test]
    fn addresses_without_git_are_sent_on_and_lead_nowhere_else() {
        let to = |uri| match of("GET", uri) {
            Target::Redirect(to) => to,
            other => format!("{other:?}"),
        };
        let whole = "/a/b.git/info/refs?service=git-upload-pack";
        assert_eq!(to("/a/b/info/refs?service=git-upload-pack"), whole);
        assert_eq!(to("/a/b/info/refs"), "/a/b.git/info/refs");
        assert_eq!(to("/a/b/info/refs?service=git-upload-pack&x=1"), "Other");
        assert_eq!(to("/a/b/info/refs?service=other"), "Other");
        assert_eq!(to("//evil.example/b/info/refs"), "Other");
        assert_eq!(to("/info/refs"), "Other");
        assert_eq!(of("POST", "/a/b/git-upload-pack"), Target::Other);
    }

    #[test]
    fn what_is_refused_before_anything_is_asked() {
        assert_eq!(of("HEAD", "/a/b.git/info/refs?service=git-upload-pack"), Target::HeadOfRefs);
        assert_eq!(of("GET", "/a/b.git/info/refs"), Target::Dumb);
        assert_eq!(of("GET", "/a/b.git/info/refs?service=git-archive"), Target::Dumb);
        assert_eq!(of("GET", "/a/b.git/git-upload-pack"), Target::Other);
        assert_eq!(of("PUT", "/a/b.git/info/refs?service=git-upload-pack"), Target::Other);
        assert_eq!(of("GET", "/api/v4/projects"), Target::Other);
    }
}
