//! What a browser comes with: its cookie, and the proof that a form is one of ours.

use http::HeaderMap;
use http::header::COOKIE;
use tessera_model::session::SessionSecret;

/// The cookie's name where the server is reached over https: browsers then refuse one that another host, another path
/// or an unencrypted answer tries to set.
const HARDENED: &str = "__Host-tessera_session";
/// Its name on plain http, where a browser would take no such cookie.
const PLAIN: &str = "tessera_session";
/// Seconds for which a browser keeps it; the server ends sessions by rules of its own.
const KEPT: u32 = 30 * 86_400;

/// Whether the server is reached over https.
#[derive(Clone, Copy)]
pub(crate) struct Cookies {
    https: bool,
}

impl Cookies {
    /// Goes by the external URL.
    pub(crate) fn new(external_url: &str) -> Self {
        Self { https: external_url.starts_with("https://") }
    }

    fn name(self) -> &'static str {
        if self.https { HARDENED } else { PLAIN }
    }

    /// The secret that a browser comes with.
    pub(crate) fn secret(self, headers: &HeaderMap) -> Option<SessionSecret> {
        let all = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = all.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let (_, value) = pairs.find(|(name, _)| *name == self.name())?;
        SessionSecret::parse(value)
    }

    /// What hands a secret to a browser.
    pub(crate) fn keep(self, secret: &SessionSecret) -> String {
        self.set(&secret.text(), KEPT)
    }

    /// What takes it away.
    pub(crate) fn forget(self) -> String {
        self.set("", 0)
    }

    fn set(self, value: &str, seconds: u32) -> String {
        let secure = if self.https { "; Secure" } else { "" };
        let name = self.name();
        format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
    }
}

/// Whether a browser says that a request was caused by a page of another site.
pub(crate) fn is_foreign(headers: &HeaderMap) -> bool {
    let from = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    matches!(from, Some("cross-site" | "same-site"))
}

/// Where to go after signing in: an address of this site and no other.
pub(crate) fn local_path(given: &str) -> Option<&str> {
    let inside = given.starts_with('/') && !given.starts_with("//") && !given.contains(['\\', ':']);
    let clean = given.bytes().all(|byte| byte.is_ascii_graphic()) && given.len() <= 2000;
    (inside && clean).then_some(given)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const VALUE: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";

    fn finds(cookies: Cookies, header: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, HeaderValue::from_str(header).unwrap());
        cookies.secret(&headers).is_some()
    }

    #[test]
    fn the_cookie_is_hardened_where_it_can_be() {
        let (over_https, plain) = (Cookies::new("https://t.test"), Cookies::new("http://t.test"));
        let secret = SessionSecret::parse(VALUE).unwrap();
        assert_eq!(
            over_https.keep(&secret),
            format!(
                "__Host-tessera_session={VALUE}; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure"
            )
        );
        assert_eq!(plain.forget(), "tessera_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
        assert!(finds(over_https, &format!("a=b; __Host-tessera_session={VALUE}")));
        assert!(
            !finds(over_https, &format!("tessera_session={VALUE}")),
            "any neighbour could have set this one"
        );
        assert!(finds(plain, &format!("tessera_session={VALUE}; c=d")));
        assert!(!finds(plain, "tessera_session=short"));
    }

    #[test]
    fn nobody_is_led_to_another_site() {
        for path in ["/", "/a/b?c=d&e=%2F", "/a/-/issues#note_1"] {
            assert_eq!(local_path(path), Some(path));
        }
        for path in [
            "",
            "a",
            "//evil.test",
            "https://evil.test",
            "/\\evil.test",
            "/a\nb",
            "/a b",
            "javascript:x",
            "/x:y",
        ] {
            assert_eq!(local_path(path), None, "{path}");
        }
    }
}
