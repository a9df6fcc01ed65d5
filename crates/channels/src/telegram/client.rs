//! Calls of the Bot API, and what their answers mean for a delivery.

use super::render::{self, Call, render};
use crate::adapter::Said;
use bytes::Bytes;
use egress::{Answer, Egress, EgressError, Part};
use model::{Content, Outbound, SendError, Sent};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use vault::Secret;

/// Telegram waits up to a minute before it gives up on us; we wait half of it for an answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// `getUpdates` holds the request this long when nothing happens.
const POLL_SECONDS: u64 = 25;

/// A picture that cannot be a photo.
const BAD_PHOTO: &str = "bad_photo";

/// One bot.
#[derive(Clone)]
pub struct Telegram {
    egress: Egress,
    base_url: String,
    token: Secret,
}

/// Nobody has waited for long yet.
const SOON: Duration = Duration::from_secs(2);

/// `getMe`.
#[derive(Debug, Clone, Deserialize)]
pub struct Bot {
    /// User name without `@`.
    pub username: Option<String>,
    /// Title.
    pub first_name: String,
}

/// `getWebhookInfo`.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct WebhookInfo {
    /// Address set now.
    #[serde(default)]
    pub url: String,
    /// Telegram's last trouble with us.
    pub last_error_message: Option<String>,
}

#[derive(Deserialize)]
struct Envelope<T> {
    ok: bool,
    result: Option<T>,
    error_code: Option<u16>,
    description: Option<String>,
    parameters: Option<Parameters>,
}

#[derive(Deserialize)]
struct Parameters {
    retry_after: Option<u32>,
}

#[derive(Deserialize)]
struct SentMessage {
    message_id: i64,
}

#[derive(Deserialize)]
struct FileInfo {
    file_path: Option<String>,
}

impl Telegram {
    /// A bot behind a base URL, which is Telegram's own unless the setting says otherwise.
    pub fn new(egress: Egress, base_url: &str, token: Secret) -> Self {
        Self { egress, base_url: base_url.trim_end_matches('/').to_owned(), token }
    }

    /// Who the bot is: the check of a token. A question changes nothing, so one whose answer was lost at once, over a connection that the other
    /// side was just closing, is asked once more.
    ///
    /// # Errors
    /// When the token is refused or Telegram cannot be reached.
    pub async fn get_me(&self) -> Result<Bot, SendError> {
        let began = Instant::now();
        match self.call("getMe", &json!({})).await {
            Err(SendError::Unknown { .. }) if began.elapsed() < SOON => self.call("getMe", &json!({})).await,
            other => other,
        }
    }

    /// Asks Telegram to call us with this secret.
    ///
    /// # Errors
    /// When Telegram refuses the address.
    pub async fn set_webhook(&self, url: &str, secret: &str) -> Result<bool, SendError> {
        let body = json!({
            "url": url, "secret_token": secret, "max_connections": 40,
            "allowed_updates": ["message", "edited_message", "callback_query", "my_chat_member"],
        });
        self.call("setWebhook", &body).await
    }

    /// Ends webhooks, so that polling works.
    ///
    /// # Errors
    /// When Telegram cannot be reached.
    pub async fn delete_webhook(&self) -> Result<bool, SendError> {
        self.call("deleteWebhook", &json!({ "drop_pending_updates": false })).await
    }

    /// What Telegram thinks of our webhook.
    ///
    /// # Errors
    /// When Telegram cannot be reached.
    pub async fn webhook_info(&self) -> Result<WebhookInfo, SendError> {
        self.call("getWebhookInfo", &json!({})).await
    }

    /// Updates from `offset` on; waits for some. A second reader or a webhook makes it fail with 409.
    ///
    /// # Errors
    /// As any call; `conflict` for 409.
    pub async fn get_updates(&self, offset: i64) -> Result<Vec<Value>, SendError> {
        let body = json!({
            "offset": offset, "limit": 100, "timeout": POLL_SECONDS,
            "allowed_updates": ["message", "edited_message", "callback_query", "my_chat_member"],
        });
        let answer = self.post("getUpdates", &body, Duration::from_secs(POLL_SECONDS + 10)).await?;
        result_of(&answer)
    }

