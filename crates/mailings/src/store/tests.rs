//! SQL of tries before the start.

use db::{DbError, FromRow, Row, Tx, sql};
use model::{AccountId, ChannelKind, ContactId, Cx, DeliveryStatus, MailingId, MessageId, Result, Timestamp};

/// A try, with what became of its message.
#[derive(Debug, Clone)]
pub(crate) struct Tried {
    pub contact_id: ContactId,
    pub name: String,
    pub channel: ChannelKind,
    pub status: Option<DeliveryStatus>,
    pub reason: Option<String>,
    pub sent_at: Timestamp,
    pub code: Option<String>,
    pub detail: Option<String>,
}

impl FromRow for Tried {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        let status: Option<String> = row.get(3)?;
        Ok(Self {
            contact_id: row.get(0)?,
            name: row.get(1)?,
            channel: ChannelKind::from_stored(row.text(2)?)?,
            status: status.map(|word| DeliveryStatus::from_stored(&word)).transpose()?,
            reason: row.get(4)?,
            sent_at: Timestamp(row.get(5)?),
            code: row.get(6)?,
            detail: row.get(7)?,
        })
    }
}

pub(crate) async fn list(tx: &mut Tx, account: &AccountId, id: &MailingId) -> Result<Vec<Tried>> {
    let query = sql!(
        "SELECT t.contact_id, COALESCE(c.name, c.handle), c.channel, m.delivery_status, m.delivery_code, t.sent_at, t.code, t.detail
         FROM mailing_tests t JOIN contacts c ON c.account_id = t.account_id AND c.id = t.contact_id
         LEFT JOIN messages m ON m.id = t.message_id AND m.account_id = t.account_id
         WHERE t.account_id = $1 AND t.mailing_id = $2 ORDER BY t.sent_at DESC, t.contact_id"
    );
    Ok(query.bind(account).bind(id).all(tx).await?)
}

/// Notes a try: its message, or why there is none.
pub(crate) async fn note(
    cx: &mut Cx<'_>,
    id: &MailingId,
    contact: &ContactId,
    message: Option<MessageId>,
    problem: Option<(&str, &str)>,
) -> Result<()> {
    let query = sql!(
        "INSERT INTO mailing_tests (account_id, mailing_id, contact_id, message_id, code, detail, sent_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (mailing_id, contact_id) DO UPDATE SET message_id = excluded.message_id, code = excluded.code,
           detail = excluded.detail, sent_at = excluded.sent_at WHERE mailing_tests.account_id = $1"
    );
    let query = query.bind(cx.account).bind(id).bind(contact).bind(message);
    let query = query.bind(problem.map(|(code, _)| code)).bind(problem.map(|(_, detail)| detail));
    query.bind(cx.env.now().0).execute(cx.tx).await?;
    Ok(())
}
