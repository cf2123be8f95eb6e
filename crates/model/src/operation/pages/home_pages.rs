//! What is nobody's in particular: the first page, lists, search, and making projects and groups.

use crate::operation::Row;

operations! { $ home_pages;
    /// The caller's projects.
    ShowDashboard = Row::page("/");
}
