//! What a run does about what happened: it speaks, writes fields and tags, asks servers, hands over. Everything in the transaction of the event.

use super::trace::{self, Trace};
use super::{RunRow, jobs};
use crate::conversations::{self, Place};
use crate::deliveries::Lane;
use crate::messages::NewMessage;
use crate::outgoing::{self, Saying};
use crate::{Refusal, Result, consent, contacts, files, notices};
use ::scenario::document::{ButtonKind as WrittenKind, LaunchKind};
use ::scenario::step::Here;
use ::scenario::{Effect, End, Run};
use contacts::values;
use model::{
    Attachment, Author, AuthorKind, Button, ButtonKind, Content, ConversationStatus, Cx, FileId, MessageKind, RunId,
    ValueSource,
};
use serde_json::json;

/// Does everything a step told, in its order.
pub(super) async fn perform(
    cx: &mut Cx<'_>,
    place: &Place,
    row: &RunRow,
    run: &Run,
    effects: &[Effect<'_>],
) -> Result<()> {
    let mut trace = Trace::default();
    for effect in effects {
        trace.take(row, effect);
        one(cx, place, row, effect, &mut trace).await?;
    }
    trace::store(cx, &[(row, &trace)]).await?;
    if let Some(reason) = run.ended() {
        trace::count_end(cx, row, reason).await?;
        ended(cx, place, row, reason, effects).await?;
    }
    Ok(())
}

async fn one(cx: &mut Cx<'_>, place: &Place, row: &RunRow, effect: &Effect<'_>, trace: &mut Trace) -> Result<()> {
    match effect {
        Effect::Send { here, text, files, buttons, typing, .. } => {
            let due = (*typing > 0).then(|| cx.env.now().plus_ms(*typing));
            let mut saying = Saying { due, ..saying(place, row, here, text, buttons) };
            saying.content.attachments = attached(cx, place, here, files).await?;
            // A channel that is switched off or cannot carry the message is no reason to lose the run: it is told in the thread.
            match outgoing::say(cx, place, saying).await {
                Ok(message) => trace.said_in(i64::from(here.visit), message.id),
                Err(refusal @ (Refusal::Invalid(_) | Refusal::ChannelClosed(_))) => {
                    let data =
                        json!({ "scenario": here.graph.name, "block": here.block.id, "why": refusal.to_string() });
                    note(cx, place, "scenario.not_sent", data).await?;
                }
                Err(refusal) => return Err(refusal),
            }
        }
        Effect::SetField { field, value, append, here } => {
            set_field(cx, place, here, field, value.as_deref(), *append).await?;
        }
        Effect::Tag { add, remove, .. } => {
            let contact = contacts::get(cx.tx, cx.account, &place.contact_id).await?;
            let mut tags: Vec<String> = contact.tags.into_iter().filter(|tag| !remove.contains(tag)).collect();
            tags.extend(add.iter().filter(|tag| !tag.trim().is_empty()).cloned());
            forgive(contacts::set_tags(cx, &place.project_id, &place.contact_id, &tags).await)?;
        }
        Effect::Subscribe { here, mailings } => {
            let is_done = consent::by_scenario(cx, place, &here.graph.name, *mailings, row.client_said).await?;
            if !is_done {
                note(cx, place, "scenario.consent_kept", json!({ "scenario": here.graph.name })).await?;
            }
        }
        Effect::Note { here, text, .. } => {
            let saying = Saying { kind: MessageKind::Note, ..Saying::new(bot(&here.graph.name), Content::text(text)) };
            forgive(outgoing::say(cx, place, saying).await.map(drop))?;
        }
        Effect::Notify { here, text, emails, .. } => {
            let data = json!({ "scenario": here.graph.name, "text": text });
            let line = conversations::append(cx, place, NewMessage::event("scenario.notice", data)).await?;
            for to in *emails {
                notices::of_scenario(cx, place, &here.block.id, line.id, to).await?;
            }
        }
        Effect::Assign { here, to } => {
            conversations::assign_by_bot(cx, place, *to, &here.graph.name).await?;
        }
        Effect::Http { here, .. } => jobs::ask(cx, row, here.visit).await?,
        Effect::External { here, .. } => jobs::call_external(cx, row, here.visit).await?,
        Effect::Transfer { here, to, note: words } => {
            if let Some(words) = words {
                let content = Content::text(words);
                let saying = Saying { kind: MessageKind::Note, ..Saying::new(bot(&here.graph.name), content) };
                forgive(outgoing::say(cx, place, saying).await.map(drop))?;
            }
            note(cx, place, "scenario.transferred", json!({ "scenario": here.graph.name })).await?;
            conversations::assign_by_bot(cx, place, *to, &here.graph.name).await?;
            conversations::hand_over(cx, place).await?;
            jobs::check_transfer(cx, row, here.visit).await?;
        }
        Effect::Close { here, .. } => conversations::close_of_run(cx, place, &here.graph.name).await?,
        Effect::Entered { .. }
        | Effect::Left { .. }
        | Effect::Incorrect { .. }
        | Effect::Stayed { .. }
        | Effect::Answered { .. }
        | Effect::Ended { .. } => {}
    }
    Ok(())
}

/// Files of a block, as attachments of this one message. One that was lost since the scenario was published is told in the thread.
async fn attached(cx: &mut Cx<'_>, place: &Place, here: &Here<'_>, named: &[String]) -> Result<Vec<Attachment>> {
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<FileId> = named.iter().filter_map(|id| id.parse().ok()).collect();
    let shared = files::share(cx, &place.project_id, &ids).await?;
    if shared.len() < named.len() {
        let data = json!({ "scenario": here.graph.name, "block": here.block.id, "why": "a file of it is gone" });
        note(cx, place, "scenario.not_sent", data).await?;
    }
    Ok(shared)
}

/// The run leaves its conversation: to people when there is something for them, else it is closed.
async fn ended(cx: &mut Cx<'_>, place: &Place, row: &RunRow, reason: End, effects: &[Effect<'_>]) -> Result<()> {
    conversations::take_from_run(cx, place).await?;
    let now = super::again(cx, place).await?;
    let was_closed = effects.iter().any(|effect| matches!(effect, Effect::Close { .. }));
    if !was_closed && !matches!(reason, End::Replaced | End::Operator) {
        note(cx, place, "scenario.ended", json!({ "reason": reason.as_str() })).await?;
    }
    if now.status != ConversationStatus::Bot || matches!(reason, End::Replaced | End::Operator) {
        return conversations::tell(cx, &place.conversation_id).await;
    }
    let is_for_people = match reason {
        End::Done | End::Expired => row.client_said || now.assignee_id.is_some(),
        End::Loop | End::Stopped | End::NoLicence => true,
        End::Replaced | End::Operator | End::ContactRemoved => false,
    };
    match is_for_people {
        true => conversations::hand_over(cx, &now).await,
        false => conversations::close_of_run(cx, &now, "").await,
    }
}

