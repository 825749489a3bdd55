//! Who really called, and under which URL: what a trusted proxy says, and what nobody else may claim.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use http::{HeaderMap, Uri, header};

const FORWARDED_FOR: &str = "x-forwarded-for";
const FORWARDED_HOST: &str = "x-forwarded-host";
const FORWARDED_PROTO: &str = "x-forwarded-proto";

/// A block of addresses, `10.0.0.0/8`, or a single one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cidr {
    network: IpAddr,
    prefix: u8,
}

/// Text is no block of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write addresses as 10.0.0.0/8, 192.0.2.7 or fd00::/8, separated by commas")]
pub struct InvalidCidr;

impl Cidr {
    /// Whether the block holds an address. An IPv4 address mapped into IPv6 counts as IPv4.
    pub fn contains(self, address: IpAddr) -> bool {
        let matches = |network: u128, address: u128, width: u8| {
            let host_bits = u32::from(width - self.prefix);
            network.checked_shr(host_bits) == address.checked_shr(host_bits)
        };
        match (self.network, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                matches(network.to_bits().into(), address.to_bits().into(), 32)
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => matches(network.to_bits(), address.to_bits(), 128),
            _ => false,
        }
    }
}

impl FromStr for Cidr {
    type Err = InvalidCidr;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let (network, prefix) = match text.split_once('/') {
            Some((network, prefix)) => (network, Some(prefix)),
            None => (text, None),
        };
        let network: IpAddr = network.parse().map_err(|_| InvalidCidr)?;
        let width = if network.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            Some(prefix) => prefix.parse().map_err(|_| InvalidCidr)?,
            None => width,
        };
        if prefix > width { Err(InvalidCidr) } else { Ok(Self { network, prefix }) }
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.network, self.prefix)
    }
}

/// The proxies whose `X-Forwarded-*` headers are believed.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Vec<Cidr>);

impl TrustedProxies {
    /// Believes the proxies in these blocks.
    pub fn new(blocks: Vec<Cidr>) -> Self {
        Self(blocks)
    }

    /// True when nobody is believed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn trust(&self, address: IpAddr) -> bool {
        self.0.iter().any(|block| block.contains(address))
    }

    /// The address that a request is counted against: the peer, or, behind trusted proxies, the last address in
    /// `X-Forwarded-For` that is none of them.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        if !self.trust(peer) {
            return peer.to_canonical();
        }
        let mut client = peer;
        for line in headers.get_all(FORWARDED_FOR).iter().rev() {
            for hop in line.to_str().unwrap_or_default().rsplit(',') {
                let Some(hop) = address_of(hop.trim()) else { return client.to_canonical() };
                client = hop;
                if !self.trust(hop) {
                    return client.to_canonical();
                }
            }
        }
        client.to_canonical()
    }

    /// Scheme and host under which the request was made, without a trailing slash. The scheme is http, and the host
    /// that of the request, unless a trusted proxy says otherwise.
    pub fn own_base_url(&self, peer: IpAddr, uri: &Uri, headers: &HeaderMap) -> String {
        let forwarded = |name| {
            let value = headers.get(name)?.to_str().ok()?;
            // Each proxy appends; the first is what the outside world used.
            Some(value.split(',').next().unwrap_or_default().trim()).filter(|value| !value.is_empty())
        };
        let trusted = self.trust(peer);
        let scheme = if trusted { forwarded(FORWARDED_PROTO) } else { None };
        let host = if trusted { forwarded(FORWARDED_HOST) } else { None };
        let host = host.unwrap_or_else(|| {
            let of_uri = uri.authority().map(http::uri::Authority::as_str);
            let of_header = headers.get(header::HOST).and_then(|host| host.to_str().ok());
            of_uri.or(of_header).unwrap_or_default()
        });
        format!("{}://{host}", scheme.unwrap_or("http"))
    }
}

