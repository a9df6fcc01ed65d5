//! SQL of an export of one client: every table that holds something about a person (`crates/schema/personal.txt` says which), as rows with names.

use db::{Tx, Value as Bind, sql};
use model::{
    AccountId, AutoActionId, ContactId, ConversationId, FileId, MailingId, MessageId, ProjectId, Result, RunId,
    Timestamp, UserId,
};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// Rows of one part at most: a person has not so many of anything but messages, which go page by page.
pub(super) const MOST: i64 = 50_000;

/// Whose rows.
pub(super) struct Whose<'w> {
    pub account: &'w AccountId,
    pub project: &'w ProjectId,
    pub contacts: &'w [ContactId],
    pub conversations: &'w [ConversationId],
    /// Ids that the site knows these people by.
    pub visitors: &'w [String],
}

impl Whose<'_> {
    fn contacts(&self) -> Bind<'_> {
        Bind::ids(self.contacts.iter().map(|id| id.bits()))
    }

    fn conversations(&self) -> Bind<'_> {
        Bind::ids(self.conversations.iter().map(|id| id.bits()))
    }
}

/// Rows of a query as objects: each column with its name, its type and how it is shown.
macro_rules! rows {
    ($query:expr, $tx:expr, $($name:ident: $kind:ty => $shown:expr),+ $(,)?) => {{
        let found: Vec<($($kind,)+)> = $query.all($tx).await?;
        let row = |($($name,)+): ($($kind,)+)| {
            let mut object = Map::new();
            $(object.insert(stringify!($name).to_owned(), $shown($name));)+
            Value::Object(object)
        };
        found.into_iter().map(row).collect::<Vec<Value>>()
    }};
}

fn plain<T: Serialize>(value: T) -> Value {
    json!(value)
}

fn moment(ms: i64) -> Value {
    json!(Timestamp(ms))
}

fn maybe(ms: Option<i64>) -> Value {
    json!(ms.map(Timestamp))
}

fn parsed(text: String) -> Value {
    serde_json::from_str(&text).unwrap_or(Value::String(text))
}

/// What the contact shows elsewhere, with what only its row has.
pub(super) async fn contacts(tx: &mut Tx, whose: &Whose<'_>) -> Result<Vec<Value>> {
    let query = sql!(
        "SELECT id, channel, external_id, address, blocked, created_at, last_seen_at, tags FROM contacts
         WHERE account_id = $1 AND id = ANY($2) ORDER BY id"
    );
    let query = query.bind(whose.account).bind(whose.contacts());
    Ok(rows!(query, tx, id: ContactId => plain, channel: String => plain, external_id: String => plain,
        address: Option<String> => plain, blocked: bool => plain, created_at: i64 => moment, last_seen_at: i64 => moment,
        tags: String => parsed))
}

pub(super) async fn field_values(tx: &mut Tx, whose: &Whose<'_>) -> Result<Vec<Value>> {
    let query = sql!(
        "SELECT contact_id, field_key, value, norm, verified, source, set_by, set_at FROM field_values
         WHERE account_id = $1 AND contact_id = ANY($2) ORDER BY contact_id, field_key, place LIMIT $3"
    );
    let query = query.bind(whose.account).bind(whose.contacts()).bind(MOST);
    Ok(rows!(query, tx, contact_id: ContactId => plain, field: String => plain, value: String => plain,
        compared_as: Option<String> => plain, verified: bool => plain, source: String => plain,
        set_by: Option<String> => plain, set_at: i64 => moment))
}

pub(super) async fn value_history(tx: &mut Tx, whose: &Whose<'_>) -> Result<Vec<Value>> {
    let query = sql!(
        "SELECT contact_id, field_key, what, COALESCE(entries, field_values), source, set_by, set_at, taken FROM value_history
         WHERE account_id = $1 AND contact_id = ANY($2) ORDER BY contact_id, field_key, id LIMIT $3"
    );
    let query = query.bind(whose.account).bind(whose.contacts()).bind(MOST);
    Ok(rows!(query, tx, contact_id: ContactId => plain, field: String => plain, what: String => plain,
        values: String => parsed, source: String => plain, set_by: Option<String> => plain, set_at: i64 => moment,
        taken: bool => plain))
}

