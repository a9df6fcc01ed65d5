//! The operators' socket: `auth`, `hello`, `subscribe`, then events in position order at the reader's own pace (api.md section 3).

mod frames;
pub use frames::Incoming as OperatorCall;
mod socket;

use crate::drafts::Draft;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use db::BoxFuture;
use events::hub::{AccountHub, Mark, NO_SOCKET, VisitorFrame};
use http_kit::{ApiError, Principal};
use messaging::Messaging;
use model::live::OperatorFrame;
use model::{ContactId, ConversationId, UserId};
use std::sync::Arc;

/// Proof given in the first frame.
#[derive(Debug, Clone)]
pub enum Proof {
    /// The session cookie of the upgrade, and the CSRF word of the frame.
    Session {
        /// Cookie header.
        cookies: String,
        /// From the frame.
        csrf: String,
    },
    /// An API key.
    Key(String),
}

/// Turns a proof into a principal; asked again while the socket lives, so that a revoked one closes it (security statement 15).
pub type Authenticate = Arc<dyn Fn(Proof) -> BoxFuture<'static, Result<Option<Principal>, ApiError>> + Send + Sync>;

/// What the socket needs.
#[derive(Clone)]
pub struct LiveState {
    /// The path.
    pub service: Arc<Messaging>,
    /// From proof to principal.
    pub authenticate: Authenticate,
}

/// Accepts the upgrade: same origin, or no browser at all (rulings 12).
pub(super) async fn upgrade(
    State(state): State<LiveState>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    let upgrade = http_kit::socket::accepted(upgrade)?;
    if !is_same_origin(&headers) {
        return Err(ApiError::new(StatusCode::FORBIDDEN, "foreign_origin", "this socket is for our own pages"));
    }
    let cookies = headers.get(header::COOKIE).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    // The defaults cost 24 times the memory (performance.md 1.4).
    Ok(upgrade.read_buffer_size(4096).on_upgrade(move |socket| socket::run(socket, state, cookies)))
}

/// Browsers send Origin with every upgrade; a page elsewhere must not ride on the cookie.
fn is_same_origin(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|v: &axum::http::HeaderValue| v.to_str().ok());
    let Some(origin) = text(header::ORIGIN) else { return !headers.contains_key(header::COOKIE) };
    let Some(host) = text(header::HOST) else { return false };
    origin
        .split_once("://")
        .is_some_and(|(scheme, rest)| matches!(scheme, "http" | "https") && rest.eq_ignore_ascii_case(host))
}

/// Tells a visitor's socket how far the operator has read.
pub(super) fn tell_client_read(hub: &Arc<AccountHub>, contact: &ContactId, seq: i64) {
    let frame = VisitorFrame::Text(Bytes::from(model::live::VisitorFrame::Read { seq }.text()));
    hub.to_visitor(contact, &frame);
}

/// Tells a visitor's socket that the conversation is over.
pub(super) fn tell_client_closed(hub: &Arc<AccountHub>, contact: &ContactId, conversation_id: &ConversationId) {
    let frame = VisitorFrame::Text(Bytes::from(model::live::VisitorFrame::Closed { conversation_id }.text()));
    hub.to_visitor(contact, &frame);
}

/// Tells an operator's own sockets, on every node, that a draft of theirs is another now: which one it is, not what it says.
pub(super) fn tell_draft(hub: &Arc<AccountHub>, user: &UserId, draft: &Draft) {
    let frame = OperatorFrame::Draft { conversation_id: &draft.conversation_id, changed_at: draft.changed_at };
    hub.mark(Mark { user: Some(*user), ..Mark::of_project(draft.project_id, NO_SOCKET, frame.text()) });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(origin: Option<&str>, cookie: bool) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, "chat.example.ru:8080".parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().unwrap());
        }
        if cookie {
            headers.insert(header::COOKIE, "a=b".parse().unwrap());
        }
        headers
    }

    #[test]
    fn only_our_own_pages_and_programs_may_connect() {
        assert!(is_same_origin(&headers(Some("https://chat.example.ru:8080"), true)));
        assert!(is_same_origin(&headers(None, false)));
        for origin in [
            "null",
            "https://evil.example",
            "https://chat.example.ru",
            "https://chat.example.ru:8080.evil.example",
            "file://",
            "chat.example.ru:8080",
        ] {
            assert!(!is_same_origin(&headers(Some(origin), true)), "{origin}");
        }
        assert!(!is_same_origin(&headers(None, true)));
    }
}
