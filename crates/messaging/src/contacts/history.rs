//! What a field of a contact held before, and who said so. What it holds now stands in its values.

pub use super::store::history::forget;

use super::held::Held;
use super::store;
use super::values::{self, Giver};
use crate::Result;
use db::Tx;
use model::{AccountId, ContactId, Cx, FieldValue, PastValue, ProjectId, What};

/// The state that values stand for: said by whoever spoke last.
fn state_of(values: &[FieldValue]) -> Option<PastValue> {
    let newest = values.iter().max_by_key(|value| value.set_at)?;
    Some(PastValue {
        what: if values.iter().any(values::is_strong) { What::Set } else { What::Claimed },
        values: values.iter().map(|value| value.value.clone()).collect(),
        source: newest.source,
        set_by: newest.set_by.clone(),
        at: newest.set_at,
        taken: true,
    })
}

/// Keeps what stood before a change; an emptied field also keeps who emptied it.
pub(super) async fn keep(
    cx: &mut Cx<'_>,
    id: &ContactId,
    field: &str,
    (before, after): (&Held, &Held),
    giver: &Giver,
) -> Result<()> {
    if let Some(past) = state_of(&before.shown) {
        store::history::insert(cx, id, field, &past, Some(before)).await?;
    }
    if after.shown.is_empty() {
        let cleared = PastValue {
            what: What::Cleared,
            values: Vec::new(),
            source: giver.source,
            set_by: giver.set_by.clone(),
            at: cx.env.now(),
            taken: true,
        };
        store::history::insert(cx, id, field, &cleared, None).await?;
    }
    Ok(())
}

/// Keeps a claim that a stronger value stands against; the same claim again adds nothing.
pub(super) async fn keep_claim(
    cx: &mut Cx<'_>,
    id: &ContactId,
    field: &str,
    values: &[String],
    giver: &Giver,
) -> Result<()> {
    let claim = PastValue {
        what: What::Claimed,
        taken: false,
        values: values.to_vec(),
        source: giver.source,
        set_by: giver.set_by.clone(),
        at: cx.env.now(),
    };
    if store::history::has_claim(cx.tx, cx.account, id, field, &claim).await? {
        return Ok(());
    }
    store::history::insert(cx, id, field, &claim, None).await
}

/// What a field held before its last change. `is_empty`: it holds nothing now, which is the newest line itself.
///
/// # Errors
/// When the storage fails.
pub(super) async fn before_last(
    tx: &mut Tx,
    account: &AccountId,
    id: &ContactId,
    field: &str,
    is_empty: bool,
) -> Result<Held> {
    let lines = store::history::newest_states(tx, account, id, field).await?;
    let is_now = |what: What| is_empty && what == What::Cleared;
    let line = match lines.as_slice() {
        [(newest, _), older, ..] if is_now(newest.what) => older,
        [newest, ..] if !is_now(newest.0.what) => newest,
        _ => return Ok(Held::default()),
    };
    let (past, held) = line;
    let value = |value: &String| FieldValue {
        value: value.clone(),
        verified: past.what == What::Set,
        source: past.source,
        set_by: past.set_by.clone(),
        set_at: past.at,
        unusable: None,
        still_compared: Vec::new(),
    };
    // A line of an older program only has the texts.
    let shown = || past.values.iter().map(value).collect();
    Ok(held.clone().unwrap_or_else(|| Held { shown: shown(), behind: Vec::new() }))
}

/// Every state of a field and every claim beside one, newest first; what stands now is the first.
///
/// # Errors
/// When the contact is not of this project.
pub async fn of_field(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    id: &ContactId,
    field: &str,
) -> Result<Vec<PastValue>> {
    super::get_in(tx, account, project, id).await?;
    let now = values::all_of(tx, account, id).await?.remove(field).unwrap_or_default();
    let past = store::history::of_field(tx, account, id, field).await?;
    Ok(state_of(&now).into_iter().chain(past).collect())
}
