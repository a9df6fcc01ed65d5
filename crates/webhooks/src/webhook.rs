//! What a webhook is, and what may be done with it.

use crate::store::{messages, webhooks};
use egress::Egress;
use messaging::webhook_secrets::{self, old_secret_place, secret_place};
use model::{Cx, ProjectId, Refusal, Result, Timestamp, WebhookId, WebhookMessageId, words};
use serde::{Deserialize, Serialize};
use vault::{Sealed, Secret};

/// What may be told: the kinds of the durable log that are about clients and what is said with them.
pub(crate) const KINDS: &[&str] = &[
    "message.created",
    "message.updated",
    "delivery.updated",
    "conversation.created",
    "conversation.updated",
    "contact.created",
    "contact.updated",
    "contact.deleted",
    "multi_contact.changed",
];

/// Webhooks of a project.
const MOST: i64 = 20;
const LONGEST_TITLE: usize = 100;
const LONGEST_URL: usize = 2_000;
/// A new secret signs at once, the old one beside it so long.
const BOTH_SIGN_MS: i64 = 24 * 60 * 60 * 1000;

/// Whether it is at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = WebhookState)]
pub enum State {
    /// It is told what happens.
    On,
    /// It is not.
    Off,
}

words!(State { On = "on", Off = "off" });

/// Why one is off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = WebhookOffReason)]
pub enum OffReason {
    /// Somebody switched it off.
    ByHand,
    /// The receiver answered HTTP 410.
    Gone,
    /// It took nothing for five days.
    Failing,
    /// More waited for it than is kept.
    Behind,
}

words!(OffReason { ByHand = "by_hand", Gone = "gone", Failing = "failing", Behind = "behind" });

/// A webhook as stored.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// Webhook id.
    pub id: WebhookId,
    /// Project.
    pub project_id: ProjectId,
    /// Name, for people.
    pub title: String,
    /// Who is told.
    pub url: String,
    /// Of what.
    pub kinds: Vec<String>,
    /// Signs.
    pub secret: Sealed,
    /// Signed before it.
    pub old_secret: Option<Sealed>,
    /// How long that still signs, too.
    pub old_secret_until: Timestamp,
    /// Whether it is at work.
    pub state: State,
    /// Why not.
    pub off_reason: Option<OffReason>,
    /// Since when it takes nothing.
    pub failing_since: Option<Timestamp>,
    /// It asked to be left alone until then.
    pub quiet_until: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: String,
}

/// What somebody wants of a webhook.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    pub title: Option<String>,
    pub url: Option<String>,
    pub kinds: Option<Vec<String>>,
    pub is_on: Option<bool>,
}

/// Makes one, which is told what happens from now on; its secret is shown this once.
///
/// # Errors
/// At the member that cannot be; `too_many`.
pub(crate) async fn create(
    cx: &mut Cx<'_>,
    egress: &Egress,
    project: &ProjectId,
    wanted: Wanted,
    by: &str,
) -> Result<(Webhook, Secret)> {
    let title = checked_title(wanted.title.as_deref().unwrap_or_default())?;
    let url = checked_url(egress, wanted.url.as_deref().unwrap_or_default())?;
    let kinds = checked_kinds(wanted.kinds.unwrap_or_default())?;
    events::lock(cx.tx, cx.account).await?;
    if webhooks::count(cx.tx, cx.account, project).await? >= MOST {
        let detail = format!("a project has {MOST} webhooks at most");
        return Err(Refusal::Conflict { code: "too_many", detail });
    }
    let id = WebhookId::new(cx.env.ids());
    let secret = webhook_secrets::new_secret(cx.env);
    let (account, text) = (cx.account.to_string(), id.to_string());
    let (newest, _) = events::bounds(cx.tx, cx.account).await?;
    let webhook = Webhook {
        id,
        project_id: *project,
        title,
        url,
        kinds,
        secret: cx.env.vault().seal(secret_place(&account, &text), &secret)?,
        old_secret: None,
        old_secret_until: Timestamp(0),
        state: State::On,
        off_reason: None,
        failing_since: None,
        quiet_until: Timestamp(0),
        created_at: cx.env.now(),
        created_by: by.to_owned(),
    };
    webhooks::insert(cx.tx, cx.account, &webhook, newest).await?;
    events::settings_changed(cx, project, "webhooks").await?;
    Ok((webhook, secret))
}

