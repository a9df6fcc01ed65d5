//! Counted links, for whoever got a mailing: counts, and leads to what is written in the mailing.

use crate::links;
use crate::store::clicks;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use db::Scope;
use messaging::Messaging;
use model::{Click, Refusal, Result};
use std::sync::Arc;

/// Routes that ask for no key: the link itself is signed.
pub fn routes(service: Arc<Messaging>) -> Router {
    Router::new().route("/l/{token}", get(follow)).with_state(service)
}

async fn follow(
    State(service): State<Arc<Messaging>>,
    method: Method,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Response {
    let Some(click) = service.env.click_of(&token) else { return nowhere() };
    match led(&service, click, method == Method::HEAD || is_program(&headers)).await {
        Ok(Some(to)) => (StatusCode::FOUND, [(header::LOCATION, to)], head()).into_response(),
        Ok(None) | Err(Refusal::NotFound) => nowhere(),
        Err(error) => {
            tracing::warn!(error = %error, "a counted link could not be followed");
            (StatusCode::SERVICE_UNAVAILABLE, head()).into_response()
        }
    }
}

fn head() -> [(header::HeaderName, HeaderValue); 3] {
    [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (header::HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow")),
    ]
}

fn nowhere() -> Response {
    (StatusCode::NOT_FOUND, head(), "Эта ссылка не полная. / This link is not whole.").into_response()
}

/// Where a link leads; whoever opens it is counted, unless it is a program.
async fn led(service: &Arc<Messaging>, click: Click, is_program: bool) -> Result<Option<HeaderValue>> {
    let found = service.db.read(Scope::System, move |tx| {
        Box::pin(async move {
            let Some(mailing) = clicks::mailing(tx, &click.mailing).await? else { return Ok::<_, Refusal>(None) };
            let is_known = clicks::is_known(tx, &mailing.account_id, &click).await?;
            Ok(Some((mailing, is_known)))
        })
    });
    let Some((mailing, is_known)) = found.await? else { return Ok(None) };
    let links = links::links_of(&mailing.document);
    let Some(to) = links.get(usize::from(click.link)) else { return Ok(None) };
    let Ok(to) = HeaderValue::from_bytes(escaped(to).as_bytes()) else { return Ok(None) };
    if !is_known && !is_program {
        let noted =
            service.write(&mailing.account_id, move |cx| Box::pin(async move { clicks::note(cx, &click).await }));
        noted.await?;
    }
    Ok(Some(to))
}

/// Letters that are not of the alphabet of addresses, in the way of addresses. A browser reads a host of other letters out of that, too.
fn escaped(link: &str) -> String {
    let mut whole = String::with_capacity(link.len());
    for byte in link.bytes() {
        if byte.is_ascii_graphic() { whole.push(char::from(byte)) } else { whole.push_str(&format!("%{byte:02X}")) }
    }
    whole
}

/// Programs that look at links so that people see what is behind, or that nothing bad is: no person opened it.
const PROGRAMS: &[&str] = &[
    "bot",
    "crawl",
    "spider",
    "preview",
    "facebookexternalhit",
    "whatsapp",
    "vkshare",
    "skypeuripreview",
    "slack",
    "googleimageproxy",
    "google-safety",
    "barracuda",
    "proofpoint",
    "mimecast",
    "safelinks",
    "python-",
    "curl/",
    "wget/",
    "go-http-client",
    "okhttp",
    "headless",
    "lighthouse",
    "monitor",
];

fn is_program(headers: &HeaderMap) -> bool {
    let said =
        |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
    let agent = said("user-agent");
    let is_ahead = ["purpose", "sec-purpose", "x-purpose", "x-moz"].iter().any(|name| said(name).contains("prefetch"));
    agent.is_empty() || is_ahead || PROGRAMS.iter().any(|name| agent.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_told_from_people() {
        let with = |name: &'static str, value: &'static str| {
            HeaderMap::from_iter([(header::HeaderName::from_static(name), HeaderValue::from_static(value))])
        };
        let person = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36";
        assert!(!is_program(&with("user-agent", person)));
        for agent in [
            "TelegramBot (like TwitterBot)",
            "WhatsApp/2.23",
            "facebookexternalhit/1.1",
            "Mozilla/5.0 (compatible; YandexBot/3.0)",
        ] {
            assert!(is_program(&with("user-agent", agent)), "{agent}");
        }
        assert!(is_program(&HeaderMap::new()));
        let mut ahead = with("user-agent", person);
        ahead.insert("sec-purpose", HeaderValue::from_static("prefetch;prerender"));
        assert!(is_program(&ahead));
    }

    #[test]
    fn an_address_of_other_letters_is_written_as_addresses_are() {
        assert_eq!(
            escaped("https://shop.example/лампа?a=1"),
            "https://shop.example/%D0%BB%D0%B0%D0%BC%D0%BF%D0%B0?a=1"
        );
    }
}
