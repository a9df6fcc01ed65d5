//! The summary report (R39-R44, section 5 of `scenarios.md`): numbers by block out of the roll-ups, and the people behind each.

use crate::store;
use model::{
    ChannelKind, ConnectionId, ContactId, ConversationId, Cx, DeliveryStatus, Message, MessageId, ProjectId, Refusal,
    Result, RunId, ScenarioId, Timestamp,
};
use scenario::Document;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// Which runs are counted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    /// First day of their start, since 1970 in UTC.
    pub from: i64,
    /// Last day.
    pub to: i64,
    /// Kind of launch.
    pub launch: Option<String>,
    /// Which menu button, mailing...
    pub source: Option<String>,
    /// Version.
    pub version: Option<i64>,
    /// Channel.
    pub connection: Option<ConnectionId>,
}

/// Numbers of a scenario.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = ScenarioReport)]
pub struct Report {
    /// Runs that began.
    pub launches: i64,
    /// Runs that came to their end.
    pub finishes: i64,
    /// Runs that ended because a person took the conversation.
    pub to_operator: i64,
    /// Seconds that the runs in the middle took to their end, out of powers of two; null when none has.
    pub median_seconds: Option<i64>,
    /// By block id.
    pub blocks: BTreeMap<String, Numbers>,
    /// Blocks of the shown version that nobody entered.
    pub unused: Vec<String>,
    /// Blocks of other versions that were entered and that the shown one does not have.
    pub older_blocks: Vec<String>,
    /// The version whose scheme is shown.
    pub version: i64,
    /// Versions that have runs, or were published.
    pub versions: Vec<i64>,
    /// Kinds of launch that have runs.
    pub launch_kinds: Vec<String>,
    /// The scheme.
    #[schema(value_type = Object)]
    pub document: Document,
}

/// Numbers of one block (rulings 48): visits = exits + waiting + ended.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = BlockNumbers)]
pub struct Numbers {
    /// Entries.
    pub visits: i64,
    /// Runs that entered it.
    pub runs: i64,
    /// Entries that left, by exit.
    pub exits: BTreeMap<String, i64>,
    /// Wrong answers.
    pub incorrect: i64,
    /// Entries that wait now.
    pub waiting: i64,
    /// Entries in which the run ended.
    pub ended: i64,
}

/// Makes the report.
///
/// # Errors
/// When there is no such scenario, or it was never published.
pub(crate) async fn make(cx: &mut Cx<'_>, project: &ProjectId, id: &ScenarioId, filter: &Filter) -> Result<Report> {
    let found = store::get(cx.tx, cx.account, project, id).await?.ok_or(Refusal::NotFound)?;
    let newest = found.version.ok_or_else(|| Refusal::Conflict {
        code: "not_published",
        detail: "the scenario was never published, so nothing ran".to_owned(),
    })?;
    let version = filter.version.unwrap_or(newest);
    let shown = store::version(cx.tx, cx.account, project, id, version).await?.ok_or(Refusal::NotFound)?;
    let document = shown.document.ok_or(Refusal::NotFound)?;
    let mut blocks: BTreeMap<String, Numbers> =
        document.blocks.iter().map(|block| (block.id.clone(), Numbers::default())).collect();
    for (block, what, n) in store::counts(cx.tx, cx.account, id, filter).await? {
        blocks.entry(block).or_default().add(&what, n);
    }
    for numbers in blocks.values_mut() {
        numbers.waiting = numbers.visits - numbers.exits.values().sum::<i64>() - numbers.ended;
    }
    let is_shown = |id: &String| document.blocks.iter().any(|block| block.id == *id);
    let unused = document.blocks.iter().map(|block| block.id.clone());
    let unused = unused.filter(|id| blocks.get(id).is_none_or(|numbers| numbers.visits == 0)).collect();
    let older_blocks = blocks.keys().filter(|id| !is_shown(id)).cloned().collect();
    let mut whole = Whole::default();
    for (what, n) in store::of_runs(cx.tx, cx.account, id, filter).await? {
        whole.add(&what, n);
    }
    let versions = store::versions(cx.tx, cx.account, project, id).await?.into_iter().map(|version| version.version);
    Ok(Report {
        launches: whole.launches,
        finishes: whole.finishes,
        to_operator: whole.to_operator,
        median_seconds: whole.median(),
        unused,
        older_blocks,
        version,
        versions: versions.collect(),
        launch_kinds: store::launch_kinds(cx.tx, cx.account, id).await?,
        document,
        blocks,
    })
}

/// What was counted of runs as a whole.
#[derive(Debug, Default)]
struct Whole {
    launches: i64,
    finishes: i64,
    to_operator: i64,
    /// Runs that came to their end, by the power of two above the seconds it took.
    took: BTreeMap<u32, i64>,
}

impl Whole {
    fn add(&mut self, what: &str, n: i64) {
        match what {
            "launches" => self.launches += n,
            "end:done" => self.finishes += n,
            "end:operator" => self.to_operator += n,
            other => {
                if let Some(power) = other.strip_prefix("took:").and_then(|power| power.parse().ok()) {
                    *self.took.entry(power).or_default() += n;
                }
            }
        }
    }

