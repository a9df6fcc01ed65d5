//! Scenarios at work (R17-R38): the pure `scenario` core over stored runs. A run goes on in the transaction of the message, timer or answer that
//! moves it: its state, its trace and what it says are kept together or not at all (section 4 of `scenarios.md`).
//!
//! | what | file |
//! | --- | --- |
//! | a run begins | [`launch`] |
//! | many messages at once that are only answered | [`together`] |
//! | something happens to it | [`happen`] |
//! | a run begins by a changed field | [`by_field`] |
//! | what it does about it | [`perform`](effects) |
//! | a row a visit, and the report's numbers | [`trace`] |
//! | published versions, ready to run | [`shelf`] |
//! | timers, requests and transfers | [`jobs`] |
//! | runs that wait go to a newer version | [`moving`] |

mod by_field;
mod effects;
mod facts;
pub mod jobs;
pub mod launch;
pub mod moving;
pub mod shelf;
mod store;
pub(crate) mod together;
mod trace;

pub(crate) use by_field::field_changed;
pub use launch::{Launching, called_by_pages, is_with_people, launch};
pub use store::{RunRow, alive_in};

use crate::conversations::{self, Place};
use crate::licences::{self, Feature};
use crate::{Refusal, Result, deliveries};
use ::scenario::step::{Answer, What};
use ::scenario::{End, Event, Run};
use db::DbError;
use model::{AuthorKind, ContactId, Content, ConversationStatus, Cx, Message, RunId};

/// The work of letting go off what is due in a run.
pub(crate) const TIMER: &str = "scenario_timer";

/// A client's message reaches the scenarios: one that waits takes it, a word in it launches one, or nobody does and it is for the operators.
/// Answers the place as it is then.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn hear(cx: &mut Cx<'_>, place: Place, message: &Message) -> Result<Place> {
    if let Some(launching) = launch::by_message(cx, &place, message).await? {
        match launch::launch(cx, &place, launching).await {
            Ok(Some(_)) => return again(cx, &place).await,
            // It was deleted or cannot be run: the message is for people, as without it.
            Ok(None) | Err(Refusal::Conflict { .. } | Refusal::NotFound) => {}
            Err(refusal) => return Err(refusal),
        }
    }
    if place.run_id.is_none() {
        return Ok(place);
    }
    let heard = Heard::of(&message.content);
    let answer = heard.answer(&message.content, place.run_id.as_ref());
    let is_taken = happen_in(cx, &place, What::Message(answer)).await?;
    let place = again(cx, &place).await?;
    if !is_taken && place.status == ConversationStatus::Bot {
        // Nobody waits for it: it is for people (ruling 52).
        conversations::hand_over(cx, &place).await?;
        return again(cx, &place).await;
    }
    Ok(place)
}

/// What a message says to a run, beside its text.
struct Heard {
    button: Option<effects::Pressed>,
    files: Vec<String>,
}

impl Heard {
    fn of(content: &Content) -> Self {
        let button = content.pressed.as_deref().map(effects::Pressed::read);
        let files: Vec<String> = content.attachments.iter().map(|file| file.name.clone()).collect();
        let extra = content.extra.as_deref().and_then(|extra| extra.form.as_deref());
        // A form that is shown in words (a poll, a place) is no text of the client's.
        let is_form = files.is_empty() && extra.is_some_and(|form| form != "contact");
        Self { button, files: if is_form { vec![String::new()] } else { files } }
    }

    /// As an answer to this run.
    fn answer<'h>(&'h self, content: &'h Content, run: Option<&RunId>) -> Answer<'h> {
        Answer {
            text: &content.text,
            button: self.button.as_ref().map(|pressed| pressed.button.as_str()),
            visit: self.button.as_ref().and_then(|pressed| pressed.visit_in(run)),
            files: &self.files,
            ..Answer::default()
        }
    }
}

/// A phone that the client shared by the messenger's own form answers a question.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn hear_phone(cx: &mut Cx<'_>, place: &Place, phone: &str) -> Result<()> {
    let answer = Answer { phone: Some(phone), ..Answer::default() };
    happen_in(cx, place, What::Message(answer)).await.map(drop)
}

/// An operator speaks or takes the conversation: its run stops, or waits until they have gone, and what it has not sent yet is taken back.
///
/// # Errors
/// When the storage fails.
pub async fn operator_joined(cx: &mut Cx<'_>, place: &Place) -> Result<()> {
    if place.run_id.is_none() {
        return Ok(());
    }
    happen_in(cx, place, What::OperatorJoined).await?;
    deliveries::withdraw_of_bot(cx, place).await
}

/// A person is about to speak in a conversation: a bot that has it makes way (one owner at a time). Answers the place as it is then.
///
/// # Errors
/// When the storage fails.
pub async fn make_way(cx: &mut Cx<'_>, place: Place) -> Result<Place> {
    if place.run_id.is_none() && place.status != ConversationStatus::Bot {
        return Ok(place);
    }
    operator_joined(cx, &place).await?;
    let place = again(cx, &place).await?;
    if place.status != ConversationStatus::Bot {
        return Ok(place);
    }
    conversations::hand_over(cx, &place).await?;
    again(cx, &place).await
}

