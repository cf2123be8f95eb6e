//! Where the links and images of a document lead.

use percent_encoding::percent_decode_str;
use tessera_service::repository::browse::GitPath;

use super::IDS;

/// Where a document lies, which its relative links start from.
#[derive(Clone, Debug)]
pub(crate) struct Base {
    /// The address of its project, such as `/group/project`, ready for a URL.
    pub(crate) project: String,
    /// The branch, tag or commit as of which it is read.
    pub(crate) reference: GitPath,
    /// Its folder.
    pub(crate) folder: GitPath,
}

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// To a place of the page or the project, ready for an attribute once it is escaped for HTML.
    Inside(String),
    /// To another host, or into a mail; as it was written.
    Outside(String),
    /// Nowhere that a link may lead to.
    Nowhere,
}

/// Judges an address as browsers read it: they leave out line breaks and tabs, and take `\` for `/`. Files are shown by
/// the page `view`: `blob` or `raw`.
pub(super) fn judge(url: &str, base: &Base, view: &str) -> Target {
    let url: String = url.chars().filter(|char| !char.is_control()).collect();
    let url = url.trim();
    if url.starts_with(['/', '\\']) && url[1..].starts_with(['/', '\\']) {
        let rest = url.trim_start_matches(['/', '\\']);
        return if rest.is_empty() { Target::Nowhere } else { Target::Outside(format!("https://{rest}")) };
    }
    if let Some((before, _)) = url.split_once(':')
        && !before.contains(['/', '?', '#', '\\'])
    {
        let known = ["http", "https", "mailto"].iter().any(|scheme| before.eq_ignore_ascii_case(scheme));
        return if known { Target::Outside(url.to_owned()) } else { Target::Nowhere };
    }
    let (rest, fragment) = match url.split_once('#') {
        Some((rest, fragment)) => (rest, Some(fragment)),
        None => (url, None),
    };
    let path = rest.split('?').next().unwrap_or_default();
    let fragment = fragment.map(anchor).unwrap_or_default();
    if path.is_empty() {
        return if fragment.is_empty() { Target::Nowhere } else { Target::Inside(fragment) };
    }
    match resolve(path, base) {
        Some(file) if file.is_empty() => inside(base, "tree", &file, &fragment),
        Some(file) => inside(base, view, &file, &fragment),
        None => Target::Nowhere,
    }
}

fn inside(base: &Base, view: &str, file: &GitPath, fragment: &str) -> Target {
    let mut url = format!("{}/-/{view}/{}", base.project, base.reference.to_url());
    if !file.is_empty() {
        url.push('/');
        url.push_str(&file.to_url());
    }
    Target::Inside(url + fragment)
}

/// A fragment, as it stands in a URL: that of a heading gets what stands before all ids, that of a line does not.
fn anchor(fragment: &str) -> String {
    let decoded: Vec<u8> = percent_decode_str(fragment).collect();
    let is_line = decoded.strip_prefix(b"L").is_some_and(|rest| rest.first().is_some_and(u8::is_ascii_digit));
    let known = is_line || decoded.starts_with(IDS.as_bytes()) || decoded.starts_with(b"fn");
    let encoded = percent_encoding::percent_encode(&decoded, percent_encoding::NON_ALPHANUMERIC).to_string();
    // What is common in ids stays readable.
    let encoded = encoded.replace("%2D", "-").replace("%5F", "_");
    if encoded.is_empty() {
        String::new()
    } else if known {
        format!("#{encoded}")
    } else {
        format!("#{IDS}{encoded}")
    }
}

/// The file that a relative path means; one that begins with a slash starts at the top of the repository. `None` for
/// what lies outside of it.
fn resolve(path: &str, base: &Base) -> Option<GitPath> {
    let decoded: Vec<u8> = percent_decode_str(path).collect();
    let mut parts: Vec<&[u8]> = Vec::new();
    if !decoded.starts_with(b"/") {
        parts.extend(base.folder.parts());
    }
    for part in decoded.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => drop(parts.pop()?),
            other => parts.push(other),
        }
    }
    GitPath::new(&parts.join(&b'/')).ok()
}
