//! SQL text: parameters as PostgreSQL counts them, and the statements that a connection knows.

use std::collections::HashMap;
use std::hash::Hash;

/// Rewrites `?1`, `?2` … to `$1`, `$2` …; quoted texts and names and comments stay as they are.
pub(super) fn numbered(sql: &str) -> String {
    let mut text = String::with_capacity(sql.len());
    let mut letters = sql.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '?' if letters.peek().is_some_and(char::is_ascii_digit) => text.push('$'),
            '\'' | '"' => {
                text.push(letter);
                // A doubled quote ends one quoted text and starts the next, which comes to the same.
                for inner in letters.by_ref() {
                    text.push(inner);
                    if inner == letter {
                        break;
                    }
                }
            }
            '-' if letters.peek() == Some(&'-') => {
                text.push(letter);
                for inner in letters.by_ref() {
                    text.push(inner);
                    if inner == '\n' {
                        break;
                    }
                }
            }
            _ => text.push(letter),
        }
    }
    text
}

/// Keeps what was used lately: when the young half is full the old one goes. Lists are joined from
/// fragments, so that the number of texts has no bound of its own.
pub(super) struct Recent<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
    half: usize,
}

impl<K: Eq + Hash, V: Clone> Recent<K, V> {
    pub(super) fn new(half: usize) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), half }
    }

    pub(super) fn get<Q>(&mut self, key: &Q) -> Option<V>
    where
        K: std::borrow::Borrow<Q>,
        Q: Eq + Hash + ToOwned<Owned = K> + ?Sized,
    {
        if let Some(value) = self.young.get(key) {
            return Some(value.clone());
        }
        let value = self.old.remove(key)?;
        self.put(key.to_owned(), value.clone());
        Some(value)
    }

    pub(super) fn put(&mut self, key: K, value: V) {
        if self.young.len() >= self.half {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, value);
    }

    pub(super) fn clear(&mut self) {
        self.young.clear();
        self.old.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_rewritten_and_nothing_else() {
        assert_eq!(numbered("SELECT ?1, ?12 WHERE a = ?1"), "SELECT $1, $12 WHERE a = $1");
        assert_eq!(numbered("x LIKE ?1 ESCAPE '\\' AND y = ?2"), "x LIKE $1 ESCAPE '\\' AND y = $2");
        assert_eq!(numbered("SELECT '?1', 'it''s ?2', \"a?3\", ?4"), "SELECT '?1', 'it''s ?2', \"a?3\", $4");
        assert_eq!(numbered("SELECT 1 -- is it ?1\n, ?2 - ?3"), "SELECT 1 -- is it ?1\n, $2 - $3");
        assert_eq!(numbered("SELECT 'ends within ?1"), "SELECT 'ends within ?1");
    }

    #[test]
    fn what_is_used_stays_and_the_rest_goes() {
        let mut recent = Recent::new(2);
        for (key, value) in [("a", 1), ("b", 2), ("c", 3)] {
            recent.put(key.to_owned(), value);
        }
        assert_eq!(recent.get("a"), Some(1));
        recent.put("d".to_owned(), 4);
        assert_eq!(
            (recent.get("a"), recent.get("b"), recent.get("c"), recent.get("d")),
            (Some(1), None, Some(3), Some(4))
        );
        assert!(recent.young.len() + recent.old.len() <= 4);
        recent.clear();
        assert_eq!(recent.get("a"), None);
    }
}
