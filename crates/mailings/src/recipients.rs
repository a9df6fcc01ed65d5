//! The people behind a number of a mailing (R44), before its start and after.

use crate::plan::Plan;
use crate::store::report;
use crate::survey::{Person, Survey};
use messaging::Messaging;
use model::{
    AccountId, ChannelKind, ConnectionId, ContactId, ConversationId, Cx, GroupId, MailingId, MessageId, ProjectId,
    Refusal, Result, Timestamp,
};
use serde::Serialize;
use std::sync::Arc;

pub(crate) use crate::store::report::Filter;

/// A person of a mailing.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = MailingRecipient)]
pub struct Recipient {
    /// The person.
    #[schema(value_type = String)]
    pub person_id: GroupId,
    /// The contact that is written to, or came furthest.
    pub contact_id: ContactId,
    /// Name, or the handle; null of one who was erased.
    pub name: Option<String>,
    /// `@name` and the like.
    pub handle: Option<String>,
    /// Kind of the channel.
    pub channel: ChannelKind,
    /// The channel.
    pub connection_id: ConnectionId,
    /// `queued`, `sending`, `sent`, `delivered`, `read`, `failed`, `unknown`, `skipped`.
    pub state: String,
    /// Why, of those who were skipped or refused.
    pub reason: Option<String>,
    /// Written down.
    pub created_at: Timestamp,
    /// The channel took it.
    pub sent_at: Option<Timestamp>,
    /// Since when the state is this one.
    pub state_at: Timestamp,
    /// The message.
    pub message_id: Option<MessageId>,
    /// Where it is.
    pub conversation_id: Option<ConversationId>,
    /// The message as it was sent.
    pub text: Option<String>,
    /// The block that the scenario is at, or ended in.
    pub step: Option<String>,
    /// Said something afterwards.
    pub answered: bool,
    /// Pressed a button of it, or opened a link.
    pub clicked: bool,
    /// When they reached what it was sent for.
    pub goal_at: Option<Timestamp>,
    /// Their zone.
    pub zone: Option<String>,
}

/// A page of them out of the ledger.
///
/// # Errors
/// When the storage fails.
pub async fn list(cx: &mut Cx<'_>, id: &MailingId, filter: &Filter) -> Result<Vec<Recipient>> {
    let mut all = Vec::new();
    for row in report::recipients(cx.tx, cx.account, id, filter).await? {
        let text = match row.message_id {
            // A message that retention has taken is no reason to lose its line.
            Some(message) => match messaging::messages::get(cx.tx, cx.account, &message).await {
                Ok(message) => Some(message.content.text),
                Err(Refusal::NotFound) => None,
                Err(refusal) => return Err(refusal),
            },
            None => None,
        };
        let step = match row.run_id {
            Some(run) => report::step(cx.tx, cx.account, &run).await?,
            None => None,
        };
        all.push(Recipient {
            person_id: row.person_id,
            contact_id: row.contact_id,
            name: row.name,
            handle: row.handle,
            channel: row.channel,
            connection_id: row.connection_id,
            state: row.state,
            reason: Some(row.reason).filter(|reason| !reason.is_empty()),
            created_at: row.created_at,
            sent_at: row.sent_at,
            state_at: row.state_at,
            message_id: row.message_id,
            conversation_id: row.conversation_id,
            text,
            step,
            answered: row.has_answered,
            clicked: row.has_clicked,
            goal_at: row.goal_at,
            zone: Some(row.zone),
        });
    }
    Ok(all)
}

/// The same before the start, counted anew.
///
/// # Errors
/// When the storage fails.
pub async fn preview(
    service: &Arc<Messaging>,
    account: &AccountId,
    project: &ProjectId,
    plan: &Arc<Plan>,
    filter: &Filter,
) -> Result<Vec<Recipient>> {
    let now = service.env.now();
    let mut survey = Survey::new(plan.clone(), *account, *project, plan.starts_at(now));
    let mut found = Vec::new();
    // From the beginning: whose address is taken depends on who came before.
    loop {
        let (page, behind) = survey.step(service, now).await?;
        survey = behind;
        let Some(page) = page else { return Ok(found) };
        for person in page.people.into_iter().filter(|person| person.id > filter.after) {
            let shown = shown(plan, &person, now);
            let is_asked = |word: &str, is: &str| word.is_empty() || word == is;
            if is_asked(&filter.state, &shown.state)
                && is_asked(&filter.reason, shown.reason.as_deref().unwrap_or_default())
                && is_asked(&filter.channel, shown.channel.as_str())
                && is_asked(&filter.zone, &person.zone)
            {
                found.push(shown);
            }
            if i64::try_from(found.len()).unwrap_or(i64::MAX) >= filter.limit {
                return Ok(found);
            }
        }
    }
}

fn shown(plan: &Plan, person: &Person, now: Timestamp) -> Recipient {
    let contact = person.contact();
    let reason = person.reason();
    let text = reason.is_none().then(|| plan.text(contact, &person.contacts)).flatten();
    Recipient {
        person_id: person.id,
        contact_id: contact.contact_id,
        name: Some(contact.name.clone()),
        handle: Some(contact.handle.clone()),
        channel: contact.channel,
        connection_id: contact.connection_id,
        state: if reason.is_some() { "skipped" } else { "queued" }.to_owned(),
        reason: reason.map(|reason| reason.as_str().to_owned()),
        created_at: now,
        sent_at: None,
        state_at: now,
        message_id: None,
        conversation_id: None,
        text,
        step: None,
        answered: false,
        clicked: false,
        goal_at: None,
        zone: Some(person.zone.clone()),
    }
}
