//! What is kept for a time and then forgotten (rulings 45): one worker, hourly, in small batches, account by account. One node does
//! it; were it two for a moment, forgetting twice is forgetting.

use crate::{idempotency, store};
use db::{BoxFuture, Scope, Tx};
use messaging::contacts::history;
use messaging::{Messaging, files, inbound, links};
use model::{AccountId, Refusal, Timestamp};
use site::auto_actions::forget_showings;
use std::sync::Arc;
use std::time::{Duration, Instant};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Rows of one transaction: the writer is held for some milliseconds.
const BATCH: i64 = 500;
const EVERY: Duration = Duration::from_secs(60 * 60);
/// After a start the backlog comes first.
const FIRST: Duration = Duration::from_secs(5 * 60);

/// Files are looked at so often: every one of the folder.
const FILES_EVERY: Duration = Duration::from_secs(24 * 60 * 60);
/// An upload may wait in the outbox of a page that is offline.
const UNSENT_DAYS: i64 = 7;
/// Numbers of auto-actions, and their limits, reach a year and a month back.
const SHOWINGS_DAYS: i64 = 400;
/// A restore may be taken back: until then the bytes are there that only the newer database names.
const STRAYS_DAYS: i64 = 30;

/// How long things are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// The event log; a reader who comes back later gets a `gap`.
    pub events_days: u16,
    /// What providers sent, raw.
    pub journal_days: u16,
    /// What fields held, since it was replaced.
    pub history_days: u16,
}

impl Default for Keep {
    fn default() -> Self {
        Self { events_days: 30, journal_days: 14, history_days: 365 }
    }
}

/// What a sweep forgot.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Events.
    pub events: u64,
    /// Raw bodies.
    pub journal: u64,
    /// What fields held.
    pub value_history: u64,
    /// Kept answers of repeated requests.
    pub idempotency_keys: u64,
    /// Sessions.
    pub sessions: u64,
    /// Invitations.
    pub invitations: u64,
    /// Links from a site into a messenger.
    pub link_tokens: u64,
    /// What visitors were shown by auto-actions.
    pub showings: u64,
    /// What webhooks were told.
    pub webhook_messages: u64,
}

/// What was removed from the folder of files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SweptFiles {
    /// Uploads that were sent with no message.
    pub unsent: u64,
    /// Bytes that nothing names.
    pub strays: u64,
}

/// Works until the process ends.
pub(crate) async fn run(service: Arc<Messaging>, keep: Keep) {
    tokio::time::sleep(FIRST).await;
    let mut files_swept: Option<Instant> = None;
    loop {
        if files_swept.is_none_or(|at| at.elapsed() >= FILES_EVERY) {
            files_swept = Some(Instant::now());
            match sweep_files(&service).await {
                Ok(swept) if swept == SweptFiles::default() => {}
                Ok(swept) => tracing::info!(?swept, "files that nobody will ask for are removed"),
                Err(error) => tracing::warn!(error = %error, "the sweep of files failed, trying again in a day"),
            }
        }
        match sweep(&service, keep).await {
            Ok(swept) if swept == Swept::default() => {}
            Ok(swept) => tracing::info!(?swept, "what was kept long enough is forgotten"),
            Err(error) => tracing::warn!(error = %error, "the retention sweep failed, trying again in an hour"),
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Forgets everything whose time is over, in every account.
///
/// # Errors
/// When the storage fails; what was forgotten before stays forgotten.
pub async fn sweep(service: &Messaging, keep: Keep) -> Result<Swept, Refusal> {
    let now = service.env.now();
    let days_ago = |days: u16| now.plus_ms(-DAY_MS * i64::from(days));
    let (events_from, journal_from) = (days_ago(keep.events_days), days_ago(keep.journal_days));
    let history_from = days_ago(keep.history_days);
    let showings_from = now.plus_ms(-DAY_MS * SHOWINGS_DAYS);
    let mut swept = Swept::default();
    for account in accounts(service).await? {
        let of = |from, forget| in_batches(service, &account, from, forget);
        swept.events += of(events_from, |tx, a, from| Box::pin(events::forget(tx, a, from, BATCH))).await?;
        swept.journal += of(journal_from, |tx, a, from| Box::pin(inbound::forget(tx, a, from, BATCH))).await?;
        swept.value_history += of(history_from, |tx, a, from| Box::pin(history::forget(tx, a, from, BATCH))).await?;
        swept.idempotency_keys += of(now, |tx, a, now| Box::pin(idempotency::forget(tx, a, now, BATCH))).await?;
        swept.sessions +=
            of(now, |tx, a, now| Box::pin(::accounts::forget_expired_sessions(tx, a, now, BATCH))).await?;
        swept.invitations +=
            of(now, |tx, a, now| Box::pin(::accounts::forget_expired_invitations(tx, a, now, BATCH))).await?;
        swept.showings += of(showings_from, |tx, a, from| Box::pin(forget_showings(tx, a, from, BATCH))).await?;
        swept.webhook_messages += of(events_from, |tx, a, from| Box::pin(webhooks::forget(tx, a, from, BATCH))).await?;
        swept.link_tokens += of(now, |tx, a, now| Box::pin(links::forget_expired(tx, a, now, BATCH))).await?;
    }
    Ok(swept)
}

/// Removes uploads that were never sent and bytes that nothing names, in every account.
///
/// # Errors
/// When the storage fails; what was removed before stays removed.
pub async fn sweep_files(service: &Messaging) -> Result<SweptFiles, Refusal> {
    let days_ago = |days: i64| service.env.now().plus_ms(-DAY_MS * days);
    let mut swept = SweptFiles::default();
    for account in accounts(service).await? {
        swept.unsent += files::remove_unsent(service, &account, days_ago(UNSENT_DAYS)).await?;
        swept.unsent += files::remove_unnamed(service, &account, days_ago(UNSENT_DAYS)).await?;
    }
    swept.strays = files::remove_strays(service, days_ago(STRAYS_DAYS)).await?;
    Ok(swept)
}

async fn accounts(service: &Messaging) -> Result<Vec<AccountId>, Refusal> {
    service.db.read(Scope::System, |tx| Box::pin(store::accounts(tx))).await
}

/// Forgets up to a batch of one kind, and says how many.
type Forget = for<'t> fn(&'t mut Tx, &'t AccountId, Timestamp) -> BoxFuture<'t, Result<u64, Refusal>>;

/// One transaction a batch, so that messages pass in between.
async fn in_batches(
    service: &Messaging,
    account: &AccountId,
    moment: Timestamp,
    forget: Forget,
) -> Result<u64, Refusal> {
    let mut all = 0;
    loop {
        let batch =
            service.write(account, move |cx| Box::pin(async move { forget(cx.tx, cx.account, moment).await })).await?;
        all += batch;
        if batch < BATCH.unsigned_abs() {
            return Ok(all);
        }
    }
}
