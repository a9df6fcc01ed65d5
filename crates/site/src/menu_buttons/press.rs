//! A visitor presses a button that starts a scenario (R31, R70).

use super::{Settings, Target, store};
use messaging::conversations::{self, Party};
use messaging::messages::{self, Again, NewMessage};
use messaging::scenario_runs::{Launching, launch};
use model::{
    ActorId, Author, AuthorKind, Content, ConversationStatus, Cx, MenuButtonId, MessageKind, ProjectId, Refusal, Result,
};
use scenario::document::LaunchKind;
use serde_json::json;

/// What a press did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pressed {
    /// The scenario speaks.
    Started,
    /// An operator has the conversation, or the scenario may not run: the press stands in the thread, and that is all.
    Busy,
}

/// Starts the scenario of a button with a visitor. A press that comes twice under one id of the page's starts nothing twice. `display` is
/// the visitor's name.
///
/// # Errors
/// When there is no such button, or it starts no scenario; `no_licence`; `not_published`.
pub async fn press(
    cx: &mut Cx<'_>,
    party: &Party,
    display: &str,
    id: &MenuButtonId,
    client_id: &str,
) -> Result<Pressed> {
    events::lock(cx.tx, cx.account).await?;
    let settings = button(cx, &party.project_id, id).await?;
    let Target::Scenario { scenario_id } = settings.target else { return Err(Refusal::NotFound) };
    let author = ActorId::Contact(party.contact_id);
    if messages::said_before(cx.tx, cx.account, &again(author, client_id)).await?.is_some() {
        return Ok(Pressed::Started);
    }
    // The conversation that begins here is the bot's from its first moment: operators are not called for a press.
    let place = conversations::open_or_continue_as(cx, party, ConversationStatus::Bot).await?;
    let author = Author { kind: AuthorKind::Client, id: Some(author), name: Some(display.to_owned()) };
    let content = Content::event("menu.pressed", json!({ "label": settings.label.ru }));
    let line =
        NewMessage { author, content, client_id: Some(client_id.to_owned()), ..NewMessage::event("", json!({})) };
    conversations::append(cx, &place, line).await?;
    let launching = Launching { scenario_id, kind: LaunchKind::MenuButton, of: Some(id.to_string()) };
    if launch(cx, &place, launching).await?.is_some() {
        return Ok(Pressed::Started);
    }
    let place = conversations::place(cx.tx, cx.account, &party.project_id, &place.conversation_id).await?;
    if place.status == ConversationStatus::Bot && place.run_id.is_none() {
        // Nobody would ever look at it: without its option the scenario does not run, and nothing is begun.
        return Err(Refusal::Conflict { code: "no_licence", detail: "this scenario does not run now".to_owned() });
    }
    Ok(Pressed::Busy)
}

async fn button(cx: &mut Cx<'_>, project: &ProjectId, id: &MenuButtonId) -> Result<Settings> {
    let all = store::all(cx.tx, cx.account, project).await?;
    let found = all.into_iter().find(|button| button.id == *id && button.settings.enabled);
    found.map(|button| button.settings).ok_or(Refusal::NotFound)
}

fn again(author: ActorId, client_id: &str) -> Again {
    Again {
        author,
        client_id: client_id.to_owned(),
        kind: MessageKind::Event,
        text: String::new(),
        files: Vec::new(),
        buttons: Vec::new(),
    }
}