pub(super) async fn archived_values(tx: &mut Tx, whose: &Whose<'_>) -> Result<Vec<Value>> {
    let query = sql!(
        "SELECT contact_id, field_key, value, verified, source, set_by, set_at FROM archived_values
         WHERE account_id = $1 AND contact_id = ANY($2) ORDER BY contact_id, field_key, place LIMIT $3"
    );
    let query = query.bind(whose.account).bind(whose.contacts()).bind(MOST);
    Ok(rows!(query, tx, contact_id: ContactId => plain, field: String => plain, value: String => plain,
        verified: bool => plain, source: String => plain, set_by: Option<String> => plain, set_at: i64 => moment))
}

pub(super) async fn page_tags(tx: &mut Tx, whose: &Whose<'_>) -> Result<Vec<Value>> {
    let query = sql!(
        "SELECT contact_id, tag FROM page_tags WHERE account_id = $1 AND contact_id = ANY($2) ORDER BY contact_id, tag LIMIT $3"
    );
    let query = query.bind(whose.account).bind(whose.contacts()).bind(MOST);
    Ok(rows!(query, tx, contact_id: ContactId => plain, tag: String => plain))
}

/// Values of theirs that somebody blocked or allowed for joining.
pub(super) async fn value_states(tx: &mut Tx, whose: &Whose<'_>) -> Result<Vec<Value>> {
    let query = sql!(
        "SELECT s.field_key, s.value, s.state, s.set_by, s.set_at FROM value_states s
         WHERE s.account_id = $1 AND s.project_id = $2 AND EXISTS (
           SELECT 1 FROM field_values v WHERE v.account_id = s.account_id AND v.contact_id = ANY($3)
             AND v.field_key = s.field_key AND v.norm = s.norm)
         ORDER BY s.field_key, s.norm, s.state LIMIT $4"
    );
    let query = query.bind(whose.account).bind(whose.project).bind(whose.contacts()).bind(MOST);
    Ok(rows!(query, tx, field: String => plain, value: String => plain, state: String => plain,
        set_by: Option<String> => plain, set_at: i64 => moment))
}

/// Decisions by hand that speak of them: what and why, without the ids of others.
pub(super) async fn overrides(tx: &mut Tx, whose: &Whose<'_>) -> Result<Vec<Value>> {
    let query = sql!(
        "SELECT o.kind, o.note, o.created_by, o.created_at FROM overrides o
         WHERE o.account_id = $1 AND o.project_id = $2 AND EXISTS (
           SELECT 1 FROM override_contacts c WHERE c.account_id = o.account_id AND c.override_id = o.id AND c.contact_id = ANY($3))
         ORDER BY o.created_at, o.id LIMIT $4"
    );
    let query = query.bind(whose.account).bind(whose.project).bind(whose.contacts()).bind(MOST);
    Ok(rows!(query, tx, kind: String => plain, note: Option<String> => plain, created_by: Option<String> => plain,
        created_at: i64 => moment))
}

/// Lines of the log of joining that name one of them.
pub(super) async fn decisions(tx: &mut Tx, whose: &Whose<'_>) -> Result<Vec<Value>> {
    let mut lines = Vec::new();
    for contact in whose.contacts {
        let query = sql!(
            "SELECT kind, note, created_by, created_at FROM multi_contact_log
             WHERE account_id = $1 AND project_id = $2 AND (state_before LIKE $3 ESCAPE '\\' OR state_after LIKE $3 ESCAPE '\\')
             ORDER BY created_at, id LIMIT $4"
        );
        let named = db::like(&contact.to_string());
        let query = query.bind(whose.account).bind(whose.project).bind(named).bind(MOST);
        lines.extend(rows!(query, tx, kind: String => plain, note: Option<String> => plain,
            created_by: Option<String> => plain, created_at: i64 => moment));
    }
    Ok(lines)
}