    /// The bytes of a file somebody sent, at most `limit` of them. Read only from the bot's own server.
    ///
    /// # Errors
    /// When it is gone or too long.
    pub async fn download(&self, file_id: &str, limit: usize) -> Result<Bytes, SendError> {
        let info: FileInfo = self.call("getFile", &json!({ "file_id": file_id })).await?;
        let path = info.file_path.filter(|path| is_plain_path(path));
        let Some(path) = path else {
            return Err(refused("no_file", "Telegram gave no path for the file"));
        };
        let url = format!("{}/file/bot{}/{path}", self.base_url, self.token.expose());
        let answer = self.egress.get(&url, limit, PATIENCE).await.map_err(not_idempotent)?;
        if answer.status == 200 { Ok(answer.body) } else { Err(refused("no_file", "the file cannot be read")) }
    }

    /// Tells Telegram that a press of a button was taken.
    ///
    /// # Errors
    /// When it is too late; nobody needs to know.
    pub async fn answer_callback(&self, callback_id: &str) -> Result<bool, SendError> {
        self.call("answerCallbackQuery", &json!({ "callback_query_id": callback_id })).await
    }

    /// Sends one part of a message. A photo that Telegram does not like goes as a document: its refusal is certain, so nothing is doubled.
    ///
    /// # Errors
    /// See [`SendError`].
    pub async fn send(&self, part: &Outbound) -> Result<Sent, SendError> {
        let call = render(part);
        let sent = match self.send_part(call.clone()).await {
            Err(SendError::Refused { code, detail }) if code == BAD_PHOTO => match call.into_document() {
                Some(document) => self.send_part(document).await?,
                None => return Err(refused(&code, &detail)),
            },
            other => other?,
        };
        Ok(Sent { external_id: sent.message_id.to_string() })
    }

    /// Changes the text of a message, or the caption of a file.
    ///
    /// # Errors
    /// As any call.
    pub async fn edit(&self, said: &Said<'_>, now: &Content) -> Result<(), SendError> {
        let (method, body) = render::edited(said, now);
        match self.call::<Value>(method, &body).await {
            // It says so already: the same change came twice.
            Err(SendError::Refused { detail, .. }) if detail.to_lowercase().contains("message is not modified") => {
                Ok(())
            }
            other => other.map(drop),
        }
    }

    /// Takes a message back.
    ///
    /// # Errors
    /// As any call.
    pub async fn delete(&self, said: &Said<'_>) -> Result<(), SendError> {
        match self.call::<bool>("deleteMessage", &render::named(said)).await {
            Err(SendError::Refused { detail, .. }) if detail.to_lowercase().contains("message to delete not found") => {
                Ok(())
            }
            other => other.map(drop),
        }
    }

    async fn send_part(&self, call: Call) -> Result<SentMessage, SendError> {
        let answer = match call {
            Call::Json { method, body } => self.post(method, &body, PATIENCE).await?,
            Call::File { method, field, body, file } => {
                let mut parts = vec![Part::File {
                    name: field.to_owned(),
                    file_name: file.name,
                    mime: file.mime,
                    bytes: file.bytes,
                }];
                for (name, value) in body.as_object().into_iter().flatten() {
                    let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    parts.push(Part::Field { name: name.clone(), value });
                }
                self.egress.post_parts(&self.url(method), parts, PATIENCE).await.map_err(not_idempotent)?
            }
        };
        result_of(&answer)
    }

    async fn call<T: DeserializeOwned>(&self, method: &str, body: &Value) -> Result<T, SendError> {
        result_of(&self.post(method, body, PATIENCE).await?)
    }

    async fn post(&self, method: &str, body: &Value, patience: Duration) -> Result<Answer, SendError> {
        self.egress.post_json(&self.url(method), body, patience).await.map_err(not_idempotent)
    }

    fn url(&self, method: &str) -> String {
        format!("{}/bot{}/{method}", self.base_url, self.token.expose())
    }
}

/// Telegram has no idempotency field: what went out and got no answer may have arrived (D6).
fn not_idempotent(error: EgressError) -> SendError {
    match error {
        EgressError::NotReached(detail) => SendError::NotReached { detail },
        EgressError::Blocked(detail) => refused("address_blocked", &detail),
        EgressError::NoAnswer(detail) => SendError::Unknown { detail },
        EgressError::TooLong(limit) => refused("too_long", &format!("the answer is longer than {limit} bytes")),
    }
}

