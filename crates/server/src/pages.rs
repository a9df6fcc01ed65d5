//! The web pages inside the program: the desk, the widget, the demo site.

use crate::packed::{is_there, packed, plain};
use crate::{App, store};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use base64::Engine;
use bytes::Bytes;
use db::Scope;
use http_kit::{ApiError, is_exposed};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

// `Desk`, `Widget`, `DemoSite`, `Docs`, `ChatPage`: the folders of the built pages (build.rs).
include!(concat!(env!("OUT_DIR"), "/folders.rs"));

const IMMUTABLE: &str = "public, max-age=31536000, immutable";
const SHORT: &str = "public, max-age=60";
const NEVER: &str = "no-cache";

/// The literal in the demo page that stands for a site key.
const SITE_KEY_PLACE: &str = "__OTKLIK_SITE_KEY__";
/// The literal in the chat's own page that stands for the company's name.
const TITLE_PLACE: &str = "__OTKLIK_TITLE__";

pub(crate) fn routes(app: App) -> Router {
    Router::new()
        .route("/w.js", get(|headers: HeaderMap| async move { widget::<Widget>("w.js", &headers, SHORT) }))
        .route("/support.js", get(|headers: HeaderMap| async move { widget::<Widget>("w.js", &headers, SHORT) }))
        .route(
            "/w/{file}",
            get(|Path(file): Path<String>, headers: HeaderMap| async move {
                widget::<Widget>(&format!("w/{file}"), &headers, IMMUTABLE)
            }),
        )
        .route("/docs/js", get(|| async { docs_page::<Docs>("js.html") }))
        .route("/api/docs", get(|| async { docs_page::<Docs>("api.html") }))
        .route(
            "/docs/assets/{file}",
            get(|Path(name): Path<String>, headers: HeaderMap| async move {
                file::<Docs>(&format!("assets/{name}"), &headers, IMMUTABLE)
            }),
        )
        .route("/chat/{site_key}", get(chat_page))
        .route(
            "/chat/assets/{file}",
            get(|Path(name): Path<String>, headers: HeaderMap| async move {
                file::<ChatPage>(&format!("assets/{name}"), &headers, IMMUTABLE)
            }),
        )
        .route("/preview/site", get(|| async { preview_page::<Widget>() }))
        .route(
            "/preview/{file}",
            get(|Path(file): Path<String>, headers: HeaderMap| async move { preview_file::<Widget>(&file, &headers) }),
        )
        .route("/demo/site", get(demo_page))
        .route(
            "/demo/{*file}",
            get(|Path(file): Path<String>, headers: HeaderMap| async move { demo_file(&file, &headers) }),
        )
        .route("/", get(|| async { front::<Desk>() }))
        .with_state(app)
}

/// What this program lacks of its pages, in words; none when they are whole.
pub fn complaint() -> Option<String> {
    let looked_at = [
        ("the operator app", is_there::<Desk>("index.html")),
        ("the chat for sites (w.js)", is_there::<Widget>("w.js")),
        ("the demo site", is_there::<DemoSite>("index.html")),
        ("developers", is_there::<Docs>("js.html")),
        ("the chat's own page", is_there::<ChatPage>("index.html")),
    ];
    let missing: Vec<&str> = looked_at.iter().filter(|(_, is_there)| !is_there).map(|(name, _)| *name).collect();
    if !missing.is_empty() {
        return Some(format!("this program has no pages for {}: {TO_DO}", missing.join(", ")));
    }
    let are_old = option_env!("OTKLIK_PAGES_ARE_OLD").is_some();
    are_old.then(|| format!("the pages in this program are older than their sources were when it was built: {TO_DO}"))
}

fn front<E: RustEmbed>() -> Response {
    if is_there::<E>("index.html") { Redirect::temporary("/inbox").into_response() } else { not_built() }
}

fn widget<E: RustEmbed>(name: &str, headers: &HeaderMap, cache: &'static str) -> Response {
    let mut response = if is_there::<E>("w.js") { file::<E>(name, headers, cache) } else { not_built() };
    let headers = response.headers_mut();
    // Chunks are imported by pages of other origins.
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    response
}

/// What developers read: the calls of a page, the REST API.
fn docs_page<E: RustEmbed>(name: &str) -> Response {
    let Some(page) = plain::<E>(name) else { return not_built() };
    let policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; \
                  font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    html_page(page, policy)
}

