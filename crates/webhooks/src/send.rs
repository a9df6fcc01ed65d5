//! A message goes out: made of the event as the log has it now, signed, and what came of it written down.

use crate::schedule::{GIVEN_UP_AFTER_MS, Outcome, next};
use crate::store::messages::{self, Message, State};
use crate::store::webhooks;
use crate::webhook::{OffReason, Webhook};
use db::DbError;
use egress::EgressError;
use events::EventRow;
use messaging::Messaging;
use messaging::webhook_secrets::{old_secret_place, secret_place};
use model::{AccountId, Cx, Env, Refusal, Result, Timestamp, WebhookMessageId};
use serde_json::{Value, json};
use standardwebhooks::{
    HEADER_WEBHOOK_ID, HEADER_WEBHOOK_SIGNATURE, HEADER_WEBHOOK_TIMESTAMP, Webhook as Signer, WebhookError,
};
use std::time::{Duration, Instant};
use vault::Secret;

/// A receiver has so long to answer.
const PATIENCE: Duration = Duration::from_secs(15);
/// Characters of a problem's words that are kept.
const LONGEST_PROBLEM: usize = 200;

/// One try.
#[derive(Debug, Clone)]
pub(crate) struct Tried {
    pub took_ms: i64,
    pub status: Option<u16>,
    /// What was wrong, in words; never the answer's own, which may say anything about anybody.
    pub problem: Option<String>,
    pub outcome: Outcome,
}

impl Tried {
    /// Whether the receiver took it.
    pub fn is_taken(&self) -> bool {
        self.outcome == Outcome::Taken
    }
}

/// Tells one message, and writes down what came of it.
///
/// # Errors
/// When the storage fails: then it is told again, under the same id.
pub(crate) async fn tell(service: &Messaging, account: AccountId, webhook: &Webhook, message: Message) -> Result<()> {
    let position = message.position;
    let row = service
        .read(&account, move |cx| Box::pin(async move { events::after(cx.tx, cx.account, position - 1, 1).await }));
    let row = row.await?.into_iter().next().filter(|row| row.position == position && row.kind == message.kind.as_str());
    let Some(row) = row else { return lose(service, &account, message).await };
    let body = body_of(&service.env, &row, message.happened_at, &service.settings.public_url)?;
    let tried = call(service, &account, webhook, &message.id.to_string(), body).await?;
    let id = webhook.id;
    let noted = service.write(&account, move |cx| {
        let (message, tried) = (message.clone(), tried.clone());
        Box::pin(async move { note(cx, &id, &message, &tried).await })
    });
    noted.await
}

/// Its event was erased with its client, or is older than the log: there is nothing to tell any more, and that is not the receiver's doing.
async fn lose(service: &Messaging, account: &AccountId, message: Message) -> Result<()> {
    let problem = Some("the event is no longer kept".to_owned());
    let tried = Tried { took_ms: 0, status: None, problem, outcome: Outcome::Failed };
    let noted = service.write(account, move |cx| {
        let (message, tried) = (message.clone(), tried.clone());
        Box::pin(async move {
            let now = cx.env.now();
            messages::tried(cx, &message, &tried, State::Failed, now).await
        })
    });
    noted.await
}

async fn note(cx: &mut Cx<'_>, webhook: &model::WebhookId, message: &Message, tried: &Tried) -> Result<()> {
    let now = cx.env.now();
    if tried.outcome == Outcome::Taken {
        webhooks::works(cx, webhook).await?;
        return messages::tried(cx, message, tried, State::Delivered, now).await;
    }
    let quiet = tried.outcome.quiet_ms().map(|ms| now.plus_ms(ms));
    let failing_since = webhooks::fails(cx, webhook, quiet).await?;
    let again = next(message.tries + 1, now, cx.env.ids().next_random());
    let (state, due) = match (tried.outcome, again) {
        (Outcome::Gone, _) | (_, None) => (State::Failed, now),
        // Told to come later, it does not come earlier.
        (_, Some(at)) => (State::Waiting, quiet.map_or(at, |quiet| if quiet.0 > at.0 { quiet } else { at })),
    };
    messages::tried(cx, message, tried, state, due).await?;
    let why = match tried.outcome {
        Outcome::Gone => OffReason::Gone,
        _ if now.ms_since(failing_since) >= GIVEN_UP_AFTER_MS => OffReason::Failing,
        _ => return Ok(()),
    };
    switch_off(cx, webhook, why).await
}

