//! Files that came with an update, fetched from their channel before the message is stored.

use crate::connections::Connection;
use crate::files::{self, Owner};
use crate::{Messaging, Refusal, Result};
use bytes::Bytes;
use channels::Link;
use model::{Attachment, InboundFile, SendError};
use std::sync::Arc;

/// Tries after which the text is worth more than the file.
const PATIENT_TRIES: i64 = 4;

/// Fetches the files of one update.
pub(super) struct Fetcher<'a> {
    service: &'a Arc<Messaging>,
    connection: &'a Connection,
    link: Link,
    sender: &'a str,
    attempts: i64,
}

impl<'a> Fetcher<'a> {
    pub fn new(
        service: &'a Arc<Messaging>,
        connection: &'a Connection,
        sender: &'a str,
        attempts: i64,
    ) -> Result<Self> {
        Ok(Self { service, connection, link: service.link(connection)?, sender, attempts })
    }

    pub async fn fetch_all(&self, wanted: &[InboundFile]) -> Result<Vec<Attachment>> {
        let adapter = channels::adapter(self.connection.kind);
        let mut fetched = Vec::with_capacity(wanted.len());
        for file in wanted {
            if let Some(bytes) = &file.bytes {
                fetched.push(self.store(&file.name, Bytes::from(bytes.clone())).await?);
                continue;
            }
            match adapter.fetch_file(&self.link, file, files::MAX_UPLOAD).await {
                Ok(bytes) => fetched.push(self.store(&file.name, bytes).await?),
                Err(SendError::Refused { detail, .. }) => fetched.push(self.stand_in(file, &detail).await?),
                Err(error) if self.attempts >= PATIENT_TRIES => {
                    fetched.push(self.stand_in(file, &error.to_string()).await?);
                }
                Err(error) => return Err(db::DbError::Unavailable(error.to_string()).into()),
            }
        }
        Ok(fetched)
    }

    async fn store(&self, name: &str, bytes: Bytes) -> Result<Attachment> {
        match self.save(name, bytes).await {
            Err(Refusal::Invalid(problems)) => {
                let words = problems.first().map(|problem| problem.message.clone()).unwrap_or_default();
                self.save(&format!("{name}.txt"), note(name, &words)).await
            }
            other => other,
        }
    }

    /// A note in place of a file that could not be had: the operator sees that there was one, and why it is missing.
    async fn stand_in(&self, file: &InboundFile, why: &str) -> Result<Attachment> {
        self.save(&format!("{}.txt", file.name), note(&file.name, why)).await
    }

    async fn save(&self, name: &str, bytes: Bytes) -> Result<Attachment> {
        let Connection { account_id, project_id, .. } = self.connection;
        let owner = Owner { account: account_id, project: project_id, id: self.sender };
        let saved = self.service.files.save(&self.service.env, owner, name, bytes).await?;
        let attachment = saved.attachment().clone();
        let recorded =
            self.service.write(account_id, move |cx| Box::pin(async move { files::record(cx, &saved).await }));
        recorded.await?;
        Ok(attachment)
    }
}

/// Whether a note stands in place of a file that could not be had.
pub(crate) fn is_stand_in(file: &InboundFile, fetched: &Attachment) -> bool {
    fetched.name == format!("{}.txt", file.name)
}

fn note(name: &str, why: &str) -> Bytes {
    Bytes::from(format!("{name}: файл не получен / file not received ({why})"))
}
