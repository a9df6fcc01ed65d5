//! Attachments: bytes in an object store under our own random names, a row only when the bytes are whole (D10).

mod erased;
mod gif;
pub(crate) mod gone;
mod isobmff;
mod kept;
mod pictures;
mod store;
mod strays;
mod tiff;

use crate::contacts::names::readable;
use crate::{Refusal, Result};
use bytes::Bytes;
use db::Tx;
use futures_util::{Stream, StreamExt, TryStreamExt};
use model::{AccountId, Attachment, Cx, Env, FileId, MessageId, ProjectId};
use object_store::path::Path as StorePath;
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt, WriteMultipart};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio_util::io::{StreamReader, SyncIoBridge};

pub use gone::remove_soon;
pub(crate) use kept::held_as;
pub use kept::{Kept, MAX_ICON, is_kept, keep, kept_url, of_scenarios, public, remove_unnamed, share};
pub use store::StoredFile;
pub use strays::{remove_strays, remove_unsent};

/// Largest upload in bytes (rulings 13).
pub const MAX_UPLOAD: usize = 20 * 1024 * 1024;

/// Bytes of an upload that wait in memory for the store, at most four times over.
const PIECE: usize = 256 * 1024;

/// Folder of an account's uploads that are no attachments yet, or never.
const IMPORTS: &str = "imports";

/// Where the bytes are.
#[derive(Clone)]
pub struct FileStore {
    store: Arc<dyn ObjectStore>,
    folder: PathBuf,
    /// Pictures are looked at one at a time: each may take some hundred megabytes.
    looking: Arc<Semaphore>,
}

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
    fn of(owner: Owner<'_>, id: FileId, name: &str, mime: String, size: usize, sides: Option<(u32, u32)>) -> Self {
        let attachment = Attachment {
            url: format!("/f/{id}"),
            id,
            name: clean_name(name),
            mime,
            size: i64::try_from(size).unwrap_or(i64::MAX),
            width: sides.map(|sides| i64::from(sides.0)),
            height: sides.map(|sides| i64::from(sides.1)),
        };
        Self { attachment, project_id: *owner.project, owner_id: owner.id.to_owned() }
    }

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
        Ok(Self { store: Arc::new(store), folder: folder.to_owned(), looking: Arc::new(Semaphore::new(1)) })
    }

    /// Judges the bytes by content, re-encodes pictures, stores them under a random name.
    ///
    /// # Errors
    /// When it is empty, too long, a picture bomb, or the store fails.
    pub async fn save(&self, env: &Env, owner: Owner<'_>, name: &str, bytes: Bytes) -> Result<Saved> {
        check_length(bytes.len())?;
        let id = FileId::random(env.ids());
        match pictures::judge_head(head_of(&bytes)) {
            Some(mime) => {
                let size = bytes.len();
                self.put(owner.account, &id, bytes).await?;
                Ok(Saved::of(owner, id, name, mime, size, None))
            }
            None => {
                let _one = self.look().await?;
                self.save_picture(owner, id, name, bytes).await
            }
        }
    }

    /// As [`Self::save`], of what comes piece by piece: it goes to the store as it comes, and only pictures are held in memory, one at
    /// a time.
    ///
    /// # Errors
    /// As [`Self::save`], or when a piece does not come.
    pub async fn receive<E: From<Refusal>>(
        &self,
        env: &Env,
        owner: Owner<'_>,
        name: &str,
        pieces: impl Stream<Item = std::result::Result<Bytes, E>>,
    ) -> std::result::Result<Saved, E> {
        let mut upload = self.begin_upload(env, owner.account).await?;
        let (head, length) = match take_pieces(&mut upload, pieces).await {
            Ok(taken) => taken,
            Err(error) => {
                upload.abort().await;
                return Err(error);
            }
        };
        let id = upload.finish().await?;
        let came = upload_path(owner.account, &id);
        let saved = match pictures::judge_head(&head) {
            Some(mime) => {
                let moved = self.store.rename(&came, &path_of(owner.account, &id)).await;
                moved.map_err(failed).map_err(Refusal::from)?;
                Ok(Saved::of(owner, id, name, mime, length, None))
            }
            None => self.look_at_upload(owner, id, name, &came).await,
        };
        if saved.is_err() {
            self.forget_upload(owner.account, &id).await;
        }
        Ok(saved?)
    }

    async fn look_at_upload(&self, owner: Owner<'_>, id: FileId, name: &str, came: &StorePath) -> Result<Saved> {
        let _one = self.look().await?;
        let found = self.store.get(came).await.map_err(|e| db::DbError::other(e.to_string()))?;
        let bytes = found.bytes().await.map_err(|e| db::DbError::other(e.to_string()))?;
        let saved = self.save_picture(owner, id, name, bytes).await?;
        self.forget_upload(owner.account, &id).await;
        Ok(saved)
    }

    /// The turn to look at a picture.
    async fn look(&self) -> Result<SemaphorePermit<'_>> {
        self.looking.acquire().await.map_err(|e| db::DbError::other(e.to_string()).into())
    }

    async fn save_picture(&self, owner: Owner<'_>, id: FileId, name: &str, bytes: Bytes) -> Result<Saved> {
        let checked = tokio::task::spawn_blocking(move || pictures::check(bytes)).await;
        let checked = checked.map_err(|e| db::DbError::other(e.to_string()))??;
        let size = checked.bytes.len();
        self.put(owner.account, &id, checked.bytes).await?;
        Ok(Saved::of(owner, id, name, checked.mime, size, checked.size))
    }

    async fn put(&self, account: &AccountId, id: &FileId, bytes: Bytes) -> Result<()> {
        let put = self.store.put(&path_of(account, id), bytes.into()).await;
        put.map_err(failed)?;
        Ok(())
    }

    /// The bytes of a stored file.
    ///
    /// # Errors
    /// When they are gone.
    pub async fn read(&self, account: &AccountId, id: &FileId) -> Result<Bytes> {
        let found = self.store.get(&path_of(account, id)).await.map_err(|_| Refusal::NotFound)?;
        found.bytes().await.map_err(|e| db::DbError::other(e.to_string()).into())
    }

    /// The bytes of a file, or a part of them, as they come from the store: nothing holds the whole.
    ///
    /// # Errors
    /// When they are gone.
    pub async fn stream(
        &self,
        account: &AccountId,
        id: &FileId,
        part: Option<Range<u64>>,
    ) -> Result<impl Stream<Item = Result<Bytes>> + Send + use<>> {
        let options = GetOptions { range: part.map(GetRange::Bounded), ..GetOptions::default() };
        let found = self.store.get_opts(&path_of(account, id), options).await.map_err(|_| Refusal::NotFound)?;
        Ok(found.into_stream().map_err(|error| failed(error).into()))
    }

    /// Removes the bytes of a file; gone already is fine.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn delete(&self, account: &AccountId, id: &FileId) -> Result<()> {
        match self.store.delete(&path_of(account, id)).await {
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

fn head_of(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.len().min(pictures::HEAD)]
}

