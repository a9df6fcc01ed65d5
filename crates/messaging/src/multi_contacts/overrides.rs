//! What operators decided by hand: links and unlinks that survive changes of values (rulings 27, 33).

pub use super::store::overrides::list;

use super::{Grouping, store};
use crate::{Refusal, Result};
use db::Tx;
use identity::universe::{Decision, Override as CoreOverride};
use model::{AccountId, ContactId, OverrideId, ProjectId, Timestamp, words};
use serde::{Deserialize, Serialize};

/// A decision by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Override {
    /// Override id.
    pub id: OverrideId,
    /// Link or unlink.
    pub kind: OverrideKind,
    /// The contact parted, or one of the two linked.
    pub subject: ContactId,
    /// Those it was parted from, or the other of the two.
    pub others: Vec<ContactId>,
    /// Order of decisions: the greater of two is the newer.
    #[serde(default)]
    pub created_seq: i64,
    /// User.
    pub created_by: Option<String>,
    /// Why.
    pub note: Option<String>,
    /// When.
    pub created_at: Timestamp,
}

/// Kinds of decisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OverrideKind {
    /// The two are one client.
    Link,
    /// The contact is another client than the rest of its group.
    Unlink,
}

words!(OverrideKind { Link = "link", Unlink = "unlink" });

impl Override {
    /// Whether it says of two contacts that they are or are not one client.
    pub fn speaks_of(&self, a: &ContactId, b: &ContactId) -> bool {
        (self.subject == *a && self.others.contains(b)) || (self.subject == *b && self.others.contains(a))
    }

    /// As the core takes it.
    pub fn to_core(&self) -> CoreOverride<ContactId> {
        let decision = match self.kind {
            OverrideKind::Link => {
                Decision::Link { a: self.subject, b: self.others.first().copied().unwrap_or(self.subject) }
            }
            OverrideKind::Unlink => Decision::Unlink { subject: self.subject, others: self.others.clone() },
        };
        CoreOverride { id: self.id.to_string(), created_seq: u64::try_from(self.created_seq).unwrap_or(0), decision }
    }
}

