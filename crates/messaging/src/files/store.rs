//! SQL of files.

use super::Saved;
use crate::Result;
use db::{DbError, FromRow, Row, Tx, Value, sql};
use model::{AccountId, Attachment, Cx, FileId, MessageId, ProjectId, Timestamp};

/// A file to be served.
#[derive(Debug, Clone)]
pub struct StoredFile {
    /// Account that owns it.
    pub account_id: AccountId,
    /// What readers see.
    pub attachment: Attachment,
    /// The file under whose id its bytes are.
    pub held_as: FileId,
}

struct FileRow(StoredFile);

impl FromRow for FileRow {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        let id: FileId = row.get(1)?;
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
            held_as: row.get(7)?,
        }))
    }
}

pub(super) async fn insert(
    tx: &mut Tx,
    account: &AccountId,
    saved: &Saved,
    now: Timestamp,
    kept: Option<&str>,
) -> Result<()> {
    let file = &saved.attachment;
    sql!(
        "INSERT INTO files (account_id, id, project_id, name, mime, size, width, height, owner_id, created_at, kept)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
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
    .bind(kept)
    .execute(tx)
    .await?;
    Ok(())
}

/// A row of its own over the bytes of a kept file.
pub(super) async fn insert_shared(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    file: &Attachment,
    bytes_of: &FileId,
) -> Result<()> {
    let query = sql!(
        "INSERT INTO files (account_id, id, project_id, name, mime, size, width, height, owner_id, created_at, bytes_of)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', $9, $10)"
    );
    let query = query.bind(cx.account).bind(file.id).bind(project).bind(&file.name).bind(&file.mime).bind(file.size);
    let query = query.bind(file.width).bind(file.height).bind(cx.env.now().0).bind(bytes_of);
    query.execute(cx.tx).await?;
    Ok(())
}

pub(super) async fn kept(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    id: &FileId,
    kept: &str,
) -> Result<Option<Attachment>> {
    let query = sql!(
        "SELECT account_id, id, name, mime, size, width, height, COALESCE(bytes_of, id) FROM files
         WHERE account_id = $1 AND id = $2 AND project_id = $3 AND kept = $4"
    );
    let found = query.bind(account).bind(id).bind(project).bind(kept).optional::<FileRow>(tx).await?;
    Ok(found.map(|row| row.0.attachment))
}

pub(super) async fn kept_of(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    kept: &str,
) -> Result<Vec<Attachment>> {
    let query = sql!(
        "SELECT account_id, id, name, mime, size, width, height, COALESCE(bytes_of, id) FROM files
         WHERE account_id = $1 AND project_id = $2 AND kept = $3 ORDER BY created_at DESC, id"
    );
    let rows = query.bind(account).bind(project).bind(kept).all::<FileRow>(tx).await?;
    Ok(rows.into_iter().map(|row| row.0.attachment).collect())
}

pub(super) async fn held_as(tx: &mut Tx, account: &AccountId, id: &FileId) -> Result<Option<FileId>> {
    let query = sql!("SELECT COALESCE(bytes_of, id) FROM files WHERE account_id = $1 AND id = $2");
    let found: Option<(FileId,)> = query.bind(account).bind(id).optional(tx).await?;
    Ok(found.map(|(id,)| id))
}

/// A file that everybody may see, whatever its account.
pub(super) async fn public(tx: &mut Tx, id: &FileId, kept: &str) -> Result<Option<StoredFile>> {
    let query = sql!(
        "SELECT account_id, id, name, mime, size, width, height, COALESCE(bytes_of, id) FROM files WHERE id = $1 AND kept = $2"
    );
    Ok(query.bind(id).bind(kept).optional::<FileRow>(tx).await?.map(|row| row.0))
}

pub(super) async fn kept_before(tx: &mut Tx, account: &AccountId, before: Timestamp) -> Result<Vec<FileId>> {
    let query = sql!("SELECT id FROM files WHERE account_id = $1 AND kept IS NOT NULL AND created_at < $2");
    let rows: Vec<(FileId,)> = query.bind(account).bind(before.0).all(tx).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Whether a draft, a version, a button or an appearance names a kept file, or a message shares its bytes.
pub(super) async fn is_named(tx: &mut Tx, account: &AccountId, id: &FileId) -> Result<bool> {
    let query = sql!(
        "SELECT f.size FROM files f WHERE f.account_id = $1 AND f.id = $2 AND (
           EXISTS (SELECT 1 FROM files o WHERE o.account_id = f.account_id AND o.bytes_of = f.id)
           OR EXISTS (SELECT 1 FROM scenarios s WHERE s.account_id = f.account_id AND s.project_id = f.project_id
                AND (s.document LIKE $3 ESCAPE '\\' OR EXISTS (SELECT 1 FROM scenario_versions v
                  WHERE v.account_id = s.account_id AND v.scenario_id = s.id AND v.document LIKE $3 ESCAPE '\\')))
           OR EXISTS (SELECT 1 FROM menu_buttons b WHERE b.account_id = f.account_id AND b.project_id = f.project_id
                AND (b.document LIKE $3 ESCAPE '\\' OR b.published LIKE $3 ESCAPE '\\'))
           OR EXISTS (SELECT 1 FROM projects p WHERE p.account_id = f.account_id AND p.id = f.project_id AND p.appearance LIKE $3 ESCAPE '\\')
           OR EXISTS (SELECT 1 FROM appearance_drafts d WHERE d.account_id = f.account_id AND d.project_id = f.project_id
                AND d.document LIKE $3 ESCAPE '\\'))"
    );
    let named = db::like(&id.to_string());
    let found: Option<(i64,)> = query.bind(account).bind(id).bind(named).optional(tx).await?;
    Ok(found.is_some())
}

pub(super) async fn unbound(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    owner_id: &str,
    id: &FileId,
) -> Result<Option<Attachment>> {
    let query = sql!(
        "SELECT account_id, id, name, mime, size, width, height, COALESCE(bytes_of, id) FROM files
         WHERE account_id = $1 AND id = $2 AND project_id = $3 AND owner_id = $4 AND message_id IS NULL AND kept IS NULL"
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
        "SELECT account_id, id, name, mime, size, width, height, COALESCE(bytes_of, id) FROM files
         WHERE id = $1 AND (message_id IS NULL OR EXISTS (SELECT 1 FROM messages m WHERE m.id = files.message_id))"
    );
    Ok(query.bind(id).optional::<FileRow>(tx).await?.map(|row| row.0))
}

pub(super) async fn project_of(tx: &mut Tx, account: &AccountId, id: &FileId) -> Result<Option<ProjectId>> {
    let query = sql!("SELECT project_id FROM files WHERE account_id = $1 AND id = $2");
    let found: Option<(ProjectId,)> = query.bind(account).bind(id).optional(tx).await?;
    Ok(found.map(|(id,)| id))
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

/// Leaves the files of a message without one: they name a message that there never was, as after its end.
pub(super) async fn let_go(tx: &mut Tx, account: &AccountId, message: &MessageId) -> Result<u64> {
    let query = sql!("UPDATE files SET message_id = id WHERE account_id = $1 AND message_id = $2");
    Ok(query.bind(account).bind(message).execute(tx).await?)
}

/// Some of those that were made before a moment and are of no message.
pub(super) async fn unsent(tx: &mut Tx, account: &AccountId, before: Timestamp, limit: i64) -> Result<Vec<FileId>> {
    let query = sql!(
        "SELECT id FROM files WHERE account_id = $1 AND message_id IS NULL AND kept IS NULL AND created_at < $2 LIMIT $3"
    );
    let rows: Vec<(FileId,)> = query.bind(account).bind(before.0).bind(limit).all(tx).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Deletes those that are of no message still: which they were.
pub(super) async fn delete_unsent(tx: &mut Tx, account: &AccountId, files: &[FileId]) -> Result<Vec<FileId>> {
    let query = sql!(
        "DELETE FROM files WHERE account_id = $1 AND id = ANY($2) AND message_id IS NULL AND kept IS NULL RETURNING id"
    );
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
