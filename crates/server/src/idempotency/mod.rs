//! `Idempotency-Key` (rulings 10): the first answer is kept for a day; the same key with another body is 422, while the first still
//! runs 409. Nothing is kept of answers that only say "try again". A request runs to its end even when whoever asked has gone; one whose
//! server died is taken over when its lease is over.

mod store;

use crate::App;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use db::Tx;
use futures_util::FutureExt;
use http_kit::{ApiError, Principal, REQUEST_ID, sha256_hex};
use model::{AccountId, ActorId, ContactId, ConversationId, Env, Refusal, Timestamp};
use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use vault::{Place, Sealed, Secret};

const MAX_BODY: usize = 1024 * 1024;
/// An id as text: `cnt_` and 32 digits.
const ID_LENGTH: usize = 36;
const KEPT_MS: i64 = 24 * 60 * 60 * 1000;

#[derive(Clone)]
struct Key {
    account: AccountId,
    principal: ActorId,
    key: String,
    hash: String,
}

impl Key {
    fn row(&self) -> String {
        format!("{} {}", self.principal, self.key)
    }
}

enum First {
    New,
    Running,
    Other,
    Done(i64, String),
}

pub(crate) async fn layer(State(app): State<App>, request: Request, next: Next) -> Response {
    let given = request.headers().get("idempotency-key").and_then(|v| v.to_str().ok()).map(str::to_owned);
    let is_json =
        request.headers().get(header::CONTENT_TYPE).is_some_and(|v| v.as_bytes().starts_with(b"application/json"));
    let principal = request.extensions().get::<Principal>().cloned();
    let (Some(key), Some(principal), true, &Method::POST) = (given, principal, is_json, request.method()) else {
        return next.run(request).await;
    };
    // Whoever asked may go away: what was begun is ended all the same, and its answer is there for the second try.
    let request_id = REQUEST_ID.try_with(Clone::clone).unwrap_or_default();
    let answered = tokio::spawn(REQUEST_ID.scope(request_id, async move {
        once(&app, principal, key, request, next).await.unwrap_or_else(IntoResponse::into_response)
    }));
    answered.await.unwrap_or_else(|broken| std::panic::resume_unwind(broken.into_panic()))
}

async fn once(
    app: &App,
    principal: Principal,
    key: String,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    if key.is_empty() || key.len() > 200 {
        return Err(ApiError::invalid("Idempotency-Key", "wrong_form", "1 to 200 characters"));
    }
    let (parts, body) = request.into_parts();
    let too_large = |_| ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "the body is longer than 1 MiB");
    let bytes = to_bytes(body, MAX_BODY).await.map_err(too_large)?;
    let hash = sha256_hex(&format!("{}\n{}", parts.uri, String::from_utf8_lossy(&bytes)));
    let key = Key { account: principal.account_id, principal: principal.id(), key, hash };
    let now = app.messaging.env.now();
    let lease_over = now.plus_ms(-app.messaging.env.lease_ms());
    let (key, first) = app
        .messaging
        .db
        .write(principal.account_id, move |tx| {
            Box::pin(async move {
                let first = begin(tx, &key, now, lease_over).await?;
                Ok::<_, Refusal>((key, first))
            })
        })
        .await?;
    match first {
        First::Running => {
            return Err(ApiError::new(
                StatusCode::CONFLICT,
                "still_running",
                "the first request with this key still runs",
            ));
        }
        First::Other => {
            return Err(ApiError::invalid("Idempotency-Key", "reused", "this key was used for another request"));
        }
        First::Done(status, sealed) => {
            return Answer::open(&app.messaging.env, &key, sealed).map(|body| replayed(status, body));
        }
        First::New => {}
    }
    let request = Request::from_parts(parts, Body::from(bytes));
    let ran = AssertUnwindSafe(async {
        let (parts, body) = next.run(request).await.into_parts();
        (parts, to_bytes(body, 16 * MAX_BODY).await.unwrap_or_default())
    });
    let ran = ran.catch_unwind().await;
    // One that broke may be tried again.
    let status = ran.as_ref().map_or(StatusCode::INTERNAL_SERVER_ERROR, |(parts, _)| parts.status);
    let text = ran.as_ref().map(|(_, bytes)| String::from_utf8_lossy(bytes)).unwrap_or_default();
    let answer = Answer::seal(&app.messaging.env, &key, &text)?;
    let kept = app
        .messaging
        .db
        .write(principal.account_id, move |tx| Box::pin(async move { end(tx, &key, now, status, &answer).await }));
    let kept = kept.await;
    let (parts, bytes) = ran.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    kept?;
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

