//! Groups.

operations! { $ group_pages; }
