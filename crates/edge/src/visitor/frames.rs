//! Frames of the widget's socket.

use super::on_site::{Visit, lenient};
use super::signals::{AutoActionSeen, PageShown, SiteEvent};
use axum::extract::ws::Message;
use http_kit::ApiError;
use messaging::conversations::Talk;
use model::live::{LiveError, VisitorFrame};
use model::{ConversationId, FileId, MenuButtonId, ScenarioId, SuggestId};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use std::collections::BTreeMap;

/// What a visitor's page sends. Unknown fields are ignored (api.md section 3).
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schema(as = VisitorCall)]
pub enum Incoming {
    /// The first frame.
    Auth(Auth),
    /// Tell what happens in the conversation, from a place on.
    Subscribe {
        /// The last `seq` known.
        from: i64,
    },
    /// Say something.
    Message {
        /// Made by the sender: one visible effect each.
        client_id: String,
        /// What it says.
        #[serde(default)]
        content: SendContent,
        /// One of the visitor's, where the project allows several: a closed one opens again, and another that is open is closed.
        conversation_id: Option<ConversationId>,
        /// Another one begins, where the project allows several.
        #[serde(default)]
        new_conversation: bool,
    },
    /// Give values of fields, as claims or in a signed token.
    Fields {
        /// Value, list of values or null by field.
        #[serde(default)]
        #[schema(value_type = Object)]
        fields: BTreeMap<String, Value>,
        /// Signed by the site's server.
        identity_token: Option<String>,
        /// The page's id of the call.
        client_id: Option<String>,
    },
    /// What starts a scenario was pressed, or the page calls for one: one of the three is named.
    Launch {
        /// Made by the page: a press that comes twice starts nothing twice.
        client_id: String,
        /// A menu button.
        menu_button_id: Option<MenuButtonId>,
        /// A suggest.
        suggest_id: Option<SuggestId>,
        /// A published scenario that may be called.
        scenario_id: Option<ScenarioId>,
    },
    /// Tags that the page gives its visitor, or takes back: only what pages gave.
    Tags {
        /// The page's id of the call.
        client_id: String,
        /// To be added.
        #[serde(default)]
        add: Vec<String>,
        /// To be taken away.
        #[serde(default)]
        remove: Vec<String>,
        /// All that pages gave go first.
        #[serde(default)]
        clear: bool,
    },
    /// The visitor is one the company waits for.
    Target {
        /// The page's id of the call.
        client_id: String,
        /// Why.
        #[serde(default)]
        reason: String,
    },
    /// What the visitor thinks of the conversation.
    Rate {
        /// The page's id of the call.
        client_id: String,
        /// 1 to 5.
        score: i64,
        /// In the visitor's words.
        #[serde(default)]
        comment: String,
    },
    /// The visitor writes.
    Typing {
        /// What is not sent yet: only where the project shows it (`typing_preview` of the config).
        text: Option<String>,
    },
    /// The visitor has read up to here.
    Read {
        /// Place in the conversation.
        seq: i64,
        /// Which; the one that goes on when none is named.
        conversation_id: Option<ConversationId>,
    },
    /// The visitor's page has everything up to here.
    Received {
        /// Place in the conversation.
        seq: i64,
    },
    /// The page that is shown now.
    Page(PageShown),
    /// Something the site's own script tells.
    Event(SiteEvent),
    /// What became of an auto-action.
    Action(AutoActionSeen),
}

/// A frame that names its kind first and is a message, as nearly all are that take the storage's time. A kind that may stand anywhere has to be
/// looked for with everything before it kept aside: that is what reading an [`Incoming`] costs.
#[derive(Deserialize)]
struct MessageFrame {
    #[serde(rename = "type")]
    _kind: IgnoredAny,
    client_id: String,
    #[serde(default)]
    content: SendContent,
    conversation_id: Option<ConversationId>,
    #[serde(default)]
    new_conversation: bool,
}

const MESSAGE: &str = r#"{"type":"message","#;

