//! A letter as it looked (ADR 41): cleaned anew each time somebody opens it, from what came; nothing cleaned is stored.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use channels::letter_page::{self, Clean, Page};
use db::DbError;
use messaging::{Messaging, files, inbound, messages};
use model::{AccountId, Attachment, MessageId, ProjectId, Refusal, Result};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// Letters that are cleaned at once: each may take some seconds and some hundred megabytes.
static CLEANING: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(2)));

/// Bytes of a letter's own pictures that stand in its page; the others are files of the message only.
const MOST_PICTURES: i64 = 8 * 1024 * 1024;

/// Pictures as our files know them, which looked at them when they came.
const SHOWN: &[&str] = &["image/png", "image/jpeg", "image/gif"];

/// The page of a message; its own pictures stand in it, those of other machines only when they are wanted.
///
/// # Errors
/// [`Refusal::NotFound`] for a message of another project or one without a page; `letter_gone` when what came is no longer kept,
/// `letter_too_large` when there is too much of it.
pub async fn page(
    service: &Messaging,
    account: &AccountId,
    project: &ProjectId,
    id: MessageId,
    is_elsewhere_shown: bool,
) -> Result<Clean> {
    let (files, raw) = found(service, account, *project, id).await?;
    let turn = CLEANING.clone().acquire_owned().await.map_err(|e| DbError::other(e.to_string()))?;
    let read = spawn_blocking(move || letter_page::page_of(&raw)).await.map_err(|e| DbError::other(e.to_string()))?;
    let Page { html, pictures } = read.ok_or(Refusal::NotFound)?;
    let mut own = HashMap::new();
    let mut left = MOST_PICTURES;
    for (name, number) in pictures {
        let Some(file) = files.get(number).filter(|file| SHOWN.contains(&file.mime.as_str())) else { continue };
        if file.size > left {
            continue;
        }
        left -= file.size;
        if let Some(bytes) = bytes_of(service, account, file).await? {
            own.insert(name, format!("data:{};base64,{}", file.mime, STANDARD.encode(bytes)));
        }
    }
    let cleaned = spawn_blocking(move || {
        let _turn = turn;
        letter_page::clean(&html, &own, is_elsewhere_shown)
    });
    let cleaned = cleaned.await.map_err(|e| DbError::other(e.to_string()))?;
    cleaned.map_err(|e| Refusal::Conflict { code: "letter_too_large", detail: e.to_string() })
}

async fn found(
    service: &Messaging,
    account: &AccountId,
    project: ProjectId,
    id: MessageId,
) -> Result<(Vec<Attachment>, serde_json::Value)> {
    let found = service.read(account, move |cx| {
        Box::pin(async move {
            let message = messages::get(cx.tx, cx.account, &id).await?;
            let is_page =
                message.content.extra.as_ref().and_then(|extra| extra.letter.as_ref()).is_some_and(|l| l.html);
            if message.project_id != project || !is_page {
                return Err(Refusal::NotFound);
            }
            let gone = || Refusal::Conflict {
                code: "letter_gone",
                detail: "what came is no longer kept: open the letter in the mailbox".to_owned(),
            };
            let raw = inbound::of_message(cx, &id).await?.filter(|raw| raw.get("mime").is_some()).ok_or_else(gone)?;
            Ok((message.content.attachments, raw))
        })
    });
    found.await
}

/// The bytes of a file; none when it is gone.
async fn bytes_of(service: &Messaging, account: &AccountId, file: &Attachment) -> Result<Option<Bytes>> {
    let id = file.id;
    let stored = service.read(account, move |cx| Box::pin(async move { files::by_id(cx.tx, &id).await }));
    let read = async {
        let stored = stored.await?;
        service.files.read(&stored.account_id, &stored.held_as).await
    };
    match read.await {
        Ok(bytes) => Ok(Some(bytes)),
        Err(Refusal::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}