/// Proposals about them that somebody refused, without whom they were to be joined with.
pub(super) async fn refused_pairs(tx: &mut Tx, whose: &Whose<'_>) -> Result<Vec<Value>> {
    let query = sql!(
        "SELECT refused_by, refused_at FROM refused_pairs WHERE account_id = $1 AND (a = ANY($2) OR b = ANY($2))
         ORDER BY refused_at LIMIT $3"
    );
    let query = query.bind(whose.account).bind(whose.contacts()).bind(MOST);
    Ok(rows!(query, tx, refused_by: Option<String> => plain, refused_at: i64 => moment))
}

pub(super) async fn deliveries(tx: &mut Tx, whose: &Whose<'_>) -> Result<Vec<Value>> {
    let query = sql!(
        "SELECT d.message_id, d.status, d.part, a.attempt, a.started_at, a.ended_at, a.outcome, a.detail FROM deliveries d
         LEFT JOIN delivery_attempts a ON a.account_id = d.account_id AND a.delivery_id = d.id
         JOIN messages m ON m.account_id = d.account_id AND m.id = d.message_id
         WHERE d.account_id = $1 AND m.conversation_id = ANY($2) ORDER BY d.id, a.attempt LIMIT $3"
    );
    let query = query.bind(whose.account).bind(whose.conversations()).bind(MOST);
    Ok(rows!(query, tx, message_id: MessageId => plain, status: String => plain, part: i64 => plain,
        attempt: Option<i64> => plain, started_at: Option<i64> => maybe, ended_at: Option<i64> => maybe,
        outcome: Option<String> => plain, detail: Option<String> => plain))
}

pub(super) async fn ratings(tx: &mut Tx, whose: &Whose<'_>) -> Result<Vec<Value>> {
    let query = sql!(
        "SELECT conversation_id, operator_id, score, comment, rated_at FROM ratings
         WHERE account_id = $1 AND conversation_id = ANY($2) ORDER BY rated_at LIMIT $3"
    );
    let query = query.bind(whose.account).bind(whose.conversations()).bind(MOST);
    Ok(
        rows!(query, tx, conversation_id: ConversationId => plain, operator_id: Option<UserId> => plain, score: i64 => plain,
        comment: String => plain, rated_at: i64 => moment),
    )
}

pub(super) async fn opt_outs(tx: &mut Tx, whose: &Whose<'_>) -> Result<Vec<Value>> {
    let query = sql!(
        "SELECT contact_id, source, at, said_by FROM opt_outs WHERE account_id = $1 AND contact_id = ANY($2) ORDER BY at LIMIT $3"
    );
    let query = query.bind(whose.account).bind(whose.contacts()).bind(MOST);
    Ok(rows!(query, tx, contact_id: ContactId => plain, source: String => plain, at: i64 => moment,
        said_by: Option<String> => plain))
}

pub(super) async fn mailings(tx: &mut Tx, whose: &Whose<'_>) -> Result<Vec<Value>> {
    let query = sql!(
        "SELECT r.mailing_id, m.document, r.contact_id, r.channel, r.state, r.reason, r.sent_at, r.state_at FROM mailing_recipients r
         JOIN mailings m ON m.account_id = r.account_id AND m.id = r.mailing_id
         WHERE r.account_id = $1 AND r.contact_id = ANY($2) ORDER BY r.created_at LIMIT $3"
    );
    let query = query.bind(whose.account).bind(whose.contacts()).bind(MOST);
    let titled = |document: String| parsed(document).get("title").cloned().unwrap_or_default();
    Ok(rows!(query, tx, mailing_id: MailingId => plain, title: String => titled, contact_id: ContactId => plain,
        channel: String => plain, state: String => plain, reason: String => plain, sent_at: Option<i64> => maybe,
        state_at: i64 => moment))
}

pub(super) async fn mailing_answers(tx: &mut Tx, whose: &Whose<'_>) -> Result<Vec<Value>> {
    let query = sql!(
        "SELECT mailing_id, contact_id, zone, due_at, answered_at, clicked_at, goal_at FROM mailing_recipients
         WHERE account_id = $1 AND contact_id = ANY($2) ORDER BY created_at LIMIT $3"
    );
    let query = query.bind(whose.account).bind(whose.contacts()).bind(MOST);
    Ok(rows!(query, tx, mailing_id: MailingId => plain, contact_id: ContactId => plain, zone: String => plain,
        due_at: i64 => moment, answered_at: Option<i64> => maybe, clicked_at: Option<i64> => maybe,
        goal_at: Option<i64> => maybe))
}

