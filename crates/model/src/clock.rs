//! Time, ids and keys are passed in, so that tests decide them (house rule 7).

use crate::Timestamp;
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

/// The surroundings a use case may ask: time, ids, and the keys of what is stored sealed.
#[derive(Clone)]
pub struct Env {
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    vault: Vault,
}

impl Env {
    /// The real machine, with the keys of this installation.
    pub fn system(vault: Vault) -> Self {
        Self::new(Arc::new(SystemClock), Arc::new(RandomIds), vault)
    }

    /// Chosen sources, for tests.
    pub fn new(clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>, vault: Vault) -> Self {
        Self { clock, ids, vault }
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

    /// A secret of 128 random bits as 32 hex digits.
    pub fn secret(&self) -> String {
        format!("{:032x}", self.ids.next_random())
    }
}
