//! Groups that a preview would make with two values of an exclusive field.

use super::store;
use db::Tx;
use messaging::fields;
use messaging::multi_contacts::survey::Norms;
use messaging::multi_contacts::whole::{Whole, values_of};
use model::Result;
use model::{AccountId, ContactId, ProjectId};
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Groups that are shown.
const SAMPLES: usize = 10;
/// Larger ones are counted only.
const LARGEST: usize = 500;

/// A group with two values of a field that tells people apart.
#[derive(Debug, Clone)]
pub struct ConflictSample {
    /// The field.
    pub field: String,
    /// Its values, as compared.
    pub values: Vec<String>,
    /// A holder of each.
    pub contacts: Vec<ContactId>,
}

/// How many groups there would be, and some of them.
pub(super) async fn conflicts(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    whole: &Whole,
    norms: Option<&Norms<'_>>,
) -> Result<(usize, Vec<ConflictSample>)> {
    let known = fields::all(tx, account, project).await?;
    let exclusive: Vec<&str> = known.iter().filter(|field| field.exclusive).map(|field| field.key.as_str()).collect();
    if exclusive.is_empty() {
        return Ok((0, Vec::new()));
    }
    let mut size = vec![0u32; whole.labels.len()];
    whole.labels.iter().for_each(|&label| size[label as usize] += 1);
    // Group, field, and a hash of the value: of a million contacts only those with company count.
    let mut held: Vec<(u32, usize, u64)> = Vec::new();
    let read = store::conflicts::each_value_of(tx, account, &exclusive, |row| {
        let at = whole.survey.find(row.get::<ContactId>(0)?.bits());
        let field = row.text(1)?;
        let Some(at) = at else { return Ok(()) };
        let label = whole.labels[at as usize];
        let Some(place) = exclusive.iter().position(|key| *key == field) else { return Ok(()) };
        if size[label as usize] > 1 {
            let norm: Option<String> = match norms {
                Some(norms) => norms(field, row.text(3)?),
                None => row.get(2)?,
            };
            // Placeholders and the like tell nobody apart.
            let Some(norm) = norm else { return Ok(()) };
            let mut hasher = DefaultHasher::new();
            norm.hash(&mut hasher);
            held.push((label, place, hasher.finish()));
        }
        Ok(())
    });
    read.await?;
    held.sort_unstable();
    held.dedup();
    let several = held.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)).filter(|values| values.len() > 1);
    let several: Vec<(u32, usize)> = several.map(|values| (values[0].0, values[0].1)).collect();
    let mut samples = Vec::new();
    for (label, place) in several.iter().filter(|(label, _)| size[*label as usize] as usize <= LARGEST).take(SAMPLES) {
        samples.push(sample(tx, account, whole, *label, exclusive[*place], norms).await?);
    }
    Ok((several.len(), samples))
}

async fn sample(
    tx: &mut Tx,
    account: &AccountId,
    whole: &Whole,
    label: u32,
    field: &str,
    norms: Option<&Norms<'_>>,
) -> Result<ConflictSample> {
    let mut seen = BTreeSet::new();
    let mut found: Vec<(String, ContactId)> = Vec::new();
    for &at in whole.component_of(label).iter().filter(|at| whole.labels[**at as usize] == label) {
        let id = whole.survey.contact_id(at);
        let held = values_of(tx, account, &id, norms).await?.remove(field).unwrap_or_default();
        for value in held.into_iter().filter(|value| seen.insert(value.norm.clone())) {
            found.push((value.norm, id));
        }
    }
    let (values, contacts) = found.into_iter().unzip();
    Ok(ConflictSample { field: field.to_owned(), values, contacts })
}
