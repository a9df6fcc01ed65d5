//! SQL of groups that hold two values of an exclusive field.

use db::{DbError, Row, Tx, Value as Bound, sql};
use model::{AccountId, ContactId, GroupId, ProjectId, Result};

/// Groups of a project with several values of an exclusive field, and that field: the first so many.
///
/// # Errors
/// When the storage fails.
pub async fn exclusive(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    limit: i64,
) -> Result<Vec<(GroupId, String)>> {
    let query = sql!(
        "SELECT c.group_id, v.field_key FROM field_values v
         JOIN contacts c ON c.account_id = v.account_id AND c.id = v.contact_id
         JOIN fields f ON f.account_id = v.account_id AND f.project_id = c.project_id AND f.key = v.field_key AND f.exclusive
         WHERE v.account_id = $1 AND c.project_id = $2 AND v.norm IS NOT NULL
         GROUP BY c.group_id, v.field_key HAVING COUNT(DISTINCT v.norm) > 1
         ORDER BY c.group_id, v.field_key LIMIT $3"
    );
    let query = query.bind(account).bind(project).bind(limit);
    Ok(query.all::<(GroupId, String)>(tx).await?)
}

/// Values of a field that can match in a group, those of its oldest contact first: value, norm, who holds it.
///
/// # Errors
/// When the storage fails.
pub async fn held_in(
    tx: &mut Tx,
    account: &AccountId,
    group: &GroupId,
    field: &str,
) -> Result<Vec<(String, String, ContactId)>> {
    let query = sql!(
        "SELECT v.value, v.norm, v.contact_id FROM contacts c CROSS JOIN field_values v
         WHERE c.account_id = $1 AND c.group_id = $2 AND v.account_id = c.account_id AND v.contact_id = c.id AND v.field_key = $3
           AND v.norm IS NOT NULL ORDER BY c.created_seq, v.place"
    );
    let query = query.bind(account).bind(group).bind(field);
    Ok(query.all::<(String, String, ContactId)>(tx).await?)
}

/// Every value of some fields of an account, in no order: contact, field, norm, value. The row is handed on as it is: most columns of
/// most rows are not looked at.
///
/// # Errors
/// When the storage or `take` fails.
pub async fn each_value_of(
    tx: &mut Tx,
    account: &AccountId,
    fields: &[&str],
    take: impl FnMut(&Row<'_>) -> std::result::Result<(), DbError> + Send,
) -> Result<()> {
    let query = sql!(
        "SELECT contact_id, field_key, norm, value FROM field_values
         WHERE account_id = $1 AND field_key = ANY($2)"
    );
    let query = query.bind(account).bind(Bound::texts(fields.iter().copied()));
    Ok(query.each(tx, take).await?)
}
