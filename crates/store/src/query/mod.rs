//! Every query, a file per noun. They run in the caller's transaction and judge nothing: whether
//! they may run is decided before, in the service.

/// Declares the queries of a file, so that a test can prepare all of them on both databases.
macro_rules! queries {
    ($( $(#[$meta:meta])* $name:ident = $sql:expr; )*) => {
        $( $(#[$meta])* const $name: &str = $sql; )*
        /// Every fixed query of this file with its name.
        pub const QUERIES: &[(&str, &str)] = &[ $( (stringify!($name), $name) ),* ];
    };
}

#[macro_use]
mod columns;
pub mod filter;

macro_rules! nouns {
    ($($noun:ident),* $(,)?) => {
        $( pub mod $noun; )*

        /// Every fixed query, by file.
        pub fn all() -> impl Iterator<Item = &'static (&'static str, &'static str)> {
            [ $( $noun::QUERIES ),* ].into_iter().flatten()
        }
    };
}

nouns! {
    accounts, audit, contents, daily_jobs, ends, features, health, imports, instance, inventory, issues, jobs, ledger, mails, members, namespaces,
    notes, notices, overview, paths, people, projects, protection, pushes, restores, retention, sessions, settings, sheet,
    statistics, token_days, tokens, two_factor, users, web_hook_deliveries, web_hook_events, web_hooks,
}
