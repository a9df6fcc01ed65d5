//! A visitor presses what starts a scenario: a menu button (R31, R70) or a suggest (R32, R76); or the page's script calls for it (R80).

use crate::text::Label;
use crate::{menu_buttons, suggests};
use messaging::conversations::{self, Party};
use messaging::messages::{self, Again, NewMessage};
use messaging::scenario_runs::{Launching, called_by_pages, is_with_people, launch};
use model::{
    ActorId, Author, AuthorKind, Content, ConversationStatus, Cx, MenuButtonId, MessageKind, ProjectId, Refusal,
    Result, ScenarioId, SuggestId,
};
use scenario::document::LaunchKind;
use serde_json::json;

/// What starts a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pressing {
    /// A menu button.
    MenuButton(MenuButtonId),
    /// A suggest.
    Suggest(SuggestId),
    /// Nothing is pressed: the page's own script calls for it (R80).
    Scenario(ScenarioId),
}

/// What a press did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pressed {
    /// The scenario speaks.
    Started,
    /// An operator or another scenario has the conversation: the press stands in the thread, and that is all.
    Busy,
}

/// Starts the scenario of what is pressed with a visitor. A press that comes twice under one id of the page's starts nothing twice.
/// `display` is the visitor's name.
///
/// # Errors
/// When there is no such button or suggest, or it starts no scenario; `no_licence`; `not_published`.
pub async fn press(
    cx: &mut Cx<'_>,
    party: &Party,
    display: &str,
    pressing: Pressing,
    client_id: &str,
) -> Result<Pressed> {
    events::lock(cx.tx, cx.account).await?;
    let (label, code, launching) = what(cx, &party.project_id, pressing).await?;
    let author = ActorId::Contact(party.contact_id);
    if messages::said_before(cx.tx, cx.account, &again(author, client_id)).await?.is_some() {
        return Ok(Pressed::Started);
    }
    // The conversation that begins here is the bot's from its first moment: operators are not called for a press.
    let place = conversations::open_or_continue_as(cx, party, ConversationStatus::Bot).await?;
    let author = Author { kind: AuthorKind::Client, id: Some(author), name: Some(display.to_owned()) };
    let content = Content::event(code, json!({ "label": label.ru }));
    let line =
        NewMessage { author, content, client_id: Some(client_id.to_owned()), ..NewMessage::event("", json!({})) };
    conversations::append(cx, &place, line).await?;
    // A call by key may take a conversation from people; a page's may not.
    if matches!(pressing, Pressing::Scenario(_)) && is_with_people(&place) {
        return Ok(Pressed::Busy);
    }
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

async fn what(cx: &mut Cx<'_>, project: &ProjectId, pressing: Pressing) -> Result<(Label, &'static str, Launching)> {
    match pressing {
        Pressing::MenuButton(id) => {
            let button = menu_buttons::on_site(cx.tx, cx.account, project, &id).await?.ok_or(Refusal::NotFound)?;
            let menu_buttons::Target::Scenario { scenario_id } = button.target else {
                return Err(Refusal::NotFound);
            };
            let launching = Launching { scenario_id, kind: LaunchKind::MenuButton, of: Some(id.to_string()) };
            Ok((button.label, "menu.pressed", launching))
        }
        Pressing::Suggest(id) => {
            let suggest = suggests::stored(cx.tx, cx.account, project, &id).await?.ok_or(Refusal::NotFound)?;
            let suggests::Target::Scenario { scenario_id } = suggest.settings.target else {
                return Err(Refusal::NotFound);
            };
            let launching = Launching { scenario_id, kind: LaunchKind::Suggest, of: Some(id.to_string()) };
            Ok((suggest.settings.label, "suggest.pressed", launching))
        }
        Pressing::Scenario(scenario_id) => {
            let name = called_by_pages(cx, project, &scenario_id).await?.ok_or(Refusal::NotFound)?;
            let label = Label { ru: name, en: None };
            Ok((label, "scenario.called", Launching { scenario_id, kind: LaunchKind::Api, of: None }))
        }
    }
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
