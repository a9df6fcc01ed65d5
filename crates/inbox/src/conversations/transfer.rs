//! A conversation goes on to a colleague or to a department, with a word for whoever takes it.

use super::actions::{Assignment, assign, taken_by};
use messaging::conversations::{self, Place};
use messaging::outgoing::{self, Saying};
use messaging::{departments, routing, scenario_runs};
use model::{ActorId, Content, ConversationStatus, Cx, DepartmentId, MessageKind, Refusal, Result, UserId};

/// Where it goes.
#[derive(Debug, Clone, Copy)]
pub enum Target {
    /// To this colleague.
    User(UserId),
    /// Into the queue of this department.
    Department(DepartmentId),
}

/// How it goes on.
#[derive(Debug, Clone)]
pub struct Transfer {
    /// Where.
    pub to: Target,
    /// Who has it as far as the asker knows; as in [`Assignment`].
    pub instead_of: Option<Option<UserId>>,
    /// A note for whoever takes it.
    pub note: Option<String>,
}

/// Passes a conversation on; `by` wrote the note, under this name.
///
/// # Errors
/// When there is no such colleague or department in the project; `already_taken` when somebody has it of whom the asker did not know;
/// `conversation_closed`; for a note that is too long.
pub async fn transfer(cx: &mut Cx<'_>, place: &Place, wanted: Transfer, (by, name): (ActorId, &str)) -> Result<()> {
    events::lock(cx.tx, cx.account).await?;
    let before = conversations::place(cx.tx, cx.account, &place.project_id, &place.conversation_id).await?;
    if before.status == ConversationStatus::Closed {
        let detail = "the conversation is closed: open it again first".to_owned();
        return Err(Refusal::Conflict { code: "conversation_closed", detail });
    }
    match wanted.to {
        Target::User(user) => {
            assign(cx, &before, Assignment { to: Some(user), instead_of: wanted.instead_of }, name).await?;
        }
        Target::Department(department) => to_department(cx, &before, &department, wanted.instead_of, name).await?,
    }
    let Some(text) = wanted.note.filter(|text| !text.trim().is_empty()) else { return Ok(()) };
    let now = conversations::place(cx.tx, cx.account, &place.project_id, &place.conversation_id).await?;
    let author = outgoing::operator(by, name);
    let saying = Saying { kind: MessageKind::Note, ..Saying::new(author, Content::text(text)) };
    outgoing::say(cx, &now, saying).await.map(drop)
}

async fn to_department(
    cx: &mut Cx<'_>,
    place: &Place,
    to: &DepartmentId,
    instead_of: Option<Option<UserId>>,
    by: &str,
) -> Result<()> {
    // Before anything is done: a department of another project does not exist.
    if departments::store::name(cx.tx, cx.account, &place.project_id, to).await?.is_none() {
        return Err(Refusal::NotFound);
    }
    if let (Some(holder), Some(known)) = (place.assignee_id, instead_of)
        && known != Some(holder)
    {
        return Err(taken_by(cx, &place.project_id, &holder).await?);
    }
    let standing = departments::store::of_conversation(cx.tx, cx.account, &place.conversation_id).await?;
    let is_there = standing.as_ref() == Some(to);
    if is_there && place.assignee_id.is_none() && place.status == ConversationStatus::New {
        return Ok(());
    }
    // A person's hand: the bot makes way, as for one who takes it.
    let place = scenario_runs::make_way(cx, place.clone()).await?;
    if let Some(holder) = place.assignee_id {
        routing::gave_back(cx, &place.project_id, &place.conversation_id, &holder).await?;
    }
    departments::put_in(cx, &place, to, by).await
}
