//! What a Content-Security-Policy lets in, as far as the chat needs it (CSP level 3, matching of source lists).

/// What of a page a policy is asked about.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Origin of the page.
    pub page: &'a str,
    /// Origin of the script.
    pub script: &'a str,
    /// The nonce on the script's tag.
    pub nonce: Option<&'a str>,
}

/// Directives of these policies that keep the chat out. Every policy has to agree.
pub fn refusals(policies: &[String], asked: Asked<'_>) -> Vec<&'static str> {
    let all: Vec<Policy<'_>> = policies.iter().flat_map(|text| text.split(',')).map(Policy::read).collect();
    let socket = asked.script.replacen("http", "ws", 1);
    let runs = |policy: &Policy<'_>| match policy.first(&["script-src-elem", "script-src", "default-src"]) {
        None => true,
        Some(sources) => {
            has_nonce(sources, asked.nonce) || (!is_dynamic(sources) && lets(sources, asked.script, asked.page))
        }
    };
    let talks = |policy: &Policy<'_>| {
        let sources = policy.first(&["connect-src", "default-src"]);
        sources.is_none_or(|sources| lets(sources, asked.script, asked.page) && lets(sources, &socket, asked.page))
    };
    let mut refused = Vec::new();
    if !all.iter().all(runs) {
        refused.push("script-src");
    }
    if !all.iter().all(talks) {
        refused.push("connect-src");
    }
    refused
}

/// Directives with their sources, each name once: the first counts.
struct Policy<'a>(Vec<(String, Vec<&'a str>)>);

impl<'a> Policy<'a> {
    fn read(text: &'a str) -> Self {
        let directives = text.split(';').filter_map(|directive| {
            let mut words = directive.split_ascii_whitespace();
            Some((words.next()?.to_ascii_lowercase(), words.collect()))
        });
        Self(directives.collect())
    }

    fn first(&self, names: &[&str]) -> Option<&[&'a str]> {
        names.iter().find_map(|name| {
            let found = self.0.iter().find(|(directive, _)| directive == name);
            found.map(|(_, sources)| sources.as_slice())
        })
    }
}

fn has_nonce(sources: &[&str], nonce: Option<&str>) -> bool {
    nonce.is_some_and(|nonce| {
        sources.iter().any(|source| source.trim_matches('\'').strip_prefix("nonce-") == Some(nonce))
    })
}

/// Lists of hosts mean nothing then.
fn is_dynamic(sources: &[&str]) -> bool {
    sources.iter().any(|source| source.eq_ignore_ascii_case("'strict-dynamic'"))
}

fn lets(sources: &[&str], origin: &str, page: &str) -> bool {
    sources.iter().any(|source| source_lets(&source.to_ascii_lowercase(), origin, page))
}

fn source_lets(source: &str, origin: &str, page: &str) -> bool {
    let Some((scheme, host)) = origin.split_once("://") else { return false };
    if source == "'self'" {
        return page.split_once("://").is_some_and(|(of_page, own)| own == host && scheme_lets(of_page, scheme));
    }
    if source.starts_with('\'') {
        return false;
    }
    if source == "*" {
        return true;
    }
    if let Some(only) = source.strip_suffix(':') {
        return scheme_lets(only, scheme);
    }
    let (wanted, rest) = match source.split_once("://") {
        Some((wanted, rest)) => (wanted, rest),
        // Without a scheme that of the page counts, and its socket.
        None => (page.split_once("://").map_or("https", |(of_page, _)| of_page), source),
    };
    let is_bare = !source.contains("://");
    let is_socket_of = is_bare && scheme_lets(&wanted.replacen("http", "ws", 1), scheme);
    (scheme_lets(wanted, scheme) || is_socket_of) && host_lets(rest.split('/').next().unwrap_or_default(), host)
}

/// A scheme lets in its secure sibling.
fn scheme_lets(wanted: &str, scheme: &str) -> bool {
    wanted == scheme || matches!((wanted, scheme), ("http" | "wss", "https") | ("ws", "wss" | "http" | "https"))
}

fn host_lets(wanted: &str, host: &str) -> bool {
    let parts = |text: &'_ str| -> (String, Option<String>) {
        match text.rsplit_once(':') {
            Some((name, port)) if port == "*" || port.bytes().all(|b| b.is_ascii_digit()) => {
                (name.to_owned(), Some(port.to_owned()))
            }
            _ => (text.to_owned(), None),
        }
    };
    let ((wanted, wanted_port), (name, port)) = (parts(wanted), parts(host));
    let is_host = match wanted.strip_prefix("*.") {
        Some(parent) => name.strip_suffix(parent).is_some_and(|below| below.len() > 1 && below.ends_with('.')),
        None => wanted == name,
    };
    is_host && (wanted_port.as_deref() == Some("*") || wanted_port == port)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHAT: &str = "https://chat.shop.example";

    fn of(policy: &str) -> Vec<&'static str> {
        refusals(&[policy.to_owned()], Asked { page: "https://shop.example", script: CHAT, nonce: Some("abc") })
    }

    #[test]
    fn a_policy_that_names_the_chat_or_nothing_of_scripts_lets_it_in() {
        for policy in [
            "",
            "img-src 'self'",
            "default-src *",
            "default-src https: wss:",
            "script-src https://chat.shop.example; connect-src https://chat.shop.example wss://chat.shop.example",
            "default-src 'self' *.shop.example",
            "default-src *; script-src 'strict-dynamic' 'nonce-abc'",
            "default-src chat.shop.example:*",
        ] {
            assert_eq!(of(policy), Vec::<&str>::new(), "{policy}");
        }
    }

    #[test]
    fn what_keeps_it_out_is_named() {
        assert_eq!(of("default-src 'self'"), ["script-src", "connect-src"]);
        assert_eq!(of("default-src 'none'; connect-src *"), ["script-src"]);
        assert_eq!(
            of("script-src https:; connect-src https://chat.shop.example"),
            ["connect-src"],
            "the socket is wss"
        );
        assert_eq!(of("script-src 'strict-dynamic' https://chat.shop.example 'nonce-other'"), ["script-src"]);
        assert_eq!(of("script-src *; connect-src *, script-src 'self'"), ["script-src"], "every policy has to agree");
        assert_eq!(of("default-src *.other.example https://evilchat.shop.example"), ["script-src", "connect-src"]);
        assert_eq!(of("script-src-elem 'self'; script-src *"), ["script-src"]);
    }
}
