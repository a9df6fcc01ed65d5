//! Messages of many clients at once whose runs answer in words alone: worked out before anything is written, then written together with the
//! messages. A step is pure, so one that turns out to do more (write a field, ask a server, hand over, end) leaves nothing behind, and its
//! client's messages are taken one after the other, as [`hear`](super::hear) takes them.

use super::trace::{self, Trace};
use super::{Heard, RunRow, effects, facts, jobs, shelf, store};
use crate::Result;
use crate::conversations::{Place, Standing};
use crate::deliveries;
use crate::intake::FromClient;
use crate::licences::{self, Feature};
use crate::messages::NewMessage;
use crate::outgoing;
use ::scenario::step::What;
use ::scenario::{Effect, Event, Run};
use db::DbError;
use model::{AuthorKind, ContactId, Content, ConversationStatus, Cx, DeliveryStatus, Message, RunId};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// What runs say to some messages.
#[derive(Default)]
pub(crate) struct Talks(HashMap<ContactId, Talk>);

struct Talk {
    row: RunRow,
    run: Run,
    /// Where it waits afterwards.
    block: Option<String>,
    trace: Trace,
    /// What is said to each of the client's messages, in their order.
    answers: VecDeque<Vec<NewMessage>>,
    /// The visit in which each of these is said.
    visits: VecDeque<i64>,
}

/// Works out what the runs of these clients say. Whoever is missing in the answer is to be heard alone.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn prepare(
    cx: &mut Cx<'_>,
    standing: &HashMap<ContactId, Standing>,
    all: &[Arc<FromClient>],
) -> Result<Talks> {
    let has_bot = |here: &&Standing| {
        let place = here.place();
        place.status == ConversationStatus::Bot && deliveries::first_status(place.channel) != DeliveryStatus::Queued
    };
    let runs: Vec<RunId> = standing.values().filter(has_bot).filter_map(|here| here.place().run_id).collect();
    let mut talks = Talks::default();
    if runs.is_empty() {
        return Ok(talks);
    }
    let mut said: HashMap<ContactId, Vec<&Content>> = HashMap::new();
    for from in all {
        said.entry(from.party.contact_id).or_default().push(&from.said.content);
    }
    let is_allowed = licences::allows(cx, Feature::ScenarioRuns).await?;
    let rows = store::alive_among(cx.tx, cx.account, &runs).await?;
    let clients: Vec<ContactId> = rows.iter().map(|row| row.contact_id).collect();
    let mut read = facts::Read::of(cx, &clients).await?;
    for row in rows {
        let (Some(here), Some(said)) = (standing.get(&row.contact_id), said.get(&row.contact_id)) else { continue };
        if !is_allowed && !row.is_test {
            continue;
        }
        let contact = row.contact_id;
        if let Some(talk) = talk(cx, here.place(), row, said, &mut read).await? {
            talks.0.insert(contact, talk);
        }
    }
    Ok(talks)
}

/// `None` when the run does more than speak.
async fn talk(
    cx: &mut Cx<'_>,
    place: &Place,
    mut row: RunRow,
    said: &[&Content],
    read: &mut facts::Read,
) -> Result<Option<Talk>> {
    let Ok(mut run) = serde_json::from_str::<Run>(&row.state) else { return Ok(None) };
    let Ok(shelf) = shelf::open(cx, &row, &run).await? else { return Ok(None) };
    let mut facts = read.facts(cx, place, &row, &shelf).await?;
    let (mut trace, mut answers, mut visits) = (Trace::default(), VecDeque::new(), VecDeque::new());
    let mut told = Vec::new();
    row.client_said = true;
    for content in said {
        if !content.attachments.is_empty() {
            return Ok(None);
        }
        let heard = Heard::of(content);
        let event = Event { at: cx.env.now().0, what: What::Message(heard.answer(content, Some(&row.id))) };
        let is_taken = ::scenario::step(shelf.own(), &shelf, &mut run, &mut facts, event, &mut told);
        if !is_taken || run.ended().is_some() {
            return Ok(None);
        }
        let mut answer = Vec::new();
        for effect in told.drain(..) {
            trace.take(&row, &effect);
            match &effect {
                Effect::Send { here, text, files: [], buttons, typing: 0, .. } => {
                    let saying = effects::saying(place, &row, here, text, buttons);
                    let Ok(new) = outgoing::checked(place, saying) else { return Ok(None) };
                    answer.push(new);
                    visits.push_back(i64::from(here.visit));
                }
                Effect::Entered { .. } | Effect::Left { .. } | Effect::Incorrect { .. } | Effect::Answered { .. } => {}
                _ => return Ok(None),
            }
        }
        answers.push_back(answer);
    }
    let block = shelf.waits_at(&run);
    Ok(Some(Talk { row, run, block, trace, answers, visits }))
}

impl Talks {
    /// Whether a client's messages are among them.
    pub fn has(&self, contact: &ContactId) -> bool {
        self.0.contains_key(contact)
    }

    /// Whether nobody's are.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is said to the client's next message.
    pub fn next_answer(&mut self, contact: &ContactId) -> Vec<NewMessage> {
        let next = self.0.get_mut(contact).and_then(|talk| talk.answers.pop_front());
        next.unwrap_or_default()
    }

    /// Writes what became of the runs, when the messages are stored.
    ///
    /// # Errors
    /// When the storage fails.
    pub async fn store(mut self, cx: &mut Cx<'_>, stored: &[Arc<Message>]) -> Result<()> {
        for message in stored.iter().filter(|message| message.author.kind == AuthorKind::Bot) {
            let Some(talk) = self.0.get_mut(&message.contact_id) else { continue };
            if let Some(visit) = talk.visits.pop_front() {
                talk.trace.said_in(visit, message.id);
            }
        }
        let traces: Vec<(&RunRow, &Trace)> = self.0.values().map(|talk| (&talk.row, &talk.trace)).collect();
        trace::store(cx, &traces).await?;
        for talk in self.0.values_mut() {
            let timer_at = jobs::set_timer(cx, &talk.row, &talk.run).await?;
            talk.row.state = serde_json::to_string(&talk.run).map_err(|error| DbError::other(error.to_string()))?;
            store::save(cx, &talk.row, talk.block.as_deref(), timer_at, None).await?;
        }
        Ok(())
    }
}
