//! A project's files and history.

operations! { $ code_pages; }
