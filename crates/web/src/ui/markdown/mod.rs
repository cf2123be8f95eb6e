//! Markdown of repositories and people as HTML: GitHub's tables, task lists, autolinks, strikethrough and footnotes.
//!
//! What people write decides over text and structure, never over elements or attributes: every tag that comes out is
//! written here or by comrak for a node of the document, of raw HTML the text remains, and what a link may lead to is
//! judged by [`links`]. Nothing is asked of another host: images from elsewhere become links to them.

mod links;
mod raw;

use std::fmt::{self, Write};

use comrak::html::{self, ChildRendering, Context};
use comrak::nodes::{NodeHeading, NodeLink, NodeValue};
use comrak::options::Plugins;
use comrak::{Arena, Node, Options, parse_document};

pub(crate) use links::Base;
use links::Target;

/// Most bytes that are read.
const READ: usize = 1 << 20;

/// Most bytes that are written.
const WRITTEN: usize = 8 << 20;

/// What stands before every id that a document makes, so that it is never one of the page's own.
const IDS: &str = "user-content-";

/// What is said of links to other hosts.
const OUTSIDE: &str = "nofollow noopener noreferrer";

/// A document as HTML.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rendered {
    /// HTML that may stand in a page as it is.
    pub(crate) html: String,
    /// Whether the document goes on.
    pub(crate) cut: bool,
}

/// Renders a document whose links are relative to `base`. Takes milliseconds for what is large: not for the async threads.
pub(crate) fn render(text: &str, base: &Base) -> Rendered {
    let read = &text[..text.floor_char_boundary(READ)];
    let options = options();
    let arena = Arena::new();
    let root = parse_document(&arena, read, &options);
    let mut output = Bounded { html: String::new(), left: WRITTEN };
    let page = Page { base: base.clone(), links: Vec::new() };
    let done =
        html::format_document_with_formatter(root, &options, &mut output, &Plugins::default(), node, page);
    match done {
        Ok(_) => Rendered { html: output.html, cut: read.len() < text.len() },
        // It would have become too large.
        Err(fmt::Error) => plain(read),
    }
}

/// A text as it stands, for what is not Markdown or cannot be rendered.
pub(crate) fn plain(text: &str) -> Rendered {
    let read = &text[..text.floor_char_boundary(READ)];
    let mut html = String::from("<pre>");
    // Writing to a String cannot fail.
    let _ = html::escape(&mut html, read);
    html.push_str("</pre>\n");
    Rendered { html, cut: read.len() < text.len() }
}

fn options<'c>() -> Options<'c> {
    let mut options = Options::default();
    options.extension.strikethrough = true;
    options.extension.table = true;
    options.extension.autolink = true;
    options.extension.tasklist = true;
    options.extension.footnotes = true;
    options.extension.front_matter_delimiter = Some("---".to_owned());
    options
}

/// Output that ends somewhere.
struct Bounded {
    html: String,
    left: usize,
}

impl Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.left = self.left.checked_sub(text.len()).ok_or(fmt::Error)?;
        self.html.push_str(text);
        Ok(())
    }
}

/// What the formatter knows on its way.
struct Page {
    base: Base,
    /// For each link that it is in, whether it was written as one.
    links: Vec<bool>,
}

fn node(
    context: &mut Context<'_, '_, Page>,
    node: Node<'_>,
    entering: bool,
) -> Result<ChildRendering, fmt::Error> {
    match &node.data().value {
        NodeValue::Heading(heading) => write_heading(context, node, *heading, entering)?,
        NodeValue::Link(link) => write_link(context, link, entering)?,
        NodeValue::Image(image) => {
            write_image(context, image, node.first_child().is_some(), entering)?;
            return Ok(ChildRendering::Plain);
        }
        NodeValue::HtmlBlock(block) if entering => write_raw(context, &block.literal, true)?,
        NodeValue::HtmlInline(literal) if entering => write_raw(context, literal, false)?,
        NodeValue::HtmlBlock(_) | NodeValue::HtmlInline(_) => {}
        NodeValue::TaskItem(task) if entering => {
            let (state, label) = if task.symbol.is_some() { (" checked", "Done") } else { ("", "To do") };
            context.cr()?;
            write!(
                context,
                "<li class=\"task\"><input type=\"checkbox\" disabled{state} aria-label=\"{label}\"> "
            )?;
        }
        NodeValue::TaskItem(_) => context.write_str("</li>\n")?,
        _ => return html::format_node_default(context, node, entering),
    }
    Ok(ChildRendering::HTML)
}

