//! What is nobody's in particular: the first page, lists, search, and making projects and groups.

operations! { $ home_pages; }
