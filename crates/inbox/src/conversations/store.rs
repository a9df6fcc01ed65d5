//! SQL of the operators' lists and actions.

use super::{After, Counts, Filter, Folder, Holder, NOBODY_WAITS, Narrowed, WaitingPlace};
use db::{Query, Tx, Value, sql};
use messaging::contacts;
use messaging::conversations::ConversationRow;
use messaging::select_conversations;
use model::{
    AccountId, ActorId, ContactId, Conversation, ConversationId, ConversationStatus, GroupId, ProjectId, Result, UserId,
};

/// A page of conversations.
///
/// # Errors
/// When the storage fails.
pub async fn list(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    reader: ActorId,
    filter: &Filter,
) -> Result<Vec<Conversation>> {
    let words = contacts::search::asked(tx, account, project, &filter.words).await?;
    let Narrowed { field, value, .. } = &filter.narrowed;
    let compared = contacts::compared(tx, account, project, (field, value)).await?;
    let asked = (filter, words.as_ref(), compared.as_str());
    match filter.after {
        After::Newest(before) if filter.folder == Folder::Mentions => {
            mentioned(tx, account, project, reader, asked, before).await
        }
        After::Newest(before) => newest(tx, account, project, reader, asked, before).await,
        After::Waiting(place) => waiting(tx, account, project, reader, asked, place).await,
    }
}

/// Those at work are few beside all there ever were: they are read whole, by an index of their own, and put in order.
async fn waiting(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    reader: ActorId,
    (filter, words, compared): (&Filter, &str, &str),
    (since, position): WaitingPlace,
) -> Result<Vec<Conversation>> {
    let query = select_conversations!(
        "v.project_id = $3 AND v.status <> 'closed'
           AND CASE $4
             WHEN 'mine' THEN v.status <> 'snoozed' AND v.assignee_id = $2
             WHEN 'new' THEN v.status = 'new'
             WHEN 'open' THEN v.status IN ('open', 'waiting')
             WHEN 'bot' THEN v.status = 'bot'
             WHEN 'snoozed' THEN v.status = 'snoozed'
             ELSE v.status <> 'closed' END
           AND ($5 = '' OR c.search LIKE $5 ESCAPE '\\')
           AND (COALESCE(v.waiting_since, $6) > $7 OR (COALESCE(v.waiting_since, $6) = $7 AND v.position < $8))
           AND ($10 = '' OR v.channel = $10) AND ($11 = '' OR c.tags LIKE $11 ESCAPE '\\')
           AND ($12 = 'any' OR ($12 = 'nobody' AND v.assignee_id IS NULL) OR v.assignee_id = $13)
           AND (CAST($14 AS BIGINT) IS NULL OR v.waiting_since <= CAST($14 AS BIGINT))
           AND ($15 = '' OR EXISTS (SELECT 1 FROM field_values f WHERE f.account_id = v.account_id AND f.contact_id = v.contact_id
             AND f.field_key = $15 AND ($16 = '' OR f.norm = $16 OR f.value = $17)))
           AND ($18 OR v.department_id = $19)
         ORDER BY COALESCE(v.waiting_since, $6), v.position DESC LIMIT $9"
    );
    let query = query.bind(account).bind(reader).bind(project).bind(folder_word(filter.folder)).bind(db::like(words));
    let query = query.bind(NOBODY_WAITS).bind(since).bind(position).bind(filter.limit);
    let query = narrowed(query, &filter.narrowed, compared);
    Ok(query.all::<ConversationRow>(tx).await?.into_iter().map(|row| row.0).collect())
}

