//! What carries a call out of the house: a client of HTTP, or the memory of a test.

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;

use url::Url;
use zeroize::Zeroizing;

/// A request to be sent. Its headers hold secrets.
pub struct Post {
    /// Where to: its path, its host for the header and for the certificate.
    pub url: Url,
    /// The addresses to connect to, and none else; the first that answers is taken.
    pub addresses: Vec<SocketAddr>,
    /// Whether these may be the own machine's.
    pub own: bool,
    /// Whether the receiver must show a certificate that is good.
    pub verifies_tls: bool,
    /// Names and values.
    pub headers: Vec<(&'static str, Zeroizing<String>)>,
    /// The body.
    pub body: Vec<u8>,
}

/// What came back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Names and values, as far as they are text.
    pub headers: Vec<(String, String)>,
    /// The beginning of the body, as far as it is text.
    pub body: String,
}

/// How much of an answer's body is read, in bytes.
pub const BODY_LIMIT: usize = 8 << 10;

/// The outcome of asking where a name leads.
pub type Resolving<'a> = Pin<Box<dyn Future<Output = std::io::Result<Vec<IpAddr>>> + Send + 'a>>;
/// The outcome of a call: an answer of whatever status, or why there was none.
pub type Posting<'a> = Pin<Box<dyn Future<Output = Result<Answer, String>> + Send + 'a>>;

/// Sends requests of web hooks.
pub trait Courier: Send + Sync + 'static {
    /// The addresses of a name.
    fn resolve<'a>(&'a self, name: &'a str) -> Resolving<'a>;

    /// Sends a request, following no redirection, and reads at most [`BODY_LIMIT`] bytes of the answer's body. It takes
    /// some seconds at most.
    fn post<'a>(&'a self, post: &'a Post) -> Posting<'a>;
}
