//! The site that a visitor comes from.

use crate::Edge;
use accounts::{ProjectInfo, by_site_key};
use axum::http::{HeaderMap, header};
use db::Scope;
use http_kit::ApiError;

/// The project of a site key.
pub(crate) async fn project_of(edge: &Edge, site_key: &str) -> Result<ProjectInfo, ApiError> {
    let key = site_key.to_owned();
    let found = edge.messaging.db.read(Scope::System, move |tx| Box::pin(async move { by_site_key(tx, &key).await }));
    found.await?.ok_or_else(ApiError::not_found)
}

/// Whether any site of this installation is there; what a page elsewhere asks is refused before it is looked at (security statement 19).
pub(crate) async fn is_known_origin(edge: &Edge, origin: &str) -> Result<bool, ApiError> {
    if origin == "null" {
        return Ok(false);
    }
    let wanted = origin.to_ascii_lowercase();
    let known = edge
        .messaging
        .db
        .read(Scope::System, move |tx| Box::pin(async move { accounts::is_known_origin(tx, &wanted).await }));
    Ok(known.await?)
}

/// Whether a page of this origin may show the project's widget; `host` is what the request was sent to.
pub(crate) fn is_allowed_origin(project: &ProjectInfo, origin: Option<&str>, host: Option<&str>) -> bool {
    match origin {
        // Browsers always send it across origins; a program without one is not riding on anybody's page.
        None => true,
        Some("null") => false,
        Some(origin) => {
            is_own(origin, host)
                || project.allowed_origins.is_empty()
                || project.allowed_origins.iter().any(|o| o.eq_ignore_ascii_case(origin))
        }
    }
}

/// Whether it is a page of this installation, such as the hosted chat page: no list of sites has to name it.
pub(crate) fn is_own(origin: &str, host: Option<&str>) -> bool {
    let (Some((_, of_page)), Some(asked)) = (origin.split_once("://"), host) else { return false };
    of_page.eq_ignore_ascii_case(asked)
}

/// What a request was sent to.
pub(crate) fn host_of(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::HOST).and_then(|host| host.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_our_own_is_known_by_the_host_it_asks() {
        assert!(is_own("https://chat.example", Some("CHAT.example")));
        assert!(is_own("http://127.0.0.1:7099", Some("127.0.0.1:7099")));
        for (origin, host) in [
            ("https://chat.example", Some("shop.example")),
            ("https://chat.example.shop.example", Some("chat.example")),
            ("http://127.0.0.1:7098", Some("127.0.0.1:7099")),
            ("null", Some("null")),
            ("https://chat.example", None),
        ] {
            assert!(!is_own(origin, host), "{origin} {host:?}");
        }
    }
}
