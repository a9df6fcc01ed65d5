//! The audit log (security statement 38): sign-ins, roles, keys, channels, secrets, exports, erasures and refused attempts, each a row that
//! nothing in the product changes or deletes. Rows are chained by hashes, so that one that was edited in the database is found, and the end of
//! the chain is sealed (ADR 44), so that rows that were cut off there are missed.

mod check;
mod seal;
mod store;
mod turns;

pub use check::{AuditCheck, AuditSeal, check};
pub use seal::{Head, heads, seal_unsealed};
pub(crate) use seal::{begin as begin_log, head_place};
pub(crate) use store::page;
pub use turns::{Turn, take_turn};

use db::Tx;
use http_kit::{ClientAddress, sha256_hex};
use messaging::Messaging;
use model::{AccountId, ActorId, Cx, Result, Timestamp};
use serde::Serialize;

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
    /// The turn that it took, of an act that is done a few times a day.
    pub turn: Option<Turn>,
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
    let (last, before) = seal::end_of(cx).await?;
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
    store::insert(cx.tx, cx.account, &line).await?;
    if let Some(turn) = &deed.turn {
        store::end_turn(cx.tx, cx.account, turn.id()).await?;
    }
    seal::set(cx, &Head { number: line.number, chain: line.chain }).await
}

/// Whether the row at which a log ended once is there as it was.
///
/// # Errors
/// When the storage fails.
pub async fn still_holds(tx: &mut Tx, account: &AccountId, head: &Head) -> Result<bool> {
    let chain = store::chain_of(tx, account, head.number).await?;
    Ok(head.number == 0 || chain.as_ref() == Some(&head.chain))
}