    /// As if the runs between two powers were spread evenly.
    fn median(&self) -> Option<i64> {
        let all: i64 = self.took.values().sum();
        let mut below = 0;
        for (power, n) in &self.took {
            if *n > 0 && (below + n) * 2 >= all {
                let to = 1_i64.checked_shl(*power).unwrap_or(i64::MAX);
                let from = if *power == 0 { 0 } else { to / 2 };
                let share = (all - below * 2) as f64 / (2 * n) as f64;
                return Some(from + ((to - from) as f64 * share).round() as i64);
            }
            below += n;
        }
        None
    }
}

impl Numbers {
    fn add(&mut self, what: &str, n: i64) {
        match what {
            "visits" => self.visits += n,
            "runs" => self.runs += n,
            "incorrect" => self.incorrect += n,
            "ended" => self.ended += n,
            other => {
                if let Some(exit) = other.strip_prefix("exit:") {
                    *self.exits.entry(exit.to_owned()).or_default() += n;
                }
            }
        }
    }
}

/// Somebody behind a number: one visit of a block.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = ScenarioRecipient)]
pub struct Recipient {
    /// The run.
    pub run_id: RunId,
    /// Which visit of it.
    pub visit: i64,
    /// The client.
    pub contact_id: ContactId,
    /// Name, or the handle of a client without one.
    pub name: String,
    /// `@name` and the like.
    pub handle: String,
    /// Kind of the channel.
    pub channel: ChannelKind,
    /// The conversation.
    pub conversation_id: ConversationId,
    /// The block was entered.
    pub created_at: Timestamp,
    /// Its message went out.
    pub sent_at: Option<Timestamp>,
    /// The message as it was sent.
    pub text: Option<String>,
    /// What became of it.
    pub status: Option<DeliveryStatus>,
    /// Since when.
    pub status_at: Option<Timestamp>,
    /// What the client answered.
    pub answer: Option<String>,
    /// How the block was left; null while the run waits in it, empty when it ended in it.
    pub exit: Option<String>,
    /// Wrong answers.
    pub incorrect: i64,
}

/// When a message went out: as its channel confirmed it, or at once where the channel is our own.
fn sent_at(message: &Message, confirmed: &HashMap<MessageId, i64>) -> Option<Timestamp> {
    if let Some(at) = confirmed.get(&message.id) {
        return Some(Timestamp(*at));
    }
    let delivery = message.delivery.as_ref()?;
    match channels::adapter(message.channel).capabilities().is_own_log {
        true => Some(message.created_at),
        // Its attempts are forgotten: only what still says so is known.
        false => (delivery.status == DeliveryStatus::Sent).then_some(delivery.at),
    }
}

/// The people behind a number of a block, the last first.
///
/// # Errors
/// When there is no such scenario.
pub(crate) async fn recipients(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    wanted: &store::Visits<'_>,
) -> Result<Vec<Recipient>> {
    store::get(cx.tx, cx.account, project, wanted.scenario).await?.ok_or(Refusal::NotFound)?;
    let rows = store::visits(cx.tx, cx.account, wanted).await?;
    let said: Vec<MessageId> = rows.iter().filter_map(|row| row.message_id).collect();
    let sent = store::sent_times(cx.tx, cx.account, &said).await?;
    let mut recipients = Vec::with_capacity(rows.len());
    for row in rows {
        let message = match &row.message_id {
            // A message that retention has taken is no reason to lose its line.
            Some(id) => match messaging::messages::get(cx.tx, cx.account, id).await {
                Ok(message) => Some(message),
                Err(Refusal::NotFound) => None,
                Err(refusal) => return Err(refusal),
            },
            None => None,
        };
        let delivery = message.as_ref().and_then(|message| message.delivery.clone());
        let sent_at = message.as_ref().and_then(|message| sent_at(message, &sent));
        recipients.push(Recipient {
            run_id: row.run_id,
            visit: row.visit,
            contact_id: row.contact_id,
            name: row.name,
            handle: row.handle,
            channel: row.channel,
            conversation_id: row.conversation_id,
            created_at: Timestamp(row.entered_at),
            sent_at,
            status_at: delivery.as_ref().map(|delivery| delivery.at),
            status: delivery.map(|delivery| delivery.status),
            text: message.map(|message| message.content.text),
            answer: row.answer,
            exit: row.exit,
            incorrect: row.incorrect,
        });
    }
    Ok(recipients)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_lies_between_two_powers_of_two() {
        let of = |took: &[(u32, i64)]| Whole { took: took.iter().copied().collect(), ..Whole::default() }.median();
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[(4, 10)]), Some(12), "in the middle of 8 to 16");
        assert_eq!(of(&[(4, 10), (7, 10)]), Some(16));
        assert_eq!(of(&[(4, 10), (7, 30)]), Some(85), "a third of the way from 64 to 128");
        assert_eq!(of(&[(0, 4)]), Some(1), "at once");
    }
}
