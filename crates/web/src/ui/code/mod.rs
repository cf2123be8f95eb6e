//! A project's first page, its files and its history.

mod overview;
