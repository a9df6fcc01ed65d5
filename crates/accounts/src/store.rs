//! SQL of accounts, users, sessions, invitations and keys.

use db::{DbError, FromRow, Row, Tx, sql};
use http_kit::{Role, Scope};

use model::{AccountId, ApiKeyId, Availability, Cx, ProjectId, Refusal, Result, SessionId, Timestamp, Topic, UserId};

/// When a new user is written to about clients who wait; the table says the same.
pub(crate) const EMAIL_AFTER_MINUTES: i64 = 5;

/// A user as stored.
#[derive(Debug, Clone)]
pub(crate) struct User {
    pub account_id: AccountId,
    pub id: UserId,
    pub email: String,
    pub name: String,
    pub password_hash: Option<String>,
    pub role: Role,
    pub locale: String,
    pub active: bool,
    pub availability: Availability,
    pub email_after_minutes: i64,
}

impl FromRow for User {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self {
            account_id: row.get(0)?,
            id: row.get(1)?,
            email: row.get(2)?,
            name: row.get(3)?,
            password_hash: row.get(4)?,
            role: Role::from_stored(row.text(5)?)?,
            locale: row.get(6)?,
            active: row.get(7)?,
            availability: Availability::from_stored(row.text(8)?)?,
            email_after_minutes: row.get(9)?,
        })
    }
}

macro_rules! user_columns {
    () => {
        "account_id, id, email, name, password_hash, role, locale, active, availability, email_after_minutes"
    };
}

pub(crate) async fn insert_account(tx: &mut Tx, id: &AccountId, name: &str, now: Timestamp) -> Result<()> {
    let account = sql!("INSERT INTO accounts (account_id, name, created_at) VALUES ($1, $2, $3)");
    account.bind(id).bind(name).bind(now.0).execute(tx).await?;
    let log = sql!("INSERT INTO account_positions (account_id, position, oldest_kept) VALUES ($1, 0, 1)");
    log.bind(id).execute(tx).await?;
    Ok(())
}

pub(crate) async fn account_name(tx: &mut Tx, id: &AccountId) -> Result<String> {
    let query = sql!("SELECT name FROM accounts WHERE account_id = $1");
    let row: Option<(String,)> = query.bind(id).optional(tx).await?;
    row.map(|r| r.0).ok_or(Refusal::NotFound)
}

/// Stores a new user; false when the e-mail is taken on this installation.
pub(crate) async fn insert_user(tx: &mut Tx, user: &User, demo: bool, now: Timestamp) -> Result<bool> {
    let inserted = sql!(
        "INSERT INTO users (account_id, id, email, name, password_hash, role, locale, active, demo, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (email) DO NOTHING"
    )
    .bind(user.account_id)
    .bind(user.id)
    .bind(&user.email)
    .bind(&user.name)
    .bind(user.password_hash.as_deref())
    .bind(user.role.as_str())
    .bind(&user.locale)
    .bind(user.active)
    .bind(demo)
    .bind(now.0)
    .execute(tx)
    .await?;
    Ok(inserted == 1)
}

pub(crate) async fn user_by_email(tx: &mut Tx, email: &str) -> Result<Option<User>> {
    let query = sql!(concat!("SELECT ", user_columns!(), " FROM users WHERE email = $1"));
    Ok(query.bind(email).optional(tx).await?)
}

pub(crate) async fn user(tx: &mut Tx, account: &AccountId, id: &UserId) -> Result<User> {
    let query = sql!(concat!("SELECT ", user_columns!(), " FROM users WHERE account_id = $1 AND id = $2"));
    query.bind(account).bind(id).optional(tx).await?.ok_or(Refusal::NotFound)
}

pub(crate) async fn users(tx: &mut Tx, account: &AccountId) -> Result<Vec<User>> {
    let query = sql!(concat!("SELECT ", user_columns!(), " FROM users WHERE account_id = $1 ORDER BY created_at, id"));
    Ok(query.bind(account).all(tx).await?)
}

