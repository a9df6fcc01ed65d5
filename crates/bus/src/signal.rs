//! What nodes say to each other.

use model::{AccountId, ContactId, NodeId, ProjectId, UserId, VisitorId, VisitorNow};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One thing said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Signal {
    /// Something was committed: look.
    Ring(Ring),
    /// A frame for the operators' sockets of an account: typing, viewing.
    Mark {
        /// Whose.
        account: AccountId,
        /// Those of this project, or of all.
        project: Option<ProjectId>,
        /// Only this user's own; without it, everybody's.
        #[serde(default)]
        user: Option<UserId>,
        /// The frame.
        frame: String,
    },
    /// A frame for a visitor's sockets: an operator types, has read.
    ToVisitor {
        /// Whose.
        account: AccountId,
        /// The visitor.
        contact: ContactId,
        /// The frame.
        frame: String,
    },
    /// The team has written to a visitor who had said nothing: whoever holds the visitor's sockets looks.
    Call {
        /// Whose.
        account: AccountId,
        /// On whose site.
        project: ProjectId,
        /// Who.
        visitor: VisitorId,
    },
    /// Who is connected to the node that says so.
    Presence(Presence),
}

/// What was committed, folded together for as long as nobody took it away.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Ring {
    /// The logs of these accounts grew.
    pub events: BTreeSet<AccountId>,
    /// A delivery was queued.
    pub deliveries: bool,
    /// A job was queued.
    pub jobs: bool,
    /// A connection was changed.
    pub connections: bool,
}

impl Ring {
    /// Whether there is nothing to look at.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A node's word on who is connected to it. Changes are numbered, so that a listener knows when it missed one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Presence {
    /// The node is there, and this is the number of its last change.
    Alive {
        /// Of the last change.
        version: u64,
    },
    /// Somebody came or went.
    Changed {
        /// Of this change.
        version: u64,
        /// Who.
        change: Change,
    },
    /// Say everything: the asker is new or missed something.
    Ask {
        /// Who is meant.
        node: NodeId,
    },
    /// Everybody who is connected, in parts.
    Whole {
        /// Of the last change in it.
        version: u64,
        /// Counted from 0.
        part: u32,
        /// No part comes after this one.
        is_last: bool,
        /// Everybody, as if they came just now.
        everybody: Vec<Change>,
    },
    /// The node stops.
    Gone,
}

/// Somebody came or went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Change {
    /// A visitor's first socket came or the last one went.
    Visitor {
        /// Whose.
        account: AccountId,
        /// The visitor.
        contact: ContactId,
        /// Of this project's site.
        project: ProjectId,
        /// Is here.
        online: bool,
    },
    /// The same of an operator, or other projects than before.
    Operator {
        /// Whose.
        account: AccountId,
        /// The operator.
        user: UserId,
        /// What its sockets follow.
        projects: BTreeSet<ProjectId>,
        /// Says of himself that he is not at the desk.
        #[serde(default)]
        away: bool,
        /// Is here.
        online: bool,
    },
    /// A page of a site told of its visitor.
    Seen {
        /// Whose.
        account: AccountId,
        /// As the visitor is now.
        visitor: Box<VisitorNow>,
    },
    /// A visitor's pages are closed.
    Unseen {
        /// Whose.
        account: AccountId,
        /// On whose site.
        project: ProjectId,
        /// Who.
        visitor: VisitorId,
    },
}
