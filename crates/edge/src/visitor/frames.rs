//! Frames of the widget's socket.

use super::signals::{AutoActionSeen, PageShown, SiteEvent};
use crate::widget::SendContent;
use axum::extract::ws::{CloseFrame, Message};
use http_kit::ApiError;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What a visitor's page sends. Unknown fields are ignored (api.md section 3).
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Incoming {
    Auth(Auth),
    Subscribe {
        from: i64,
    },
    Message {
        client_id: String,
        #[serde(default)]
        content: SendContent,
    },
    Fields {
        #[serde(default)]
        fields: BTreeMap<String, Value>,
        identity_token: Option<String>,
        client_id: Option<String>,
    },
    Typing {},
    Read {
        seq: i64,
    },
    Received {
        seq: i64,
    },
    Page(PageShown),
    Event(SiteEvent),
    Action(AutoActionSeen),
}

#[derive(Debug, Deserialize)]
pub(super) struct Auth {
    pub site_key: String,
    pub visitor_token: Option<String>,
    pub identity_token: Option<String>,
}

pub(super) fn error(client_id: Option<&str>, error: &ApiError) -> Message {
    text(&json!({ "type": "error", "client_id": client_id, "code": error.code(), "detail": error.detail() }))
}

pub(super) fn text(value: &Value) -> Message {
    Message::Text(value.to_string().into())
}

pub(super) fn close(code: u16, reason: &'static str) -> Message {
    Message::Close(Some(CloseFrame { code, reason: reason.into() }))
}
