//! Pages of a list: which one is asked for, and the headers that tell where the others are.
//!
//! Offset pages carry `X-Total` and its kin and a `Link`; keyset pages carry only the `Link` to the next.

use http::{HeaderName, HeaderValue, header};

use crate::params::{ParamError, Params, Reader};

/// Rows on a page when none are asked for.
pub const DEFAULT_PER_PAGE: i64 = 20;
/// The most rows a page has; a request for more gets this many.
pub const MAX_PER_PAGE: i64 = 100;
/// The longest list whose length is told. A list need not be counted further than one row beyond it.
pub const MAX_COUNTED: u64 = 10_000;

/// Parameters that carry credentials. They are never repeated in a link, which ends up in logs and caches.
const CREDENTIALS: [&str; 4] = ["private_token", "access_token", "bearer_token", "job_token"];

const X_TOTAL: HeaderName = HeaderName::from_static("x-total");
const X_TOTAL_PAGES: HeaderName = HeaderName::from_static("x-total-pages");
const X_PER_PAGE: HeaderName = HeaderName::from_static("x-per-page");
const X_PAGE: HeaderName = HeaderName::from_static("x-page");
const X_NEXT_PAGE: HeaderName = HeaderName::from_static("x-next-page");
const X_PREV_PAGE: HeaderName = HeaderName::from_static("x-prev-page");

/// The page asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// The number of the page, from 1.
    pub page: i64,
    /// Rows on a page, 1 to [`MAX_PER_PAGE`].
    pub per_page: i64,
    /// Rows on a page as the client put it, for the links.
    asked: i64,
}

impl Default for Page {
    fn default() -> Self {
        Self { page: 1, per_page: DEFAULT_PER_PAGE, asked: DEFAULT_PER_PAGE }
    }
}

impl Page {
    /// Reads `page` and `per_page`. Zero rows and text are failures, a negative number of rows is the default,
    /// more than [`MAX_PER_PAGE`] is that, and a page before the first is the first.
    pub fn read(p: &mut Reader<'_>) -> Self {
        let page = p.integer("page").or(1).max(1);
        let asked = p.integer("per_page").excluding(&[0]).or(DEFAULT_PER_PAGE);
        let per_page = if asked < 1 { DEFAULT_PER_PAGE } else { asked.min(MAX_PER_PAGE) };
        Self { page, per_page, asked }
    }

    /// Rows to pass over. A page beyond all reckoning passes over every row there can be.
    pub fn offset(&self) -> i64 {
        (self.page - 1).saturating_mul(self.per_page)
    }

    /// Rows to fetch.
    pub fn limit(&self) -> i64 {
        self.per_page
    }
}

/// What is known of the list that a page is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// The number of rows in all, counted to the end: above [`MAX_COUNTED`] it is not told, but the next page
    /// is found by it. For a count that stops early see [`Extent::of`].
    Total(u64),
    /// Not counted, or not to the end.
    Uncounted {
        /// Rows on this page.
        rows: usize,
        /// Whether rows follow this page.
        has_more: bool,
    },
}

impl Extent {
    /// From a count that may have stopped at any point beyond [`MAX_COUNTED`], the rows on the page and whether
    /// more follow it, as told by fetching one row more than the page has.
    pub fn of(counted: u64, rows: usize, has_more: bool) -> Self {
        if counted <= MAX_COUNTED { Self::Total(counted) } else { Self::Uncounted { rows, has_more } }
    }
}

/// The address that links are made from.
#[derive(Debug, Clone, Copy)]
pub struct Address<'a> {
    /// Scheme, host and port as clients are to use them, without a slash at the end.
    pub origin: &'a str,
    /// The path of the request, with its leading slash.
    pub path: &'a str,
    /// The request's parameters, those of the route included.
    pub params: &'a Params,
}

