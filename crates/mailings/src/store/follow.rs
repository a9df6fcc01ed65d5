//! SQL of following the log for what becomes of mailings.

use db::{DbError, FromRow, Row, Tx, sql};
use model::{AccountId, ContactId, Cx, DeliveryStatus, GroupId, MailingId, Result, Timestamp};

/// Accounts that have sent something lately, with the place in their log up to which it was followed.
pub(crate) async fn accounts(tx: &mut Tx, since: Timestamp) -> Result<Vec<(AccountId, i64)>> {
    let query = sql!(
        "SELECT a.account_id, f.position FROM (SELECT DISTINCT account_id FROM mailings
           WHERE started_at IS NOT NULL AND (ended_at IS NULL OR ended_at >= $1)) a
         JOIN mailing_follows f ON f.account_id = a.account_id -- any account_id"
    );
    Ok(query.bind(since.0).all(tx).await?)
}

/// The newest place in an account's log.
pub(crate) async fn newest(tx: &mut Tx, account: &AccountId) -> Result<i64> {
    let query = sql!("SELECT position FROM account_positions WHERE account_id = $1");
    let found: Option<(i64,)> = query.bind(account).optional(tx).await?;
    Ok(found.map_or(0, |(position,)| position))
}

/// From here on the log is followed, unless it is already.
pub(crate) async fn begin(cx: &mut Cx<'_>) -> Result<()> {
    let query = sql!(
        "INSERT INTO mailing_follows (account_id, position)
         SELECT account_id, position FROM account_positions WHERE account_id = $1 ON CONFLICT (account_id) DO NOTHING"
    );
    query.bind(cx.account).execute(cx.tx).await?;
    Ok(())
}

pub(crate) async fn followed(cx: &mut Cx<'_>, position: i64) -> Result<()> {
    let query = sql!(
        "INSERT INTO mailing_follows (account_id, position) VALUES ($1, $2)
         ON CONFLICT (account_id) DO UPDATE SET position = excluded.position"
    );
    query.bind(cx.account).bind(position).execute(cx.tx).await?;
    Ok(())
}

/// The way out of a recipient's message as it stands now.
#[derive(Debug, Clone)]
pub(crate) struct Moved {
    pub mailing_id: MailingId,
    pub person_id: GroupId,
    pub contact_id: ContactId,
    pub others: Vec<ContactId>,
    pub status: DeliveryStatus,
    pub code: String,
    pub at: Timestamp,
}

impl FromRow for Moved {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        let others = serde_json::from_str(row.text(3)?).map_err(|e| DbError::other(format!("stored contacts: {e}")))?;
        Ok(Self {
            mailing_id: row.get(0)?,
            person_id: row.get(1)?,
            contact_id: row.get(2)?,
            others,
            status: DeliveryStatus::from_stored(row.text(4)?)?,
            code: row.get(5)?,
            at: Timestamp(row.get(6)?),
        })
    }
}

/// Recipients whose message's way out is told of between two places of the log.
pub(crate) async fn moved(tx: &mut Tx, account: &AccountId, after: i64, to: i64) -> Result<Vec<Moved>> {
    let query = sql!(
        "SELECT DISTINCT r.mailing_id, r.person_id, r.contact_id, r.others, m.delivery_status, COALESCE(m.delivery_code, ''),
           COALESCE(m.delivery_at, m.created_at)
         FROM events e JOIN messages m ON m.conversation_id = e.conversation_id AND m.seq = e.seq
         JOIN mailing_recipients r ON r.message_id = m.id AND r.account_id = e.account_id
         WHERE e.account_id = $1 AND e.position > $2 AND e.position <= $3 AND e.kind = 'delivery.updated' AND m.delivery_status IS NOT NULL"
    );
    Ok(query.bind(account).bind(after).bind(to).all(tx).await?)
}

/// As [`moved`], of everybody who is still being written to: for what the log no longer has.
pub(crate) async fn sending(tx: &mut Tx, account: &AccountId, id: &MailingId) -> Result<Vec<Moved>> {
    let query = sql!(
        "SELECT r.mailing_id, r.person_id, r.contact_id, r.others, m.delivery_status, COALESCE(m.delivery_code, ''),
           COALESCE(m.delivery_at, m.created_at)
         FROM mailing_recipients r JOIN messages m ON m.id = r.message_id
         WHERE r.account_id = $1 AND r.mailing_id = $2 AND r.state = 'sending' AND m.delivery_status IS NOT NULL"
    );
    Ok(query.bind(account).bind(id).all(tx).await?)
}

