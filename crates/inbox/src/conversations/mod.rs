//! Conversations as operators work with them: lists, folders, who has one, who has read it. How a conversation begins, takes a message
//! and ends is the path's (`messaging::conversations`), for a bot ends one, too.

mod actions;
mod store;

pub use actions::{assign, close, mark_read};
pub use store::{counts, list, of_multi_contact};

use serde::{Deserialize, Serialize};

/// A folder of the conversation list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Folder {
    /// Assigned to the reader.
    Mine,
    /// Nobody took it.
    New,
    /// In work or waiting for the client.
    Open,
    /// A scenario runs.
    Bot,
    /// Done.
    Closed,
    /// Everything that is not closed.
    All,
}

/// What a list shows.
#[derive(Debug, Clone)]
pub struct Filter {
    /// Folder.
    pub folder: Folder,
    /// Words to find in names, handles and values.
    pub words: String,
    /// Only conversations that changed before this position: the cursor.
    pub before: i64,
    /// Rows at most.
    pub limit: i64,
}

/// Conversations per folder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Counts {
    /// Assigned to the reader, not closed.
    pub mine: i64,
    /// New.
    pub new: i64,
    /// Open, waiting, snoozed.
    pub open: i64,
    /// With a scenario.
    pub bot: i64,
    /// Closed.
    pub closed: i64,
    /// Not closed.
    pub all: i64,
}