/// People of demo data, who have no password and get none.
pub(crate) async fn made_up(tx: &mut Tx, account: &AccountId) -> Result<Vec<UserId>> {
    let query = sql!("SELECT id FROM users WHERE account_id = $1 AND demo AND password_hash IS NULL");
    let rows: Vec<(UserId,)> = query.bind(account).all(tx).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

pub(crate) async fn update_user(tx: &mut Tx, user: &User) -> Result<()> {
    let query =
        sql!("UPDATE users SET name = $3, role = $4, locale = $5, active = $6 WHERE account_id = $1 AND id = $2");
    let query = query.bind(user.account_id).bind(user.id).bind(&user.name).bind(user.role.as_str());
    query.bind(&user.locale).bind(user.active).execute(tx).await?;
    Ok(())
}

/// After how many minutes a user is written to about clients who wait; 0 is never.
pub(crate) async fn set_email_after(tx: &mut Tx, account: &AccountId, id: &UserId, minutes: i64) -> Result<()> {
    let query = sql!("UPDATE users SET email_after_minutes = $3 WHERE account_id = $1 AND id = $2");
    query.bind(account).bind(id).bind(minutes).execute(tx).await?;
    Ok(())
}

/// Projects of an account that have a mailbox.
pub(crate) async fn projects_with_mail(tx: &mut Tx, account: &AccountId) -> Result<Vec<ProjectId>> {
    let query = sql!(
        "SELECT DISTINCT project_id FROM connections WHERE account_id = $1 AND kind = 'email' AND status <> 'off'"
    );
    let rows: Vec<(ProjectId,)> = query.bind(account).all(tx).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// What a user says of himself; whether that is another thing than before.
pub(crate) async fn set_availability(
    tx: &mut Tx,
    account: &AccountId,
    id: &UserId,
    availability: Availability,
) -> Result<bool> {
    let query = sql!("UPDATE users SET availability = $3 WHERE account_id = $1 AND id = $2 AND availability <> $3");
    Ok(query.bind(account).bind(id).bind(availability.as_str()).execute(tx).await? > 0)
}

/// Keys of a person's own, as stored.
pub(crate) async fn shortcuts(tx: &mut Tx, account: &AccountId, id: &UserId) -> Result<String> {
    let query = sql!("SELECT shortcuts FROM users WHERE account_id = $1 AND id = $2");
    let found: Option<(String,)> = query.bind(account).bind(id).optional(tx).await?;
    found.map(|(keys,)| keys).ok_or(Refusal::NotFound)
}

pub(crate) async fn set_shortcuts(tx: &mut Tx, account: &AccountId, id: &UserId, keys: &str) -> Result<()> {
    let query = sql!("UPDATE users SET shortcuts = $3 WHERE account_id = $1 AND id = $2");
    query.bind(account).bind(id).bind(keys).execute(tx).await?;
    Ok(())
}

/// Whether a person's list shows open conversations of one client as one row.
pub(crate) async fn together(tx: &mut Tx, account: &AccountId, id: &UserId) -> Result<bool> {
    let query = sql!("SELECT together FROM users WHERE account_id = $1 AND id = $2");
    let found: Option<(bool,)> = query.bind(account).bind(id).optional(tx).await?;
    found.map(|(together,)| together).ok_or(Refusal::NotFound)
}

pub(crate) async fn set_together(tx: &mut Tx, account: &AccountId, id: &UserId, together: bool) -> Result<()> {
    let query = sql!("UPDATE users SET together = $3 WHERE account_id = $1 AND id = $2");
    query.bind(account).bind(id).bind(together).execute(tx).await?;
    Ok(())
}

pub(crate) async fn set_password(tx: &mut Tx, account: &AccountId, id: &UserId, hash: &str) -> Result<()> {
    let query = sql!("UPDATE users SET password_hash = $3 WHERE account_id = $1 AND id = $2");
    query.bind(account).bind(id).bind(hash).execute(tx).await?;
    Ok(())
}

pub(crate) async fn projects_of(tx: &mut Tx, account: &AccountId, user: &UserId) -> Result<Vec<ProjectId>> {
    let query = sql!("SELECT project_id FROM project_users WHERE account_id = $1 AND user_id = $2");
    let rows = query.bind(account).bind(user).all::<(ProjectId,)>(tx).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

pub(crate) async fn set_projects(
    tx: &mut Tx,
    account: &AccountId,
    user: &UserId,
    projects: &[ProjectId],
) -> Result<()> {
    let clear = sql!("DELETE FROM project_users WHERE account_id = $1 AND user_id = $2");
    clear.bind(account).bind(user).execute(tx).await?;
    for project in projects {
        add_to_project(tx, account, user, project).await?;
    }
    Ok(())
}

pub(crate) async fn add_to_project(tx: &mut Tx, account: &AccountId, user: &UserId, project: &ProjectId) -> Result<()> {
    let query = sql!(
        "INSERT INTO project_users (account_id, project_id, user_id) SELECT $1, id, $3 FROM projects WHERE account_id = $1 AND id = $2
         ON CONFLICT (account_id, project_id, user_id) DO NOTHING"
    );
    query.bind(account).bind(project).bind(user).execute(tx).await?;
    Ok(())
}

/// A session that begins.
pub(crate) struct NewSession {
    pub id: SessionId,
    pub token_hash: String,
    pub user: UserId,
    pub expires: Timestamp,
    /// Where it was begun.
    pub address: String,
    /// What the browser said it is.
    pub device: String,
}

pub(crate) async fn insert_session(cx: &mut Cx<'_>, new: &NewSession) -> Result<()> {
    let query = sql!(
        "INSERT INTO sessions (account_id, id, token_hash, user_id, created_at, proven_at, last_seen_at, expires_at, address, device)
         VALUES ($1, $2, $3, $4, $5, $5, $5, $6, $7, $8)"
    );
    let query = query.bind(cx.account).bind(new.id).bind(&new.token_hash).bind(new.user).bind(cx.env.now().0);
    query.bind(new.expires.0).bind(&new.address).bind(&new.device).execute(cx.tx).await?;
    Ok(())
}

/// A session as its user sees it in a list.
pub(crate) struct ListedSession {
    pub id: SessionId,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
    pub address: String,
    pub device: String,
}

impl FromRow for ListedSession {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self {
            id: row.get(0)?,
            created_at: Timestamp(row.get(1)?),
            last_seen_at: Timestamp(row.get(2)?),
            address: row.get(3)?,
            device: row.get(4)?,
        })
    }
}

/// Sessions of a user that still count, the one seen last first.
pub(crate) async fn sessions_of(cx: &mut Cx<'_>, user: &UserId) -> Result<Vec<ListedSession>> {
    let query = sql!(
        "SELECT id, created_at, last_seen_at, address, device FROM sessions
         WHERE account_id = $1 AND user_id = $2 AND expires_at > $3 ORDER BY last_seen_at DESC, id DESC"
    );
    Ok(query.bind(cx.account).bind(user).bind(cx.env.now().0).all(cx.tx).await?)
}

/// The session is at work.
pub(crate) async fn see_session(cx: &mut Cx<'_>, id: &SessionId) -> Result<()> {
    let query = sql!("UPDATE sessions SET last_seen_at = $3 WHERE account_id = $1 AND id = $2 AND last_seen_at < $3");
    query.bind(cx.account).bind(id).bind(cx.env.now().0).execute(cx.tx).await?;
    Ok(())
}

/// Ends one of a user's sessions.
pub(crate) async fn delete_session_of(tx: &mut Tx, account: &AccountId, user: &UserId, id: &SessionId) -> Result<()> {
    let query = sql!("DELETE FROM sessions WHERE account_id = $1 AND user_id = $2 AND id = $3");
    let gone = query.bind(account).bind(user).bind(id).execute(tx).await?;
    if gone == 0 {
        return Err(Refusal::NotFound);
    }
    tx.announce(Topic::Events(*account));
    Ok(())
}

/// Account, session and user of a session token that still counts.
pub(crate) async fn session(tx: &mut Tx, token_hash: &str, now: Timestamp) -> Result<Option<(Session, User)>> {
    let query = sql!(
        "SELECT account_id, id, user_id, proven_at, last_seen_at FROM sessions WHERE token_hash = $1 AND expires_at > $2"
    );
    let row: Option<(AccountId, SessionId, UserId, i64, i64)> = query.bind(token_hash).bind(now.0).optional(tx).await?;
    let Some((account, id, user_id, proven_at, last_seen_at)) = row else { return Ok(None) };
    let user = user(tx, &account, &user_id).await?;
    let session = Session { id, proven_at: Timestamp(proven_at), last_seen_at: Timestamp(last_seen_at) };
    Ok(user.active.then_some((session, user)))
}

/// A session that counts.
pub(crate) struct Session {
    pub id: SessionId,
    /// When its password was given last.
    pub proven_at: Timestamp,
    /// When it was seen at work, to some minutes.
    pub last_seen_at: Timestamp,
}

/// The password was given again.
pub(crate) async fn prove_session(cx: &mut Cx<'_>, id: &SessionId) -> Result<()> {
    let query = sql!("UPDATE sessions SET proven_at = $3 WHERE account_id = $1 AND id = $2");
    query.bind(cx.account).bind(id).bind(cx.env.now().0).execute(cx.tx).await?;
    Ok(())
}

pub(crate) async fn delete_session(tx: &mut Tx, account: &AccountId, id: &SessionId) -> Result<()> {
    let query = sql!("DELETE FROM sessions WHERE account_id = $1 AND id = $2");
    query.bind(account).bind(id).execute(tx).await?;
    tx.announce(Topic::Events(*account));
    Ok(())
}

/// Ends every session of a user, except perhaps one.
pub(crate) async fn delete_sessions(
    tx: &mut Tx,
    account: &AccountId,
    user: &UserId,
    keep: Option<&SessionId>,
) -> Result<()> {
    let query = sql!("DELETE FROM sessions WHERE account_id = $1 AND user_id = $2 AND id <> $3");
    query.bind(account).bind(user).bind(keep.copied().unwrap_or(SessionId::from_bits(0))).execute(tx).await?;
    tx.announce(Topic::Events(*account));
    Ok(())
}

pub(crate) async fn insert_invitation(
    tx: &mut Tx,
    account: &AccountId,
    token_hash: &str,
    user: &UserId,
    expires: Timestamp,
) -> Result<()> {
    let query = sql!("INSERT INTO invitations (account_id, token_hash, user_id, expires_at) VALUES ($1, $2, $3, $4)");
    query.bind(account).bind(token_hash).bind(user).bind(expires.0).execute(tx).await?;
    Ok(())
}

pub(crate) async fn invited(tx: &mut Tx, token_hash: &str, now: Timestamp) -> Result<User> {
    let query = sql!("SELECT account_id, user_id FROM invitations WHERE token_hash = $1 AND expires_at > $2");
    let row: Option<(AccountId, UserId)> = query.bind(token_hash).bind(now.0).optional(tx).await?;
    let (account, id) = row.ok_or(Refusal::NotFound)?;
    let invited = user(tx, &account, &id).await?;
    if invited.active { Ok(invited) } else { Err(Refusal::NotFound) }
}

/// Uses an invitation up; somebody else may have been faster.
pub(crate) async fn take_invitation(tx: &mut Tx, account: &AccountId, token_hash: &str) -> Result<()> {
    let query = sql!("DELETE FROM invitations WHERE account_id = $1 AND token_hash = $2");
    let taken = query.bind(account).bind(token_hash).execute(tx).await?;
    if taken == 0 { Err(Refusal::NotFound) } else { Ok(()) }
}

pub(crate) async fn delete_invitations(tx: &mut Tx, account: &AccountId, user: &UserId) -> Result<()> {
    let query = sql!("DELETE FROM invitations WHERE account_id = $1 AND user_id = $2");
    query.bind(account).bind(user).execute(tx).await?;
    Ok(())
}

/// Hashes of a colleague's invitations that have not ended, with their ends.
pub(crate) async fn invitations_of(
    tx: &mut Tx,
    account: &AccountId,
    user: &UserId,
    now: Timestamp,
) -> Result<Vec<(String, Timestamp)>> {
    let query = sql!(
        "SELECT token_hash, expires_at FROM invitations WHERE account_id = $1 AND user_id = $2 AND expires_at > $3"
    );
    let rows: Vec<(String, i64)> = query.bind(account).bind(user).bind(now.0).all(tx).await?;
    Ok(rows.into_iter().map(|(hash, ends)| (hash, Timestamp(ends))).collect())
}

/// Whether somebody has a conversation, open or closed.
pub(crate) async fn has_conversations(tx: &mut Tx, account: &AccountId, user: &UserId) -> Result<bool> {
    let query = sql!("SELECT seq FROM conversations WHERE account_id = $1 AND assignee_id = $2 LIMIT 1");
    let found: Option<(i64,)> = query.bind(account).bind(user).optional(tx).await?;
    Ok(found.is_some())
}

/// Deletes a colleague with everything that is only theirs.
pub(crate) async fn delete_user(tx: &mut Tx, account: &AccountId, user: &UserId) -> Result<()> {
    let query = sql!("DELETE FROM users WHERE account_id = $1 AND id = $2");
    query.bind(account).bind(user).execute(tx).await?;
    Ok(())
}

/// An API key as listed: never the key itself.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub account_id: AccountId,
    pub id: ApiKeyId,
    pub title: String,
    pub scopes: Vec<Scope>,
    pub created_at: Timestamp,
    pub made_by: UserId,
}

