//! Which addresses may be called, judged on the very address that is then connected to.

use crate::EgressError;
use ipnet::IpNet;
use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

/// Networks that may be called although they are not public.
#[derive(Debug, Clone, Default)]
pub struct Allowed(Vec<IpNet>);

impl Allowed {
    /// These networks besides the public ones.
    pub fn networks(networks: &[IpNet]) -> Self {
        Self(networks.to_vec())
    }

    fn has(&self, address: IpAddr) -> bool {
        is_public(address) || self.is_exception(address)
    }

    fn is_exception(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address.to_canonical()))
    }
}

/// A name led to an address that is not public.
#[derive(Debug, thiserror::Error)]
#[error("not a public address")]
pub(crate) struct NotPublic;

/// Resolves names and keeps only what may be called: no gap between check and use.
pub(crate) struct CheckedResolver {
    allowed: Arc<Allowed>,
}

impl CheckedResolver {
    pub(crate) fn new(allowed: Arc<Allowed>) -> Self {
        Self { allowed }
    }
}

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = self.allowed.clone();
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let usable: Vec<SocketAddr> = found.into_iter().filter(|a| allowed.has(a.ip())).collect();
            if usable.is_empty() {
                return Err(Box::new(NotPublic).into());
            }
            let usable: Addrs = Box::new(usable.into_iter());
            Ok(usable)
        })
    }
}

/// What can be refused before a name is resolved: scheme, user info, port, a literal address.
pub(crate) fn check_literal(url: &Url, allowed: &Allowed) -> Result<(), EgressError> {
    let refuse = |why: &str| Err(EgressError::Blocked(why.to_owned()));
    if !matches!(url.scheme(), "http" | "https") {
        return refuse("only http and https");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("no user name in the address");
    }
    let Some(host) = url.host_str() else { return refuse("no host") };
    let is_exception = check_host(host.trim_matches(['[', ']']), allowed)?;
    let port = url.port_or_known_default().unwrap_or(0);
    if !matches!(port, 80 | 443 | 8443) && !is_exception {
        return refuse("only ports 80, 443 and 8443");
    }
    Ok(())
}

/// Refuses a host that may not be called whatever it resolves to. Answers whether it may be called although it is not public.
pub(crate) fn check_host(host: &str, allowed: &Allowed) -> Result<bool, EgressError> {
    let refuse = |why: &str| Err(EgressError::Blocked(why.to_owned()));
    let literal: Option<IpAddr> = host.parse().ok();
    if let Some(address) = literal
        && !allowed.has(address)
    {
        return refuse("it is not a public address");
    }
    let is_exception =
        literal.is_some_and(|address| allowed.is_exception(address)) || (!allowed.0.is_empty() && is_local_name(host));
    if is_local_name(host) && !is_exception {
        return refuse("it is a local name");
    }
    Ok(is_exception)
}

/// The addresses of a name that may be called.
pub(crate) async fn resolve(host: &str, port: u16, allowed: &Allowed) -> Result<Vec<SocketAddr>, EgressError> {
    let found = tokio::net::lookup_host((host, port)).await.map_err(|e| EgressError::NotReached(e.to_string()))?;
    let usable: Vec<SocketAddr> = found.filter(|address| allowed.has(address.ip())).collect();
    if usable.is_empty() {
        return Err(EgressError::Blocked("it is not a public address".into()));
    }
    Ok(usable)
}

fn is_local_name(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    host == "localhost" || [".localhost", ".local", ".internal"].iter().any(|ending| host.ends_with(ending))
}

/// Whether an address belongs to the public internet (the list in `reliability.md` section 6).
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(v4: Ipv4Addr) -> bool {
    let [a, b, c, _] = v4.octets();
    let is_special = v4.is_unspecified()
        || v4.is_loopback()
        || v4.is_private()
        || v4.is_link_local()
        || v4.is_multicast()
        || v4.is_broadcast()
        || v4.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (18..20).contains(&b));
    !is_special
}

fn is_public_v6(v6: Ipv6Addr) -> bool {
    let segments = v6.segments();
    let is_special = v6.is_unspecified()
        || v6.is_loopback()
        || v6.is_multicast()
        || (segments[0] & 0xfe00) == 0xfc00
        || (segments[0] & 0xffc0) == 0xfe80
        || (segments[0] & 0xffc0) == 0xfec0
        || segments[0] == 0x2002
        || (segments[0] == 0x2001 && (segments[1] == 0 || segments[1] == 0x0db8))
        || (segments[0] == 0x0064 && segments[1] == 0xff9b)
        || segments[..6] == [0; 6];
    !is_special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_addresses_are_not_public() {
        let special = [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "192.0.0.8",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.9",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:10.0.0.1",
            "fc00::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "2002::1",
            "64:ff9b::1",
            "64:ff9b:1::1",
            "::7f00:1",
        ];
        for text in special {
            assert!(!is_public(text.parse().unwrap()), "{text}");
        }
        for text in ["8.8.8.8", "149.154.167.220", "2a00:1450:4010:c0e::71"] {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn schemes_ports_and_user_info_are_checked() {
        let none = Allowed::default();
        for bad in
            ["ftp://example.com/", "https://user@example.com/", "https://example.com:22/", "http://printer.local/"]
        {
            assert!(check_literal(&bad.parse().unwrap(), &none).is_err(), "{bad}");
        }
        assert!(check_literal(&"https://api.telegram.org/".parse().unwrap(), &none).is_ok());
    }
}