/// A company's chat on a page of its own, for a link or a QR code: the widget alone, over the whole window.
async fn chat_page(State(app): State<App>, Path(site_key): Path<String>) -> Result<Response, ApiError> {
    let Some(page) = plain::<ChatPage>("index.html") else { return Ok(not_built()) };
    let key = site_key.clone();
    let read =
        app.messaging.db.read(Scope::System, move |tx| Box::pin(async move { accounts::by_site_key(tx, &key).await }));
    let found = read.await?;
    let status = if found.is_some() { StatusCode::OK } else { StatusCode::NOT_FOUND };
    // An unknown key is shown as such by the page itself.
    let (key, title) = found.map_or_else(Default::default, |project| (site_key, project.name));
    let html = String::from_utf8_lossy(&page);
    let html = html.replace(SITE_KEY_PLACE, &escaped(&key)).replace(TITLE_PLACE, &escaped(&title));
    let policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' ws: wss:; base-uri 'none'; \
                  frame-ancestors 'none'; form-action 'none'; require-trusted-types-for 'script'";
    Ok((status, html_page(html.into_bytes().into(), policy)).into_response())
}

/// A text inside of an attribute or an element.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// An invented shop on which the desk shows how the widget is going to look. It runs in an origin of its own and talks with nobody but the desk.
fn preview_page<E: RustEmbed>() -> Response {
    let Some(page) = plain::<E>("preview.html") else { return not_built() };
    let policy = "sandbox allow-scripts; default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; \
                  frame-ancestors 'self'; form-action 'none'";
    html_page(page, policy)
}

/// A file of the preview: only its own.
fn preview_file<E: RustEmbed>(name: &str, headers: &HeaderMap) -> Response {
    match name {
        "preview.js" | "preview.css" => widget::<E>(name, headers, NEVER),
        _ => ApiError::not_found().into_response(),
    }
}

fn demo_file(name: &str, headers: &HeaderMap) -> Response {
    file::<DemoSite>(name, headers, SHORT)
}

/// The invented shop with the widget installed. It shows how little a site must allow: this very policy.
async fn demo_page(State(app): State<App>) -> Result<Response, ApiError> {
    let Some(page) = plain::<DemoSite>("index.html") else { return Ok(not_built()) };
    let found = app.messaging.db.read(Scope::System, |tx| Box::pin(store::shown_site_key(tx)));
    let site_key = found.await?.unwrap_or_default();
    let html = String::from_utf8_lossy(&page).replace(SITE_KEY_PLACE, &site_key);
    let policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' ws: wss:; base-uri 'none'; \
                  frame-ancestors 'none'; form-action 'none'; require-trusted-types-for 'script'";
    Ok(html_page(html.into_bytes().into(), policy))
}

/// Everything else: a file of the desk, the desk itself for a page of it, or an honest 404.
pub(crate) async fn fallback(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    let is_machine_path =
        ["api/", "w/", "hooks/", "f/", "json/", "_app/"].iter().any(|prefix| path.starts_with(prefix));
    if is_there::<Desk>(path) && path != "index.html" {
        let cache = if path.starts_with("_app/immutable/") { IMMUTABLE } else { SHORT };
        return file::<Desk>(path, &headers, cache);
    }
    if is_machine_path {
        return ApiError::not_found().into_response();
    }
    // Every page of the desk needs a session, and no browser keeps one over plain http: the way out is shown at once (rulings 44).
    if is_exposed(&app.messaging.settings.public_url, &headers) {
        let page = html_page(Bytes::from_static(TLS_PAGE.as_bytes()), &TLS_PAGE_POLICY);
        return (StatusCode::FORBIDDEN, page).into_response();
    }
    match plain::<Desk>("index.html") {
        Some(shell) => {
            let policy = desk_policy(&shell);
            let page = html_page(shell, &policy);
            // The desk says it in words, under the status that is true.
            if is_desk_page(uri.path()) { page } else { (StatusCode::NOT_FOUND, page).into_response() }
        }
        None if is_desk_page(uri.path()) => not_built(),
        None => ApiError::not_found().into_response(),
    }
}

/// Where the desk's pages begin (`web/apps/desk/src/routes`); a test compares them with the folders.
const DESK_PAGES: &[&str] =
    &["canned-replies", "clients", "inbox", "invite", "me", "projects", "search", "sign-in", "sites", "visitors"];