fn write_heading(
    context: &mut Context<'_, '_, Page>,
    node: Node<'_>,
    heading: NodeHeading,
    entering: bool,
) -> fmt::Result {
    // The one heading of the first level is the page's own.
    let level = (heading.level + 1).min(6);
    if entering {
        let id = context.anchorizer.anchorize(&node.collect_text());
        context.cr()?;
        write!(context, "<h{level} id=\"{IDS}{id}\">")
    } else {
        writeln!(context, "</h{level}>")
    }
}

fn write_link(context: &mut Context<'_, '_, Page>, link: &NodeLink, entering: bool) -> fmt::Result {
    if !entering {
        let was_written = context.user.links.pop().unwrap_or(false);
        return if was_written { context.write_str("</a>") } else { Ok(()) };
    }
    let target = links::judge(&link.url, &context.user.base, "blob");
    // A link within a link cannot be.
    let is_written = context.user.links.is_empty() && target != Target::Nowhere;
    context.user.links.push(is_written);
    if !is_written {
        return Ok(());
    }
    open_anchor(context, &target)?;
    if !link.title.is_empty() {
        context.write_str(" title=\"")?;
        context.escape(&link.title)?;
        context.write_str("\"")?;
    }
    context.write_str(">")
}

/// The beginning of a link, up to its further attributes.
fn open_anchor(context: &mut Context<'_, '_, Page>, target: &Target) -> fmt::Result {
    context.write_str("<a href=\"")?;
    match target {
        Target::Inside(url) => context.escape(url)?,
        Target::Outside(url) => {
            context.escape_href(url)?;
            write!(context, "\" rel=\"{OUTSIDE}")?;
        }
        Target::Nowhere => {}
    }
    context.write_str("\"")
}

/// An image from the repository, else a link to it; its children are its description.
fn write_image(
    context: &mut Context<'_, '_, Page>,
    image: &NodeLink,
    is_described: bool,
    entering: bool,
) -> fmt::Result {
    let target = links::judge(&image.url, &context.user.base, "raw");
    let in_link = context.user.links.contains(&true);
    let is_link = !in_link && matches!(target, Target::Outside(_));
    match (&target, entering) {
        (Target::Inside(url), true) => {
            context.write_str("<img loading=\"lazy\" src=\"")?;
            context.escape(url)?;
            context.write_str("\" alt=\"")?;
            // A link needs a name.
            if in_link && !is_described { context.write_str("Image") } else { Ok(()) }
        }
        (Target::Inside(_), false) => {
            if !image.title.is_empty() {
                context.write_str("\" title=\"")?;
                context.escape(&image.title)?;
            }
            context.write_str("\">")
        }
        (_, true) => {
            if is_link {
                open_anchor(context, &target)?;
                context.write_str(">")?;
            }
            if is_described { Ok(()) } else { context.write_str("Image") }
        }
        (_, false) if is_link => context.write_str("</a>"),
        _ => Ok(()),
    }
}

/// Of raw HTML the text, and line breaks.
fn write_raw(context: &mut Context<'_, '_, Page>, literal: &str, is_block: bool) -> fmt::Result {
    if matches!(&*literal.trim().to_ascii_lowercase(), "<br>" | "<br/>" | "<br />") {
        return context.write_str("<br>\n");
    }
    let text = raw::text_of(literal);
    if !is_block {
        return context.escape(&text);
    }
    if text.trim().is_empty() {
        return Ok(());
    }
    context.cr()?;
    context.write_str("<p>")?;
    context.escape(text.trim())?;
    context.write_str("</p>\n")
}

#[cfg(test)]
mod tests;