/// Those of a list whose clients stand in some groups, wherever on it they stand. Of whoever is in no group there is one alone, for a
/// contact has one open conversation at most.
pub(super) async fn of_groups(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    reader: ActorId,
    filter: &Filter,
    groups: &[GroupId],
) -> Result<Vec<Conversation>> {
    let words = contacts::search::asked(tx, account, project, &filter.words).await?;
    let Narrowed { field, value, .. } = &filter.narrowed;
    let compared = contacts::compared(tx, account, project, (field, value)).await?;
    let query = select_conversations!(
        "v.status <> 'closed' AND v.contact_id IN (SELECT g.id FROM contacts g WHERE g.account_id = $1 AND g.group_id = ANY($3))
           AND CASE $4
             WHEN 'mine' THEN v.status <> 'snoozed' AND v.assignee_id = $2
             WHEN 'new' THEN v.status = 'new'
             WHEN 'open' THEN v.status IN ('open', 'waiting')
             WHEN 'bot' THEN v.status = 'bot'
             WHEN 'snoozed' THEN v.status = 'snoozed'
             WHEN 'mentions' THEN EXISTS (SELECT 1 FROM mentions n WHERE n.account_id = v.account_id
               AND n.user_id = $2 AND n.conversation_id = v.id AND NOT n.is_read)
             ELSE TRUE END
           AND ($5 = '' OR c.search LIKE $5 ESCAPE '\\')
           AND ($6 = '' OR v.channel = $6) AND ($7 = '' OR c.tags LIKE $7 ESCAPE '\\')
           AND ($8 = 'any' OR ($8 = 'nobody' AND v.assignee_id IS NULL) OR v.assignee_id = $9)
           AND (CAST($10 AS BIGINT) IS NULL OR v.waiting_since <= CAST($10 AS BIGINT))
           AND ($11 = '' OR EXISTS (SELECT 1 FROM field_values f WHERE f.account_id = v.account_id AND f.contact_id = v.contact_id
             AND f.field_key = $11 AND ($12 = '' OR f.norm = $12 OR f.value = $13)))
           AND ($14 OR v.department_id = $15)
         ORDER BY v.position DESC"
    );
    let query = query.bind(account).bind(reader).bind(Value::ids(groups.iter().map(|id| id.bits())));
    let query = query.bind(folder_word(filter.folder)).bind(db::like(words.as_ref()));
    let query = narrowed(query, &filter.narrowed, compared.as_str());
    // The project is not among the conditions: an engine without statistics would walk all its conversations.
    let found = query.all::<ConversationRow>(tx).await?.into_iter().map(|row| row.0);
    Ok(found.filter(|conversation| conversation.project_id == *project).collect())
}

/// Those whose notes name the reader: few, so they are found by the notes.
async fn mentioned(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    reader: ActorId,
    (filter, words, compared): (&Filter, &str, &str),
    before: i64,
) -> Result<Vec<Conversation>> {
    let query = select_conversations!(
        "v.project_id = $3 AND v.position < $4
           AND v.id IN (SELECT n.conversation_id FROM mentions n
             WHERE n.account_id = $1 AND n.user_id = $2 AND n.project_id = $3 AND NOT n.is_read)
           AND ($5 = '' OR c.search LIKE $5 ESCAPE '\\')
           AND ($7 = '' OR v.channel = $7) AND ($8 = '' OR c.tags LIKE $8 ESCAPE '\\')
           AND ($9 = 'any' OR ($9 = 'nobody' AND v.assignee_id IS NULL) OR v.assignee_id = $10)
           AND (CAST($11 AS BIGINT) IS NULL OR v.waiting_since <= CAST($11 AS BIGINT))
           AND ($12 = '' OR EXISTS (SELECT 1 FROM field_values f WHERE f.account_id = v.account_id AND f.contact_id = v.contact_id
             AND f.field_key = $12 AND ($13 = '' OR f.norm = $13 OR f.value = $14)))
           AND ($15 OR v.department_id = $16)
         ORDER BY v.position DESC LIMIT $6"
    );
    let query = query.bind(account).bind(reader).bind(project).bind(before);
    let query = narrowed(query.bind(db::like(words)).bind(filter.limit), &filter.narrowed, compared);
    Ok(query.all::<ConversationRow>(tx).await?.into_iter().map(|row| row.0).collect())
}

/// The ten values of what a list is narrowed by, in the order of the statements.
fn narrowed<'q>(query: Query<'q>, by: &'q Narrowed, compared: &'q str) -> Query<'q> {
    let (word, holder) = match by.holder {
        Holder::Any => ("any", None),
        Holder::Nobody => ("nobody", None),
        Holder::User(id) => ("user", Some(id)),
    };
    let query = query.bind(by.channel.as_str()).bind(contacts::tag_pattern(&by.tag)).bind(word).bind(holder);
    let query = query
        .bind(by.waiting_since.map(|since| since.0))
        .bind(by.field.as_str())
        .bind(compared)
        .bind(by.value.as_str());
    query.bind(by.department.is_none()).bind(by.department)
}

