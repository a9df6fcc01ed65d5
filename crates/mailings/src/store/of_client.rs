//! SQL of the mailings that reached one client.

use crate::of_client::ClientMailing;
use db::{DbError, FromRow, Row, Tx, Value, sql};
use model::{AccountId, ChannelKind, ContactId, ProjectId, Result, Timestamp};

impl FromRow for ClientMailing {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        let bad = |error: serde_json::Error| DbError::other(format!("a stored mailing cannot be read: {error}"));
        let document: serde_json::Value = serde_json::from_str(row.text(1)?).map_err(bad)?;
        let reason: String = row.get(5)?;
        Ok(Self {
            mailing_id: row.get(0)?,
            title: document["title"].as_str().unwrap_or_default().to_owned(),
            contact_id: row.get(2)?,
            channel: ChannelKind::from_stored(row.text(3)?)?,
            state: row.get(4)?,
            reason: Some(reason).filter(|reason| !reason.is_empty()),
            begun_at: Timestamp(row.get(6)?),
            state_at: Timestamp(row.get(7)?),
            conversation_id: row.get(8)?,
            message_id: row.get(9)?,
            answered: row.get(10)?,
            clicked: row.get(11)?,
        })
    }
}

/// Rows of the ledger that were written to these contacts, the last first. Those who were skipped were not written to.
pub(crate) async fn list(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    contacts: &[ContactId],
    limit: i64,
) -> Result<Vec<ClientMailing>> {
    let query = sql!(
        "SELECT m.id, m.document, r.contact_id, r.channel, r.state, r.reason, r.claimed_at, r.state_at, r.conversation_id, r.message_id,
           r.answered_at IS NOT NULL, r.clicked_at IS NOT NULL
         FROM mailing_recipients r JOIN mailings m ON m.id = r.mailing_id AND m.account_id = r.account_id
         WHERE r.account_id = $1 AND r.contact_id = ANY($3) AND r.claimed_at IS NOT NULL AND m.project_id = $2
         ORDER BY r.claimed_at DESC, m.id LIMIT $4"
    );
    let contacts = Value::ids(contacts.iter().map(|id| id.bits()));
    Ok(query.bind(account).bind(project).bind(contacts).bind(limit).all(tx).await?)
}
