//! SQL of the report: numbers out of one index, and the people behind each.

use db::{DbError, FromRow, Row, Tx, sql};
use model::{
    AccountId, ChannelKind, ConnectionId, ContactId, ConversationId, GroupId, MailingId, MessageId, Result, RunId,
    Timestamp,
};

/// People of one state, reason and channel: how many, how many answered, how many pressed.
pub(crate) type Number = (String, String, String, i64, i64, i64);

/// The account is asked of the mailing: of its recipients it is not in the index, and a million rows would be read for it.
pub(crate) async fn numbers(tx: &mut Tx, account: &AccountId, id: &MailingId) -> Result<Vec<Number>> {
    let query = sql!(
        "SELECT state, reason, channel, COUNT(*), COUNT(answered_at), COUNT(clicked_at) FROM mailing_recipients
         WHERE mailing_id = (SELECT id FROM mailings WHERE account_id = $1 AND id = $2) GROUP BY state, reason, channel"
    );
    Ok(query.bind(account).bind(id).all(tx).await?)
}

/// A row of the ledger with its contact, if that is still there.
#[derive(Debug, Clone)]
pub(crate) struct Recipient {
    pub person_id: GroupId,
    pub contact_id: ContactId,
    pub connection_id: ConnectionId,
    pub channel: ChannelKind,
    pub state: String,
    pub reason: String,
    pub zone: String,
    pub created_at: Timestamp,
    pub sent_at: Option<Timestamp>,
    pub state_at: Timestamp,
    pub message_id: Option<MessageId>,
    pub conversation_id: Option<ConversationId>,
    pub run_id: Option<RunId>,
    pub has_answered: bool,
    pub has_clicked: bool,
    pub goal_at: Option<Timestamp>,
    pub name: Option<String>,
    pub handle: Option<String>,
}

impl FromRow for Recipient {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self {
            person_id: row.get(0)?,
            contact_id: row.get(1)?,
            connection_id: row.get(2)?,
            channel: ChannelKind::from_stored(row.text(3)?)?,
            state: row.get(4)?,
            reason: row.get(5)?,
            zone: row.get(6)?,
            created_at: Timestamp(row.get(7)?),
            sent_at: row.get::<Option<i64>>(8)?.map(Timestamp),
            state_at: Timestamp(row.get(9)?),
            message_id: row.get(10)?,
            conversation_id: row.get(11)?,
            run_id: row.get(12)?,
            has_answered: row.get(13)?,
            has_clicked: row.get(14)?,
            name: row.get(15)?,
            handle: row.get(16)?,
            goal_at: row.get::<Option<i64>>(17)?.map(Timestamp),
        })
    }
}

/// Which people are shown; an empty word is any.
#[derive(Debug, Clone)]
pub(crate) struct Filter {
    pub state: String,
    pub reason: String,
    pub channel: String,
    pub zone: String,
    /// Who opened this link; -1 for any.
    pub link: i64,
    pub after: GroupId,
    pub limit: i64,
}

pub(crate) async fn recipients(
    tx: &mut Tx,
    account: &AccountId,
    id: &MailingId,
    filter: &Filter,
) -> Result<Vec<Recipient>> {
    let query = sql!(
        "SELECT r.person_id, r.contact_id, r.connection_id, r.channel, r.state, r.reason, r.zone, r.created_at, r.sent_at, r.state_at,
           r.message_id, r.conversation_id, r.run_id, r.answered_at IS NOT NULL, r.clicked_at IS NOT NULL, COALESCE(c.name, c.handle), c.handle, r.goal_at
         FROM mailing_recipients r LEFT JOIN contacts c ON c.account_id = r.account_id AND c.id = r.contact_id
         WHERE r.account_id = $1 AND r.mailing_id = $2 AND r.person_id > $3
           AND ($4 = '' OR r.state = $4 OR ($4 = 'sent' AND r.state IN ('delivered', 'read')) OR ($4 = 'delivered' AND r.state = 'read')
                OR ($4 = 'answered' AND r.answered_at IS NOT NULL) OR ($4 = 'clicked' AND r.clicked_at IS NOT NULL)
                OR ($4 = 'goal' AND r.goal_at IS NOT NULL))
           AND ($9 = -1 OR EXISTS (SELECT 1 FROM mailing_clicks k WHERE k.account_id = r.account_id AND k.mailing_id = r.mailing_id
                AND k.link = $9 AND k.person_id = r.person_id))
           AND ($5 = '' OR r.reason = $5) AND ($6 = '' OR r.channel = $6) AND ($7 = '' OR r.zone = $7)
         ORDER BY r.person_id LIMIT $8"
    );
    let query = query.bind(account).bind(id).bind(filter.after).bind(&filter.state).bind(&filter.reason);
    Ok(query.bind(&filter.channel).bind(&filter.zone).bind(filter.limit).bind(filter.link).all(tx).await?)
}

/// The block that a run stands at, or ended in.
pub(crate) async fn step(tx: &mut Tx, account: &AccountId, run: &RunId) -> Result<Option<String>> {
    let query =
        sql!("SELECT block FROM scenario_visits WHERE account_id = $1 AND run_id = $2 ORDER BY visit DESC LIMIT 1");
    let found: Option<(String,)> = query.bind(account).bind(run).optional(tx).await?;
    Ok(found.map(|(block,)| block))
}