/// A value that a field does not take is told in the thread; the run goes on.
async fn set_field(
    cx: &mut Cx<'_>,
    place: &Place,
    here: &Here<'_>,
    field: &str,
    value: Option<&str>,
    append: bool,
) -> Result<()> {
    let mut held: Vec<String> = Vec::new();
    if append {
        let values = values::all_of(cx.tx, cx.account, &place.contact_id).await?;
        held = values.get(field).into_iter().flatten().map(|held| held.value.clone()).collect();
    }
    held.extend(value.map(str::to_owned));
    let given = values::Given::from([(field.to_owned(), held)]);
    let giver = values::Giver { source: ValueSource::Bot, set_by: None, is_verified: false };
    let (code, data) = match values::set(cx, &place.project_id, &place.contact_id, &given, &giver).await {
        Ok(changed) if changed.is_empty() => return Ok(()),
        Ok(_) => ("field.saved", json!({ "key": field, "value": value, "source": "bot" })),
        Err(Refusal::Invalid(_)) => {
            ("scenario.not_saved", json!({ "scenario": here.graph.name, "key": field, "value": value }))
        }
        Err(refusal) => return Err(refusal),
    };
    note(cx, place, code, data).await
}

async fn note(cx: &mut Cx<'_>, place: &Place, code: &str, data: serde_json::Value) -> Result<()> {
    conversations::append(cx, place, NewMessage::event(code, data)).await.map(drop)
}

/// What the scenario's maker wrote and the product does not take is no fault of the run.
fn forgive(result: Result<()>) -> Result<()> {
    match result {
        Err(Refusal::Invalid(_) | Refusal::ChannelClosed(_)) => Ok(()),
        other => other,
    }
}

