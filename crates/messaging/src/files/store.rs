//! SQL of files.

use super::Saved;
use crate::Result;
use db::{DbError, FromRow, Row, Tx, Value, sql};
use model::{AccountId, Attachment, FileId, MessageId, ProjectId, Timestamp};

/// A file to be served.
#[derive(Debug, Clone)]
pub struct StoredFile {
    /// Account that owns it.
    pub account_id: AccountId,
    /// What readers see.
    pub attachment: Attachment,
}

struct FileRow(StoredFile);

impl FromRow for FileRow {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        let id = row.get(1)?;
        Ok(Self(StoredFile {
            account_id: row.get(0)?,
            attachment: Attachment {
                url: format!("/f/{id}"),
                id,
                name: row.get(2)?,
                mime: row.get(3)?,
                size: row.get(4)?,
                width: row.get(5)?,
                height: row.get(6)?,
            },
        }))
    }
}

pub(super) async fn insert(tx: &mut Tx, account: &AccountId, saved: &Saved, now: Timestamp) -> Result<()> {
    let file = &saved.attachment;
    sql!(
        "INSERT INTO files (account_id, id, project_id, name, mime, size, width, height, owner_id, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
    )
    .bind(account)
    .bind(file.id)
    .bind(saved.project_id)
    .bind(&file.name)
    .bind(&file.mime)
    .bind(file.size)
    .bind(file.width)
    .bind(file.height)
    .bind(&saved.owner_id)
    .bind(now.0)
    .execute(tx)
    .await?;
    Ok(())
}

pub(super) async fn unbound(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    owner_id: &str,
    id: &FileId,
) -> Result<Option<Attachment>> {
    let query = sql!(
        "SELECT account_id, id, name, mime, size, width, height FROM files
         WHERE account_id = $1 AND id = $2 AND project_id = $3 AND owner_id = $4 AND message_id IS NULL"
    );
    let query = query.bind(account).bind(id).bind(project).bind(owner_id);
    Ok(query.optional::<FileRow>(tx).await?.map(|row| row.0.attachment))
}

pub(super) async fn bind(tx: &mut Tx, account: &AccountId, id: &FileId, message: &MessageId) -> Result<()> {
    let query = sql!("UPDATE files SET message_id = $3 WHERE account_id = $1 AND id = $2");
    query.bind(account).bind(id).bind(message).execute(tx).await?;
    Ok(())
}

pub(super) async fn by_id(tx: &mut Tx, id: &FileId) -> Result<Option<StoredFile>> {
    // The random id alone is the key here: the reader may be a visitor of any account. With its message a file is gone.
    let query = sql!(
        "SELECT account_id, id, name, mime, size, width, height FROM files
         WHERE id = $1 AND (message_id IS NULL OR EXISTS (SELECT 1 FROM messages m WHERE m.id = files.message_id))"
    );
    Ok(query.bind(id).optional::<FileRow>(tx).await?.map(|row| row.0))
}

/// Some of those whose message is gone.
pub(super) async fn gone(tx: &mut Tx, account: &AccountId, limit: i64) -> Result<Vec<FileId>> {
    let query = sql!(
        "SELECT id FROM files WHERE account_id = $1 AND message_id IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.id = files.message_id) LIMIT $2"
    );
    let rows: Vec<(FileId,)> = query.bind(account).bind(limit).all(tx).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Some of those that were made before a moment and are of no message.
pub(super) async fn unsent(tx: &mut Tx, account: &AccountId, before: Timestamp, limit: i64) -> Result<Vec<FileId>> {
    let query = sql!("SELECT id FROM files WHERE account_id = $1 AND message_id IS NULL AND created_at < $2 LIMIT $3");
    let rows: Vec<(FileId,)> = query.bind(account).bind(before.0).bind(limit).all(tx).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Deletes those that are of no message still: which they were.
pub(super) async fn delete_unsent(tx: &mut Tx, account: &AccountId, files: &[FileId]) -> Result<Vec<FileId>> {
    let query = sql!("DELETE FROM files WHERE account_id = $1 AND id = ANY($2) AND message_id IS NULL RETURNING id");
    let files = Value::ids(files.iter().map(|id| id.bits()));
    let rows: Vec<(FileId,)> = query.bind(account).bind(files).all(tx).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Those that have a row.
pub(super) async fn named(tx: &mut Tx, account: &AccountId, files: &[FileId]) -> Result<Vec<FileId>> {
    let query = sql!("SELECT id FROM files WHERE account_id = $1 AND id = ANY($2)");
    let files = Value::ids(files.iter().map(|id| id.bits()));
    let rows: Vec<(FileId,)> = query.bind(account).bind(files).all(tx).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

pub(super) async fn delete(tx: &mut Tx, account: &AccountId, files: &[FileId]) -> Result<()> {
    let query = sql!("DELETE FROM files WHERE account_id = $1 AND id = ANY($2)");
    query.bind(account).bind(Value::ids(files.iter().map(|id| id.bits()))).execute(tx).await?;
    Ok(())
}
