//! Which addresses the server may connect to when somebody else names them: none of its own machine or network, unless
//! the instance's settings say so.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What may be connected to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outbound {
    /// Whether all of the machine and its network may.
    local: bool,
    list: Vec<Listed>,
}

/// One entry of the list of what may be connected to whatever it is.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Listed {
    host: Host,
    /// Only this port, if one is named.
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Host {
    /// A name, in lower case.
    Name(String),
    /// Addresses that begin with so many bits of this one.
    Network(IpAddr, u32),
}

impl Outbound {
    /// What the settings say: whether everything local is allowed, and the list of names, addresses and networks, each
    /// with or without a port. An entry that is none of these allows nothing.
    pub fn new<'a>(local: bool, list: impl IntoIterator<Item = &'a str>) -> Self {
        Self { local, list: list.into_iter().filter_map(Listed::parse).collect() }
    }

    /// Whether a name may be connected to wherever it leads.
    pub fn trusts(&self, name: &str, port: u16) -> bool {
        let name = name.to_lowercase();
        let is = |listed: &Listed| matches!(&listed.host, Host::Name(known) if *known == name);
        self.list.iter().any(|listed| is(listed) && listed.port.is_none_or(|known| known == port))
    }

    /// Whether an address may be connected to.
    pub fn allows(&self, address: IpAddr, port: u16) -> bool {
        let address = plain(address);
        // Nobody answers at these, and some systems take them for their own.
        if address.is_unspecified() || address.is_multicast() {
            return false;
        }
        is_global(address) || self.allows_own(address, port)
    }

    /// Whether an address of the own machine may be connected to, be it one of the open internet or not.
    pub fn allows_own(&self, address: IpAddr, port: u16) -> bool {
        let address = plain(address);
        let listed = |listed: &Listed| {
            matches!(listed.host, Host::Network(network, bits) if within(address, network, bits))
                && listed.port.is_none_or(|known| known == port)
        };
        self.local || self.list.iter().any(listed)
    }
}

impl Listed {
    /// `host`, `host:port`, an address, `[address]:port`, or a network as `address/bits`.
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        if let Some((address, bits)) = text.split_once('/') {
            let address: IpAddr = address.parse().ok()?;
            let bits: u32 = bits.parse().ok()?;
            let most = if address.is_ipv4() { 32 } else { 128 };
            return (bits <= most).then(|| Self { host: Host::Network(plain(address), bits), port: None });
        }
        if let Ok(address) = text.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
            return Some(Self::of_address(address, None));
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) => (host, Some(port.parse().ok()?)),
            None => (text, None),
        };
        match host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
            Ok(address) => Some(Self::of_address(address, port)),
            Err(_) if host.contains(':') => None,
            Err(_) => Some(Self { host: Host::Name(host.to_lowercase()), port }),
        }
    }

    fn of_address(address: IpAddr, port: Option<u16>) -> Self {
        let address = plain(address);
        let bits = if address.is_ipv4() { 32 } else { 128 };
        Self { host: Host::Network(address, bits), port }
    }
}

/// An IPv4 address that is written as an IPv6 one, as what it is.
fn plain(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(six) => six.to_ipv4_mapped().map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    }
}

fn within(address: IpAddr, network: IpAddr, bits: u32) -> bool {
    let (one, other, width) = match (address, network) {
        (IpAddr::V4(one), IpAddr::V4(other)) => (u128::from(one.to_bits()), u128::from(other.to_bits()), 32),
        (IpAddr::V6(one), IpAddr::V6(other)) => (one.to_bits(), other.to_bits(), 128),
        _ => return false,
    };
    // All of it differs by nothing when no bit counts: a shift by the whole width would be none.
    bits == 0 || (one ^ other).checked_shr(width - bits).unwrap_or(0) == 0
}

/// Whether an address is one of the open internet (IANA's registries of special addresses).
fn is_global(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => is_global_v4(four),
        IpAddr::V6(six) => is_global_v6(six),
    }
}