/// Whether the desk has pages there.
fn is_desk_page(path: &str) -> bool {
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    DESK_PAGES.contains(&first)
}

/// Kit's one inline script is allowed by its hash; nothing else inline is. A debug build reads the page anew, so its hash is, too.
fn desk_policy(shell: &[u8]) -> String {
    let shell = String::from_utf8_lossy(shell);
    let hashes: Vec<String> = inline_scripts(&shell).map(|script| format!("'sha256-{}'", hash(script))).collect();
    format!(
        "default-src 'self'; script-src 'self' {}; style-src 'self' 'unsafe-inline'; img-src 'self' blob: data:; \
         connect-src 'self' ws: wss:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
        hashes.join(" ")
    )
}

/// How to put TLS in front, in Russian and English.
const TLS_PAGE: &str = include_str!("tls_page.html");

/// Nothing but its own styles.
static TLS_PAGE_POLICY: LazyLock<String> = LazyLock::new(|| {
    let styles = TLS_PAGE.split_once("<style>").and_then(|(_, rest)| rest.split_once("</style>"));
    let styles = hash(styles.map_or("", |(styles, _)| styles));
    format!(
        "default-src 'none'; style-src 'sha256-{styles}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
});

fn inline_scripts(html: &str) -> impl Iterator<Item = &str> {
    html.split("<script").skip(1).filter_map(|rest| {
        let (attributes, rest) = rest.split_once('>')?;
        let (body, _) = rest.split_once("</script>")?;
        (!attributes.contains("src=")).then_some(body)
    })
}

fn hash(text: &str) -> String {
    base64::engine::general_purpose::STANDARD.encode(Sha256::digest(text.as_bytes()))
}

fn html_page(body: Bytes, policy: &str) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(NEVER));
    if let Ok(policy) = HeaderValue::from_str(policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    response
}

const TO_DO: &str = "build it with `cargo xtask build`, or see it with `cargo xtask demo`; both build the pages, too";

/// The place is right and the program is not whole: no 404.
fn not_built() -> Response {
    let words = format!("This program was built without its pages. Whoever runs it: {TO_DO}.\n");
    let unkept = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (StatusCode::SERVICE_UNAVAILABLE, unkept, words).into_response()
}

/// A file, compressed ahead of time where the reader takes it.
fn file<E: RustEmbed>(name: &str, headers: &HeaderMap, cache: &'static str) -> Response {
    let accepts = headers.get(header::ACCEPT_ENCODING).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let brotli = accepts.contains("br").then(|| packed::<E>(name)).flatten();
    let is_brotli = brotli.is_some();
    let Some(bytes) = brotli.or_else(|| plain::<E>(name)) else { return ApiError::not_found().into_response() };
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(mime_of(name)));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if is_brotli {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    response
}

fn mime_of(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "json" | "webmanifest" | "map" => "application/json",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(RustEmbed)]
    #[folder = "no-such-folder"]
    #[allow_missing = true]
    struct Nothing;

    #[tokio::test]
    async fn a_program_without_its_pages_says_what_to_do() {
        let asked = HeaderMap::new();
        for answer in [front::<Nothing>(), widget::<Nothing>("w.js", &asked, SHORT), not_built()] {
            assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
            let body = axum::body::to_bytes(answer.into_body(), 4096).await.unwrap();
            assert!(String::from_utf8_lossy(&body).contains("cargo xtask build"));
        }
    }

    #[test]
    fn the_desks_pages_are_where_its_routes_are() {
        let routes = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/apps/desk/src/routes");
        let mut found = Vec::new();
        let mut folders = vec![routes];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().flatten().filter(|entry| entry.path().is_dir()) {
                let name = entry.file_name().into_string().unwrap();
                // A group of routes has no part in the address.
                if name.starts_with('(') { folders.push(entry.path()) } else { found.push(name) }
            }
        }
        found.sort();
        assert_eq!(found, DESK_PAGES);
    }

    #[test]
    fn only_scripts_without_an_address_are_hashed() {
        let html = r#"<script src="/theme.js"></script><script>boot()</script><script type="module">x</script>"#;
        assert_eq!(inline_scripts(html).collect::<Vec<_>>(), ["boot()", "x"]);
    }
}
