//! SQL of web push.

use crate::subscription::Subscription;
use db::{DbError, FromRow, Row, Tx, sql};
use model::{AccountId, ConversationId, ProjectId, PushSubscriptionId, Refusal, Result, Timestamp, UserId};
use vault::Sealed;

macro_rules! columns {
    () => {
        "s.id, s.user_id, s.session_id, s.endpoint, s.public_key, s.auth, s.device, s.quiet_until, s.created_at"
    };
}

impl FromRow for Subscription {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self {
            id: row.get(0)?,
            user_id: row.get(1)?,
            session_id: row.get(2)?,
            endpoint: row.get(3)?,
            public_key: row.get(4)?,
            auth: row.get(5)?,
            device: row.get(6)?,
            quiet_until: Timestamp(row.get(7)?),
            created_at: Timestamp(row.get(8)?),
        })
    }
}

pub(crate) async fn key(tx: &mut Tx, account: &AccountId) -> Result<Option<Sealed>> {
    let query = sql!("SELECT secret FROM push_keys WHERE account_id = $1");
    let row: Option<(String,)> = query.bind(account).optional(tx).await?;
    Ok(row.map(|(secret,)| Sealed::from_stored(secret)))
}

/// Somebody may have been faster: theirs stays.
pub(crate) async fn insert_key(tx: &mut Tx, account: &AccountId, secret: &Sealed, position: i64) -> Result<()> {
    let query = sql!(
        "INSERT INTO push_keys (account_id, secret, position) VALUES ($1, $2, $3) ON CONFLICT (account_id) DO NOTHING"
    );
    query.bind(account).bind(secret.as_str()).bind(position).execute(tx).await?;
    Ok(())
}

/// Lets go of a key and of every browser that knows it.
pub(crate) async fn delete_all(tx: &mut Tx, account: &AccountId) -> Result<()> {
    sql!("DELETE FROM push_subscriptions WHERE account_id = $1").bind(account).execute(tx).await?;
    sql!("DELETE FROM push_keys WHERE account_id = $1").bind(account).execute(tx).await?;
    Ok(())
}

pub(crate) async fn insert(tx: &mut Tx, account: &AccountId, new: &Subscription) -> Result<()> {
    let query = sql!(
        "INSERT INTO push_subscriptions (account_id, id, user_id, session_id, endpoint, public_key, auth, device, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
    );
    let query = query.bind(account).bind(new.id).bind(new.user_id).bind(new.session_id).bind(&new.endpoint);
    query.bind(&new.public_key).bind(&new.auth).bind(&new.device).bind(new.created_at.0).execute(tx).await?;
    Ok(())
}

/// A browser's address belongs to one: whoever signed in with it last.
pub(crate) async fn delete_endpoint(tx: &mut Tx, account: &AccountId, endpoint: &str) -> Result<()> {
    let query = sql!("DELETE FROM push_subscriptions WHERE account_id = $1 AND endpoint = $2");
    query.bind(account).bind(endpoint).execute(tx).await?;
    Ok(())
}

/// Keeps the newest of a person.
pub(crate) async fn delete_beyond(tx: &mut Tx, account: &AccountId, user: &UserId, most: i64) -> Result<()> {
    let query = sql!(
        "DELETE FROM push_subscriptions WHERE account_id = $1 AND user_id = $2 AND id NOT IN (
           SELECT id FROM push_subscriptions WHERE account_id = $1 AND user_id = $2 ORDER BY id DESC LIMIT $3)"
    );
    query.bind(account).bind(user).bind(most).execute(tx).await?;
    Ok(())
}

pub(crate) async fn of_user(tx: &mut Tx, account: &AccountId, user: &UserId) -> Result<Vec<Subscription>> {
    let query = sql!(concat!(
        "SELECT ",
        columns!(),
        " FROM push_subscriptions s WHERE s.account_id = $1 AND s.user_id = $2 ORDER BY s.id DESC"
    ));
    Ok(query.bind(account).bind(user).all(tx).await?)
}

pub(crate) async fn one(
    tx: &mut Tx,
    account: &AccountId,
    user: &UserId,
    id: &PushSubscriptionId,
) -> Result<Subscription> {
    let query = sql!(concat!(
        "SELECT ",
        columns!(),
        " FROM push_subscriptions s WHERE s.account_id = $1 AND s.user_id = $2 AND s.id = $3"
    ));
    query.bind(account).bind(user).bind(id).optional(tx).await?.ok_or(Refusal::NotFound)
}

pub(crate) async fn set_quiet(
    tx: &mut Tx,
    account: &AccountId,
    user: &UserId,
    id: &PushSubscriptionId,
    until: Timestamp,
) -> Result<()> {
    let query =
        sql!("UPDATE push_subscriptions SET quiet_until = $4 WHERE account_id = $1 AND user_id = $2 AND id = $3");
    let changed = query.bind(account).bind(user).bind(id).bind(until.0).execute(tx).await?;
    if changed == 0 { Err(Refusal::NotFound) } else { Ok(()) }
}

pub(crate) async fn delete(tx: &mut Tx, account: &AccountId, user: &UserId, id: &PushSubscriptionId) -> Result<()> {
    let query = sql!("DELETE FROM push_subscriptions WHERE account_id = $1 AND user_id = $2 AND id = $3");
    let gone = query.bind(account).bind(user).bind(id).execute(tx).await?;
    if gone == 0 { Err(Refusal::NotFound) } else { Ok(()) }
}

/// The push service says that it is gone.
pub(crate) async fn forget(tx: &mut Tx, account: &AccountId, id: &PushSubscriptionId) -> Result<()> {
    let query = sql!("DELETE FROM push_subscriptions WHERE account_id = $1 AND id = $2");
    query.bind(account).bind(id).execute(tx).await?;
    Ok(())
}

