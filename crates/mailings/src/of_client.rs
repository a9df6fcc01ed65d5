//! What a client had of mailings: the other side of the ledger.

use crate::store::of_client as store;
use messaging::contacts;
use model::{ChannelKind, ContactId, ConversationId, Cx, MailingId, MessageId, ProjectId, Result, Timestamp};
use serde::Serialize;

/// Rows at most: nobody has had more mailings than one can look through.
const MOST: i64 = 200;

/// A mailing as one client had it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ClientMailing {
    /// The mailing.
    pub(crate) mailing_id: MailingId,
    /// What it is called.
    pub(crate) title: String,
    /// The contact that was written to.
    pub(crate) contact_id: ContactId,
    /// Kind of the channel.
    pub(crate) channel: ChannelKind,
    /// `sending`, `sent`, `delivered`, `read`, `failed`, `unknown`, `skipped`.
    pub(crate) state: String,
    /// Why, of what was refused.
    pub(crate) reason: Option<String>,
    /// When it was this client's turn.
    pub(crate) begun_at: Timestamp,
    /// Since when the state is this one.
    pub(crate) state_at: Timestamp,
    /// Where the message is.
    pub(crate) conversation_id: Option<ConversationId>,
    /// The message.
    pub(crate) message_id: Option<MessageId>,
    /// Said something afterwards.
    pub(crate) answered: bool,
    /// Pressed a button of it.
    pub(crate) clicked: bool,
}

/// Mailings that reached any contact of a client, the last first.
///
/// # Errors
/// When there is no such contact in this project.
pub(crate) async fn list(cx: &mut Cx<'_>, project: &ProjectId, id: &ContactId) -> Result<Vec<ClientMailing>> {
    contacts::party(cx.tx, cx.account, project, id).await?;
    let group = contacts::group_of(cx.tx, cx.account, id).await?;
    let ids: Vec<ContactId> = group.into_iter().map(|contact| contact.id).collect();
    store::list(cx.tx, cx.account, project, &ids, MOST).await
}