/// Lets go off what is due in a run by now.
///
/// # Errors
/// When the storage fails.
pub async fn go_off(cx: &mut Cx<'_>, run: &RunId) -> Result<()> {
    happen(cx, run, What::Tick).await.map(drop)
}

/// The operator has given the conversation back.
///
/// # Errors
/// When the storage fails.
pub async fn operator_left(cx: &mut Cx<'_>, place: &Place) -> Result<()> {
    happen_in(cx, place, What::OperatorLeft).await.map(drop)
}

/// Ends the run of a conversation from outside, if there is one.
///
/// # Errors
/// When the storage fails.
pub async fn stop(cx: &mut Cx<'_>, place: &Place, reason: End) -> Result<bool> {
    if place.run_id.is_none() {
        return Ok(false);
    }
    happen_in(cx, place, What::Cancelled(reason)).await?;
    Ok(true)
}

/// The delivery of a bot's message failed: the visit that said it leaves through `undelivered` if it still waits (ruling 50).
///
/// # Errors
/// When the storage fails.
pub(crate) async fn undelivered(cx: &mut Cx<'_>, message: &Message) -> Result<()> {
    if message.author.kind != AuthorKind::Bot {
        return Ok(());
    }
    let Some((run, visit)) = store::said_by(cx.tx, cx.account, message).await? else { return Ok(()) };
    happen(cx, &run, What::Undelivered { visit }).await.map(drop)
}

/// Whether a client tries drafts: what they do stays out of numbers (R38).
///
/// # Errors
/// When the storage fails.
pub async fn is_test_user(cx: &mut Cx<'_>, contact: &ContactId) -> Result<bool> {
    store::is_test_user(cx.tx, cx.account, contact).await
}

async fn happen_in(cx: &mut Cx<'_>, place: &Place, what: What<'_>) -> Result<bool> {
    match place.run_id {
        Some(run) => happen(cx, &run, what).await,
        None => Ok(false),
    }
}

/// Something happens to a run. Answers whether a message was taken. A run that has ended hears nothing more.
///
/// # Errors
/// When the storage fails, or its scenario can no longer be read.
pub(crate) async fn happen(cx: &mut Cx<'_>, id: &RunId, what: What<'_>) -> Result<bool> {
    // The account's lock first, so that what moves one run comes one after the other.
    events::lock(cx.tx, cx.account).await?;
    let Some(row) = store::alive(cx.tx, cx.account, id).await? else { return Ok(false) };
    let place = conversations::place(cx.tx, cx.account, &row.project_id, &row.conversation_id).await?;
    go_on(cx, &place, row, what).await
}

async fn go_on(cx: &mut Cx<'_>, place: &Place, mut row: RunRow, what: What<'_>) -> Result<bool> {
    let read = serde_json::from_str::<Run>(&row.state);
    let mut run: Run = match read {
        Ok(run) => run,
        Err(error) => return give_up(cx, place, &row, &error.to_string()).await,
    };
    let shelf = match shelf::open(cx, &row, &run).await? {
        Ok(shelf) => shelf,
        Err(why) => return give_up(cx, place, &row, &why).await,
    };
    // Between the switch and the job that stops what runs, nobody is answered any more (ruling 56).
    let is_stopped = !row.is_test && !licences::allows(cx, Feature::ScenarioRuns).await?;
    let what = if is_stopped { What::Cancelled(End::NoLicence) } else { what };
    let mut facts = facts::load(cx, place, &row, &shelf).await?;
    row.client_said |= matches!(what, What::Message(_));
    let mut told = Vec::new();
    let now = cx.env.now();
    let is_taken = ::scenario::step(shelf.own(), &shelf, &mut run, &mut facts, Event { at: now.0, what }, &mut told);
    effects::perform(cx, place, &row, &run, &told).await?;
    let block = shelf.waits_at(&run);
    row.state = serde_json::to_string(&run).map_err(|error| DbError::other(error.to_string()))?;
    let timer_at = jobs::set_timer(cx, &row, &run).await?;
    store::save(cx, &row, block.as_deref(), timer_at, run.ended()).await?;
    Ok(is_taken)
}

/// A run that this program cannot read is a fault of ours, and no reason to lose what the client said: it ends, and people take over.
async fn give_up(cx: &mut Cx<'_>, place: &Place, row: &RunRow, why: &str) -> Result<bool> {
    tracing::error!(run = %row.id, scenario = %row.scenario_id, version = row.version, why, "a run cannot go on");
    store::save(cx, row, None, row.timer_at, Some(End::Stopped)).await?;
    trace::count_end(cx, row, End::Stopped).await?;
    conversations::take_from_run(cx, place).await?;
    if place.status == ConversationStatus::Bot {
        conversations::hand_over(cx, place).await?;
    }
    Ok(false)
}

async fn again(cx: &mut Cx<'_>, place: &Place) -> Result<Place> {
    conversations::place(cx.tx, cx.account, &place.project_id, &place.conversation_id).await
}
