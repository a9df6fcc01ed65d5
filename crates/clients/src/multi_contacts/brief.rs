//! Contacts by name, where an administrator reads of them.

use db::Tx;
use messaging::contacts;
use model::Result;
use model::{AccountId, ChannelKind, ContactId};
use serde::Serialize;

/// A contact in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ContactBrief {
    /// Contact id.
    pub id: ContactId,
    /// Name.
    pub name: Option<String>,
    /// Handle.
    pub handle: String,
    /// Kind of its channel.
    pub channel: ChannelKind,
}

impl ContactBrief {
    /// Reads it.
    ///
    /// # Errors
    /// When there is none in this account.
    pub async fn of(tx: &mut Tx, account: &AccountId, id: &ContactId) -> Result<Self> {
        let contact = contacts::get(tx, account, id).await?;
        Ok(Self { id: contact.id, name: contact.name, handle: contact.handle, channel: contact.channel })
    }
}
