//! Raw HTML in a document: its text is kept, its elements are not.

/// Elements of HTML whose tags are left out. Anything else between `<` and `>` is more likely text, as in `Vec<T>`.
const ELEMENTS: [&str; 84] = [
    "a",
    "abbr",
    "address",
    "article",
    "aside",
    "audio",
    "b",
    "base",
    "bdi",
    "bdo",
    "big",
    "blockquote",
    "body",
    "br",
    "button",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "embed",
    "figcaption",
    "figure",
    "font",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "i",
    "iframe",
    "img",
    "input",
    "ins",
    "kbd",
    "li",
    "link",
    "main",
    "mark",
    "meta",
    "nav",
    "object",
    "ol",
    "p",
    "picture",
    "pre",
    "q",
    "s",
    "samp",
    "section",
    "small",
    "source",
    "span",
    "strong",
    "sub",
    "summary",
    "sup",
    "svg",
    "table",
    "tbody",
    "td",
    "textarea",
    "th",
    "thead",
    "tr",
    "u",
    "ul",
    "video",
];

/// Elements that are left out with all that is in them.
const SILENT: [&str; 4] = ["script", "style", "title", "noscript"];

/// What a reader would see of a piece of HTML, as plain text.
pub(super) fn text_of(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        text.push_str(&rest[..start]);
        rest = &rest[start..];
        let length = left_out(rest);
        if length == 0 {
            text.push('<');
            rest = &rest[1..];
        } else {
            rest = &rest[length..];
        }
    }
    text.push_str(rest);
    let known = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&nbsp;", "\u{a0}"), ("&amp;", "&")];
    known.iter().fold(text, |text, (written, meant)| text.replace(written, meant))
}

/// How many bytes from a `<` on are no text; 0 when it is text itself.
fn left_out(rest: &str) -> usize {
    if let Some(comment) = rest.strip_prefix("<!--") {
        return comment.find("-->").map_or(rest.len(), |end| 4 + end + 3);
    }
    let name = rest[1..].trim_start_matches('/');
    let name = &name[..name.find(|char: char| !char.is_ascii_alphanumeric()).unwrap_or(name.len())];
    let name = name.to_ascii_lowercase();
    let end = end_of_tag(rest);
    if SILENT.contains(&&*name) {
        let closing = format!("</{name}");
        let close = rest
            .as_bytes()
            .windows(closing.len())
            .position(|text| text.eq_ignore_ascii_case(closing.as_bytes()));
        return close.map_or(rest.len(), |close| close + end_of_tag(&rest[close..]));
    }
    if ELEMENTS.contains(&&*name) { end } else { 0 }
}

/// How many bytes a tag has; a `>` in an attribute does not end it.
fn end_of_tag(tag: &str) -> usize {
    let mut quote = None;
    for (at, byte) in tag.bytes().enumerate() {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            (None, b'>') => return at + 1,
            _ => {}
        }
    }
    tag.len()
}