/// Switches a webhook off by itself: nothing waits for it any more, and whoever looks at the page sees it.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn switch_off(cx: &mut Cx<'_>, webhook: &model::WebhookId, why: OffReason) -> Result<()> {
    let Some(project) = webhooks::switch_off(cx, webhook, why).await? else { return Ok(()) };
    tracing::warn!(webhook.id = %webhook, why = why.as_str(), "a webhook was switched off");
    messages::give_up(cx, webhook).await?;
    events::settings_changed(cx, &project, "webhooks").await
}

/// Calls the receiver with a body that is signed now.
///
/// # Errors
/// When a secret does not open.
pub(crate) async fn call(
    service: &Messaging,
    account: &AccountId,
    webhook: &Webhook,
    id: &str,
    body: String,
) -> Result<Tried> {
    let headers = signed(&service.env, account, webhook, id, &body)?;
    let began = Instant::now();
    let answer = service.egress.post_text(&webhook.url, &headers, body, PATIENCE).await;
    let took_ms = i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX);
    let tried = |status, problem: Option<String>, outcome| Tried {
        took_ms,
        status,
        problem: problem.map(|words| words.chars().take(LONGEST_PROBLEM).collect()),
        outcome,
    };
    Ok(match answer {
        Ok(answer) => {
            let outcome = Outcome::of(answer.status, answer.retry_after);
            let is_redirect = (300..400).contains(&answer.status);
            let problem = is_redirect.then(|| "a redirect is not followed: give the address it leads to".to_owned());
            tried(Some(answer.status), problem, outcome)
        }
        // It was taken and answered at length.
        Err(EgressError::TooLong(_)) => tried(Some(200), None, Outcome::Taken),
        Err(error) => tried(None, Some(error.to_string()), Outcome::Failed),
    })
}

fn signed(
    env: &Env,
    account: &AccountId,
    webhook: &Webhook,
    id: &str,
    body: &str,
) -> Result<Vec<(&'static str, String)>> {
    let now = env.now();
    let (account, row) = (account.to_string(), webhook.id.to_string());
    let mut secrets = vec![env.vault().open(secret_place(&account, &row), &webhook.secret)?];
    if let Some(old) = webhook.old_secret.as_ref().filter(|_| now < webhook.old_secret_until) {
        secrets.push(env.vault().open(old_secret_place(&account, &row), old)?);
    }
    let seconds = now.0.div_euclid(1000);
    let signatures: Vec<String> =
        secrets.iter().map(|secret| signature(secret, id, seconds, body)).collect::<Result<_>>()?;
    Ok(vec![
        (HEADER_WEBHOOK_ID, id.to_owned()),
        (HEADER_WEBHOOK_TIMESTAMP, seconds.to_string()),
        (HEADER_WEBHOOK_SIGNATURE, signatures.join(" ")),
    ])
}

fn signature(secret: &Secret, id: &str, seconds: i64, body: &str) -> Result<String> {
    let fault = |error: WebhookError| Refusal::from(DbError::other(format!("the stored secret of a webhook: {error}")));
    let signer = Signer::new(secret.expose()).map_err(fault)?;
    signer.sign(id, seconds, body.as_bytes()).map_err(fault)
}

/// What a receiver reads: the event as its GET answers it, with whole addresses of files.
fn body_of(env: &Env, row: &EventRow, at: Timestamp, public_url: &str) -> Result<String> {
    let mut data: Value = serde_json::from_str(&events::data_text(env, row)).map_err(|e| Refusal::stored(&e))?;
    for pointer in ["/content/attachments", "/last_message/content/attachments"] {
        let Some(Value::Array(files)) = data.pointer_mut(pointer) else { continue };
        for file in files {
            let Some(url) = file.get("url").and_then(Value::as_str).filter(|url| url.starts_with('/')) else {
                continue;
            };
            file["url"] = json!(format!("{public_url}{url}"));
        }
    }
    let body = json!({ "type": row.kind, "timestamp": at, "project_id": row.project_id, "data": data });
    Ok(body.to_string())
}

/// A body that only asks whether anybody is there.
pub(crate) fn test_body(project: &model::ProjectId, now: Timestamp) -> String {
    json!({ "type": "webhook.test", "timestamp": now, "project_id": project, "data": {} }).to_string()
}

/// A new id for what is in no log.
pub(crate) fn test_id(env: &Env) -> String {
    WebhookMessageId::new(env.ids()).to_string()
}