impl FromStr for TrustedProxies {
    type Err = InvalidCidr;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let blocks = text.split(',').filter(|block| !block.trim().is_empty());
        blocks.map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

/// The address of a hop; some proxies name its port, too.
fn address_of(hop: &str) -> Option<IpAddr> {
    hop.parse().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

/// What a limit counts as one caller: an IPv4 address, or the /64 that one IPv6 subscriber holds.
pub fn limited_as(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|&(name, value)| (name.parse().unwrap(), value.parse().unwrap())).fold(
            HeaderMap::new(),
            |mut map, (name, value): (http::HeaderName, http::HeaderValue)| {
                map.append(name, value);
                map
            },
        )
    }

    #[test]
    fn a_block_holds_its_own_addresses_and_no_others() {
        for (block, inside, outside) in [
            ("10.0.0.0/8", "10.255.0.1", "11.0.0.1"),
            ("192.0.2.7", "192.0.2.7", "192.0.2.8"),
            ("0.0.0.0/0", "203.0.113.9", "2001:db8::1"),
            ("fd00::/8", "fd12::1", "fe80::1"),
            ("::/0", "2001:db8::1", "10.0.0.1"),
            ("10.0.0.0/8", "::ffff:10.1.2.3", "::10.1.2.3"),
        ] {
            let block: Cidr = block.parse().unwrap();
            assert!(block.contains(ip(inside)), "{block} {inside}");
            assert!(!block.contains(ip(outside)), "{block} {outside}");
        }
        for wrong in ["", "10.0.0.0/33", "fd00::/129", "10.0.0/8", "10.0.0.0/", "example.com"] {
            assert_eq!(wrong.parse::<Cidr>(), Err(InvalidCidr), "{wrong}");
        }
    }

    #[test]
    fn forwarded_headers_of_a_stranger_are_not_believed() {
        let proxies = TrustedProxies::new(vec!["10.0.0.0/8".parse().unwrap()]);
        let claimed = headers(&[
            ("host", "inner:8080"),
            ("x-forwarded-for", "203.0.113.9"),
            ("x-forwarded-host", "bot.example.com"),
            ("x-forwarded-proto", "https"),
        ]);
        let uri = Uri::from_static("/twilio-status");
        let stranger = ip("198.51.100.1");
        assert_eq!(proxies.client(stranger, &claimed), stranger);
        assert_eq!(proxies.own_base_url(stranger, &uri, &claimed), "http://inner:8080");
        let proxy = ip("10.0.0.1");
        assert_eq!(proxies.client(proxy, &claimed), ip("203.0.113.9"));
        assert_eq!(proxies.own_base_url(proxy, &uri, &claimed), "https://bot.example.com");
    }

    #[test]
    fn the_last_hop_that_is_no_proxy_is_the_client() {
        let proxies = TrustedProxies::new(vec!["10.0.0.0/8".parse().unwrap()]);
        let proxy = ip("10.0.0.1");
        let spoofed = headers(&[("x-forwarded-for", "127.0.0.1, 203.0.113.9, 10.0.0.2")]);
        assert_eq!(proxies.client(proxy, &spoofed), ip("203.0.113.9"));
        let split =
            headers(&[("x-forwarded-for", "127.0.0.1, 203.0.113.9"), ("x-forwarded-for", "10.0.0.2")]);
        assert_eq!(proxies.client(proxy, &split), ip("203.0.113.9"));
        let with_port = headers(&[("x-forwarded-for", "203.0.113.9:41000")]);
        assert_eq!(proxies.client(proxy, &with_port), ip("203.0.113.9"));
        let nonsense = headers(&[("x-forwarded-for", "203.0.113.9, unknown")]);
        assert_eq!(proxies.client(proxy, &nonsense), proxy);
        assert_eq!(proxies.client(proxy, &HeaderMap::new()), proxy);
    }

    #[test]
    fn one_subscriber_of_ipv6_counts_once() {
        assert_eq!(limited_as(ip("2001:db8:1:2:3::4")), limited_as(ip("2001:db8:1:2:ffff::1")));
        assert_ne!(limited_as(ip("2001:db8:1:2::1")), limited_as(ip("2001:db8:1:3::1")));
        assert_eq!(limited_as(ip("::ffff:192.0.2.7")), ip("192.0.2.7"));
    }
}
