//! Tokens of a person and of a project (U1, P5).

operations! { $ token_pages; }
