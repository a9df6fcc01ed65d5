//! What values are compared by, made anew when the settings or the normaliser changed. What differs is found beside live traffic, and
//! changed at once, so that nobody ever compares values of two kinds.

use crate::multi_contacts::store::{self, Compared};
use db::Tx;
use identity::keys::Values;
use messaging::fields;
use messaging::multi_contacts::context::ProjectSettings;
use model::Result;
use model::{AccountId, ContactId, FieldKind, ProjectId};
use std::collections::{BTreeMap, BTreeSet};

/// Contacts looked up at once.
const CHUNK: usize = 500;

/// Values that compare otherwise, as they stood at one position of the log.
#[derive(Clone)]
pub(super) struct Outdated {
    position: i64,
    values: Vec<Compared>,
}

/// Looks through a project's values. Changes nothing.
pub(super) async fn outdated(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    settings: &ProjectSettings,
) -> Result<Outdated> {
    let (position, _) = events::bounds(tx, account).await?;
    let norms = settings.norms();
    let normalise = |kind: FieldKind, raw: &str| fields::normalise(kind, raw, &norms);
    Ok(Outdated { position, values: store::outdated_values(tx, account, project, normalise).await? })
}

/// Changes what values are compared by; contacts that were changed since are looked at again. Answers who is compared otherwise now,
/// with what they were compared by before: their keys are the caller's to bring up to date.
pub(super) async fn change(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    settings: &ProjectSettings,
    found: &Outdated,
) -> Result<BTreeMap<ContactId, Values>> {
    let since = events::changed_contacts(tx, account, project, found.position).await?;
    let norms = settings.norms();
    let normalise = |kind: FieldKind, raw: &str| fields::normalise(kind, raw, &norms);
    let mut values: Vec<Compared> = store::outdated_values_of(tx, account, project, &since, normalise).await?;
    values.extend(found.values.iter().filter(|value| !since.contains(&value.contact)).cloned());
    let contacts: BTreeSet<&ContactId> = values.iter().map(|value| &value.contact).collect();
    let contacts: Vec<ContactId> = contacts.into_iter().copied().collect();
    let mut before = BTreeMap::new();
    for chunk in contacts.chunks(CHUNK) {
        let mut held = store::usable_values_of(tx, account, chunk).await?;
        // A contact whose values never matched has none here.
        before.extend(chunk.iter().map(|id| (*id, held.remove(id).unwrap_or_default())));
    }
    store::set_compared(tx, account, &values).await?;
    Ok(before)
}

/// As [`outdated`] and [`change`] in one.
pub(super) async fn make_anew(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    settings: &ProjectSettings,
) -> Result<()> {
    let found = outdated(tx, account, project, settings).await?;
    store::set_compared(tx, account, &found.values).await
}
