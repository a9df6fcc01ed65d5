//! Plain http is for the machine itself: a password would cross the network in the open anywhere else (rulings 44).

use axum::http::HeaderMap;
use axum::http::header::HOST;
use std::net::IpAddr;

/// Whether this request came in the open: no https address was given at start, and it was not made on the machine itself.
pub fn is_exposed(public_url: &str, headers: &HeaderMap) -> bool {
    let has_tls = public_url.starts_with("https://");
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    !has_tls && !is_loopback(host)
}

/// `localhost`, 127.0.0.0/8 or `[::1]`, with any port.
fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let is_named = name == "localhost" || name.ends_with(".localhost");
    is_named || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exposed(public_url: &str, host: &str) -> bool {
        let headers = HeaderMap::from_iter([(HOST, host.parse().unwrap())]);
        is_exposed(public_url, &headers)
    }

    #[test]
    fn the_machine_itself_is_not_exposed() {
        for host in [
            "127.0.0.1:8080",
            "127.8.9.10",
            "localhost",
            "LOCALHOST:8080",
            "shop.localhost:8080",
            "[::1]:8080",
            "localhost.",
        ] {
            assert!(!exposed("", host), "{host}");
        }
    }

    #[test]
    fn every_other_name_is_exposed_until_there_is_an_https_address() {
        for host in [
            "chat.example.ru",
            "10.0.0.5:8080",
            "localhost.example.ru",
            "127.0.0.1.example.ru",
            "[2001:db8::1]:80",
            "",
            "::1",
        ] {
            assert!(exposed("", host), "{host}");
            assert!(exposed("http://chat.example.ru", host), "{host}");
            assert!(!exposed("https://chat.example.ru", host), "{host}");
        }
        assert!(is_exposed("", &HeaderMap::new()), "a request that names no host");
    }
}
