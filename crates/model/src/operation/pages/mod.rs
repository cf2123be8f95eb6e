//! The pages of the site: the rows of the table that a session opens, and no token ever (D24, L4).

macro_rules! pages {
    ($($noun:ident),* $(,)?) => {
        $( pub mod $noun; )*

        /// Every row of every page.
        pub fn all() -> impl Iterator<Item = &'static crate::operation::Row> {
            [ $( $noun::ROWS ),* ].into_iter().flatten()
        }
    };
}

pages! {
    session_pages, settings_pages, home_pages, code_pages, issue_pages, project_pages, token_pages, group_pages, admin_pages,
}