pub(super) async fn mailing_clicks(tx: &mut Tx, whose: &Whose<'_>) -> Result<Vec<Value>> {
    let query = sql!(
        "SELECT k.mailing_id, k.link, k.at FROM mailing_recipients r CROSS JOIN mailing_clicks k
         WHERE r.account_id = $1 AND r.contact_id = ANY($2)
           AND k.account_id = r.account_id AND k.mailing_id = r.mailing_id AND k.person_id = r.person_id ORDER BY k.at LIMIT $3"
    );
    let query = query.bind(whose.account).bind(whose.contacts()).bind(MOST);
    Ok(rows!(query, tx, mailing_id: MailingId => plain, link: i64 => plain, at: i64 => moment))
}

pub(super) async fn mailing_tests(tx: &mut Tx, whose: &Whose<'_>) -> Result<Vec<Value>> {
    let query = sql!(
        "SELECT mailing_id, contact_id, code, detail, sent_at FROM mailing_tests
         WHERE account_id = $1 AND contact_id = ANY($2) ORDER BY sent_at LIMIT $3"
    );
    let query = query.bind(whose.account).bind(whose.contacts()).bind(MOST);
    Ok(rows!(query, tx, mailing_id: MailingId => plain, contact_id: ContactId => plain, code: Option<String> => plain,
        detail: Option<String> => plain, sent_at: i64 => moment))
}

pub(super) async fn scenario_runs(tx: &mut Tx, whose: &Whose<'_>) -> Result<Vec<Value>> {
    let query = sql!(
        "SELECT r.id, s.name, r.version, r.source, r.state, r.started_at, r.ended_at, r.reason FROM scenario_runs r
         JOIN scenarios s ON s.account_id = r.account_id AND s.id = r.scenario_id
         WHERE r.account_id = $1 AND r.contact_id = ANY($2) ORDER BY r.started_at, r.id LIMIT $3"
    );
    let query = query.bind(whose.account).bind(whose.contacts()).bind(MOST);
    Ok(rows!(query, tx, id: RunId => plain, scenario: String => plain, version: i64 => plain, source: String => plain,
        kept: String => parsed, started_at: i64 => moment, ended_at: Option<i64> => maybe, reason: Option<String> => plain))
}

pub(super) async fn scenario_visits(tx: &mut Tx, whose: &Whose<'_>) -> Result<Vec<Value>> {
    let query = sql!(
        "SELECT v.run_id, v.visit, v.block, v.entered_at, v.left_at, v.exit, v.answer, v.incorrect FROM scenario_runs r CROSS JOIN scenario_visits v
         WHERE r.account_id = $1 AND r.contact_id = ANY($2) AND v.account_id = r.account_id AND v.run_id = r.id ORDER BY v.run_id, v.visit LIMIT $3"
    );
    let query = query.bind(whose.account).bind(whose.contacts()).bind(MOST);
    Ok(rows!(query, tx, run_id: RunId => plain, visit: i64 => plain, block: String => plain, entered_at: i64 => moment,
        left_at: Option<i64> => maybe, exit: Option<String> => plain, answer: Option<String> => plain,
        incorrect: i64 => plain))
}

pub(super) async fn test_users(tx: &mut Tx, whose: &Whose<'_>) -> Result<Vec<Value>> {
    let query = sql!(
        "SELECT contact_id, added_at FROM test_users WHERE account_id = $1 AND contact_id = ANY($2) ORDER BY added_at LIMIT $3"
    );
    let query = query.bind(whose.account).bind(whose.contacts()).bind(MOST);
    Ok(rows!(query, tx, contact_id: ContactId => plain, added_at: i64 => moment))
}

