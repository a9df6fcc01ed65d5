//! Which process of an installation this is.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A node, from its start to its end: a restart is another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NodeId(pub u64);

impl NodeId {
    /// A new one of 128 random bits' upper half.
    pub fn random(bits: u128) -> Self {
        Self((bits >> 64) as u64)
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}