impl Address<'_> {
    /// The address with some parameters set to other values; credentials are left out.
    fn with(&self, replace: &[(&str, String)]) -> String {
        let mut url = format!("{}{}?", self.origin.trim_end_matches('/'), self.path);
        url.push_str(&self.params.to_query(&CREDENTIALS, replace));
        // What is not graphic ASCII, or would end the address within the header, is escaped.
        url.bytes().fold(String::with_capacity(url.len()), |mut out, byte| {
            if byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>' | b'"') {
                out.push(char::from(byte));
            } else {
                out.push_str(percent_encoding::percent_encode_byte(byte));
            }
            out
        })
    }
}

/// Where a page stands in its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageInfo {
    page: Page,
    next: Option<i64>,
    prev: Option<i64>,
    /// Rows and pages in all, when they are told.
    totals: Option<(u64, u64)>,
}

impl PageInfo {
    /// Places a page in its list. A page past the end has neither a next nor a previous one.
    pub fn new(page: Page, extent: Extent) -> Self {
        let number = page.page.unsigned_abs();
        let (has_next, inside, totals) = match extent {
            Extent::Total(rows) => {
                let pages = rows.div_ceil(page.per_page.unsigned_abs().max(1)).max(1);
                let told = (rows <= MAX_COUNTED).then_some((rows, pages));
                (number < pages, number <= pages, told)
            }
            Extent::Uncounted { rows, has_more } => (has_more, rows > 0, None),
        };
        Self {
            page,
            next: has_next.then(|| page.page.checked_add(1)).flatten(),
            prev: (inside && page.page > 1).then(|| page.page - 1),
            totals,
        }
    }

    /// The headers of the answer.
    pub fn headers(&self, address: &Address<'_>) -> Vec<(HeaderName, HeaderValue)> {
        let number = |page: Option<i64>| page.map(|page| page.to_string()).unwrap_or_default();
        let mut headers = Vec::with_capacity(7);
        let mut add = |name, text: String| headers.extend(header(name, &text));
        add(X_PER_PAGE, self.page.per_page.to_string());
        add(X_PAGE, self.page.page.to_string());
        add(X_NEXT_PAGE, number(self.next));
        add(X_PREV_PAGE, number(self.prev));
        add(header::LINK, self.link(address));
        if let Some((rows, pages)) = self.totals {
            add(X_TOTAL, rows.to_string());
            add(X_TOTAL_PAGES, pages.to_string());
        }
        headers
    }

    fn link(&self, address: &Address<'_>) -> String {
        let last = self.totals.map(|(_, pages)| i64::try_from(pages).unwrap_or(i64::MAX));
        let places = [("prev", self.prev), ("next", self.next), ("first", Some(1)), ("last", last)];
        let links = places.iter().filter_map(|(rel, page)| {
            let replace = [("page", (*page)?.to_string()), ("per_page", self.page.asked.to_string())];
            Some(format!("<{}>; rel=\"{rel}\"", address.with(&replace)))
        });
        links.collect::<Vec<_>>().join(", ")
    }
}

/// A header, or nothing should the text not be fit for one.
fn header(name: HeaderName, text: &str) -> Option<(HeaderName, HeaderValue)> {
    HeaderValue::from_str(text).ok().map(|value| (name, value))
}

/// The paging asked for, where a list offers keyset pages beside offset pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paging {
    /// The offset page, in force unless [`Paging::keyset`] gives something.
    pub page: Page,
    keyset: bool,
    /// Only rows with a greater id, in either kind of page.
    pub id_after: Option<i64>,
    /// Only rows with a smaller id.
    pub id_before: Option<i64>,
}

impl Paging {
    /// Reads `pagination` (`legacy` or `keyset`), `page`, `per_page`, `id_after` and `id_before`.
    pub fn read(p: &mut Reader<'_>) -> Self {
        let page = Page::read(p);
        let keyset =
            p.string("pagination").among(&["legacy", "keyset"]).optional().is_some_and(|it| it == "keyset");
        let (id_after, id_before) = (p.integer("id_after").optional(), p.integer("id_before").optional());
        Self { page, keyset, id_after, id_before }
    }

