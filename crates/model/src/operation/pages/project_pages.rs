//! A project's members and settings.

operations! { $ project_pages; }