/// Changes one. Switched on again, it is told what happens from then on.
///
/// # Errors
/// When there is none such; at the member that cannot be.
pub(crate) async fn update(
    cx: &mut Cx<'_>,
    egress: &Egress,
    project: &ProjectId,
    id: &WebhookId,
    wanted: Wanted,
) -> Result<Webhook> {
    events::lock(cx.tx, cx.account).await?;
    let mut webhook = webhooks::get(cx.tx, cx.account, project, id).await?;
    if let Some(title) = &wanted.title {
        webhook.title = checked_title(title)?;
    }
    if let Some(url) = &wanted.url {
        webhook.url = checked_url(egress, url)?;
    }
    if let Some(kinds) = wanted.kinds {
        webhook.kinds = checked_kinds(kinds)?;
    }
    match (webhook.state, wanted.is_on) {
        (State::Off, Some(true)) => {
            let (newest, _) = events::bounds(cx.tx, cx.account).await?;
            (webhook.state, webhook.off_reason, webhook.failing_since) = (State::On, None, None);
            webhook.quiet_until = Timestamp(0);
            webhooks::follow_from(cx.tx, cx.account, id, newest).await?;
        }
        (State::On, Some(false)) => {
            (webhook.state, webhook.off_reason) = (State::Off, Some(OffReason::ByHand));
            messages::give_up(cx, id).await?;
        }
        _ => {}
    }
    webhooks::update(cx.tx, cx.account, &webhook).await?;
    events::settings_changed(cx, project, "webhooks").await?;
    Ok(webhook)
}

/// Puts a new secret in place, shown this once; for a day both sign, so that the receiver can be given it meanwhile.
///
/// # Errors
/// When there is none such.
pub(crate) async fn rotate(cx: &mut Cx<'_>, project: &ProjectId, id: &WebhookId) -> Result<(Webhook, Secret)> {
    events::lock(cx.tx, cx.account).await?;
    let mut webhook = webhooks::get(cx.tx, cx.account, project, id).await?;
    let (account, text) = (cx.account.to_string(), id.to_string());
    let vault = cx.env.vault();
    let old = vault.open(secret_place(&account, &text), &webhook.secret)?;
    let secret = webhook_secrets::new_secret(cx.env);
    webhook.old_secret = Some(vault.seal(old_secret_place(&account, &text), &old)?);
    webhook.old_secret_until = cx.env.now().plus_ms(BOTH_SIGN_MS);
    webhook.secret = vault.seal(secret_place(&account, &text), &secret)?;
    webhooks::update(cx.tx, cx.account, &webhook).await?;
    events::settings_changed(cx, project, "webhooks").await?;
    Ok((webhook, secret))
}

/// Deletes one with its log.
///
/// # Errors
/// When there is none such.
pub(crate) async fn delete(cx: &mut Cx<'_>, project: &ProjectId, id: &WebhookId) -> Result<()> {
    events::lock(cx.tx, cx.account).await?;
    webhooks::delete(cx.tx, cx.account, project, id).await?;
    events::settings_changed(cx, project, "webhooks").await
}

/// Tells a message again, under its own id, as often as a new one.
///
/// # Errors
/// When there is none such; `webhook_off`; `still_waiting`.
pub(crate) async fn replay(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    id: &WebhookId,
    message: &WebhookMessageId,
) -> Result<()> {
    events::lock(cx.tx, cx.account).await?;
    let webhook = webhooks::get(cx.tx, cx.account, project, id).await?;
    refuse_off(&webhook)?;
    messages::replay(cx, id, message).await
}

/// Tells everything again that failed since a moment; how much that is.
///
/// # Errors
/// When there is none such; `webhook_off`.
pub(crate) async fn replay_failed(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    id: &WebhookId,
    since: Timestamp,
) -> Result<u64> {
    events::lock(cx.tx, cx.account).await?;
    let webhook = webhooks::get(cx.tx, cx.account, project, id).await?;
    refuse_off(&webhook)?;
    messages::replay_failed(cx, id, since).await
}

fn refuse_off(webhook: &Webhook) -> Result<()> {
    if webhook.state == State::On {
        return Ok(());
    }
    let detail = "this webhook is off: switch it on first".to_owned();
    Err(Refusal::Conflict { code: "webhook_off", detail })
}

fn checked_title(title: &str) -> Result<String> {
    let title = title.trim();
    if (1..=LONGEST_TITLE).contains(&title.chars().count()) && !title.contains(char::is_control) {
        return Ok(title.to_owned());
    }
    Err(Refusal::invalid("title", "wrong_length", format!("1 to {LONGEST_TITLE} characters")))
}

/// What can be seen before a name is resolved; the rest is seen whenever it is called (security statement 28).
fn checked_url(egress: &Egress, url: &str) -> Result<String> {
    let url = url.trim();
    if url.is_empty() || url.len() > LONGEST_URL {
        return Err(Refusal::invalid("url", "wrong_length", format!("1 to {LONGEST_URL} characters")));
    }
    egress.check(url).map_err(|error| Refusal::invalid("url", "blocked", error.to_string()))?;
    Ok(url.to_owned())
}

fn checked_kinds(mut kinds: Vec<String>) -> Result<Vec<String>> {
    if kinds.is_empty() {
        return Err(Refusal::invalid("kinds", "empty", "say what is to be told"));
    }
    if let Some(at) = kinds.iter().position(|kind| !KINDS.contains(&kind.as_str())) {
        return Err(Refusal::invalid(&format!("kinds.{at}"), "unknown", format!("one of {}", KINDS.join(", "))));
    }
    kinds.sort_unstable();
    kinds.dedup();
    Ok(kinds)
}
