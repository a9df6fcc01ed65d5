//! What no request may bring, whatever its route (security statement 31). Sizes of bodies are each route's own.

use crate::App;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CONNECTION, CONTENT_ENCODING};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use http_kit::ApiError;
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tower_http::timeout::{TimeoutBody, TimeoutError};

const MAX_URI: usize = 8 * 1024;
const MAX_HEADERS: usize = 16 * 1024;

/// Refuses what is too long or compressed, and gives up on a body that does not come.
pub(crate) async fn layer(State(app): State<App>, request: Request, next: Next) -> Response {
    if let Err(error) = check(&request) {
        return error.into_response();
    }
    let has_stalled = Arc::new(AtomicBool::new(false));
    let noted = has_stalled.clone();
    let request = request.map(|body| in_time(body, app.patience.body, noted));
    let response = next.run(request).await;
    if has_stalled.load(Ordering::Relaxed) { stalled(app.patience.body) } else { response }
}

fn check(request: &Request) -> Result<(), ApiError> {
    let uri_length = request.uri().path_and_query().map_or(0, |uri| uri.as_str().len());
    if uri_length > MAX_URI {
        return Err(ApiError::new(StatusCode::URI_TOO_LONG, "uri_too_long", "the address is longer than 8 KiB"));
    }
    if length_of(request.headers()) > MAX_HEADERS {
        let detail = "the headers are longer than 16 KiB";
        return Err(ApiError::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "headers_too_large", detail));
    }
    let encodings = request.headers().get_all(CONTENT_ENCODING);
    if encodings.iter().any(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        let detail = "send the body as it is: compressed bodies are not taken";
        return Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "compressed", detail));
    }
    Ok(())
}

/// As on the wire: each with its colon, space and line end.
fn length_of(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum()
}

/// A body that ends with an error, and says so, when nothing more comes.
fn in_time(body: Body, patience: Duration, has_stalled: Arc<AtomicBool>) -> Body {
    Body::new(TimeoutBody::new(patience, body).map_err(move |error| {
        if is_timeout(&*error) {
            has_stalled.store(true, Ordering::Relaxed);
        }
        error
    }))
}

fn is_timeout(error: &(dyn Error + 'static)) -> bool {
    error.is::<TimeoutError>() || error.source().is_some_and(is_timeout)
}

/// The rest of the body may still come: the connection cannot be used for another request.
fn stalled(patience: Duration) -> Response {
    let detail = format!("nothing more of the body came within {} s", patience.as_secs());
    let mut response = ApiError::new(StatusCode::REQUEST_TIMEOUT, "body_timeout", detail).into_response();
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}
