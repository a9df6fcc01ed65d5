//! Attachments: bytes in an object store under our own random names, a row only when the bytes are whole (D10).

pub(crate) mod gone;
mod pictures;
mod store;

use crate::{Refusal, Result};
use bytes::Bytes;
use db::Tx;
use futures_util::TryStreamExt;
use model::{AccountId, Attachment, Cx, Env, FileId, MessageId, ProjectId};
use object_store::path::Path as StorePath;
use object_store::{ObjectStore, ObjectStoreExt, WriteMultipart};
use std::path::Path;
use std::sync::Arc;
use tokio_util::io::{StreamReader, SyncIoBridge};

pub use gone::remove_soon;
pub use store::StoredFile;

/// Largest upload in bytes (rulings 13).
pub const MAX_UPLOAD: usize = 20 * 1024 * 1024;

/// Where the bytes are.
#[derive(Clone)]
pub struct FileStore(Arc<dyn ObjectStore>);

/// A file whose bytes are stored, to be written as a row.
#[derive(Debug, Clone)]
pub struct Saved {
    attachment: Attachment,
    project_id: ProjectId,
    owner_id: String,
}

/// Whose file it is: the only one who may attach it (security statement 27).
#[derive(Debug, Clone, Copy)]
pub struct Owner<'a> {
    /// Account.
    pub account: &'a AccountId,
    /// Project.
    pub project: &'a ProjectId,
    /// User, key, visitor or the channel's id of the sender.
    pub id: &'a str,
}

impl Saved {
    /// The file as readers will see it.
    pub fn attachment(&self) -> &Attachment {
        &self.attachment
    }
}

impl FileStore {
    /// A folder on this machine, made when missing.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn folder(folder: &Path) -> std::io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        // What was answered with "stored" is on the disk, with its name (D10).
        let store = object_store::local::LocalFileSystem::new_with_prefix(folder).map_err(std::io::Error::other)?;
        let store = store.with_fsync(true);
        Ok(Self(Arc::new(store)))
    }

    /// Judges the bytes by content, re-encodes pictures, stores them under a random name.
    ///
    /// # Errors
    /// When it is empty, too long, a picture bomb, or the store fails.
    pub async fn save(&self, env: &Env, owner: Owner<'_>, name: &str, bytes: Bytes) -> Result<Saved> {
        if bytes.is_empty() {
            return Err(Refusal::invalid("file", "empty", "the file is empty"));
        }
        if bytes.len() > MAX_UPLOAD {
            return Err(Refusal::invalid("file", "too_large", "at most 20 MB"));
        }
        let checked = tokio::task::spawn_blocking(move || pictures::check(bytes)).await;
        let checked = checked.map_err(|e| db::DbError::other(e.to_string()))??;
        let id = FileId::random(env.ids());
        let size = i64::try_from(checked.bytes.len()).unwrap_or(i64::MAX);
        self.0.put(&path_of(owner.account, &id), checked.bytes.into()).await.map_err(failed)?;
        let attachment = Attachment {
            url: format!("/f/{id}"),
            id,
            name: clean_name(name),
            mime: checked.mime,
            size,
            width: checked.size.map(|s| i64::from(s.0)),
            height: checked.size.map(|s| i64::from(s.1)),
        };
        Ok(Saved { attachment, project_id: *owner.project, owner_id: owner.id.to_owned() })
    }

    /// The bytes of a stored file.
    ///
    /// # Errors
    /// When they are gone.
    pub async fn read(&self, account: &AccountId, id: &FileId) -> Result<Bytes> {
        let found = self.0.get(&path_of(account, id)).await.map_err(|_| Refusal::NotFound)?;
        found.bytes().await.map_err(|e| db::DbError::other(e.to_string()).into())
    }

    /// Removes the bytes of a file; gone already is fine.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn delete(&self, account: &AccountId, id: &FileId) -> Result<()> {
        match self.0.delete(&path_of(account, id)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failed(error).into()),
        }
    }
}

