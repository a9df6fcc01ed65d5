//! The team speaks first to a visitor who is here: an invitation that is nobody's until it is answered, or a conversation of the operator's own.

use http_kit::Principal;
use inbox::conversations::accept;
use messaging::connections;
use messaging::contacts::{self, NewContact};
use messaging::conversations::{self, Party, Place};
use messaging::messages::{self, Again};
use messaging::outgoing::{self, Saying};
use messaging::scenario_runs;
use model::{
    ChannelKind, ContactId, Content, ConversationId, ConversationStatus, Cx, Message, MessageId, MessageKind,
    ProjectId, Result, VisitorId,
};
use serde::{Deserialize, Serialize};

/// What is said first.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BeginConversation)]
pub struct Beginning {
    /// Made by the sender: what comes twice is said once.
    pub client_id: String,
    /// The words.
    pub text: String,
    /// The conversation is the operator's own from the start; otherwise it is an invitation, and whoever likes takes the answer.
    #[serde(default)]
    pub assign: bool,
}

/// What came of it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = BegunConversation)]
pub struct Begun {
    /// Where it was said.
    pub conversation_id: ConversationId,
    /// The visitor's contact: there is one from now on.
    pub contact_id: ContactId,
    /// What was said.
    pub message_id: MessageId,
}

/// Says it. A visitor who had said nothing becomes a contact by it.
///
/// # Errors
/// `already_taken` when a colleague has the conversation; for words that no message can be.
pub async fn begin(
    cx: &mut Cx<'_>,
    by: &Principal,
    project: &ProjectId,
    visitor: &VisitorId,
    wanted: &Beginning,
) -> Result<Begun> {
    let again = Again {
        author: by.id(),
        client_id: wanted.client_id.clone(),
        kind: MessageKind::Message,
        text: wanted.text.clone(),
        files: Vec::new(),
        buttons: Vec::new(),
    };
    if let Some(first) = messages::said_before(cx.tx, cx.account, &again).await? {
        let place = conversations::place(cx.tx, cx.account, project, &first.conversation_id).await?;
        return Ok(begun(&place, &first));
    }
    let site = connections::of_kind(cx.tx, cx.account, project, ChannelKind::Site).await?;
    connections::refuse_off(cx.tx, cx.account, &site.id).await?;
    let demo = accounts::get_project(cx.tx, cx.account, project).await?.demo;
    let new = NewContact {
        project_id: *project,
        connection_id: site.id,
        channel: ChannelKind::Site,
        external_id: format!("{:032x}", visitor.bits()),
        address: None,
        name: None,
        handle: None,
        demo,
    };
    let contact_id = contacts::upsert(cx, &new).await?.id;
    let party = Party { project_id: *project, contact_id, connection_id: site.id, channel: ChannelKind::Site, demo };
    // Nobody is called for what waits for the visitor.
    let place = conversations::open_or_continue_as(cx, &party, ConversationStatus::Waiting).await?;
    let place = held(cx, by, place, wanted.assign).await?;
    let place = scenario_runs::make_way(cx, place).await?;
    let author = outgoing::operator(by.id(), by.name());
    let client_id = Some(wanted.client_id.clone());
    let saying = Saying { client_id, ..Saying::new(author, Content::text(wanted.text.clone())) };
    let said = outgoing::say(cx, &place, saying).await?;
    Ok(begun(&place, &said))
}

fn begun(place: &Place, message: &Message) -> Begun {
    Begun { conversation_id: place.conversation_id, contact_id: place.contact_id, message_id: message.id }
}

/// A colleague's conversation stays the colleague's, whatever was wanted.
async fn held(cx: &mut Cx<'_>, by: &Principal, place: Place, assign: bool) -> Result<Place> {
    let user = by.user_id();
    if !assign && place.assignee_id.is_none_or(|holder| holder == user) {
        return Ok(place);
    }
    accept(cx, &place, &user, by.name()).await?;
    conversations::place(cx.tx, cx.account, &place.project_id, &place.conversation_id).await
}
