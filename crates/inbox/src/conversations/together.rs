//! Rows of a list where the open conversations of one client are one row: the row stands where the first of them stands, and those that come
//! later belong to it and do not come again. The list's own statement stays as it is; only rows of groups cost a second one.

use super::{Filter, store};
use db::Tx;
use model::{AccountId, ActorId, Conversation, GroupId, ProjectId, Result};
use serde::Serialize;
use std::collections::BTreeSet;

/// Conversations read at once after the first page of them: many may belong to rows further up.
const BATCH: i64 = 200;
/// Batches of one page: what is left then comes with the next page.
const MOST_BATCHES: usize = 10;

/// A row: a conversation, and what stands in it beside.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = ListedConversation)]
pub struct Row {
    #[serde(flatten)]
    pub(crate) conversation: Conversation,
    /// With `together`: other open conversations of the same client that the list holds, newest activity first. They have no rows of
    /// their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) together: Vec<Conversation>,
}

impl From<Conversation> for Row {
    fn from(conversation: Conversation) -> Self {
        Self { conversation, together: Vec::new() }
    }
}

/// A page of rows.
#[derive(Debug)]
pub struct Rows {
    /// `filter.limit` at most.
    pub(crate) rows: Vec<Row>,
    /// Where the next page begins; none at the end.
    pub(crate) next: Option<super::After>,
}

/// How far a view's conversations are counted, and among how many.
const COUNTED: i64 = 100;
const LOOKED_AT: i64 = 5_000;

/// How many conversations a list holds, 100 at most; and whether there may be more.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn count(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    reader: ActorId,
    filter: &Filter,
) -> Result<(i64, bool)> {
    let (count, looked) = store::count_some(tx, account, project, reader, filter, (LOOKED_AT, COUNTED)).await?;
    Ok((count, count == COUNTED || looked == LOOKED_AT))
}

/// A page of rows, each one conversation.
///
/// # Errors
/// When the storage fails.
pub async fn list_apart(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    reader: ActorId,
    filter: &Filter,
) -> Result<Rows> {
    let asked = Filter { limit: filter.limit + 1, ..filter.clone() };
    let mut found = store::list(tx, account, project, reader, &asked).await?;
    let has_more = found.len() as i64 > filter.limit;
    found.truncate(filter.limit as usize);
    let next = found.last().filter(|_| has_more).map(|last| filter.after.place_of(last));
    Ok(Rows { rows: found.into_iter().map(Row::from).collect(), next })
}

/// A page of rows, each a client's open conversations.
///
/// # Errors
/// When the storage fails.
pub async fn list_together(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    reader: ActorId,
    filter: &Filter,
) -> Result<Rows> {
    let mut asked = Filter { limit: filter.limit + 1, ..filter.clone() };
    let mut rows: Vec<Row> = Vec::new();
    for _ in 0..MOST_BATCHES {
        let batch = store::list(tx, account, project, reader, &asked).await?;
        let is_last = (batch.len() as i64) < asked.limit;
        let groups: BTreeSet<GroupId> = batch.iter().filter_map(group_of).collect();
        let others = if groups.is_empty() {
            Vec::new()
        } else {
            let groups: Vec<GroupId> = groups.into_iter().collect();
            store::of_groups(tx, account, project, reader, filter, &groups).await?
        };
        for conversation in batch {
            let place = filter.after.place_of(&conversation);
            let is_full = rows.len() as i64 == filter.limit;
            if is_full {
                return Ok(Rows { rows, next: Some(asked.after) });
            }
            asked.after = place;
            let beside =
                |other: &&Conversation| group_of(other) == group_of(&conversation) && other.id != conversation.id;
            let together: Vec<Conversation> = match group_of(&conversation) {
                None => Vec::new(),
                Some(_) => others.iter().filter(beside).cloned().collect(),
            };
            if together.iter().any(|other| filter.after.place_of(other).is_above(place)) {
                continue;
            }
            rows.push(Row { conversation, together });
        }
        if is_last {
            return Ok(Rows { rows, next: None });
        }
        asked.limit = BATCH;
    }
    Ok(Rows { rows, next: Some(asked.after) })
}

/// The group of a conversation whose client has more than one contact.
fn group_of(conversation: &Conversation) -> Option<GroupId> {
    let client = &conversation.contact;
    (client.multi_contact_size > 1).then_some(client.multi_contact_id)
}
