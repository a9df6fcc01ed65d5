//! Files that are kept without a message: pictures of a site's buttons, which everybody sees, and what bots send, time and again. A message that
//! carries one has a row of its own that shares the bytes, so whoever may read the message may read its file, and for as long.

use super::{FileStore, Owner, Saved, check_length, pictures, store};
use crate::{Messaging, Refusal, Result};
use bytes::Bytes;
use db::Tx;
use futures_util::{Stream, StreamExt};
use model::{AccountId, Attachment, Cx, Env, FileId, ProjectId, Timestamp};

/// Bytes of a picture of a button at most, as it comes.
pub const MAX_ICON: usize = 1024 * 1024;

/// What a file is kept for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// A picture of a menu button: every visitor of the site sees it.
    Menu,
    /// What bots of the project send.
    Scenario,
}

impl Kept {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Menu => "menu",
            Self::Scenario => "scenario",
        }
    }
}

/// Where everybody sees a kept picture of a button.
pub fn kept_url(id: &FileId) -> String {
    format!("/w/v1/images/{id}")
}

/// Writes the row of a stored file that is kept.
///
/// # Errors
/// When the storage fails.
pub async fn keep(cx: &mut Cx<'_>, saved: &Saved, kept: Kept) -> Result<()> {
    store::insert(cx.tx, cx.account, saved, cx.env.now(), Some(kept.as_str())).await
}

/// Whether a file of the project is kept for this.
///
/// # Errors
/// When the storage fails.
pub async fn is_kept(cx: &mut Cx<'_>, project: &ProjectId, id: &FileId, kept: Kept) -> Result<bool> {
    Ok(store::kept(cx.tx, cx.account, project, id, kept.as_str()).await?.is_some())
}

/// Those that are kept for a project's bots, the newest first.
///
/// # Errors
/// When the storage fails.
pub async fn of_scenarios(cx: &mut Cx<'_>, project: &ProjectId) -> Result<Vec<Attachment>> {
    store::kept_of(cx.tx, cx.account, project, Kept::Scenario.as_str()).await
}

/// Kept files as attachments of one message that is about to be said: a row each, over the same bytes. One that is not there any more is
/// left out.
///
/// # Errors
/// When the storage fails.
pub async fn share(cx: &mut Cx<'_>, project: &ProjectId, ids: &[FileId]) -> Result<Vec<Attachment>> {
    let mut shared = Vec::with_capacity(ids.len());
    for id in ids {
        let Some(kept) = store::kept(cx.tx, cx.account, project, id, Kept::Scenario.as_str()).await? else { continue };
        let own = FileId::random(cx.env.ids());
        let attachment = Attachment { id: own, url: format!("/f/{own}"), ..kept };
        store::insert_shared(cx, project, &attachment, id).await?;
        shared.push(attachment);
    }
    Ok(shared)
}

/// The file under whose id the bytes of an attachment are.
///
/// # Errors
/// When the attachment is gone.
pub(crate) async fn held_as(tx: &mut Tx, account: &AccountId, id: &FileId) -> Result<FileId> {
    store::held_as(tx, account, id).await?.ok_or(Refusal::NotFound)
}

/// The picture of a button: the account that keeps it, and what it is. Everybody may see it.
///
/// # Errors
/// When there is none.
pub async fn public(tx: &mut Tx, id: &FileId) -> Result<super::StoredFile> {
    store::public(tx, id, Kept::Menu.as_str()).await?.ok_or(Refusal::NotFound)
}

/// Removes kept files of before a moment that neither a button nor a scenario names, and no message shares; how many.
///
/// # Errors
/// When the storage fails.
pub async fn remove_unnamed(service: &Messaging, account: &AccountId, before: Timestamp) -> Result<u64> {
    let old =
        service.read(account, move |cx| Box::pin(async move { store::kept_before(cx.tx, cx.account, before).await }));
    let mut removed = 0;
    for file in old.await? {
        // Looked at and deleted in one transaction: a draft that is saved at this moment keeps its file.
        let gone = service.write(account, move |cx| {
            Box::pin(async move {
                match store::is_named(cx.tx, cx.account, &file).await? {
                    true => Ok::<_, Refusal>(false),
                    false => store::delete(cx.tx, cx.account, &[file]).await.map(|()| true),
                }
            })
        });
        if gone.await? {
            service.files.delete(account, &file).await?;
            removed += 1;
        }
    }
    Ok(removed)
}

impl FileStore {
    /// A picture of a button, made small and stored.
    ///
    /// # Errors
    /// When it is no picture that browsers show, or too large, or the store fails.
    pub async fn receive_icon<E: From<Refusal>>(
        &self,
        env: &Env,
        owner: Owner<'_>,
        name: &str,
        pieces: impl Stream<Item = std::result::Result<Bytes, E>>,
    ) -> std::result::Result<Saved, E> {
        let bytes = small(pieces).await?;
        check_length(bytes.len())?;
        Ok(self.save_icon(env, owner, name, bytes).await?)
    }

    async fn save_icon(&self, env: &Env, owner: Owner<'_>, name: &str, bytes: Bytes) -> Result<Saved> {
        let _one = self.look().await?;
        let made = tokio::task::spawn_blocking(move || pictures::icon(&bytes)).await;
        let (png, sides) = made.map_err(|e| db::DbError::other(e.to_string()))??;
        let id = FileId::random(env.ids());
        let size = png.len();
        self.put(owner.account, &id, png).await?;
        Ok(Saved::of(owner, id, name, "image/png".to_owned(), size, Some(sides)))
    }
}

async fn small<E: From<Refusal>>(
    pieces: impl Stream<Item = std::result::Result<Bytes, E>>,
) -> std::result::Result<Bytes, E> {
    let mut pieces = std::pin::pin!(pieces);
    let mut whole = Vec::new();
    while let Some(piece) = pieces.next().await {
        whole.extend_from_slice(&piece?);
        if whole.len() > MAX_ICON {
            return Err(Refusal::invalid("file", "too_large", "a picture of a button has 1 MB at most").into());
        }
    }
    Ok(whole.into())
}
