//! Time, ids and keys are passed in, so that tests decide them (house rule 7).

use crate::{AccountId, NodeId, ProjectId, Timestamp, UserId};
use std::sync::Arc;
use vault::Vault;

/// Where "now" comes from.
pub trait Clock: Send + Sync {
    /// Epoch milliseconds, UTC.
    fn now(&self) -> Timestamp;
}

/// Where ids come from.
pub trait IdSource: Send + Sync {
    /// A UUIDv7: later ids are greater.
    fn next_ordered(&self) -> u128;
    /// 128 random bits (UUIDv4) for anything a stranger could guess at.
    fn next_random(&self) -> u128;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods)] // The one place that may ask the machine.
    fn now(&self) -> Timestamp {
        Timestamp(jiff::Timestamp::now().as_millisecond())
    }
}

/// Ids from the machine's random source.
#[derive(Debug, Clone, Copy)]
pub struct RandomIds;

impl IdSource for RandomIds {
    #[allow(clippy::disallowed_methods)] // The one place that may ask the machine.
    fn next_ordered(&self) -> u128 {
        uuid::Uuid::now_v7().as_u128()
    }

    #[allow(clippy::disallowed_methods)] // The one place that may ask the machine.
    fn next_random(&self) -> u128 {
        uuid::Uuid::new_v4().as_u128()
    }
}

/// What is claimed is held so long by a worker that died, unless chosen otherwise.
const LEASE_MS: i64 = 120_000;

/// The surroundings a use case may ask: time, ids, the keys of what is stored sealed, and which node this is.
#[derive(Clone)]
pub struct Env {
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    vault: Vault,
    node: NodeId,
    lease_ms: i64,
    presence: Option<Arc<dyn Presence>>,
}

/// Who knows whether people are there.
pub trait Presence: Send + Sync {
    /// Whether anybody of a project's team is on line, on this node or another.
    fn has_operators(&self, account: &AccountId, project: &ProjectId) -> bool;

    /// Whether this user is on line and not away, on this node or another.
    fn is_there(&self, account: &AccountId, user: &UserId) -> bool;
}

impl Env {
    /// The real machine, with the keys of this installation.
    pub fn system(vault: Vault) -> Self {
        Self::new(Arc::new(SystemClock), Arc::new(RandomIds), vault)
    }

    /// Chosen sources, for tests.
    pub fn new(clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>, vault: Vault) -> Self {
        let node = NodeId::random(ids.next_random());
        Self { clock, ids, vault, node, lease_ms: LEASE_MS, presence: None }
    }

    /// Now, in epoch milliseconds.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The id source.
    pub fn ids(&self) -> &dyn IdSource {
        &*self.ids
    }

    /// What seals and opens stored secrets.
    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    /// This process, among those of one database.
    pub fn node(&self) -> NodeId {
        self.node
    }

    /// The same, knowing who is there.
    #[must_use]
    pub fn with_presence(self, presence: Arc<dyn Presence>) -> Self {
        Self { presence: Some(presence), ..self }
    }

    /// Whether anybody of a project's team is on line; where nobody knows, nobody is missed.
    pub fn has_operators(&self, account: &AccountId, project: &ProjectId) -> bool {
        self.presence.as_ref().is_none_or(|presence| presence.has_operators(account, project))
    }

    /// Whether this user is on line and not away; where nobody knows, nobody is missed.
    pub fn is_there(&self, account: &AccountId, user: &UserId) -> bool {
        self.presence.as_ref().is_none_or(|presence| presence.is_there(account, user))
    }

    /// The same with another length of leases.
    #[must_use]
    pub fn with_lease_ms(self, lease_ms: i64) -> Self {
        Self { lease_ms, ..self }
    }

    /// How long what is claimed may be held.
    pub fn lease_ms(&self) -> i64 {
        self.lease_ms
    }

    /// Until when what is claimed now may be held.
    pub fn lease_end(&self) -> Timestamp {
        self.now().plus_ms(self.lease_ms)
    }

    /// A secret of 128 random bits as 32 hex digits.
    pub fn secret(&self) -> String {
        format!("{:032x}", self.ids.next_random())
    }
}
