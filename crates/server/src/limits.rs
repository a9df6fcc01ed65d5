//! What no request may bring, whatever its route (security statement 31). Sizes of bodies are each route's own.

use crate::App;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CONNECTION, CONTENT_ENCODING, HOST};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use http_body_util::{BodyExt, Limited};
use http_kit::ApiError;
use std::error::Error;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tower_http::timeout::{TimeoutBody, TimeoutError};

const MAX_URI: usize = 8 * 1024;
const MAX_HEADERS: usize = 16 * 1024;
/// Of a body that nobody reads, so much is read away.
const MOST_READ_AWAY: usize = 256 * 1024;

/// Refuses what is too long or compressed, and gives up on a body that does not come.
pub(crate) async fn layer(State(app): State<App>, request: Request, next: Next) -> Response {
    if let Err(error) = check(&request) {
        return error.into_response();
    }
    let has_stalled = Arc::new(AtomicBool::new(false));
    let noted = has_stalled.clone();
    let left = Arc::new(Mutex::new(None));
    let request = request.map(|body| in_time(Body::new(Shared::of(body, &left)), app.patience.body, noted));
    let mut response = next.run(request).await;
    if has_stalled.load(Ordering::Relaxed) {
        return stalled(app.patience.body);
    }
    if !is_read_to_its_end(&left, app.patience.body).await {
        // What is left would be taken for the next request.
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// The body of a request, which stays in reach after whoever had it let go of it.
type Left = Arc<Mutex<Option<Body>>>;

struct Shared(Left);

impl Shared {
    fn of(body: Body, left: &Left) -> Self {
        *locked(left) = Some(body);
        Self(left.clone())
    }
}

fn locked(left: &Left) -> MutexGuard<'_, Option<Body>> {
    left.lock().unwrap_or_else(PoisonError::into_inner)
}

impl http_body::Body for Shared {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        match &mut *locked(&self.0) {
            Some(body) => Pin::new(body).poll_frame(cx),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        locked(&self.0).as_ref().is_none_or(http_body::Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        locked(&self.0).as_ref().map_or_else(SizeHint::default, http_body::Body::size_hint)
    }
}

/// Reads away the little that a refused request left of its body: its connection goes on with the next one.
async fn is_read_to_its_end(left: &Left, patience: Duration) -> bool {
    let Some(body) = locked(left).take() else { return true };
    if http_body::Body::is_end_stream(&body) {
        return true;
    }
    let rest = Limited::new(body, MOST_READ_AWAY);
    tokio::time::timeout(patience, rest.collect()).await.is_ok_and(|rest| rest.is_ok())
}

fn check(request: &Request) -> Result<(), ApiError> {
    if request.method() == Method::TRACE || request.method() == Method::CONNECT {
        return Err(ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "wrong_method", "this address takes other methods"));
    }
    let mut hosts = request.headers().get_all(HOST).iter();
    if hosts.next().is_none_or(HeaderValue::is_empty) || hosts.next().is_some() {
        return Err(ApiError::new(StatusCode::BAD_REQUEST, "bad_host", "a request names one host"));
    }
    if holds_nul(request.uri().path()) {
        return Err(ApiError::not_found());
    }
    if request.uri().query().is_some_and(holds_nul) {
        return Err(ApiError::invalid("query", "bad_character", "a text holds a NUL character"));
    }
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

fn holds_nul(text: &str) -> bool {
    text.contains("%00")
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
