//! A mailing that was sent at another time: demo data. Nothing goes out; the ledger and the conversations are as if it had.

use crate::document::Document;
use crate::mailing::State;
use crate::say;
use crate::store::{follow as log, mailings, recipients};
use crate::survey::Survey;
use crate::use_cases;
use crate::{freeze, plan};
use model::{ConversationId, Cx, DeliveryStatus, GroupId, ProjectId, Result};
use std::sync::Arc;

/// What became of one recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Became {
    /// It went this far.
    Gone(DeliveryStatus),
    /// The client had blocked us.
    Blocked,
}

/// Plays a mailing of a text at the moment of the clock; answers the conversations of those whom it reached.
///
/// # Errors
/// For what no mailing can be; when the storage fails.
pub async fn played(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    document: Document,
    by: &str,
    became: impl Fn(usize) -> Became,
) -> Result<Vec<ConversationId>> {
    let row = use_cases::create(cx, project, document, Some(by)).await?;
    let now = cx.env.now();
    mailings::set_start(cx, &row.id, now).await?;
    mailings::go(cx, &row.id, State::Draft, State::Preparing).await?;
    log::begin(cx).await?;
    let plan = Arc::new(use_cases::plan_of(cx, &row).await?);
    let mut survey = Survey::new(plan.clone(), *cx.account, *project, now);
    let (mut number, mut reached) = (0, Vec::new());
    while let Some(page) = survey.next(cx.tx, now).await? {
        freeze::write_now(cx, &row.id, &plan, &page.people).await?;
        for person in page.people.iter().filter(|person| person.reason().is_none()) {
            reached.extend(write_to(cx, &plan, project, person, became(number)).await?);
            number += 1;
        }
    }
    mailings::prepared(cx, &row.id, GroupId::from_bits(u128::MAX), 0).await?;
    mailings::go(cx, &row.id, State::Preparing, State::Done).await?;
    Ok(reached)
}

async fn write_to(
    cx: &mut Cx<'_>,
    plan: &plan::Plan,
    project: &ProjectId,
    person: &crate::survey::Person,
    became: Became,
) -> Result<Option<ConversationId>> {
    let Became::Gone(status) = became else {
        recipients::end(cx, &plan.id, &person.id, "failed", "blocked_by_client").await?;
        return Ok(None);
    };
    let contact = person.contact();
    let content = say::content(plan, contact, &person.contacts, None);
    let Ok(said) = say::text(cx, project, plan, contact, (content, Some(status))).await? else {
        return Ok(None);
    };
    let conversation = said.conversation_id;
    recipients::claim(cx, &plan.id, &person.id, &recipients::Said { is_there: true, ..said }).await?;
    let moved = log::Moved {
        mailing_id: plan.id,
        person_id: person.id,
        contact_id: contact.contact_id,
        others: Vec::new(),
        status,
        code: String::new(),
        at: cx.env.now(),
    };
    log::go_on(cx, &moved, status.as_str()).await?;
    Ok(Some(conversation))
}