fn bot(name: &str) -> Author {
    let name = if name.trim().is_empty() { "Бот" } else { name };
    Author { kind: AuthorKind::Bot, id: None, name: Some(name.to_owned()) }
}

/// A message of the bot as it is said in this place.
pub(super) fn saying(
    place: &Place,
    row: &RunRow,
    here: &Here<'_>,
    text: &str,
    buttons: &[::scenario::document::Button],
) -> Saying {
    let (text, rows) = shown(place, row, here, text, buttons);
    let content = Content { text, buttons: rows, ..Content::default() };
    Saying { lane: lane_of(row), ..Saying::new(bot(&here.graph.name), content) }
}

/// What a mailing began waits behind those who have said something, until its client has, too.
fn lane_of(row: &RunRow) -> Lane {
    if row.launch == LaunchKind::Mailing.as_str() && !row.client_said { Lane::Mailing } else { Lane::Bot }
}

/// Text and buttons as the channel shows them: where it shows no buttons, they are a numbered list (section 2).
fn shown(
    place: &Place,
    row: &RunRow,
    here: &Here<'_>,
    text: &str,
    buttons: &[::scenario::document::Button],
) -> (String, Vec<Vec<Button>>) {
    let has_buttons = channels::adapter(place.channel).capabilities().has_buttons;
    if has_buttons {
        let rows = buttons.iter().map(|button| {
            let kind = match button.kind {
                WrittenKind::Reply => ButtonKind::Reply,
                WrittenKind::Link => ButtonKind::Link,
                WrittenKind::SharePhone => ButtonKind::SharePhone,
            };
            let id = Pressed::write(&row.id, here.visit, &button.id);
            vec![Button { id, label: button.label.clone(), kind, url: button.url.clone() }]
        });
        return (text.to_owned(), rows.collect());
    }
    let mut whole = text.to_owned();
    let mut number = 0;
    for button in buttons {
        match (button.kind, &button.url) {
            (WrittenKind::Reply, _) => {
                number += 1;
                whole.push_str(&format!("\n{number}. {}", button.label));
            }
            (WrittenKind::Link, Some(url)) => whole.push_str(&format!("\n{}: {url}", button.label)),
            _ => {}
        }
    }
    (whole, Vec::new())
}

/// The id of a button as it travels: whose it is, which visit showed it, which one it is. 64 bytes of Telegram hold it.
pub(super) struct Pressed {
    run: String,
    visit: Option<u32>,
    pub button: String,
}

impl Pressed {
    /// `s.<end of the run's id>.<visit>.<button>`.
    pub fn write(run: &RunId, visit: u32, button: &str) -> String {
        format!("s.{:08x}.{visit}.{button}", short(run))
    }

    /// Reads one; what was not written by us is a button of nobody's.
    pub fn read(id: &str) -> Self {
        let parts: Vec<&str> = id.splitn(4, '.').collect();
        match parts.as_slice() {
            ["s", run, visit, button] => {
                Self { run: (*run).to_owned(), visit: visit.parse().ok(), button: (*button).to_owned() }
            }
            _ => Self { run: String::new(), visit: None, button: id.to_owned() },
        }
    }

    /// The visit that showed it, when it is one of this run; no visit at all is another run's.
    pub fn visit_in(&self, run: Option<&RunId>) -> Option<u32> {
        let is_ours = run.is_some_and(|run| format!("{:08x}", short(run)) == self.run);
        Some(self.visit.filter(|_| is_ours).unwrap_or(u32::MAX))
    }
}

/// The random end of an id: the beginning is its time.
fn short(run: &RunId) -> u32 {
    u32::try_from(run.bits() & 0xffff_ffff).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::Pressed;
    use model::RunId;

    #[test]
    fn a_button_is_known_by_its_run_and_visit_and_fits_in_64_bytes() {
        let (run, other) = (RunId::from_bits(u128::MAX - 5), RunId::from_bits(7));
        let id = Pressed::write(&run, 10_000, "sixteen-letters!");
        assert!(id.len() <= 64, "{id}");
        let pressed = Pressed::read(&id);
        assert_eq!((pressed.button.as_str(), pressed.visit_in(Some(&run))), ("sixteen-letters!", Some(10_000)));
        assert_eq!(pressed.visit_in(Some(&other)), Some(u32::MAX));
        assert_eq!(Pressed::read("что-то").visit_in(Some(&run)), Some(u32::MAX));
    }
}
