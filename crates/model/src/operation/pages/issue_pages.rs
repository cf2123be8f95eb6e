//! A project's issues.

operations! { $ issue_pages; }