/// What the store says, with a full disk told apart: that is for people to hear of.
fn failed(error: object_store::Error) -> db::DbError {
    let causes = std::iter::successors(Some(&error as &(dyn std::error::Error + 'static)), |e| e.source());
    let is_full = |cause: &(dyn std::error::Error + 'static)| {
        cause
            .downcast_ref::<std::io::Error>()
            .is_some_and(|e| matches!(e.kind(), std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded))
    };
    if causes.into_iter().any(is_full) { db::DbError::Full } else { db::DbError::other(error.to_string()) }
}

/// A table on its way in, of any length; kept outside the attachments until its import ends.
pub struct Upload {
    id: FileId,
    writer: WriteMultipart,
}

impl Upload {
    /// The next piece; waits when the store is slower than the sender.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn write(&mut self, piece: &[u8]) -> Result<()> {
        self.writer.wait_for_capacity(4).await.map_err(failed)?;
        self.writer.write(piece);
        Ok(())
    }

    /// Everything has come.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn finish(self) -> Result<FileId> {
        self.writer.finish().await.map_err(failed)?;
        Ok(self.id)
    }

    /// Forgets what came.
    pub async fn abort(self) {
        if let Err(error) = self.writer.abort().await {
            tracing::warn!(error = %error, "a broken upload left something behind");
        }
    }
}

impl FileStore {
    /// Begins an upload.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn begin_upload(&self, env: &Env, account: &AccountId) -> Result<Upload> {
        let id = FileId::random(env.ids());
        let parts = self.0.put_multipart(&upload_path(account, &id)).await;
        let parts = parts.map_err(failed)?;
        Ok(Upload { id, writer: WriteMultipart::new(parts) })
    }

    /// The bytes of an upload, to be read on a thread that may wait.
    ///
    /// # Errors
    /// When it is gone.
    pub async fn open_upload(&self, account: &AccountId, id: &FileId) -> Result<impl std::io::Read + Send + use<>> {
        let found = self.0.get(&upload_path(account, id)).await.map_err(|_| Refusal::NotFound)?;
        let pieces = found.into_stream().map_err(std::io::Error::other);
        Ok(SyncIoBridge::new(StreamReader::new(pieces)))
    }

    /// Removes an upload.
    pub async fn forget_upload(&self, account: &AccountId, id: &FileId) {
        if let Err(error) = self.0.delete(&upload_path(account, id)).await {
            tracing::warn!(error = %error, "an imported file could not be removed");
        }
    }
}

fn upload_path(account: &AccountId, id: &FileId) -> StorePath {
    StorePath::from(format!("{account}/imports/{id}"))
}

/// Writes the row of a stored file: from now on it can be attached once, by its owner.
///
/// # Errors
/// When the storage fails.
pub async fn record(cx: &mut Cx<'_>, saved: &Saved) -> Result<()> {
    store::insert(cx.tx, cx.account, saved, cx.env.now()).await
}

/// Binds the owner's unbound files to a message (security statement 27).
///
/// # Errors
/// [`Refusal::NotFound`] for a file that is another's, of another project, or bound already.
pub async fn attach(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    owner_id: &str,
    ids: &[FileId],
) -> Result<Vec<Attachment>> {
    let mut attached = Vec::with_capacity(ids.len());
    for id in ids {
        let file = store::unbound(tx, account, project, owner_id, id).await?.ok_or(Refusal::NotFound)?;
        attached.push(file);
    }
    Ok(attached)
}

/// Notes which message the files belong to.
///
/// # Errors
/// When the storage fails.
pub async fn bind(tx: &mut Tx, account: &AccountId, files: &[Attachment], message: &MessageId) -> Result<()> {
    for file in files {
        store::bind(tx, account, &file.id, message).await?;
    }
    Ok(())
}

/// A file by its id, which is the right to read it.
///
/// # Errors
/// When there is none.
pub async fn by_id(tx: &mut Tx, id: &FileId) -> Result<StoredFile> {
    store::by_id(tx, id).await?.ok_or(Refusal::NotFound)
}

fn path_of(account: &AccountId, id: &FileId) -> StorePath {
    StorePath::from(format!("{account}/{id}"))
}

/// A name for display only: no paths, no control or direction characters, at most 120 characters.
fn clean_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let is_shown = |c: &char| {
        !c.is_control()
            && !matches!(*c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let cleaned: String = last.chars().filter(is_shown).take(120).collect();
    if cleaned.trim().is_empty() { "file".to_owned() } else { cleaned }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_paths_and_direction_tricks() {
        assert_eq!(clean_name("../../etc/passwd"), "passwd");
        assert_eq!(clean_name("C:\\x\\счёт.pdf"), "счёт.pdf");
        assert_eq!(clean_name("photo\u{202e}gpj.exe"), "photogpj.exe");
        assert_eq!(clean_name("\u{0}"), "file");
    }
}
