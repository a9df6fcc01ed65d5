//! A conversation and the scenario at work in it: one owner at a time (bot or people).

use super::{Place, store, tell};
use crate::messages::NewMessage;
use crate::{Refusal, Result, departments};
use model::{ConversationStatus, Cx, DepartmentId, RunId};
use serde_json::json;

/// The run has the conversation from now on; nobody else does.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn give_to_run(cx: &mut Cx<'_>, place: &Place, run: &RunId) -> Result<()> {
    store::set_run(cx.tx, cx.account, &place.conversation_id, Some(run)).await?;
    store::set_holder(cx.tx, cx.account, &place.conversation_id, None, ConversationStatus::Bot).await?;
    tell(cx, &place.conversation_id).await
}

/// Gives a conversation back to the run that has waited for an operator to go.
///
/// # Errors
/// When the storage fails.
pub async fn give_back_to_run(cx: &mut Cx<'_>, place: &Place) -> Result<()> {
    store::set_holder(cx.tx, cx.account, &place.conversation_id, None, ConversationStatus::Bot).await?;
    tell(cx, &place.conversation_id).await
}

/// The run has it no longer.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn take_from_run(cx: &mut Cx<'_>, place: &Place) -> Result<()> {
    store::set_run(cx.tx, cx.account, &place.conversation_id, None).await
}

/// A conversation of the bot's is for people now, who see since when the client waits.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn hand_over(cx: &mut Cx<'_>, place: &Place) -> Result<()> {
    store::hand_over(cx.tx, cx.account, &place.conversation_id, cx.env.now()).await?;
    tell(cx, &place.conversation_id).await
}

/// A scenario gives the conversation to a user, by id or e-mail, or to a department, by id; one who does not work in this project, or a department
/// that is gone, leaves it to the queue, and the thread says so.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn assign_by_bot(cx: &mut Cx<'_>, place: &Place, to: Option<&str>, by: &str) -> Result<()> {
    let Some(wanted) = to.filter(|to| !to.trim().is_empty()) else { return Ok(()) };
    if let Ok(department) = wanted.trim().parse::<DepartmentId>() {
        return match departments::put_in(cx, place, &department, by).await {
            Err(Refusal::NotFound) => {
                let data = json!({ "scenario": by });
                super::append(cx, place, NewMessage::event("scenario.no_such_department", data)).await.map(drop)
            }
            done => done,
        };
    }
    let Some((user, name)) = store::colleague(cx.tx, cx.account, &place.project_id, wanted).await? else {
        let data = json!({ "scenario": by, "to": wanted });
        return super::append(cx, place, NewMessage::event("scenario.no_such_user", data)).await.map(drop);
    };
    // While the bot speaks the conversation is the bot's; it goes on to this person when the bot is done or hands it over.
    let status = if place.status == ConversationStatus::Bot { place.status } else { ConversationStatus::Open };
    store::set_holder(cx.tx, cx.account, &place.conversation_id, Some(&user), status).await?;
    let data = json!({ "user_id": user, "name": name, "by": by });
    super::append(cx, place, NewMessage::event("conversation.assigned", data)).await?;
    tell(cx, &place.conversation_id).await
}

/// A scenario ends the conversation.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn close_of_run(cx: &mut Cx<'_>, place: &Place, by: &str) -> Result<()> {
    super::close(cx, &Place { run_id: None, ..place.clone() }, by).await
}
