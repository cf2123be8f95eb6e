//! The table: every operation of every surface, one row each, a file per noun.
//!
//! An `operations!` block makes, for each line, a marker type with its [`Row`], and one macro named
//! after the noun that hands all its markers to another macro. The doors build their routers through
//! that macro: a row without a handler, or a handler without a row, does not compile.

mod row;

pub use row::{Access, Method, Operation, Refusal, Row, Surface, TokenKinds};

/// Makes the rows and markers of one noun. See the module's documentation.
macro_rules! operations {
    ($dollar:tt $noun:ident; $( $(#[$meta:meta])* $name:ident = $row:expr; )*) => {
        $(
            $(#[$meta])*
            pub struct $name;
            impl $crate::operation::Operation for $name {
                const ROW: $crate::operation::Row = { let row: $crate::operation::Row = $row; row.named(stringify!($name)) };
            }
        )*
        /// The rows of this noun, in order.
        pub const ROWS: &[$crate::operation::Row] =
            &[ $( <$name as $crate::operation::Operation>::ROW ),* ];
        /// Hands every operation of this noun to a macro.
        #[macro_export]
        macro_rules! $noun {
            ($dollar callback:ident) => {
                $dollar callback! { $( $crate::operation::$noun::$name ),* }
            };
        }
    };
}

pub mod pages;
pub use pages::*;

macro_rules! nouns {
    ($($noun:ident),* $(,)?) => {
        $( pub mod $noun; )*

        /// Every row that a token may open: those of the pages stand in [`pages`].
        pub fn all() -> impl Iterator<Item = &'static Row> {
            [ $( $noun::ROWS ),* ].into_iter().flatten()
        }
    };
}

nouns! {
    audit_events, branches, features, files, git, groups, inventory, issues, members, metadata, notes, personal_tokens,
    projects, project_tokens, protection, settings, statistics, tags,
    two_factor, users, web_hooks,
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_rows_share_a_name_or_a_door() {
        let (mut names, mut doors) = (HashSet::new(), HashSet::new());
        for row in all().chain(pages::all()) {
            assert!(names.insert(row.name), "{} stands twice", row.name);
            let door = (row.surface, row.method, row.path);
            assert!(doors.insert(door), "{:?} {} stands twice", row.method, row.path);
        }
    }

    #[test]
    fn every_row_says_what_opens_it() {
        for row in all() {
            assert!(!row.scopes.is_empty(), "{} is opened by no scope", row.name);
            assert!(row.path.starts_with('/'), "{} has no path", row.name);
        }
    }

    #[test]
    fn no_scope_opens_a_page() {
        for row in pages::all() {
            assert!(row.surface == Surface::Ui && row.scopes.is_empty() && !row.any_scope, "{}", row.name);
            assert!(row.path.starts_with('/'), "{} has no path", row.name);
        }
        assert!(all().all(|row| row.surface != Surface::Ui && row.gates.is_empty()));
    }
}
