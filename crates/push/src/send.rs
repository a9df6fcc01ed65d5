//! A note goes out: sealed for its browser, so that no push service reads it (RFC 8291), with the account's proof (RFC 8292).

use crate::key::Key;
use crate::note::Note;
use crate::store;
use crate::subscription::{Keys, Subscription};
use messaging::Messaging;
use model::AccountId;
use std::time::Duration;

/// A push service has so long to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// It keeps a note so long for a device that is away.
const KEPT_S: u32 = 12 * 60 * 60;
/// Tries of one note; it is best effort.
const TRIES: u32 = 3;
/// A service that asks for time gets so much at most.
const LONGEST_WAIT_S: u32 = 60;
/// Whom a push service's keepers may write to, where the installation has no address of its own.
const CONTACT: &str = "mailto:push@localhost";

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The service has it.
    Taken,
    /// There is no such browser any more: it was forgotten.
    Gone,
    /// It was not taken.
    Lost,
}

/// Sends a note to one browser, a few times where the service asks for time.
pub(crate) async fn send(
    service: &Messaging,
    account: &AccountId,
    key: &Key,
    to: &Subscription,
    note: &Note,
) -> Outcome {
    for last_try in (0..TRIES).map(|n| n + 1 == TRIES) {
        let status = match call(service, key, to, note).await {
            Ok((200..=299, _)) => return Outcome::Taken,
            Ok((404 | 410, _)) => {
                forget(service, account, to).await;
                return Outcome::Gone;
            }
            Ok((429 | 500..=599, after)) if !last_try => {
                tokio::time::sleep(Duration::from_secs(after.unwrap_or(2).clamp(1, LONGEST_WAIT_S).into())).await;
                continue;
            }
            Ok((status, _)) => status.to_string(),
            Err(words) => words,
        };
        tracing::warn!(subscription.id = %to.id, why = status, "a note was not taken by its push service");
        return Outcome::Lost;
    }
    Outcome::Lost
}

async fn call(service: &Messaging, key: &Key, to: &Subscription, note: &Note) -> Result<(u16, Option<u32>), String> {
    let keys = Keys::read(&to.public_key, &to.auth).ok_or("its keys are none")?;
    let text = serde_json::to_vec(note).map_err(|e| e.to_string())?;
    let sealed = web_push_native::encrypt(text, &keys.public, &keys.auth).map_err(|e| e.to_string())?;
    let origin = egress::origin_of(&to.endpoint).ok_or("its address is none")?;
    let public_url = &service.settings.public_url;
    let contact = if public_url.starts_with("https://") { public_url.as_str() } else { CONTACT };
    let mut headers = vec![
        ("authorization", key.proof(&origin, contact, service.env.now())),
        ("content-encoding", "aes128gcm".to_owned()),
        ("ttl", KEPT_S.to_string()),
        // What only takes something away need not wake a device.
        ("urgency", if note.kind == "read" { "normal" } else { "high" }.to_owned()),
    ];
    if let Some(conversation) = &note.conversation_id {
        // A later note of a conversation takes the place of one that waits for its device (RFC 8030, 5.4: 32 characters at most).
        headers.push(("topic", format!("{:032x}", conversation.bits())));
    }
    let answer = service.egress.post_bytes(&to.endpoint, &headers, sealed, PATIENCE).await;
    answer.map(|answer| (answer.status, answer.retry_after)).map_err(|e| e.to_string())
}

async fn forget(service: &Messaging, account: &AccountId, gone: &Subscription) {
    let id = gone.id;
    let forgotten =
        service.write(account, move |cx| Box::pin(async move { store::forget(cx.tx, cx.account, &id).await }));
    if let Err(error) = forgotten.await {
        tracing::warn!(subscription.id = %id, error = %error, "a browser that is gone was not forgotten");
    }
}