async fn newest(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    reader: ActorId,
    (filter, words, compared): (&Filter, &str, &str),
    before: i64,
) -> Result<Vec<Conversation>> {
    // One text for every folder: the engine reads the index of recent conversations backwards and stops at the limit.
    let query = select_conversations!(
        "v.project_id = $3 AND v.position < $4
           AND CASE $5
             WHEN 'mine' THEN v.status NOT IN ('closed', 'snoozed') AND v.assignee_id = $2
             WHEN 'new' THEN v.status = 'new'
             WHEN 'open' THEN v.status IN ('open', 'waiting')
             WHEN 'bot' THEN v.status = 'bot'
             WHEN 'snoozed' THEN v.status = 'snoozed'
             WHEN 'closed' THEN v.status = 'closed'
             ELSE v.status <> 'closed' END
           AND ($6 = '' OR c.search LIKE $6 ESCAPE '\\')
           AND ($8 = '' OR v.channel = $8) AND ($9 = '' OR c.tags LIKE $9 ESCAPE '\\')
           AND ($10 = 'any' OR ($10 = 'nobody' AND v.assignee_id IS NULL) OR v.assignee_id = $11)
           AND (CAST($12 AS BIGINT) IS NULL OR v.waiting_since <= CAST($12 AS BIGINT))
           AND ($13 = '' OR EXISTS (SELECT 1 FROM field_values f WHERE f.account_id = v.account_id AND f.contact_id = v.contact_id
             AND f.field_key = $13 AND ($14 = '' OR f.norm = $14 OR f.value = $15)))
           AND ($16 OR v.department_id = $17)
         ORDER BY v.position DESC LIMIT $7"
    );
    let query = query.bind(account).bind(reader).bind(project).bind(before).bind(folder_word(filter.folder));
    let query = narrowed(query.bind(db::like(words)).bind(filter.limit), &filter.narrowed, compared);
    let rows = query.all::<ConversationRow>(tx).await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// Conversations of every contact of a multi-contact, newest first (История).
///
/// # Errors
/// When the storage fails.
pub async fn of_multi_contact(
    tx: &mut Tx,
    account: &AccountId,
    contact: &ContactId,
    reader: ActorId,
) -> Result<Vec<Conversation>> {
    let query = select_conversations!(
        "c.group_id = (SELECT group_id FROM contacts WHERE account_id = $1 AND id = $3)
         ORDER BY v.position DESC LIMIT 200"
    );
    let query = query.bind(account).bind(reader).bind(contact);
    Ok(query.all::<ConversationRow>(tx).await?.into_iter().map(|row| row.0).collect())
}

/// How many of some conversations a list holds, counted up to `$6`; and how many those are.
macro_rules! count_among {
    ($some:literal) => {
        sql!(concat!(
            "WITH among AS (SELECT v.id, v.account_id, v.contact_id, v.channel, v.status, v.assignee_id, v.waiting_since, v.department_id
               FROM conversations v WHERE v.account_id = $1 AND v.project_id = $3",
            $some,
            " LIMIT $5),
             held AS (SELECT 1 AS one FROM among v JOIN contacts c ON c.account_id = v.account_id AND c.id = v.contact_id
               WHERE CASE $4
                 WHEN 'mine' THEN v.status NOT IN ('closed', 'snoozed') AND v.assignee_id = $2
                 WHEN 'new' THEN v.status = 'new'
                 WHEN 'open' THEN v.status IN ('open', 'waiting')
                 WHEN 'bot' THEN v.status = 'bot'
                 WHEN 'snoozed' THEN v.status = 'snoozed'
                 WHEN 'closed' THEN v.status = 'closed'
                 WHEN 'mentions' THEN EXISTS (SELECT 1 FROM mentions n WHERE n.account_id = v.account_id
                   AND n.user_id = $2 AND n.conversation_id = v.id AND NOT n.is_read)
                 ELSE v.status <> 'closed' END
               AND ($7 = '' OR v.channel = $7) AND ($8 = '' OR c.tags LIKE $8 ESCAPE '\\')
               AND ($9 = 'any' OR ($9 = 'nobody' AND v.assignee_id IS NULL) OR v.assignee_id = $10)
               AND (CAST($11 AS BIGINT) IS NULL OR v.waiting_since <= CAST($11 AS BIGINT))
               AND ($12 = '' OR EXISTS (SELECT 1 FROM field_values f WHERE f.account_id = v.account_id AND f.contact_id = v.contact_id
                 AND f.field_key = $12 AND ($13 = '' OR f.norm = $13 OR f.value = $14)))
               AND ($15 OR v.department_id = $16)
               LIMIT $6)
             SELECT (SELECT COUNT(*) FROM held), (SELECT COUNT(*) FROM among)"
        ))
    };
}

/// How many conversations a list holds, counted up to `most` and among `looked` conversations only, so that a list that almost nothing is
/// in does not walk a project's whole past; and how many were looked at: those at work, or, of what has ended, the newest.
pub(super) async fn count_some(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    reader: ActorId,
    filter: &Filter,
    (looked, most): (i64, i64),
) -> Result<(i64, i64)> {
    let Narrowed { field, value, .. } = &filter.narrowed;
    let compared = contacts::compared(tx, account, project, (field, value)).await?;
    let query = match filter.folder {
        Folder::Closed | Folder::Mentions => count_among!(" ORDER BY v.position DESC"),
        _ => count_among!(" AND v.status <> 'closed'"),
    };
    let query = query.bind(account).bind(reader).bind(project).bind(folder_word(filter.folder)).bind(looked).bind(most);
    let query = narrowed(query, &filter.narrowed, compared.as_str());
    Ok(query.one(tx).await?)
}

/// How many conversations each folder holds.
///
/// # Errors
/// When the storage fails.
pub async fn counts(tx: &mut Tx, account: &AccountId, project: &ProjectId, reader: ActorId) -> Result<Counts> {
    let query = sql!(
        "SELECT status, COUNT(*), CAST(COALESCE(SUM(CASE WHEN assignee_id = $3 THEN 1 ELSE 0 END), 0) AS BIGINT)
         FROM conversations WHERE account_id = $1 AND project_id = $2 GROUP BY status"
    );
    let query = query.bind(account).bind(project).bind(reader);
    let mut counts = Counts::default();
    for (status, count, mine) in query.all::<(String, i64, i64)>(tx).await? {
        match ConversationStatus::from_stored(&status)? {
            ConversationStatus::Closed => {
                counts.closed += count;
                continue;
            }
            ConversationStatus::New => counts.new += count,
            ConversationStatus::Bot => counts.bot += count,
            ConversationStatus::Open | ConversationStatus::Waiting => counts.open += count,
            ConversationStatus::Snoozed => {
                counts.snoozed += count;
                counts.all += count;
                continue;
            }
        }
        counts.all += count;
        counts.mine += mine;
    }
    counts.unread = unread(tx, account, project, reader).await?;
    counts.mentions = mentions(tx, account, project, reader).await?;
    Ok(counts)
}

/// A conversation of a bot's or a colleague's is not unread for others; nor is one of nobody's that somebody has answered, or that waits in a
/// department of others where the project says so.
async fn unread(tx: &mut Tx, account: &AccountId, project: &ProjectId, reader: ActorId) -> Result<i64> {
    let query = sql!(concat!(
        "SELECT COUNT(*) FROM conversations v
         LEFT JOIN conversation_reads r ON r.conversation_id = v.id AND r.user_id = $3
         WHERE v.account_id = $1 AND v.project_id = $2 AND v.status IN ('new', 'open', 'waiting', 'snoozed')
           AND (v.assignee_id = $3 OR (v.assignee_id IS NULL AND v.waiting_since IS NOT NULL))
           AND v.client_count > COALESCE(r.client_count, 0) AND ",
        messaging::is_told_of!("$3")
    ));
    let (count,): (i64,) = query.bind(account).bind(project).bind(reader).one(tx).await?;
    Ok(count)
}

async fn mentions(tx: &mut Tx, account: &AccountId, project: &ProjectId, reader: ActorId) -> Result<i64> {
    let query = sql!(
        "SELECT COUNT(DISTINCT conversation_id) FROM mentions
         WHERE account_id = $1 AND project_id = $2 AND user_id = $3 AND NOT is_read"
    );
    let (count,): (i64,) = query.bind(account).bind(project).bind(reader).one(tx).await?;
    Ok(count)
}

/// Name of a colleague, and whether conversations of this project may be given to them; none when the account has no such user.
pub(crate) async fn colleague(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    user: &UserId,
) -> Result<Option<(String, bool)>> {
    let query = sql!(
        "SELECT u.name, u.active AND (u.role = 'owner' OR EXISTS (
           SELECT 1 FROM project_users p WHERE p.account_id = u.account_id AND p.user_id = u.id AND p.project_id = $2))
         FROM users u WHERE u.account_id = $1 AND u.id = $3"
    );
    Ok(query.bind(account).bind(project).bind(user).optional(tx).await?)
}

