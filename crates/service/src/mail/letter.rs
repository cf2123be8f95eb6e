//! What a mail says, as plain text and as HTML. Names come from users: in neither form can one end its line, turn
//! the direction of writing, or become markup.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

/// A mail's text, from which both forms are made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct Letter {
    /// Who is greeted.
    pub(crate) to: String,
    /// What happened or will.
    pub(crate) news: String,
    /// What it is about: a headline and facts for each.
    pub(crate) items: Vec<Item>,
    /// What to do.
    pub(crate) advice: Vec<String>,
    /// The one link.
    pub(crate) link: String,
    /// Why they get it.
    pub(crate) reason: String,
}

/// One thing that a mail is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct Item {
    /// Its name and place.
    pub(crate) head: String,
    /// What there is to know of it.
    pub(crate) facts: Vec<String>,
}

impl Letter {
    /// The plain form.
    pub(crate) fn text(&self) -> String {
        let mut text = format!("Hello {},\n\n{}\n\n", printable(&self.to), printable(&self.news));
        for item in &self.items {
            let _ = writeln!(text, "* {}", printable(&item.head));
            for fact in &item.facts {
                let _ = writeln!(text, "  {}", printable(fact));
            }
            text.push('\n');
        }
        for advice in &self.advice {
            let _ = write!(text, "{}\n\n", printable(advice));
        }
        let _ = write!(text, "{}\n\n-- \n{}\n", printable(&self.link), printable(&self.reason));
        text
    }

    /// The same as HTML.
    pub(crate) fn html(&self) -> String {
        let mut html =
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"></head>\n<body>\n".to_owned();
        let _ = write!(html, "<p>Hello {},</p>\n<p>{}</p>\n", escape(&self.to), escape(&self.news));
        if !self.items.is_empty() {
            html.push_str("<ul>\n");
        }
        for item in &self.items {
            let _ = write!(html, "<li><strong>{}</strong>", escape(&item.head));
            for fact in &item.facts {
                let _ = write!(html, "<br>{}", escape(fact));
            }
            html.push_str("</li>\n");
        }
        if !self.items.is_empty() {
            html.push_str("</ul>\n");
        }
        for advice in &self.advice {
            let _ = writeln!(html, "<p>{}</p>", escape(advice));
        }
        let link = escape(&self.link);
        let _ = write!(
            html,
            "<p><a href=\"{link}\">{link}</a></p>\n<p><small>{}</small></p>\n",
            escape(&self.reason)
        );
        html.push_str("</body>\n</html>\n");
        html
    }
}

/// Text on one line, in one direction.
pub(crate) fn printable(text: &str) -> String {
    let turns = |letter: char| matches!(letter, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars()
        .map(|letter| if letter.is_control() || turns(letter) { '\u{fffd}' } else { letter })
        .collect()
}

/// The same where HTML stands around it.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in printable(text).chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(name: &str) -> Letter {
        Letter {
            to: name.to_owned(),
            news: "This happened.".to_owned(),
            items: vec![Item { head: name.to_owned(), facts: vec![name.to_owned()] }],
            advice: vec!["Do this.".to_owned()],
            link: "https://tessera.test/-/x?a=1&b=2".to_owned(),
            reason: "Because.".to_owned(),
        }
    }

    #[test]
    fn both_forms_say_the_same() {
        let letter = letter("Ada");
        assert_eq!(
            letter.text(),
            "Hello Ada,\n\nThis happened.\n\n* Ada\n  Ada\n\nDo this.\n\nhttps://tessera.test/-/x?a=1&b=2\n\n\
             -- \nBecause.\n"
        );
        assert_eq!(
            letter.html(),
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"></head>\n<body>\n\
             <p>Hello Ada,</p>\n<p>This happened.</p>\n<ul>\n<li><strong>Ada</strong><br>Ada</li>\n</ul>\n\
             <p>Do this.</p>\n<p><a href=\"https://tessera.test/-/x?a=1&amp;b=2\">\
             https://tessera.test/-/x?a=1&amp;b=2</a></p>\n<p><small>Because.</small></p>\n</body>\n</html>\n"
        );
        let without = Letter { items: Vec::new(), ..letter };
        assert!(without.html().contains("<p>This happened.</p>\n<p>Do this.</p>"));
        assert!(without.text().contains("This happened.\n\nDo this."));
    }

    #[test]
    fn a_name_is_neither_a_line_nor_markup_nor_turns_what_follows() {
        let evil = "a\r\nBcc: x@y.z\u{202e}<script>alert('1')</script>\"&\u{2028}";
        let letter = letter(evil);
        assert_eq!(letter.text().lines().count(), super::tests::letter("Ada").text().lines().count());
        assert_eq!(letter.html().lines().count(), super::tests::letter("Ada").html().lines().count());
        for text in [letter.text(), letter.html()] {
            assert!(!text.contains(['\r', '\u{202e}', '\u{2028}']), "{text:?}");
        }
        assert!(!letter.html().contains("<script>"));
        assert!(letter.html().contains("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&amp;"));
    }
}
