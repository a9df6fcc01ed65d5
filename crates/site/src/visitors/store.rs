//! SQL of what the database knows of visitors who are here.

use db::{DbError, FromRow, Row, Tx, Value, sql};
use model::{AccountId, ContactId, ConversationId, ProjectId, Result, UserId};

/// What a visitor is called.
pub(super) struct Called {
    pub id: ContactId,
    pub name: Option<String>,
    pub handle: String,
}

impl FromRow for Called {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self { id: row.get(0)?, name: row.get(1)?, handle: row.get(2)? })
    }
}

/// An open conversation, with whoever has it.
pub(super) struct Talk {
    pub contact_id: ContactId,
    pub id: ConversationId,
    pub operator: Option<(UserId, String)>,
}

impl FromRow for Talk {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        let (operator, name): (Option<UserId>, Option<String>) = (row.get(2)?, row.get(3)?);
        Ok(Self { contact_id: row.get(0)?, id: row.get(1)?, operator: operator.zip(name) })
    }
}

fn ids(contacts: &[ContactId]) -> Value<'static> {
    Value::ids(contacts.iter().map(|id| id.bits()))
}

pub(super) async fn called(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    contacts: &[ContactId],
) -> Result<Vec<Called>> {
    let query =
        sql!("SELECT id, name, handle FROM contacts WHERE account_id = $1 AND project_id = $2 AND id = ANY($3)");
    Ok(query.bind(account).bind(project).bind(ids(contacts)).all(tx).await?)
}

pub(super) async fn talks(tx: &mut Tx, account: &AccountId, contacts: &[ContactId]) -> Result<Vec<Talk>> {
    let query = sql!(
        "SELECT v.contact_id, v.id, v.assignee_id, u.name FROM conversations v
         LEFT JOIN users u ON u.account_id = v.account_id AND u.id = v.assignee_id
         WHERE v.account_id = $1 AND v.contact_id = ANY($2) AND v.status <> 'closed'"
    );
    Ok(query.bind(account).bind(ids(contacts)).all(tx).await?)
}