/// Every decision of a project as the core takes them, oldest first.
///
/// # Errors
/// When the storage fails.
pub async fn all(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<CoreOverride<ContactId>>> {
    Ok(list(tx, account, project).await?.iter().rev().map(Override::to_core).collect())
}

/// Links with one of these contacts on either side, and unlinks of one of them.
pub async fn touching(
    tx: &mut Tx,
    account: &AccountId,
    contacts: &[ContactId],
) -> Result<Vec<CoreOverride<ContactId>>> {
    Ok(store::overrides::touching(tx, account, contacts).await?.iter().map(Override::to_core).collect())
}

/// Says that two contacts are one client, within a change. Asking again changes nothing.
///
/// # Errors
/// When a contact is not of this project, or both are the same.
pub async fn link_in(
    tx: &mut Tx,
    grouping: &mut Grouping<'_>,
    a: &ContactId,
    b: &ContactId,
    by: Option<&str>,
    note: Option<&str>,
) -> Result<(OverrideId, Option<Override>)> {
    let (account, project) = (grouping.account, grouping.project);
    if a == b {
        return Err(Refusal::invalid("contacts", "self_link", "a contact cannot be linked with itself"));
    }
    for id in [a, b] {
        store::brief(tx, account, project, id).await?.ok_or(Refusal::NotFound)?;
    }
    let standing = list(tx, account, project).await?;
    let newest = standing.iter().find(|decision| decision.speaks_of(a, b));
    if let Some(same) = newest.filter(|decision| decision.kind == OverrideKind::Link) {
        // It may have given way to an unlink of another pair (ADR 19): then it is decided anew.
        grouping.settle(tx).await?;
        if store::same_group(tx, account, a).await?.contains(b) {
            return Ok((same.id, None));
        }
    }
    let made = insert(
        tx,
        grouping,
        NewOverride { kind: OverrideKind::Link, subject: a, others: std::slice::from_ref(b), by, note },
    )
    .await?;
    grouping.decided(&made);
    Ok((made.id, Some(made)))
}

/// Says that a contact is another client than the rest of its group, within a change: from the group as the changes before it made it (rulings 22).
///
/// # Errors
/// When it is alone, unless an unlink of it stands already.
pub async fn unlink_in(
    tx: &mut Tx,
    grouping: &mut Grouping<'_>,
    contact: &ContactId,
    by: Option<&str>,
    note: Option<&str>,
) -> Result<(OverrideId, Option<Override>)> {
    let (account, project) = (grouping.account, grouping.project);
    store::brief(tx, account, project, contact).await?.ok_or(Refusal::NotFound)?;
    grouping.settle(tx).await?;
    let mut others = store::same_group(tx, account, contact).await?;
    others.retain(|other| other != contact);
    if others.is_empty() {
        let standing = list(tx, account, project).await?;
        let same = standing.iter().find(|o| o.kind == OverrideKind::Unlink && o.subject == *contact);
        let lone = || Refusal::invalid("contact", "lone_contact", "this contact is alone already");
        return same.map(|o| (o.id, None)).ok_or_else(lone);
    }
    let made =
        insert(tx, grouping, NewOverride { kind: OverrideKind::Unlink, subject: contact, others: &others, by, note })
            .await?;
    grouping.decided(&made);
    Ok((made.id, Some(made)))
}

/// Takes a decision back, within a change.
///
/// # Errors
/// When there is none of this id in this project.
pub async fn undo_in(tx: &mut Tx, grouping: &mut Grouping<'_>, id: &OverrideId) -> Result<Override> {
    let standing = list(tx, grouping.account, grouping.project).await?;
    let gone = standing.into_iter().find(|o| o.id == *id).ok_or(Refusal::NotFound)?;
    store::overrides::delete(tx, grouping.account, id).await?;
    grouping.decided(&gone);
    Ok(gone)
}

/// Brings an undone decision back as it was, in its place among the others. One of its contacts may be gone: then it is inert
/// (rulings 33).
pub async fn restore_in(tx: &mut Tx, grouping: &mut Grouping<'_>, decision: &Override) -> Result<()> {
    let mut made = decision.clone();
    // A line of an older program does not say the place.
    if made.created_seq == 0 {
        made.created_seq = store::overrides::newest_seq(tx, grouping.account, grouping.project).await? + 1;
    }
    write(tx, grouping.account, grouping.project, &made).await?;
    grouping.decided(&made);
    Ok(())
}

/// A decision that is not stored yet.
struct NewOverride<'a> {
    kind: OverrideKind,
    subject: &'a ContactId,
    others: &'a [ContactId],
    by: Option<&'a str>,
    note: Option<&'a str>,
}

async fn insert(tx: &mut Tx, grouping: &Grouping<'_>, new: NewOverride<'_>) -> Result<Override> {
    let made = Override {
        id: OverrideId::new(grouping.env.ids()),
        kind: new.kind,
        subject: *new.subject,
        others: new.others.to_vec(),
        created_seq: store::overrides::newest_seq(tx, grouping.account, grouping.project).await? + 1,
        created_by: new.by.map(str::to_owned),
        note: new.note.map(str::to_owned),
        created_at: grouping.env.now(),
    };
    write(tx, grouping.account, grouping.project, &made).await?;
    Ok(made)
}

async fn write(tx: &mut Tx, account: &AccountId, project: &ProjectId, made: &Override) -> Result<()> {
    store::overrides::insert(tx, account, project, made).await?;
    // An unlink is found from its subject alone, a link from both sides.
    let sides = made.others.iter().filter(|_| made.kind == OverrideKind::Link).chain([&made.subject]);
    for side in sides {
        store::overrides::insert_side(tx, account, side, &made.id).await?;
    }
    Ok(())
}
