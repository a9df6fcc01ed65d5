//! What an operator does with a conversation. Asking for the state that already is changes nothing and tells nothing.

use super::store;
use crate::mentions;
use messaging::conversations::{self, Place};
use messaging::messages::NewMessage;
use messaging::{fields, routing, scenario_runs};
use model::{
    ActorId, ConversationId, ConversationRead, ConversationStatus, Cx, Event, ProjectId, Refusal, Result, UserId,
};
use scenario::End;
use serde_json::json;

/// Who is to have a conversation.
#[derive(Debug, Clone, Copy)]
pub struct Assignment {
    /// None gives it back to the queue.
    pub to: Option<UserId>,
    /// Who has it as far as the asker knows: somebody else's meanwhile is not taken away. Without it, whoever has it gives way.
    pub instead_of: Option<Option<UserId>>,
}

impl Assignment {
    /// To this user, whoever has it.
    pub fn to(user: UserId) -> Self {
        Self { to: Some(user), instead_of: None }
    }
}

/// Gives the conversation to somebody of the project's team, or back to the queue; `by` is the name in its event line.
///
/// # Errors
/// When there is no such user; at `user_id` when the user does not work in this project; `already_taken` when somebody has it of whom the
/// asker did not know.
pub async fn assign(cx: &mut Cx<'_>, place: &Place, wanted: Assignment, by: &str) -> Result<()> {
    events::lock(cx.tx, cx.account).await?;
    let name = match wanted.to {
        Some(id) => Some(team_member(cx, &place.project_id, &id).await?),
        None => None,
    };
    let before = conversations::get(cx.tx, cx.account, &place.conversation_id, None).await?;
    let to = wanted.to.as_ref();
    if before.assignee_id.as_ref() == to {
        return Ok(());
    }
    if let (Some(holder), Some(known)) = (before.assignee_id, wanted.instead_of)
        && known != Some(holder)
    {
        return Err(taken_by(cx, &place.project_id, &holder).await?);
    }
    if to.is_some() {
        scenario_runs::operator_joined(cx, place).await?;
    }
    let status = match (before.status, to) {
        // One that was put off is put off for whoever did it: another's hands begin anew.
        (ConversationStatus::New | ConversationStatus::Bot | ConversationStatus::Snoozed, Some(_)) => {
            ConversationStatus::Open
        }
        (ConversationStatus::Open | ConversationStatus::Waiting | ConversationStatus::Snoozed, None) => {
            ConversationStatus::New
        }
        (status, _) => status,
    };
    if let (Some(holder), None) = (&before.assignee_id, to) {
        routing::gave_back(cx, &place.project_id, &place.conversation_id, holder).await?;
    }
    conversations::set_holder(cx.tx, cx.account, &place.conversation_id, to, status).await?;
    let data = json!({ "user_id": to, "name": name, "by": by });
    conversations::append(cx, place, NewMessage::event("conversation.assigned", data)).await?;
    if to.is_none() && place.run_id.is_some() && before.status != ConversationStatus::Closed {
        // The run that waited for the operator to go has the conversation again.
        conversations::give_back_to_run(cx, place).await?;
        return scenario_runs::operator_left(cx, place).await;
    }
    conversations::tell(cx, &place.conversation_id).await
}

/// Takes a conversation that nobody has: of two who ask at once one has it, and the other hears who (rulings 62).
///
/// # Errors
/// `already_taken` when a colleague has it; `conversation_closed` when it has ended.
pub async fn accept(cx: &mut Cx<'_>, place: &Place, user: &UserId, name: &str) -> Result<()> {
    events::lock(cx.tx, cx.account).await?;
    let now = conversations::place(cx.tx, cx.account, &place.project_id, &place.conversation_id).await?;
    if now.status == ConversationStatus::Closed {
        let detail = "the conversation is closed: open it again first".to_owned();
        return Err(Refusal::Conflict { code: "conversation_closed", detail });
    }
    assign(cx, place, Assignment { to: Some(*user), instead_of: Some(None) }, name).await
}

/// Whoever answers a conversation that is nobody's takes it, so that the client's next message is somebody's; unless the project wants it
/// otherwise. Answers the place as it is then.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn take_by_answer(cx: &mut Cx<'_>, place: Place, user: &UserId, name: &str) -> Result<Place> {
    if place.assignee_id.is_some() || !conversations::answer_assigns(cx.tx, cx.account, &place.project_id).await? {
        return Ok(place);
    }
    // Whoever was quicker keeps it; the answer is sent all the same.
    match assign(cx, &place, Assignment { to: Some(*user), instead_of: Some(None) }, name).await {
        Ok(()) | Err(Refusal::Conflict { .. }) => {}
        Err(error) => return Err(error),
    }
    conversations::place(cx.tx, cx.account, &place.project_id, &place.conversation_id).await
}

pub(super) async fn taken_by(cx: &mut Cx<'_>, project: &ProjectId, holder: &UserId) -> Result<Refusal> {
    let name = store::colleague(cx.tx, cx.account, project, holder).await?.map(|(name, _)| name);
    let name = name.unwrap_or_else(|| "a colleague".to_owned());
    Ok(Refusal::Conflict { code: "already_taken", detail: format!("{name} has this conversation") })
}

async fn team_member(cx: &mut Cx<'_>, project: &ProjectId, id: &UserId) -> Result<String> {
    match store::colleague(cx.tx, cx.account, project, id).await? {
        Some((name, true)) => Ok(name),
        Some((_, false)) => {
            Err(Refusal::invalid("user_id", "not_in_project", "this colleague does not work in this project"))
        }
        None => Err(Refusal::NotFound),
    }
}

/// Closes a conversation. A person fills in first what is asked for on closing (R55); a program that closes by the clock cannot ask
/// the client anything.
///
/// # Errors
/// `required_fields` when something is missing.
pub async fn close(cx: &mut Cx<'_>, place: &Place, by: &str, is_person: bool) -> Result<()> {
    if is_person {
        let missing = fields::missing_required(cx.tx, cx.account, &place.project_id, &place.contact_id).await?;
        if !missing.is_empty() {
            let detail = format!("fill in before closing: {}", missing.join(", "));
            return Err(Refusal::Conflict { code: "required_fields", detail });
        }
    }
    scenario_runs::stop(cx, place, End::Operator).await?;
    conversations::close(cx, place, by).await
}

/// An operator has read up to `seq`. Their own other screens, and the client's ticks, follow.
///
/// # Errors
/// When the storage fails.
pub async fn mark_read(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    id: &ConversationId,
    reader: ActorId,
    seq: i64,
) -> Result<()> {
    let Some(client_count) = store::client_count_at(cx.tx, cx.account, id, seq).await? else { return Ok(()) };
    let is_news = store::set_read(cx.tx, cx.account, id, reader, seq, client_count).await?;
    if !mentions::read(cx, id, reader, seq).await? && !is_news {
        return Ok(());
    }
    let read = ConversationRead { conversation_id: *id, user_id: reader, seq };
    events::append(cx, project, &Event::ConversationRead(read)).await?;
    Ok(())
}