fn check_length(length: usize) -> Result<()> {
    if length == 0 {
        return Err(Refusal::invalid("file", "empty", "the file is empty"));
    }
    if length > MAX_UPLOAD {
        return Err(Refusal::invalid("file", "too_large", "at most 20 MB"));
    }
    Ok(())
}

/// Writes what comes; how it begins, and how long it is.
async fn take_pieces<E: From<Refusal>>(
    upload: &mut Upload,
    pieces: impl Stream<Item = std::result::Result<Bytes, E>>,
) -> std::result::Result<(Vec<u8>, usize), E> {
    let mut pieces = std::pin::pin!(pieces);
    let (mut head, mut length) = (Vec::new(), 0);
    while let Some(piece) = pieces.next().await {
        let piece = piece?;
        length += piece.len();
        if length > MAX_UPLOAD {
            break;
        }
        let missing = pictures::HEAD.saturating_sub(head.len()).min(piece.len());
        head.extend_from_slice(&piece[..missing]);
        upload.write(&piece).await?;
    }
    check_length(length)?;
    Ok((head, length))
}

/// A file on its way in, of any length; kept outside the attachments until it is whole.
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
        let parts = self.store.put_multipart(&upload_path(account, &id)).await;
        let parts = parts.map_err(failed)?;
        Ok(Upload { id, writer: WriteMultipart::new_with_chunk_size(parts, PIECE) })
    }

    /// The bytes of an upload, to be read on a thread that may wait.
    ///
    /// # Errors
    /// When it is gone.
    pub async fn open_upload(&self, account: &AccountId, id: &FileId) -> Result<impl std::io::Read + Send + use<>> {
        let found = self.store.get(&upload_path(account, id)).await.map_err(|_| Refusal::NotFound)?;
        let pieces = found.into_stream().map_err(std::io::Error::other);
        Ok(SyncIoBridge::new(StreamReader::new(pieces)))
    }

    /// Removes an upload.
    pub async fn forget_upload(&self, account: &AccountId, id: &FileId) {
        if let Err(error) = self.store.delete(&upload_path(account, id)).await {
            tracing::warn!(error = %error, "an imported file could not be removed");
        }
    }
}

fn upload_path(account: &AccountId, id: &FileId) -> StorePath {
    StorePath::from(format!("{account}/{IMPORTS}/{id}"))
}

/// Writes the row of a stored file: from now on it can be attached once, by its owner.
///
/// # Errors
/// When the storage fails.
pub async fn record(cx: &mut Cx<'_>, saved: &Saved) -> Result<()> {
    store::insert(cx.tx, cx.account, saved, cx.env.now(), None).await
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

/// The message that had them is no longer theirs: nobody can read them from then on, and they are removed soon.
///
/// # Errors
/// When the storage fails.
pub async fn let_go(cx: &mut Cx<'_>, message: &MessageId) -> Result<()> {
    if store::let_go(cx.tx, cx.account, message).await? > 0 {
        remove_soon(cx).await?;
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

/// The project of a file of this account.
///
/// # Errors
/// When the storage fails.
pub async fn project_of(tx: &mut Tx, account: &AccountId, id: &FileId) -> Result<Option<ProjectId>> {
    store::project_of(tx, account, id).await
}

fn path_of(account: &AccountId, id: &FileId) -> StorePath {
    StorePath::from(format!("{account}/{id}"))
}

/// A name for display only: no paths, no control or direction characters, at most 120 characters.
fn clean_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let cleaned = readable(last).map(|name| name.chars().take(120).collect());
    cleaned.unwrap_or_else(|| "file".to_owned())
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
