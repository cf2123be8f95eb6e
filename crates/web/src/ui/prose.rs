//! What people write in issues and comments, as HTML.

use tessera_model::{Error, Result};
use tessera_service::repository::browse::GitPath;

use super::markdown::{self, Base};
use super::places::ProjectPlace;

/// Texts in Markdown as HTML that may stand in a page as it is, each for itself. Relative links start from the default
/// branch of the project.
pub(crate) async fn render(texts: Vec<String>, place: &ProjectPlace) -> Result<Vec<String>> {
    let base = Base {
        project: place.at(""),
        reference: GitPath::new(place.project.default_branch.as_bytes()).unwrap_or_default(),
        folder: GitPath::default(),
    };
    // A large text takes milliseconds.
    let done = tokio::task::spawn_blocking(move || texts.iter().map(|text| html(text, &base)).collect());
    done.await.map_err(Error::internal)
}

fn html(text: &str, base: &Base) -> String {
    if text.trim().is_empty() {
        return String::new();
    }
    // After an empty line three dashes are a rule, not the start of what a file says of itself.
    markdown::render(&format!("\n{text}"), base).html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_a_comment_is_shown() {
        let base =
            Base { project: "/a/b".to_owned(), reference: GitPath::default(), folder: GitPath::default() };
        assert_eq!(html(" \n", &base), "");
        let page = html("---\ntitle: x\n---\n**bold** <b>", &base);
        assert!(page.contains("title: x") && page.contains("<strong>bold</strong>"), "{page}");
        assert!(!page.contains("<b>"), "{page}");
    }
}