/// A kept answer. It may hold a new key or an invitation, so it is sealed; it may speak of clients, so it says of whom.
#[derive(Clone)]
struct Answer {
    sealed: Sealed,
    mentions: String,
}

impl Answer {
    fn seal(env: &Env, key: &Key, body: &str) -> Result<Self, Refusal> {
        let (account, row) = (key.account.to_string(), key.row());
        let sealed = env.vault().seal(place(&account, &row), &Secret::new(body))?;
        Ok(Self { sealed, mentions: mentioned_in(body) })
    }

    fn open(env: &Env, key: &Key, sealed: String) -> Result<String, ApiError> {
        let (account, row) = (key.account.to_string(), key.row());
        let opened = env.vault().open(place(&account, &row), &Sealed::from_stored(sealed));
        // The master key was changed meanwhile.
        let lost = |_| {
            ApiError::new(StatusCode::CONFLICT, "answer_gone", "this was done before; its answer cannot be repeated")
        };
        opened.map(|body| body.expose().to_owned()).map_err(lost)
    }
}

fn place<'a>(account: &'a str, row: &'a str) -> Place<'a> {
    Place { account, table: "idempotency_keys", row, column: "response" }
}

/// The ids of clients and conversations in a text, each once.
fn mentioned_in(text: &str) -> String {
    let mut ids = BTreeSet::new();
    for prefix in [ContactId::PREFIX, ConversationId::PREFIX] {
        let places = text.match_indices(prefix);
        ids.extend(places.filter_map(|(at, _)| text.get(at..at + ID_LENGTH)).filter(|id| is_id(&id[prefix.len()..])));
    }
    ids.into_iter().collect::<Vec<_>>().join(" ")
}

fn is_id(rest: &str) -> bool {
    rest.strip_prefix('_').is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
}

fn replayed(status: i64, body: String) -> Response {
    let status = u16::try_from(status).ok().and_then(|s| StatusCode::from_u16(s).ok()).unwrap_or(StatusCode::OK);
    let kind = if status.is_success() { "application/json" } else { "application/problem+json" };
    (status, [(header::CONTENT_TYPE, kind), (header::HeaderName::from_static("idempotent-replayed"), "true")], body)
        .into_response()
}

async fn begin(tx: &mut Tx, key: &Key, now: Timestamp, lease_over: Timestamp) -> Result<First, Refusal> {
    store::delete_old(tx, &key.account, now.plus_ms(-KEPT_MS)).await?;
    if store::insert(tx, key, now).await? || store::take_over(tx, key, lease_over, now).await? {
        return Ok(First::New);
    }
    let (hash, status, response) = store::get(tx, key).await?;
    Ok(match (hash == key.hash, status) {
        (false, _) => First::Other,
        (true, 0) => First::Running,
        (true, status) => First::Done(status, response),
    })
}

/// Forgets what a server was doing that died; on SQLite, where nobody else can be doing it.
pub(crate) async fn abandon(tx: &mut Tx) -> Result<(), Refusal> {
    store::abandon(tx).await
}

/// Forgets up to `limit` answers that are a day old.
pub(crate) async fn forget(tx: &mut Tx, account: &AccountId, now: Timestamp, limit: i64) -> Result<u64, Refusal> {
    store::forget(tx, account, now.plus_ms(-KEPT_MS), limit).await
}

async fn end(tx: &mut Tx, key: &Key, begun: Timestamp, status: StatusCode, answer: &Answer) -> Result<(), Refusal> {
    let may_repeat = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
    if may_repeat {
        return store::delete(tx, key, begun).await;
    }
    store::set_answer(tx, key, begun, i64::from(status.as_u16()), answer).await
}