fn is_global_v4(address: Ipv4Addr) -> bool {
    let [one, two, three, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || one == 0
        || one >= 224
        // Carriers' networks, protocol assignments, the old way from 6to4, benchmarks.
        || (one == 100 && (64..128).contains(&two))
        || (one == 192 && two == 0 && three == 0)
        || (one == 192 && two == 88 && three == 99)
        || (one == 198 && (18..20).contains(&two));
    !special
}

fn is_global_v6(address: Ipv6Addr) -> bool {
    let [one, two, three, four, five, six, seven, eight] = address.segments();
    let four_in = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    // What a translator would turn into an IPv4 address is judged as that one.
    if (one, two, three, four, five, six) == (0x64, 0xff9b, 0, 0, 0, 0) {
        return is_global_v4(four_in(seven, eight));
    }
    if one == 0x2002 {
        return is_global_v4(four_in(two, three));
    }
    // Only 2000::/3 is given out; of that not the part for protocols, nor those of documentation.
    one & 0xe000 == 0x2000 && !(one == 0x2001 && (two < 0x200 || two == 0xdb8)) && one != 0x3fff
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(outbound: &Outbound, address: &str) -> bool {
        outbound.allows(address.parse().unwrap(), 443)
    }

    #[test]
    fn what_is_local_in_any_disguise_is_refused() {
        let closed = Outbound::default();
        for address in [
            "127.0.0.1",
            "127.8.8.8",
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "192.0.0.8",
            "192.0.2.1",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::a00:1",
            "2002:7f00:1::",
            "2002:a00:1::1",
            "fe80::1",
            "fec0::1",
            "fc00::1",
            "fd12:3456::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "64:ff9b:1::1",
            "::7f00:1",
            "3fff::1",
        ] {
            assert!(!allows(&closed, address), "{address}");
        }
        for address in
            ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2a00:1450::1", "64:ff9b::808:808", "2606:4700::1"]
        {
            assert!(allows(&closed, address), "{address}");
        }
    }

    #[test]
    fn the_settings_open_all_of_it_or_parts() {
        let open = Outbound::new(true, []);
        assert!(allows(&open, "127.0.0.1") && allows(&open, "fd00::1") && !allows(&open, "0.0.0.0"));
        let list = [
            "10.1.0.0/16",
            "192.168.0.7:443",
            "[fd00::7]:443",
            "Hooks.internal",
            "other.internal:8080",
            "::2",
        ];
        let some = Outbound::new(false, list);
        for (address, allowed) in [
            ("10.1.2.3", true),
            ("::ffff:10.1.2.3", true),
            ("10.2.0.1", false),
            ("192.168.0.7", true),
            ("fd00::7", true),
            ("fd00::8", false),
            ("::2", true),
            ("127.0.0.1", false),
        ] {
            assert_eq!(allows(&some, address), allowed, "{address}");
        }
        assert!(!some.allows("192.168.0.7".parse().unwrap(), 80), "another port");
        assert!(some.trusts("hooks.internal", 1) && some.trusts("HOOKS.internal", 2));
        assert!(some.trusts("other.internal", 8080) && !some.trusts("other.internal", 80));
        assert!(!some.trusts("evil.hooks.internal", 80));
    }

    #[test]
    fn entries_that_say_nothing_allow_nothing() {
        let list = ["", " ", "10.0.0.0/33", "10.0.0.0/x", "host:port", "a:b:c", "host:99999"];
        assert_eq!(Outbound::new(false, list), Outbound::default());
        assert!(allows(&Outbound::new(false, ["0.0.0.0/0"]), "10.0.0.1"));
        assert!(!allows(&Outbound::new(false, ["0.0.0.0/0"]), "fd00::1"));
    }

    #[test]
    fn the_own_machine_is_no_target_under_its_public_address() {
        let own: IpAddr = "8.8.4.4".parse().unwrap();
        assert!(!Outbound::default().allows_own(own, 443));
        assert!(Outbound::new(true, []).allows_own(own, 443));
        assert!(Outbound::new(false, ["8.8.4.4:443"]).allows_own(own, 443));
        assert!(!Outbound::new(false, ["8.8.4.4:443"]).allows_own(own, 80));
    }
}