fn folder_word(folder: Folder) -> &'static str {
    match folder {
        Folder::Mine => "mine",
        Folder::New => "new",
        Folder::Open => "open",
        Folder::Bot => "bot",
        Folder::Snoozed => "snoozed",
        Folder::Mentions => "mentions",
        Folder::Closed => "closed",
        Folder::All => "all",
    }
}

pub(super) async fn client_count_at(
    tx: &mut Tx,
    account: &AccountId,
    conversation: &ConversationId,
    seq: i64,
) -> Result<Option<i64>> {
    let query = sql!(
        "SELECT client_count FROM messages WHERE account_id = $1 AND conversation_id = $2 AND seq <= $3 ORDER BY seq DESC LIMIT 1"
    );
    let row: Option<(i64,)> = query.bind(account).bind(conversation).bind(seq).optional(tx).await?;
    Ok(row.map(|r| r.0))
}

pub(super) async fn set_read(
    tx: &mut Tx,
    account: &AccountId,
    id: &ConversationId,
    reader: ActorId,
    seq: i64,
    client_count: i64,
) -> Result<bool> {
    let query = sql!(
        "INSERT INTO conversation_reads (account_id, conversation_id, user_id, seq, client_count) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (conversation_id, user_id)
         DO UPDATE SET seq = excluded.seq, client_count = excluded.client_count WHERE conversation_reads.seq < excluded.seq"
    );
    let query = query.bind(account).bind(id).bind(reader).bind(seq).bind(client_count);
    Ok(query.execute(tx).await? == 1)
}