/// Accounts whose people want to be told, with how far their logs were followed and where they end.
pub(crate) async fn behind(tx: &mut Tx) -> Result<Vec<(AccountId, i64, i64)>> {
    let query = sql!(
        "SELECT k.account_id, k.position, p.position FROM push_keys k JOIN account_positions p ON p.account_id = k.account_id
         WHERE k.position < p.position AND EXISTS (SELECT 1 FROM push_subscriptions s WHERE s.account_id = k.account_id)
         ORDER BY k.account_id -- any account_id"
    );
    Ok(query.all(tx).await?)
}

pub(crate) async fn followed(tx: &mut Tx, account: &AccountId, position: i64) -> Result<()> {
    let query = sql!("UPDATE push_keys SET position = $2 WHERE account_id = $1 AND position < $2");
    query.bind(account).bind(position).execute(tx).await?;
    Ok(())
}

/// Browsers that may be told of something in a project: of one person, or of everybody who works there and does not say to be away.
pub(crate) async fn of_project(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    only: Option<&UserId>,
    now: Timestamp,
) -> Result<Vec<Subscription>> {
    let query = sql!(concat!(
        "SELECT ",
        columns!(),
        " FROM push_subscriptions s JOIN users u ON u.account_id = s.account_id AND u.id = s.user_id
         WHERE s.account_id = $1 AND s.quiet_until <= $4 AND u.active AND (u.id = $3 OR ($5 = 0 AND u.availability <> 'away'))
           AND (u.role = 'owner' OR EXISTS (
             SELECT 1 FROM project_users p WHERE p.account_id = u.account_id AND p.project_id = $2 AND p.user_id = u.id))
         ORDER BY s.id"
    ));
    let query = query.bind(account).bind(project).bind(only.copied().unwrap_or(UserId::from_bits(0))).bind(now.0);
    Ok(query.bind(i64::from(only.is_some())).all(tx).await?)
}

/// What a browser was told is kept so long at most; a push service keeps no note longer.
const TOLD_MS: i64 = 12 * 60 * 60 * 1000;
/// Conversations of one browser; beyond them the oldest are forgotten, and their notes stay until somebody closes them.
const MOST_TOLD: i64 = 100;

/// Notes that a browser is told of a conversation, up to a message.
pub(crate) async fn tell(
    tx: &mut Tx,
    account: &AccountId,
    browser: &PushSubscriptionId,
    (conversation, seq): (ConversationId, i64),
    now: Timestamp,
) -> Result<()> {
    // A browser that went meanwhile is told nothing.
    let query = sql!(
        "INSERT INTO push_told (account_id, subscription_id, conversation_id, seq, told_at)
         SELECT s.account_id, s.id, v.id, CAST($4 AS BIGINT), CAST($5 AS BIGINT) FROM push_subscriptions s JOIN conversations v ON v.account_id = s.account_id
         WHERE s.account_id = $1 AND s.id = $2 AND v.id = $3
         ON CONFLICT (subscription_id, conversation_id) DO UPDATE SET seq = excluded.seq, told_at = excluded.told_at"
    );
    query.bind(account).bind(browser).bind(conversation).bind(seq).bind(now.0).execute(tx).await?;
    let old = sql!("DELETE FROM push_told WHERE account_id = $1 AND subscription_id = $2 AND told_at < $3");
    old.bind(account).bind(browser).bind(now.0 - TOLD_MS).execute(tx).await?;
    let beyond = sql!(
        "DELETE FROM push_told WHERE account_id = $1 AND subscription_id = $2 AND conversation_id NOT IN (
           SELECT t.conversation_id FROM push_told t WHERE t.account_id = $1 AND t.subscription_id = $2
           ORDER BY t.told_at DESC, t.conversation_id LIMIT $3)"
    );
    beyond.bind(account).bind(browser).bind(MOST_TOLD).execute(tx).await?;
    Ok(())
}

/// Whether any browser of the account was told anything that nobody has read since: nearly always none, and then nobody looks further.
pub(crate) async fn has_told(tx: &mut Tx, account: &AccountId) -> Result<bool> {
    let query = sql!(
        "SELECT s.id FROM push_subscriptions s WHERE s.account_id = $1 AND EXISTS (
           SELECT 1 FROM push_told t WHERE t.subscription_id = s.id) LIMIT 1"
    );
    Ok(query.bind(account).optional::<(PushSubscriptionId,)>(tx).await?.is_some())
}

/// Browsers of a person that were told of a conversation, of nothing newer than this message.
pub(crate) async fn told(
    tx: &mut Tx,
    account: &AccountId,
    user: &UserId,
    (conversation, seq): (ConversationId, i64),
) -> Result<Vec<Subscription>> {
    let query = sql!(concat!(
        "SELECT ",
        columns!(),
        " FROM push_told t JOIN push_subscriptions s ON s.id = t.subscription_id
         WHERE t.account_id = $1 AND t.conversation_id = $2 AND s.user_id = $3 AND t.seq <= $4 ORDER BY s.id"
    ));
    Ok(query.bind(account).bind(conversation).bind(user).bind(seq).all(tx).await?)
}

/// What was told is taken away: once.
pub(crate) async fn take_away(
    tx: &mut Tx,
    account: &AccountId,
    browser: &PushSubscriptionId,
    (conversation, seq): (ConversationId, i64),
) -> Result<bool> {
    let query = sql!(
        "DELETE FROM push_told WHERE account_id = $1 AND subscription_id = $2 AND conversation_id = $3 AND seq <= $4"
    );
    Ok(query.bind(account).bind(browser).bind(conversation).bind(seq).execute(tx).await? > 0)
}