fn result_of<T: DeserializeOwned>(answer: &Answer) -> Result<T, SendError> {
    let envelope: Envelope<T> = match serde_json::from_slice(&answer.body) {
        Ok(envelope) => envelope,
        Err(_) if answer.status == 429 => return Err(later(answer.retry_after, "too many requests")),
        // A proxy's error page: the request may have passed it or not.
        Err(_) => return Err(SendError::Unknown { detail: format!("HTTP {} with an unreadable body", answer.status) }),
    };
    if envelope.ok {
        return envelope.result.ok_or_else(|| SendError::Unknown { detail: "the answer has no result".into() });
    }
    let code = envelope.error_code.unwrap_or(answer.status);
    let words = envelope.description.unwrap_or_else(|| format!("HTTP {code}"));
    let wait = envelope.parameters.and_then(|p| p.retry_after).or(answer.retry_after);
    Err(meaning(code, &words, wait))
}

/// What an error of the Bot API means; there are no finer codes than status and words (channels.md 1).
fn meaning(code: u16, words: &str, wait: Option<u32>) -> SendError {
    let lower = words.to_lowercase();
    match code {
        429 => later(wait, words),
        500..=599 => SendError::Unknown { detail: words.to_owned() },
        401 | 404 if lower.contains("unauthorized") || lower == "not found" => refused("bad_token", words),
        409 => refused("conflict", words),
        403 if lower.contains("can't initiate") => refused("not_started", words),
        403 => refused("blocked_by_client", words),
        // A block that came while Telegram was taking the message has Telegram's own word and another number.
        _ if lower.contains("user_is_blocked") || lower.contains("blocked by the user") => {
            refused("blocked_by_client", words)
        }
        _ if lower.contains("photo_invalid") || lower.contains("image_process_failed") => refused(BAD_PHOTO, words),
        _ if lower.contains("chat not found") => refused("not_started", words),
        _ => refused("refused", words),
    }
}

fn later(wait: Option<u32>, words: &str) -> SendError {
    SendError::Later { after_seconds: wait.unwrap_or(5).clamp(1, 3600), detail: words.to_owned() }
}

fn refused(code: &str, words: &str) -> SendError {
    SendError::Refused { code: code.to_owned(), detail: words.to_owned() }
}

fn is_plain_path(path: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/_-.".contains(c);
    !path.is_empty()
        && path.len() <= 512
        && !path.starts_with('/')
        && path.chars().all(is_plain)
        && !path.contains("..")
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status, retry_after: None, body: Bytes::copy_from_slice(body.as_bytes()) }
    }

    #[tokio::test]
    async fn a_question_whose_answer_was_lost_at_once_is_asked_again() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let body = r#"{"ok":true,"result":{"first_name":"Bot"}}"#;
            let length = body.len();
            for answer in [String::new(), format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}")] {
                let (mut socket, _) = listener.accept().await.unwrap();
                let _ = socket.read(&mut [0; 4096]).await;
                socket.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        let egress = Egress::new(egress::Allowed::networks(&["127.0.0.0/8".parse().unwrap()])).unwrap();
        let bot = Telegram::new(egress, &format!("http://{address}"), Secret::new("1:a"));
        assert_eq!(bot.get_me().await.unwrap().first_name, "Bot");
    }

    #[test]
    fn waiting_is_taken_from_the_answer() {
        let body = r#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 7","parameters":{"retry_after":7}}"#;
        let error = result_of::<bool>(&answer(429, body)).unwrap_err();
        assert!(matches!(error, SendError::Later { after_seconds: 7, .. }));
    }

    #[test]
    fn a_blocked_bot_fails_for_good_and_a_server_fault_is_unknown() {
        let blocked = meaning(403, "Forbidden: bot was blocked by the user", None);
        assert!(matches!(blocked, SendError::Refused { code, .. } if code == "blocked_by_client"));
        let blocked = meaning(400, "Bad Request: USER_IS_BLOCKED", None);
        assert!(matches!(blocked, SendError::Refused { code, .. } if code == "blocked_by_client"));
        assert!(matches!(meaning(502, "Bad Gateway", None), SendError::Unknown { .. }));
        assert!(matches!(result_of::<bool>(&answer(502, "<html>")), Err(SendError::Unknown { .. })));
    }

    #[test]
    fn a_file_path_cannot_leave_the_bots_folder() {
        assert!(is_plain_path("photos/file_1.jpg"));
        for bad in ["../x", "/etc/passwd", "a?b", "a#b", "", "http://evil/x"] {
            assert!(!is_plain_path(bad), "{bad}");
        }
    }
}