impl FromRow for Key {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        let scopes: String = row.get(3)?;
        Ok(Self {
            account_id: row.get(0)?,
            id: row.get(1)?,
            title: row.get(2)?,
            scopes: serde_json::from_str(&scopes).map_err(|e| DbError::other(format!("key scopes: {e}")))?,
            created_at: Timestamp(row.get(4)?),
            made_by: row.get(5)?,
        })
    }
}

pub(crate) async fn insert_key(tx: &mut Tx, key: &Key, key_hash: &str) -> Result<()> {
    let scopes = serde_json::to_string(&key.scopes).map_err(|e| Refusal::stored(&e))?;
    let query = sql!(
        "INSERT INTO api_keys (account_id, id, title, key_hash, scopes, created_at, made_by) VALUES ($1, $2, $3, $4, $5, $6, $7)"
    );
    let query = query.bind(key.account_id).bind(key.id).bind(&key.title).bind(key_hash).bind(scopes);
    query.bind(key.created_at.0).bind(key.made_by).execute(tx).await?;
    Ok(())
}

pub(crate) async fn key_by_hash(tx: &mut Tx, key_hash: &str) -> Result<Option<Key>> {
    let query = sql!(
        "SELECT account_id, id, title, scopes, created_at, made_by FROM api_keys WHERE key_hash = $1 AND made_by IS NOT NULL"
    );
    Ok(query.bind(key_hash).optional(tx).await?)
}

