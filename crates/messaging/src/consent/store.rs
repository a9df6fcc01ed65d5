//! SQL of consent.

use super::{DEFAULT_WORDS, Reach, Source};
use crate::Result;
use db::{DbError, FromRow, Row, Tx, Value, sql};
use model::{AccountId, ChannelKind, ContactId, Cx, ProjectId, Timestamp};
use serde::Serialize;

/// A contact that takes no mailings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct OptOut {
    /// Which.
    pub contact_id: ContactId,
    /// Its channel.
    pub channel: ChannelKind,
    /// Who said so.
    pub source: Source,
    /// When.
    pub at: Timestamp,
    /// Name of the operator or the key.
    pub by: Option<String>,
}

impl FromRow for OptOut {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self {
            contact_id: row.get(0)?,
            channel: ChannelKind::from_stored(row.text(1)?)?,
            source: Source::from_stored(row.text(2)?)?,
            at: Timestamp(row.get(3)?),
            by: row.get(4)?,
        })
    }
}

/// Those of the person that a contact belongs to.
///
/// # Errors
/// When the storage fails.
pub async fn of_group(tx: &mut Tx, account: &AccountId, contact: &ContactId) -> Result<Vec<OptOut>> {
    let query = sql!(
        "SELECT o.contact_id, c.channel, o.source, o.at, o.said_by FROM contacts me
         JOIN contacts c ON c.account_id = me.account_id AND c.group_id = me.group_id
         JOIN opt_outs o ON o.account_id = c.account_id AND o.contact_id = c.id
         WHERE me.account_id = $1 AND me.id = $2 ORDER BY o.at, o.contact_id"
    );
    Ok(query.bind(account).bind(contact).all(tx).await?)
}

/// Which of these contacts said so themselves.
///
/// # Errors
/// When the storage fails.
pub async fn of_contacts(tx: &mut Tx, account: &AccountId, contacts: &[ContactId]) -> Result<Vec<ContactId>> {
    let query = sql!("SELECT contact_id FROM opt_outs WHERE account_id = $1 AND contact_id = ANY($2)");
    let ids = Value::ids(contacts.iter().map(|id| id.bits()));
    let rows: Vec<(ContactId,)> = query.bind(account).bind(ids).all(tx).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

pub(super) async fn insert(cx: &mut Cx<'_>, contact: &ContactId, source: Source, by: Option<&str>) -> Result<bool> {
    let query = sql!(
        "INSERT INTO opt_outs (account_id, contact_id, source, at, said_by) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (account_id, contact_id) DO NOTHING"
    );
    let query = query.bind(cx.account).bind(contact).bind(source.as_str()).bind(cx.env.now().0).bind(by);
    Ok(query.execute(cx.tx).await? == 1)
}

pub(super) async fn delete(tx: &mut Tx, account: &AccountId, contact: &ContactId) -> Result<()> {
    let query = sql!("DELETE FROM opt_outs WHERE account_id = $1 AND contact_id = $2");
    query.bind(account).bind(contact).execute(tx).await?;
    Ok(())
}

/// Whether a contact got a mailing since a moment.
pub(super) async fn had_mailing(
    tx: &mut Tx,
    account: &AccountId,
    contact: &ContactId,
    since: Timestamp,
) -> Result<bool> {
    let query = sql!(
        "SELECT COUNT(*) FROM mailing_recipients
         WHERE account_id = $1 AND contact_id = $2 AND claimed_at IS NOT NULL AND claimed_at >= $3"
    );
    let (count,): (i64,) = query.bind(account).bind(contact).bind(since.0).one(tx).await?;
    Ok(count > 0)
}

/// How a project hears that somebody takes no mailings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = MailingSettings)]
pub struct Settings {
    /// Whole messages that say so, in any case of letters.
    pub stop_words: Vec<String>,
    /// How far it reaches.
    pub scope: Reach,
    /// To be named when saving.
    pub version: i64,
}

/// Those of a project.
///
/// # Errors
/// When the storage fails.
pub async fn settings(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Settings> {
    let query =
        sql!("SELECT stop_words, scope, version FROM mailing_settings WHERE account_id = $1 AND project_id = $2");
    let found: Option<(String, String, i64)> = query.bind(account).bind(project).optional(tx).await?;
    let Some((words, scope, version)) = found else {
        let stop_words = DEFAULT_WORDS.iter().map(|word| (*word).to_owned()).collect();
        return Ok(Settings { stop_words, scope: Reach::default(), version: 0 });
    };
    let stop_words = serde_json::from_str(&words).map_err(|e| DbError::other(e.to_string()))?;
    Ok(Settings { stop_words, scope: Reach::from_stored(&scope)?, version })
}

/// Saves them over the version that their editor knows; false when somebody has saved since.
///
/// # Errors
/// When the storage fails.
pub async fn save_settings(cx: &mut Cx<'_>, project: &ProjectId, settings: &Settings) -> Result<bool> {
    let query = sql!(
        "INSERT INTO mailing_settings (account_id, project_id, stop_words, scope, version) VALUES ($1, $2, $3, $4, 1)
         ON CONFLICT (project_id) DO UPDATE SET stop_words = excluded.stop_words, scope = excluded.scope,
           version = mailing_settings.version + 1
         WHERE mailing_settings.account_id = $1 AND mailing_settings.version = $5"
    );
    let words = serde_json::to_string(&settings.stop_words).map_err(|e| DbError::other(e.to_string()))?;
    let query = query.bind(cx.account).bind(project).bind(&words).bind(settings.scope.as_str());
    Ok(query.bind(settings.version).execute(cx.tx).await? == 1)
}
