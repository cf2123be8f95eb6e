//! Pages of lists: where the one before and the one after are.

use tessera_service::Slice;

use super::form::Form;

/// Rows on one page of a list.
pub(crate) const PER_PAGE: i64 = 20;

/// The neighbours of a page of a list; addresses are empty where there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pages {
    pub(crate) previous: String,
    pub(crate) next: String,
    /// Such as `Page 2 of 7`.
    pub(crate) position: String,
}

/// The rows of the page that is asked for.
pub(crate) fn slice(form: &Form, per_page: i64) -> Slice {
    Slice { limit: per_page, offset: (form.page() - 1) * per_page }
}

impl Pages {
    /// The neighbours in one of two lists of a page: `name` is the field that says which page of it is asked for,
    /// `others` what else the addresses must say.
    pub(crate) fn named(
        form: &Form,
        name: &str,
        path: &str,
        others: &[&str],
        total: i64,
        per_page: i64,
    ) -> Self {
        let last = ((total + per_page - 1) / per_page).max(1);
        let page = form.number(name).filter(|page| (1..=100_000).contains(page)).unwrap_or(1);
        let address = |page: i64| {
            let mut query = form_urlencoded::Serializer::new(String::new());
            for other in others {
                query.extend_pairs(form.filled(other).map(|value| (other, value)));
            }
            query.append_pair(name, &page.to_string());
            format!("{path}?{}", query.finish())
        };
        Self {
            previous: if page > 1 { address((page - 1).min(last)) } else { String::new() },
            next: if page < last { address(page + 1) } else { String::new() },
            position: format!("Page {page} of {last}"),
        }
    }

    /// The neighbours of the page that is asked for. `fields` are what else the addresses must say; `total` is absent
    /// where the rows were not counted, and `shown` how many this page has.
    pub(crate) fn new(
        form: &Form,
        path: &str,
        fields: &[&str],
        total: Option<i64>,
        shown: usize,
        per_page: i64,
    ) -> Self {
        let page = form.page();
        let last = total.map(|total| ((total + per_page - 1) / per_page).max(1));
        let more = match last {
            Some(last) => page < last,
            None => i64::try_from(shown).unwrap_or(0) >= per_page,
        };
        let address = |page: i64| {
            let mut query = form_urlencoded::Serializer::new(String::new());
            for field in fields {
                for value in form.all(field).into_iter().filter(|value| !value.is_empty()) {
                    query.append_pair(field, value);
                }
            }
            query.append_pair("page", &page.to_string());
            format!("{path}?{}", query.finish())
        };
        Self {
            previous: if page > 1 { address(page - 1) } else { String::new() },
            next: if more { address(page + 1) } else { String::new() },
            position: match last {
                Some(last) => format!("Page {page} of {last}"),
                None => format!("Page {page}"),
            },
        }
    }
}