pub(crate) async fn keys(tx: &mut Tx, account: &AccountId) -> Result<Vec<Key>> {
    let query = sql!(
        "SELECT account_id, id, title, scopes, created_at, made_by FROM api_keys
         WHERE account_id = $1 AND made_by IS NOT NULL ORDER BY created_at, id"
    );
    Ok(query.bind(account).all(tx).await?)
}

pub(crate) async fn key(tx: &mut Tx, account: &AccountId, id: &ApiKeyId) -> Result<Key> {
    let query = sql!(
        "SELECT account_id, id, title, scopes, created_at, made_by FROM api_keys
         WHERE account_id = $1 AND id = $2 AND made_by IS NOT NULL"
    );
    query.bind(account).bind(id).optional(tx).await?.ok_or(Refusal::NotFound)
}

pub(crate) async fn delete_key(tx: &mut Tx, account: &AccountId, id: &ApiKeyId) -> Result<()> {
    let query = sql!("DELETE FROM api_keys WHERE account_id = $1 AND id = $2");
    let gone = query.bind(account).bind(id).execute(tx).await?;
    if gone == 0 { Err(Refusal::NotFound) } else { Ok(()) }
}

/// Forgets up to `limit` sessions that nobody can use any more.
///
/// # Errors
/// When the storage fails.
pub async fn forget_expired_sessions(tx: &mut Tx, account: &AccountId, now: Timestamp, limit: i64) -> Result<u64> {
    let query = sql!(
        "DELETE FROM sessions WHERE account_id = $1 AND id IN (
           SELECT id FROM sessions WHERE account_id = $1 AND expires_at <= $2 ORDER BY id LIMIT $3)"
    );
    Ok(query.bind(account).bind(now.0).bind(limit).execute(tx).await?)
}

/// Forgets up to `limit` invitations that nobody can take any more. The invited user stays in the list, to be invited again.
///
/// # Errors
/// When the storage fails.
pub async fn forget_expired_invitations(tx: &mut Tx, account: &AccountId, now: Timestamp, limit: i64) -> Result<u64> {
    let query = sql!(
        "DELETE FROM invitations WHERE account_id = $1 AND token_hash IN (
           SELECT token_hash FROM invitations WHERE account_id = $1 AND expires_at <= $2 ORDER BY token_hash LIMIT $3)"
    );
    Ok(query.bind(account).bind(now.0).bind(limit).execute(tx).await?)
}