/// Reads a frame.
///
/// # Errors
/// In the parser's words.
pub(super) fn read(text: &str) -> serde_json::Result<Incoming> {
    if text.starts_with(MESSAGE)
        && let Ok(MessageFrame { _kind, client_id, content, conversation_id, new_conversation }) =
            serde_json::from_str(text)
    {
        return Ok(Incoming::Message { client_id, content, conversation_id, new_conversation });
    }
    serde_json::from_str(text)
}

/// The conversation that a visitor means.
pub(crate) fn meant(conversation_id: Option<ConversationId>, new_conversation: bool) -> Talk {
    match (new_conversation, conversation_id) {
        (true, _) => Talk::New,
        (false, Some(id)) => Talk::Of(id),
        (false, None) => Talk::Current,
    }
}

/// What a visitor says, with files by id.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
pub struct SendContent {
    /// Text.
    #[serde(default)]
    pub text: String,
    /// Uploaded files.
    #[serde(default)]
    pub attachments: Vec<FileId>,
    /// Id of the button that was pressed instead of writing; the text is its label.
    #[serde(default)]
    pub pressed: Option<String>,
}

/// Who a visitor is.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = VisitorAuth)]
pub struct Auth {
    /// The project's site key.
    pub site_key: String,
    /// What `hello` gave before.
    pub visitor_token: Option<String>,
    /// Signed by the site's server.
    pub identity_token: Option<String>,
    /// The page that is shown.
    #[serde(default, deserialize_with = "lenient")]
    #[schema(value_type = Option<PageShown>)]
    pub page: Option<PageShown>,
    /// What the page knows of the visit.
    #[serde(default, deserialize_with = "lenient")]
    #[schema(value_type = Option<Visit>)]
    pub visit: Option<Visit>,
}

pub(super) fn error(client_id: Option<&str>, error: &ApiError) -> Message {
    text(&VisitorFrame::Error(LiveError {
        client_id,
        code: error.code(),
        detail: error.detail(),
        retry_after: error.retry_after(),
    }))
}

pub(super) fn text(frame: &VisitorFrame<'_>) -> Message {
    Message::Text(frame.text().into())
}

#[cfg(test)]
mod tests {
    use super::{Incoming, read};

    #[test]
    fn a_message_is_read_as_any_frame_is() {
        let id = "cnv_0123456789abcdef0123456789abcdef";
        let texts = [
            r#"{"type":"message","client_id":"a","content":{"text":"Здравствуйте \"\u263a\""}}"#.to_owned(),
            r#"{"type":"message","client_id":"a"}"#.to_owned(),
            format!(
                r#"{{"type":"message","client_id":"a","conversation_id":"{id}","new_conversation":true,"later":[1]}}"#
            ),
            r#"{"type":"message","client_id":"a","conversation_id":null,"content":{"pressed":"yes","text":"Да"}}"#
                .to_owned(),
            r#"{"client_id":"a","type":"message"}"#.to_owned(),
            r#"{ "type": "message", "client_id": "a" }"#.to_owned(),
            r#"{"type":"messages","client_id":"a"}"#.to_owned(),
            // None of these is one.
            r#"{"type":"message","client_id":"a","type":"message"}"#.to_owned(),
            r#"{"type":"message","client_id":"a","type":"read"}"#.to_owned(),
            r#"{"type":"message","client_id":"a","client_id":"b"}"#.to_owned(),
            r#"{"type":"message","client_id":1}"#.to_owned(),
            r#"{"type":"message","content":{"text":"a"}}"#.to_owned(),
            r#"{"type":"message","client_id":"a","content":null}"#.to_owned(),
            r#"{"type":"message","client_id":"a"}}"#.to_owned(),
            r#"{"type":"message","client_id":"a"#.to_owned(),
        ];
        for text in texts {
            let told = |read: serde_json::Result<Incoming>| format!("{:?}", read.map_err(|error| error.to_string()));
            assert_eq!(told(read(&text)), told(serde_json::from_str(&text)), "{text}");
        }
    }
}
