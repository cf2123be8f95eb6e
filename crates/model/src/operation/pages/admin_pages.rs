//! What administrators see of the instance.

operations! { $ admin_pages; }