    /// The keyset page, if one is asked for, of a list in the order of `order_by`, descending or not.
    ///
    /// # Errors
    /// [`ParamError::KeysetUnavailable`] for an order other than that of `id`.
    pub fn keyset(&self, order_by: &str, descending: bool) -> Result<Option<Keyset>, ParamError> {
        match (self.keyset, order_by) {
            (false, _) => Ok(None),
            (true, "id") => Ok(Some(Keyset {
                descending,
                id_after: self.id_after,
                id_before: self.id_before,
                per_page: self.page.per_page,
                asked: self.page.asked,
            })),
            (true, _) => Err(ParamError::KeysetUnavailable),
        }
    }
}

/// A page by keyset: the rows whose ids lie beyond the last one seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keyset {
    /// Whether ids fall.
    pub descending: bool,
    /// Only rows with a greater id.
    pub id_after: Option<i64>,
    /// Only rows with a smaller id.
    pub id_before: Option<i64>,
    /// Rows on a page, 1 to [`MAX_PER_PAGE`].
    pub per_page: i64,
    asked: i64,
}

impl Keyset {
    /// The `Link` to the next page, or none after the last one. `last_id` is that of the last row of this page,
    /// given only when more follow.
    pub fn headers(&self, last_id: Option<i64>, address: &Address<'_>) -> Vec<(HeaderName, HeaderValue)> {
        let Some(last) = last_id else { return Vec::new() };
        let replace = [
            ("pagination", "keyset".to_owned()),
            ("order_by", "id".to_owned()),
            ("sort", if self.descending { "desc" } else { "asc" }.to_owned()),
            ("per_page", self.asked.to_string()),
            (if self.descending { "id_before" } else { "id_after" }, last.to_string()),
        ];
        let link = format!("<{}>; rel=\"next\"", address.with(&replace));
        header(header::LINK, &link).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn params(value: Value) -> Params {
        let Value::Object(map) = value else { panic!("not an object") };
        Params::from(map)
    }

    fn read(given: Value) -> Result<Page, String> {
        let params = params(given);
        let mut p = Reader::new(&params);
        let page = Page::read(&mut p);
        p.finish().map(|()| page).map_err(|error| error.to_string())
    }

    #[test]
    fn pages_as_asked() {
        for (given, page, per_page) in [
            (json!({}), 1, 20),
            (json!({"page": "", "per_page": ""}), 1, 20),
            (json!({"page": null, "per_page": null}), 1, 20),
            (json!({"page": "3", "per_page": "50"}), 3, 50),
            (json!({"page": 3, "per_page": 100}), 3, 100),
            (json!({"per_page": "500"}), 1, 100),
            (json!({"per_page": "-1"}), 1, 20),
            (json!({"page": "0"}), 1, 20),
            (json!({"page": "-7"}), 1, 20),
        ] {
            let read = read(given.clone()).unwrap();
            assert_eq!((read.page, read.per_page), (page, per_page), "{given}");
        }
        for (given, text) in [
            (json!({"per_page": "0"}), "per_page has a value not allowed"),
            (json!({"per_page": "x"}), "per_page is invalid"),
            (json!({"page": "x"}), "page is invalid"),
            (json!({"page": "x", "per_page": 0}), "page is invalid, per_page has a value not allowed"),
        ] {
            assert_eq!(read(given).unwrap_err(), text);
        }
    }

    #[test]
    fn offsets_never_overflow() {
        assert_eq!(read(json!({"page": 3, "per_page": 30})).unwrap().offset(), 60);
        assert_eq!(Page::default().offset(), 0);
        let far = read(json!({"page": i64::MAX, "per_page": 100})).unwrap();
        assert_eq!((far.offset(), far.limit()), (i64::MAX, 100));
        let info = PageInfo::new(far, Extent::Uncounted { rows: 1, has_more: true });
        assert_eq!(info.next, None);
    }

    const ORIGIN: &str = "https://git.example:8443";
    const PATH: &str = "/api/v4/projects/52/access_tokens";

    /// All headers as `name: value` lines, addresses cut to their query.
    fn shown(given: Value, extent: Extent) -> String {
        let page = read(given.clone()).unwrap();
        let params = params(given);
        let address = Address { origin: ORIGIN, path: PATH, params: &params };
        let lines: Vec<String> = PageInfo::new(page, extent)
            .headers(&address)
            .iter()
            .map(|(name, value)| {
                format!("{name}: {}", value.to_str().unwrap().replace(&format!("{ORIGIN}{PATH}"), ""))
            })
            .collect();
        lines.join("\n")
    }

    #[test]
    fn first_middle_and_last_page() {
        assert_eq!(
            shown(json!({"per_page": "2", "state": "active", "id": "52"}), Extent::Total(5)),
            "x-per-page: 2\nx-page: 1\nx-next-page: 2\nx-prev-page: \n\
             link: <?id=52&page=2&per_page=2&state=active>; rel=\"next\", \
             <?id=52&page=1&per_page=2&state=active>; rel=\"first\", \
             <?id=52&page=3&per_page=2&state=active>; rel=\"last\"\n\
             x-total: 5\nx-total-pages: 3"
        );
        assert_eq!(
            shown(json!({"per_page": "2", "page": "2"}), Extent::Total(5)),
            "x-per-page: 2\nx-page: 2\nx-next-page: 3\nx-prev-page: 1\n\
             link: <?page=1&per_page=2>; rel=\"prev\", <?page=3&per_page=2>; rel=\"next\", \
             <?page=1&per_page=2>; rel=\"first\", <?page=3&per_page=2>; rel=\"last\"\n\
             x-total: 5\nx-total-pages: 3"
        );
        assert_eq!(
            shown(json!({"per_page": "2", "page": "3"}), Extent::Total(5)),
            "x-per-page: 2\nx-page: 3\nx-next-page: \nx-prev-page: 2\n\
             link: <?page=2&per_page=2>; rel=\"prev\", <?page=1&per_page=2>; rel=\"first\", \
             <?page=3&per_page=2>; rel=\"last\"\n\
             x-total: 5\nx-total-pages: 3"
        );
    }

    #[test]
    fn empty_list_and_page_past_the_end() {
        assert_eq!(
            shown(json!({}), Extent::Total(0)),
            "x-per-page: 20\nx-page: 1\nx-next-page: \nx-prev-page: \n\
             link: <?page=1&per_page=20>; rel=\"first\", <?page=1&per_page=20>; rel=\"last\"\n\
             x-total: 0\nx-total-pages: 1"
        );
        assert_eq!(
            shown(json!({"page": "9"}), Extent::Total(20)),
            "x-per-page: 20\nx-page: 9\nx-next-page: \nx-prev-page: \n\
             link: <?page=1&per_page=20>; rel=\"first\", <?page=1&per_page=20>; rel=\"last\"\n\
             x-total: 20\nx-total-pages: 1"
        );
    }

    #[test]
    fn rows_per_page_are_linked_as_asked() {
        let headers = shown(json!({"per_page": "500"}), Extent::Total(101));
        assert!(headers.starts_with("x-per-page: 100\n"), "{headers}");
        assert!(headers.contains("<?page=2&per_page=500>; rel=\"next\""), "{headers}");
    }

    #[test]
    fn long_lists_tell_no_totals_but_go_on() {
        assert_eq!(Extent::of(10_000, 20, true), Extent::Total(10_000));
        for extent in [Extent::Total(10_001), Extent::of(10_001, 20, true)] {
            assert_eq!(
                shown(json!({"page": "2"}), extent),
                "x-per-page: 20\nx-page: 2\nx-next-page: 3\nx-prev-page: 1\n\
                 link: <?page=1&per_page=20>; rel=\"prev\", <?page=3&per_page=20>; rel=\"next\", \
                 <?page=1&per_page=20>; rel=\"first\""
            );
        }
        assert!(shown(json!({}), Extent::Total(10_000)).contains("x-total: 10000\nx-total-pages: 500"));
        let past = shown(json!({"page": "9999"}), Extent::Uncounted { rows: 0, has_more: false });
        assert!(past.contains("x-next-page: \nx-prev-page: \n"), "{past}");
        assert!(past.ends_with("link: <?page=1&per_page=20>; rel=\"first\""), "{past}");
    }

    #[test]
    fn links_repeat_no_credential() {
        let headers = shown(
            json!({"private_token": "s1", "access_token": "s2", "bearer_token": "s3", "job_token": "s4", "sudo": "ann"}),
            Extent::Total(1),
        );
        assert!(headers.contains("page=1&per_page=20&sudo=ann"), "{headers}");
        assert!(!headers.contains("token") && !headers.contains("s1"), "{headers}");
    }

    #[test]
    fn odd_paths_and_origins_stay_within_the_header() {
        let params = params(json!({"q": "\u{e9}<>\"\r\n"}));
        let address =
            Address { origin: "http://h/", path: "/api/v4/\u{e9}>; rel=\"x\" \r\n", params: &params };
        let headers = PageInfo::new(Page::default(), Extent::Total(1)).headers(&address);
        assert_eq!(headers.len(), 7);
        let link = headers.iter().find(|(name, _)| name == header::LINK).unwrap().1.to_str().unwrap();
        assert!(
            link.starts_with(
                "<http://h/api/v4/%C3%A9%3E;%20rel=%22x%22%20%0D%0A?page=1&per_page=20&q=%C3%A9%3C%3E%22%0D%0A>; rel=\"first\", "
            ),
            "{link}"
        );
    }

    fn paging(given: &Params) -> Result<Paging, ParamError> {
        let mut p = Reader::new(given);
        let paging = Paging::read(&mut p);
        p.finish().map(|()| paging)
    }

    #[test]
    fn keyset_pages() {
        let given = params(json!({
            "pagination": "keyset", "order_by": "id", "sort": "asc", "per_page": "2", "id_after": "40", "private_token": "s"
        }));
        let keyset = paging(&given).unwrap().keyset("id", false).unwrap().unwrap();
        assert_eq!((keyset.id_after, keyset.id_before, keyset.per_page), (Some(40), None, 2));
        let address = Address { origin: ORIGIN, path: "/api/v4/projects", params: &given };
        assert_eq!(
            keyset.headers(Some(42), &address),
            [(
                header::LINK,
                HeaderValue::from_static(
                    "<https://git.example:8443/api/v4/projects?id_after=42&order_by=id&pagination=keyset&per_page=2&sort=asc>; \
                     rel=\"next\""
                )
            )]
        );
        assert_eq!(keyset.headers(None, &address), []);

        let falling = params(json!({"pagination": "keyset"}));
        let keyset = paging(&falling).unwrap().keyset("id", true).unwrap().unwrap();
        let address = Address { origin: ORIGIN, path: "/api/v4/projects", params: &falling };
        let link = keyset.headers(Some(7), &address)[0].1.to_str().unwrap().to_owned();
        assert!(link.contains("?id_before=7&order_by=id&pagination=keyset&per_page=20&sort=desc>"), "{link}");
    }

    #[test]
    fn keyset_is_for_the_order_of_id_only() {
        let asked = params(json!({"pagination": "keyset"}));
        assert_eq!(paging(&asked).unwrap().keyset("name", false), Err(ParamError::KeysetUnavailable));
        for given in [json!({}), json!({"pagination": "legacy"}), json!({"pagination": null})] {
            assert_eq!(paging(&params(given)).unwrap().keyset("name", false), Ok(None));
        }
        assert_eq!(
            paging(&params(json!({"pagination": "x"}))),
            Err(ParamError::Invalid("pagination does not have a valid value".into()))
        );
    }
}
