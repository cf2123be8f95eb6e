//! Names of users, groups and projects: what they may look like and which are kept back.

/// First path parts that belong to the server's own pages and doors.
const RESERVED: &[&str] = &[
    "-",
    ".well-known",
    "abuse_reports",
    "admin",
    "api",
    "apple-touch-icon.png",
    "assets",
    "dashboard",
    "deploy.html",
    "explore",
    "favicon.ico",
    "favicon.png",
    "files",
    "groups",
    "health_check",
    "help",
    "import",
    "jwt",
    "login",
    "oauth",
    "profile",
    "projects",
    "public",
    "robots.txt",
    "s",
    "search",
    "sitemap",
    "sitemap.xml",
    "sitemap.xml.gz",
    "slash-command-logo.png",
    "snippets",
    "unsubscribes",
    "uploads",
    "users",
    "v2",
];

/// Path parts that no project or subgroup may have, since Git or the web put their own there.
const RESERVED_BELOW: &[&str] =
    &["-", "blob", "blame", "commits", "edit", "info", "lfs", "raw", "refs", "tree", "wikis"];

/// Longest name or path part, in characters.
pub const LONGEST: usize = 255;

const SHAPE: &str = "can contain only letters, digits, '_', '-' and '.'. \
    Cannot start with '-', end in '.', '.git' or '.atom'";

/// What is wrong with a user name, if anything. `bot` names are only for bots (D2).
pub fn complaint_on_username(name: &str) -> Option<String> {
    if is_bot_name(name) || RESERVED.contains(&name.to_ascii_lowercase().as_str()) {
        return Some("is a reserved name".to_owned());
    }
    complaint_on_part(name)
}

/// What is wrong with the path of a group or project, if anything; `top` says whether it would
/// stand at the root of the instance.
pub fn complaint_on_path(path: &str, top: bool) -> Option<String> {
    let lower = path.to_ascii_lowercase();
    let kept_back = if top { RESERVED } else { RESERVED_BELOW };
    if kept_back.contains(&lower.as_str()) || (top && is_bot_name(path)) {
        return Some("is a reserved name".to_owned());
    }
    complaint_on_part(path)
}

fn complaint_on_part(part: &str) -> Option<String> {
    if part.is_empty() {
        return Some("can't be blank".to_owned());
    }
    if part.chars().count() > LONGEST {
        return Some(format!("is too long (maximum is {LONGEST} characters)"));
    }
    let allowed = part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    let lower = part.to_ascii_lowercase();
    let bad_end = [".", ".git", ".atom"].iter().any(|end| lower.ends_with(end));
    (!allowed || part.starts_with('-') || bad_end || part == "..").then(|| SHAPE.to_owned())
}

/// What is wrong with a display name, if anything.
pub fn complaint_on_title(title: &str) -> Option<String> {
    if title.trim().is_empty() {
        return Some("can't be blank".to_owned());
    }
    if title.chars().count() > LONGEST {
        return Some(format!("is too long (maximum is {LONGEST} characters)"));
    }
    title.chars().any(char::is_control).then(|| "can't contain control characters".to_owned())
}

/// What is wrong with an e-mail address, if anything; `kept_back` is the domain of the bots (D3).
pub fn complaint_on_email(email: &str, kept_back: &str) -> Option<String> {
    if email.is_empty() {
        return Some("can't be blank".to_owned());
    }
    let sound = email.len() <= 254
        && email.split_once('@').is_some_and(|(local, domain)| {
            let plain = |byte: u8| byte.is_ascii_graphic() && !b"()<>[],;:\\\"@".contains(&byte);
            !local.is_empty()
                && !domain.is_empty()
                && local.bytes().all(plain)
                && domain.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte))
                && !domain.starts_with(['.', '-'])
                && !domain.ends_with(['.', '-'])
                && !domain.contains("..")
        });
    if !sound {
        return Some("is invalid".to_owned());
    }
    let domain = email.rsplit_once('@').map_or("", |(_, domain)| domain);
    domain.eq_ignore_ascii_case(kept_back).then(|| "is in a domain reserved for bots".to_owned())
}

/// Whether a name is of the series kept for bots: `project_{id}_bot…`, `group_{id}_bot…` (D2).
pub fn is_bot_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let Some(rest) = lower.strip_prefix("project_").or_else(|| lower.strip_prefix("group_")) else {
        return false;
    };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    digits > 0 && rest[digits..].starts_with("_bot")
}

/// The username of a project's bot (B3, D2): the first has no number, the next is `…_bot1`.
pub fn bot_username(project_id: i64, count_before: i64) -> String {
    if count_before == 0 {
        format!("project_{project_id}_bot")
    } else {
        format!("project_{project_id}_bot{count_before}")
    }
}

/// A path part made of a display name, for projects and groups created by name alone.
pub fn path_of_title(title: &str) -> String {
    let mapped: String = title
        .to_lowercase()
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() || "_.".contains(letter) { letter } else { '-' })
        .collect();
    let mut path = String::with_capacity(mapped.len());
    for letter in mapped.chars() {
        if !(letter == '-' && path.ends_with('-')) {
            path.push(letter);
        }
    }
    path.trim_matches(['-', '.']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_series_of_bots_is_kept_for_them() {
        for name in ["project_1_bot", "project_12_bot3", "group_7_bot", "Project_1_Bot", "project_1_bot_ab"] {
            assert_eq!(complaint_on_username(name).as_deref(), Some("is a reserved name"), "{name}");
            assert_eq!(complaint_on_path(name, true).as_deref(), Some("is a reserved name"), "{name}");
        }
        for name in ["project_bot", "project__bot", "my_project_1_bot", "projects_1_bot"] {
            assert_eq!(complaint_on_username(name), None, "{name}");
        }
        assert_eq!(bot_username(52, 0), "project_52_bot");
        assert_eq!(bot_username(52, 2), "project_52_bot2");
    }

    #[test]
    fn path_parts_that_could_escape_or_confuse_are_refused() {
        for path in ["..", ".", "a/b", "a b", "-a", "a.git", "a.GIT", "a.", "a\0", "ä", "a%2f", "a.atom"] {
            assert!(complaint_on_path(path, false).is_some(), "{path:?}");
        }
        for path in ["a", "A-b_c.d", ".github", "0", "_"] {
            assert_eq!(complaint_on_path(path, false), None, "{path:?}");
        }
        assert!(complaint_on_path(&"a".repeat(256), false).is_some());
        assert!(complaint_on_path("API", true).is_some());
    }

    #[test]
    fn addresses() {
        let kept = "noreply.tessera.test";
        assert_eq!(complaint_on_email("ada@example.com", kept), None);
        for bad in ["ada", "ada@", "@x", "a b@c", "a@b@c", "a@b..c", "a@-b"] {
            assert!(complaint_on_email(bad, kept).is_some(), "{bad}");
        }
        assert!(complaint_on_email("x@NoReply.tessera.test", kept).is_some());
    }

    #[test]
    fn titles_become_paths() {
        assert_eq!(path_of_title("My  Great Project!"), "my-great-project");
        assert_eq!(path_of_title("..a.."), "a");
    }
}
