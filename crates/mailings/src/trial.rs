//! How a client would see it, and a try on somebody before the start. Neither is in a report.

use crate::audience::Facts;
use crate::mailing::Row;
use crate::plan::{Plan, Reason};
use crate::say::{self, Unsaid};
use crate::store::people;
use crate::store::tests::{self, Tried};
use crate::use_cases;
use messaging::{contacts, scenario_runs};
use model::{ChannelKind, ContactId, Cx, DeliveryStatus, Refusal, Result, Timestamp};
use serde::Serialize;

/// Contacts of one try at most.
pub const MOST: usize = 5;

/// How a client sees a mailing.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = MailingSample)]
pub struct Sample {
    /// The contact.
    pub contact_id: ContactId,
    /// Their name.
    pub name: String,
    /// In each channel of the mailing.
    pub items: Vec<Seen>,
}

/// In one channel.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = MailingSeen)]
pub struct Seen {
    /// Kind of the channel.
    pub channel: ChannelKind,
    /// What a letter is about.
    pub subject: Option<String>,
    /// The text, with the client's values; empty where a scenario speaks.
    pub text: String,
    /// Fields that are printed and empty.
    pub missing: Vec<String>,
    /// Labels of buttons.
    pub buttons: Vec<String>,
}

/// What became of a try.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = MailingTest)]
pub struct Test {
    /// The contact.
    pub contact_id: ContactId,
    /// Their name.
    pub name: String,
    /// Kind of the channel.
    pub channel: ChannelKind,
    /// The way out of its message.
    pub status: Option<DeliveryStatus>,
    /// Why it failed.
    pub reason: Option<String>,
    /// When.
    pub sent_at: Option<Timestamp>,
    /// Why there is no message.
    pub problem: Option<Unsent>,
}

/// Why a try has no message.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = MailingTestProblem)]
pub struct Unsent {
    /// Stable word.
    pub code: String,
    /// What it means.
    pub message: String,
}

async fn person(cx: &mut Cx<'_>, plan: &Plan, row: &Row, contact: &ContactId) -> Result<Vec<Facts>> {
    contacts::party(cx.tx, cx.account, &row.project_id, contact).await?;
    let groups = people::groups_of(cx.tx, cx.account, &[*contact]).await?;
    let groups: Vec<_> = groups.into_iter().map(|(_, group)| group).collect();
    let mut person = people::of_groups(cx.tx, cx.account, &groups).await?;
    for facts in &mut person {
        facts.now = cx.env.now();
    }
    plan.needs().fill(cx.tx, cx.account, &mut person).await?;
    Ok(person)
}

/// How a client sees it.
///
/// # Errors
/// When there is no such contact in the project.
pub async fn sample(cx: &mut Cx<'_>, row: &Row, contact: &ContactId, link: say::LinkOf<'_>) -> Result<Sample> {
    let plan = use_cases::plan_of(cx, row).await?;
    let person = person(cx, &plan, row, contact).await?;
    let own = person.iter().find(|facts| facts.contact_id == *contact).ok_or(Refusal::NotFound)?.clone();
    let seen = |channel: &ChannelKind| {
        let in_channel = Facts { channel: *channel, ..own.clone() };
        let content = say::content(&plan, &in_channel, &person, link(&own));
        let missing = plan.missing(&in_channel, &person);
        let subject = content.extra.and_then(|extra| extra.subject);
        Seen { channel: *channel, subject, text: content.text, missing, buttons: Vec::new() }
    };
    let items = plan.document.channels.iter().map(seen).collect();
    Ok(Sample { contact_id: own.contact_id, name: own.name.clone(), items })
}

/// Says it to one contact, as a try.
///
/// # Errors
/// When there is no such contact; what the channel refuses is noted.
pub async fn send(cx: &mut Cx<'_>, row: &Row, contact: &ContactId, link: say::LinkOf<'_>) -> Result<()> {
    events::lock(cx.tx, cx.account).await?;
    let plan = use_cases::plan_of(cx, row).await?;
    let person = person(cx, &plan, row, contact).await?;
    let own = person.iter().find(|facts| facts.contact_id == *contact).ok_or(Refusal::NotFound)?;
    if row.scenario().is_some() && !scenario_runs::is_test_user(cx, contact).await? {
        let problem = ("not_test_user", "a scenario is tried on test users: choose this client as one first");
        return tests::note(cx, &row.id, contact, None, Some(problem)).await;
    }
    // A try is no way around what a client asked for. Empty fields are what it is made to find.
    let refused = plan.refuses(own, &person, 0, cx.env.now()).filter(|reason| *reason != Reason::MissingField);
    if let Some(reason) = refused {
        let problem = (reason.as_str(), "a mailing would not be sent to this client either");
        return tests::note(cx, &row.id, contact, None, Some(problem)).await;
    }
    let problems = plan.problems(cx.env.now());
    if let Some(problem) = problems.iter().find(|problem| problem.path.starts_with("body")) {
        return tests::note(cx, &row.id, contact, None, Some((&problem.code, &problem.message))).await;
    }
    let content = say::content(&plan, own, &person, link(own));
    match say::say(cx, &row.project_id, &plan, own, content).await? {
        Ok(said) => tests::note(cx, &row.id, contact, said.message_id, None).await,
        Err(Unsaid::Skipped(reason)) => {
            let problem = (reason.as_str(), "another has this conversation just now");
            tests::note(cx, &row.id, contact, None, Some(problem)).await
        }
        Err(Unsaid::Failed(code, words)) => tests::note(cx, &row.id, contact, None, Some((&code, &words))).await,
    }
}

/// What became of the tries of a mailing.
///
/// # Errors
/// When the storage fails.
pub async fn list(cx: &mut Cx<'_>, row: &Row) -> Result<Vec<Test>> {
    let tried = tests::list(cx.tx, cx.account, &row.id).await?;
    let told = |Tried { contact_id, name, channel, status, reason, sent_at, code, detail }| Test {
        contact_id,
        name,
        channel,
        status,
        reason,
        sent_at: Some(sent_at),
        problem: code.map(|code| Unsent { code, message: detail.unwrap_or_default() }),
    };
    Ok(tried.into_iter().map(told).collect())
}
