//! Where a URL leads, and whether the server may go there. A name is resolved once and judged by the addresses that came
//! out, and the connection is made to these addresses: what the name leads to a moment later does not matter.

use std::net::{IpAddr, SocketAddr};

use tessera_model::outbound::Outbound;
use tessera_model::{Error, Result};
use tessera_store::Conn;
use url::{Host, Url};

use super::courier::Courier;
use crate::{Service, fault, settings};

/// A URL and what the settings say of such.
#[derive(Clone, Debug)]
pub struct Destination {
    pub(super) url: Url,
    outbound: Outbound,
}

/// The addresses that a connection may be made to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) addresses: Vec<SocketAddr>,
    /// Whether they may be the own machine's.
    pub(super) own: bool,
}

/// The longest URL, in characters.
const LONGEST: usize = 2048;

/// The host of a URL, for people.
pub(super) fn host_of(url: &str) -> String {
    Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

impl Destination {
    /// Reads a URL.
    ///
    /// # Errors
    /// 422 when it is none of HTTP.
    pub(super) fn read(conn: &mut dyn Conn, url: &str) -> Result<Self> {
        let parsed = Url::parse(url)
            .ok()
            .filter(|_| url.chars().count() <= LONGEST && !url.chars().any(char::is_control));
        let parsed = parsed.filter(|url| ["http", "https"].contains(&url.scheme()) && url.host().is_some());
        let url = parsed.ok_or_else(refused)?;
        let mut setting = |name| settings::value(conn, name).map_err(fault);
        let local = setting("allow_local_requests_from_web_hooks_and_services")?.as_bool().unwrap_or(false);
        let list = setting("outbound_local_requests_whitelist")?;
        let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
        let outbound = Outbound::new(local, list.iter().filter_map(serde_json::Value::as_str));
        Ok(Self { url, outbound })
    }

    fn port(&self) -> u16 {
        self.url.port_or_known_default().unwrap_or(443)
    }

    fn trusted(&self) -> bool {
        self.url.host_str().is_some_and(|name| self.outbound.trusts(name, self.port()))
    }

    /// The way there.
    ///
    /// # Errors
    /// The reason why there is none, for people.
    pub(super) async fn route(&self, courier: &dyn Courier) -> Result<Route, String> {
        let found: Vec<IpAddr> = match self.url.host() {
            Some(Host::Ipv4(address)) => vec![address.into()],
            Some(Host::Ipv6(address)) => vec![address.into()],
            Some(Host::Domain(name)) => courier.resolve(name).await.unwrap_or_default(),
            None => Vec::new(),
        };
        if found.is_empty() {
            return Err("Host cannot be resolved or invalid".to_owned());
        }
        let (port, trusted) = (self.port(), self.trusted());
        // One that leads elsewhere too is refused whole: it is no mistake but somebody's trick.
        if !trusted && !found.iter().all(|address| self.outbound.allows(*address, port)) {
            return Err("Requests to the local network are not allowed".to_owned());
        }
        let own = trusted || found.iter().all(|address| self.outbound.allows_own(*address, port));
        Ok(Route {
            addresses: found.into_iter().map(|address| SocketAddr::new(address, port)).collect(),
            own,
        })
    }
}

/// How GitLab refuses a URL, whatever is wrong with it.
pub(super) fn refused() -> Error {
    Error::NotAcceptable("Invalid url given".to_owned())
}

impl Service {
    /// Looks whether the server may go to a hook's URL. Names that the settings trust are not asked for.
    ///
    /// # Errors
    /// 422 when it may not, or the name leads nowhere.
    pub async fn check_destination(&self, destination: &Destination) -> Result<()> {
        if destination.trusted() {
            return Ok(());
        }
        destination.route(self.courier()).await.map(drop).map_err(|_| refused())
    }
}
