//! What a committed transaction asks others to look at.

use crate::AccountId;

/// Announced with a transaction (`db::Tx::announce`), heard after its commit. A topic says "look", never what there is to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Topic {
    /// The log of an account grew, or who may see it changed.
    Events(AccountId),
    /// A delivery was queued.
    Deliveries,
    /// A job was queued.
    Jobs,
    /// A connection was changed.
    Connections,
}