/// People whose message is gone while it was on its way: they were erased, and what became of it is not known any more.
pub(crate) async fn lose_the_gone(cx: &mut Cx<'_>, id: &MailingId) -> Result<()> {
    let query = sql!(
        "UPDATE mailing_recipients SET state = 'unknown', reason = 'gone', state_at = $3
         WHERE account_id = $1 AND mailing_id = $2 AND state = 'sending' AND message_id IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.account_id = $1 AND m.id = mailing_recipients.message_id)"
    );
    query.bind(cx.account).bind(id).bind(cx.env.now().0).execute(cx.tx).await?;
    Ok(())
}

/// What clients who got a mailing said between two places of the log: contact, when, and what, as it is stored.
pub(crate) async fn heard(
    tx: &mut Tx,
    account: &AccountId,
    after: i64,
    to: i64,
    since: Timestamp,
) -> Result<Vec<(MailingId, GroupId, i64, String)>> {
    let query = sql!(
        "SELECT r.mailing_id, r.person_id, m.created_at, m.content
         FROM events e JOIN messages m ON m.conversation_id = e.conversation_id AND m.seq = e.seq
         JOIN conversations v ON v.id = m.conversation_id AND v.account_id = e.account_id
         JOIN mailing_recipients r ON r.contact_id = v.contact_id AND r.account_id = e.account_id
         WHERE e.account_id = $1 AND e.position > $2 AND e.position <= $3 AND e.kind = 'message.created' AND m.author_kind = 'client'
           AND r.claimed_at IS NOT NULL AND r.claimed_at >= $4 AND r.claimed_at <= m.created_at
           AND r.state IN ('sending', 'sent', 'delivered', 'read', 'unknown')
         ORDER BY e.position, r.mailing_id DESC"
    );
    Ok(query.bind(account).bind(after).bind(to).bind(since.0).all(tx).await?)
}

/// The person answered; the first time stands.
pub(crate) async fn answered(
    cx: &mut Cx<'_>,
    id: &MailingId,
    person: &GroupId,
    at: i64,
    has_pressed: bool,
) -> Result<()> {
    let query = sql!(
        "UPDATE mailing_recipients SET answered_at = COALESCE(answered_at, $4), clicked_at = CASE WHEN $5 THEN COALESCE(clicked_at, $4) ELSE clicked_at END
         WHERE account_id = $1 AND mailing_id = $2 AND person_id = $3"
    );
    query.bind(cx.account).bind(id).bind(person).bind(at).bind(has_pressed).execute(cx.tx).await?;
    Ok(())
}

/// A state that lies ahead of the one that is there; false when it does not, for states go forward only.
pub(crate) async fn go_on(cx: &mut Cx<'_>, moved: &Moved, state: &str) -> Result<bool> {
    let query = sql!(
        "UPDATE mailing_recipients SET state = $4, reason = $5, state_at = $6,
           sent_at = CASE WHEN $4 IN ('sent', 'delivered', 'read') THEN COALESCE(sent_at, $6) ELSE sent_at END
         WHERE account_id = $1 AND mailing_id = $2 AND person_id = $3 AND contact_id = $7
           AND ((state = 'sending' AND $4 <> 'sending') OR (state = 'unknown' AND $4 IN ('sent', 'delivered', 'read', 'failed'))
             OR (state = 'sent' AND $4 IN ('delivered', 'read', 'failed')) OR (state = 'delivered' AND $4 = 'read')
             OR (state = 'failed' AND $4 IN ('sent', 'delivered', 'read')))"
    );
    let reason = if matches!(state, "failed" | "unknown") { moved.code.as_str() } else { "" };
    let query = query.bind(cx.account).bind(moved.mailing_id).bind(moved.person_id).bind(state).bind(reason);
    Ok(query.bind(moved.at.0).bind(moved.contact_id).execute(cx.tx).await? == 1)
}
