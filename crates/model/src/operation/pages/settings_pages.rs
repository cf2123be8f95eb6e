//! A person's own settings.

operations! { $ settings_pages; }
