//! The audit log (security statement 38): sign-ins, roles, keys, channels, secrets, exports, erasures and refused attempts, each a row that
//! nothing in the product changes or deletes. Rows are chained by hashes, so that one that was edited in the database is found.

mod store;

pub(crate) use store::page;

use db::Tx;
use http_kit::{ClientAddress, sha256_hex};
use messaging::Messaging;
use model::{AccountId, ActorId, Cx, Result, Timestamp};
use serde::Serialize;

/// Rows checked in one read.
const CHECKED_AT_ONCE: i64 = 1_000;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Characters of an address in the product that are kept.
const LONGEST: usize = 300;

/// What somebody did.
#[derive(Debug, Clone)]
pub struct Deed {
    /// User or key.
    pub actor: ActorId,
    /// Name, as it is now.
    pub actor_name: String,
    /// Method and path of the operation, with its places in braces.
    pub action: String,
    /// The path as it was called: which person, key, channel.
    pub target: String,
    /// Where it came from.
    pub address: ClientAddress,
    /// HTTP status of the answer.
    pub status: u16,
}

/// A row of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct AuditLine {
    /// Place in the log, from 1 without gaps.
    pub number: i64,
    /// When.
    pub at: Timestamp,
    /// User or key.
    pub actor: String,
    /// Name at that time.
    pub actor_name: String,
    /// Method and path of the operation.
    pub action: String,
    /// The path as it was called.
    pub target: String,
    /// Where it came from.
    pub address: String,
    /// HTTP status of the answer: below 300 it was done, from 400 on refused.
    pub status: i64,
    /// SHA-256 over this row and the one before.
    pub chain: String,
}

impl AuditLine {
    /// What its hash is to be, after the row before.
    fn chain_after(&self, before: &str) -> String {
        let Self { number, at, actor, actor_name, action, target, address, status, .. } = self;
        // As JSON, so that no two rows give the same text.
        sha256_hex(
            &serde_json::json!([before, number, at.0, actor, actor_name, action, target, address, status]).to_string(),
        )
    }
}

/// Adds a row.
///
/// # Errors
/// When the storage fails: then what was done stays done, and the caller says so.
pub async fn record(service: &Messaging, account: &AccountId, deed: Deed) -> Result<()> {
    let added = service.write(account, move |cx| {
        let deed = deed.clone();
        Box::pin(async move { add(cx, deed).await })
    });
    added.await
}

async fn add(cx: &mut Cx<'_>, deed: Deed) -> Result<()> {
    // Two at once would take the same number.
    events::lock(cx.tx, cx.account).await?;
    let (last, before) = store::last(cx.tx, cx.account).await?.unwrap_or_default();
    let cut = |text: String| text.chars().filter(|c| *c != '\0').take(LONGEST).collect::<String>();
    let mut line = AuditLine {
        number: last + 1,
        at: cx.env.now(),
        actor: deed.actor.to_string(),
        actor_name: cut(deed.actor_name),
        action: deed.action,
        target: cut(deed.target),
        address: deed.address.0.to_string(),
        status: deed.status.into(),
        chain: String::new(),
    };
    line.chain = line.chain_after(&before);
    store::insert(cx.tx, cx.account, &line).await
}

/// Seconds until somebody may do something again that is done `a_day` times a day at most; none when now.
///
/// # Errors
/// When the storage fails.
pub async fn wait_for(cx: &mut Cx<'_>, actor: ActorId, action: &str, a_day: i64) -> Result<Option<u64>> {
    let now = cx.env.now();
    let done = store::done_since(cx.tx, cx.account, &actor.to_string(), action, now.plus_ms(-DAY_MS), a_day).await?;
    let oldest = usize::try_from(a_day - 1).ok().and_then(|last| done.get(last));
    Ok(oldest.map(|at| u64::try_from((DAY_MS - now.ms_since(*at)) / 1000 + 1).unwrap_or(1)))
}

/// The number of the first row that was changed, or that is missing; none when the log is whole.
///
/// # Errors
/// When the storage fails.
pub async fn first_broken(tx: &mut Tx, account: &AccountId) -> Result<Option<i64>> {
    let (mut number, mut chain) = (0, String::new());
    loop {
        let lines = store::after(tx, account, number, CHECKED_AT_ONCE).await?;
        if lines.is_empty() {
            return Ok(None);
        }
        for line in lines {
            if line.number != number + 1 || line.chain != line.chain_after(&chain) {
                return Ok(Some(number + 1));
            }
            (number, chain) = (line.number, line.chain);
        }
    }
}
