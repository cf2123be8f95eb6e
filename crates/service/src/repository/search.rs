//! Searching names of branches and tags.

/// What a name must look like: `^` at the start and `$` at the end anchor the text, case does not count.
pub(crate) struct Search {
    text: String,
    start: bool,
    end: bool,
}

impl Search {
    /// Reads the parameter.
    pub(crate) fn new(pattern: &str) -> Self {
        let (start, rest) = match pattern.strip_prefix('^') {
            Some(rest) => (true, rest),
            None => (false, pattern),
        };
        let (end, rest) = match rest.strip_suffix('$') {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        Self { text: rest.to_lowercase(), start, end }
    }

    /// Whether a name fits.
    pub(crate) fn fits(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        match (self.start, self.end) {
            (false, false) => name.contains(&self.text),
            (true, false) => name.starts_with(&self.text),
            (false, true) => name.ends_with(&self.text),
            (true, true) => name == self.text,
        }
    }
}

/// Keeps the names that fit.
pub(crate) fn retain<T>(items: &mut Vec<T>, pattern: Option<&str>, name: impl Fn(&T) -> &str) {
    if let Some(pattern) = pattern.filter(|pattern| !pattern.is_empty()) {
        let search = Search::new(pattern);
        items.retain(|item| search.fits(name(item)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_bind_the_ends() {
        let names = ["main", "Feature/main-x", "xmain"];
        for (pattern, expected) in [
            ("MAIN", vec!["main", "Feature/main-x", "xmain"]),
            ("^main", vec!["main"]),
            ("main$", vec!["main", "xmain"]),
            ("^main$", vec!["main"]),
            ("^feature/", vec!["Feature/main-x"]),
            (".*", vec![]),
            ("^", vec!["main", "Feature/main-x", "xmain"]),
        ] {
            let mut found = names.to_vec();
            retain(&mut found, Some(pattern), |name| name);
            assert_eq!(found, expected, "{pattern}");
        }
    }
}
