//! Conversations as operators work with them: lists, folders, who has one, who has read it. How a conversation begins, takes a message
//! and ends is the path's (`messaging::conversations`), for a bot ends one, too.

mod actions;
mod store;

pub use actions::{assign, close, mark_read};

use db::Tx;
use model::{AccountId, ContactId, Conversation, ProjectId, Result, UserId};
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
    /// Words to find in names, handles and values; folded to lower case.
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

/// A page of conversations, newest activity first.
///
/// # Errors
/// When the storage fails.
pub async fn list(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    reader: &UserId,
    filter: &Filter,
) -> Result<Vec<Conversation>> {
    store::list(tx, account, project, reader, filter).await
}

/// How many conversations each folder holds.
///
/// # Errors
/// When the storage fails.
pub async fn counts(tx: &mut Tx, account: &AccountId, project: &ProjectId, reader: &UserId) -> Result<Counts> {
    store::counts(tx, account, project, reader).await
}

/// Conversations of every contact of a multi-contact, newest first (История).
///
/// # Errors
/// When the storage fails.
pub async fn of_multi_contact(
    tx: &mut Tx,
    account: &AccountId,
    contact: &ContactId,
    reader: &UserId,
) -> Result<Vec<Conversation>> {
    store::of_multi_contact(tx, account, contact, reader).await
}