/// What they were shown on the site.
pub(super) async fn showings(tx: &mut Tx, whose: &Whose<'_>) -> Result<Vec<Value>> {
    let mut shown = Vec::new();
    for visitor in whose.visitors {
        let query = sql!(
            "SELECT auto_action_id, client_id, shown_at, clicked_at, dialog_at, is_test FROM auto_action_showings
             WHERE account_id = $1 AND project_id = $2 AND visitor = $3 ORDER BY shown_at LIMIT $4"
        );
        let query = query.bind(whose.account).bind(whose.project).bind(visitor).bind(MOST);
        shown.extend(rows!(query, tx, auto_action_id: AutoActionId => plain, client_id: String => plain,
            shown_at: i64 => moment, clicked_at: Option<i64> => maybe, dialog_at: Option<i64> => maybe, is_test: bool => plain));
    }
    Ok(shown)
}

/// Talks as reports count them, with the page that each began on.
pub(super) async fn sessions(tx: &mut Tx, whose: &Whose<'_>) -> Result<Vec<Value>> {
    let query = sql!(
        sqlite: "SELECT conversation_id, began_at, channel, page, asked_at, answered_at, closed_at, missed FROM report_sessions
         WHERE +account_id = $1 AND conversation_id = ANY($2) ORDER BY began_at, id LIMIT $3",
        postgres: "SELECT conversation_id, began_at, channel, page, asked_at, answered_at, closed_at, missed FROM report_sessions
         WHERE account_id = $1 AND conversation_id = ANY($2) ORDER BY began_at, id LIMIT $3"
    );
    let query = query.bind(whose.account).bind(whose.conversations()).bind(MOST);
    Ok(
        rows!(query, tx, conversation_id: Option<ConversationId> => plain, began_at: i64 => moment, channel: String => plain,
        page: String => plain, asked_at: Option<i64> => maybe, answered_at: Option<i64> => maybe,
        closed_at: Option<i64> => maybe, missed: Option<String> => plain),
    )
}

/// A file as its row says.
pub(super) struct FileOf {
    pub id: FileId,
    pub name: String,
    pub mime: String,
    pub size: i64,
    pub message: Option<MessageId>,
    pub created_at: i64,
    /// Another row's bytes that it shows.
    pub bytes_of: Option<FileId>,
}

/// Files of their conversations, and what visitors of the site uploaded and never sent; a part from an id on.
pub(super) async fn files(tx: &mut Tx, whose: &Whose<'_>, after: FileId, limit: i64) -> Result<Vec<FileOf>> {
    let query = sql!(
        "SELECT f.id, f.name, f.mime, f.size, f.message_id, f.created_at, f.bytes_of FROM files f
         WHERE f.account_id = $1 AND f.project_id = $2 AND f.id > $3 AND (
           f.message_id IN (SELECT m.id FROM messages m WHERE m.account_id = $1 AND m.conversation_id = ANY($4))
           OR (f.message_id IS NULL AND f.owner_id IN (
             SELECT c.external_id FROM contacts c WHERE c.account_id = $1 AND c.id = ANY($5) AND c.channel = 'site')))
         ORDER BY f.id LIMIT $6"
    );
    let query = query.bind(whose.account).bind(whose.project).bind(after).bind(whose.conversations());
    type Row = (FileId, String, String, i64, Option<MessageId>, i64, Option<FileId>);
    let found: Vec<Row> = query.bind(whose.contacts()).bind(limit).all(tx).await?;
    let file = |(id, name, mime, size, message, created_at, bytes_of): Row| FileOf {
        id,
        name,
        mime,
        size,
        message,
        created_at,
        bytes_of,
    };
    Ok(found.into_iter().map(file).collect())
}

/// Conversations of these contacts, oldest first.
pub(super) async fn conversations_of(
    tx: &mut Tx,
    account: &AccountId,
    contacts: &[ContactId],
) -> Result<Vec<ConversationId>> {
    let query =
        sql!("SELECT id FROM conversations WHERE account_id = $1 AND contact_id = ANY($2) ORDER BY created_at, id");
    let contacts = Bind::ids(contacts.iter().map(|id| id.bits()));
    let rows = query.bind(account).bind(contacts).all::<(ConversationId,)>(tx).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}
