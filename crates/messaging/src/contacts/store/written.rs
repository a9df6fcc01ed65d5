//! SQL of contacts that people name in writing.

use crate::Result;
use db::{Tx, Value, sql};
use model::{AccountId, ContactId, ProjectId};
use std::collections::BTreeSet;

/// Contacts of a project that hold one of these compared values.
pub(in crate::contacts) async fn by_norms(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    fields: &[String],
    norms: &BTreeSet<String>,
) -> Result<Vec<(String, ContactId)>> {
    let query = sql!(
        "SELECT v.norm, v.contact_id FROM field_values v JOIN contacts c ON c.account_id = v.account_id AND c.id = v.contact_id
         WHERE v.account_id = $1 AND c.project_id = $2 AND v.field_key = ANY($3) AND v.norm = ANY($4) AND v.unusable IS NULL"
    );
    let keys = Value::texts(fields.iter().map(String::as_str));
    let norms = Value::texts(norms.iter().map(String::as_str));
    Ok(query.bind(account).bind(project).bind(keys).bind(norms).all(tx).await?)
}

/// Contacts of a project with one of these handles.
pub(in crate::contacts) async fn by_names(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    names: &BTreeSet<String>,
) -> Result<Vec<(String, ContactId)>> {
    let query = sql!("SELECT handle, id FROM contacts WHERE account_id = $1 AND project_id = $2 AND handle = ANY($3)");
    let names = Value::texts(names.iter().map(String::as_str));
    Ok(query.bind(account).bind(project).bind(names).all(tx).await?)
}

/// Those of some contacts that a project has.
pub(in crate::contacts) async fn of_project(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    ids: &[ContactId],
) -> Result<Vec<(ContactId,)>> {
    let query = sql!("SELECT id FROM contacts WHERE account_id = $1 AND project_id = $2 AND id = ANY($3)");
    let ids = Value::ids(ids.iter().map(|id| id.bits()));
    Ok(query.bind(account).bind(project).bind(ids).all(tx).await?)
}
