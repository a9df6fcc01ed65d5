//! What a mailing says to one contact: the text, or a scenario that begins. Always in the transaction that notes it in the ledger.

use crate::audience::Facts;
use crate::plan::{Plan, Reason};
use crate::store::recipients::{self, Said};
use messaging::conversations::{self, Place};
use messaging::deliveries::{self, Lane};
use messaging::messages::NewMessage;
use messaging::outgoing::{self, Saying};
use messaging::scenario_runs::{self, Launching};
use messaging::{Messaging, contacts};
use model::{
    Author, AuthorKind, ChannelKind, Content, ConversationStatus, Cx, DeliveryStatus, Extra, ProjectId, Refusal,
    Result, ScenarioId,
};
use scenario::document::LaunchKind;
use serde_json::json;

/// Why nothing was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unsaid {
    /// There is a reason of the ledger.
    Skipped(Reason),
    /// The channel, or the scenario, does not take it: a stable word and what it means.
    Failed(String, String),
}

/// Where letters are unsubscribed from, for the line below a text: made outside the transaction, as all that needs the installation.
pub type LinkOf<'l> = &'l (dyn Fn(&Facts) -> Option<String> + Send + Sync);

/// Says it to one contact.
///
/// # Errors
/// When the storage fails; what the channel or the conversation refuses is an [`Unsaid`].
pub async fn say(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    plan: &Plan,
    contact: &Facts,
    content: Content,
) -> Result<std::result::Result<Said, Unsaid>> {
    match plan.document.body.scenario_id {
        Some(scenario) => begin(cx, project, plan, contact, scenario).await,
        None => text(cx, project, plan, contact, (content, None)).await,
    }
}

/// The text for a contact as it is sent, with the way out of mailings below it.
pub fn content(plan: &Plan, contact: &Facts, person: &[Facts], link: Option<String>) -> Content {
    let mut text = plan.text(contact, person).unwrap_or_default();
    if plan.document.opt_out_line && plan.document.required.is_none() && !text.is_empty() {
        text.push_str("\n\n");
        text.push_str(&way_out(&text, contact.channel, link));
    }
    let subject = plan.document.subject_for(contact.channel).map(str::to_owned);
    let extra = subject.map(|subject| Box::new(Extra { subject: Some(subject), ..Extra::default() }));
    Content { text, extra, ..Content::default() }
}

/// In the language of the text.
fn way_out(text: &str, channel: ChannelKind, link: Option<String>) -> String {
    let is_russian = text.chars().any(|c| ('\u{400}'..='\u{4ff}').contains(&c));
    let link = link.filter(|_| channel == ChannelKind::Email);
    match (is_russian, link) {
        (true, Some(link)) => format!("Отписаться: {link}"),
        (false, Some(link)) => format!("Unsubscribe: {link}"),
        (true, None) => "Чтобы отписаться, ответьте «стоп»".to_owned(),
        (false, None) => "To unsubscribe, answer “stop”".to_owned(),
    }
}

/// The link of a contact.
pub fn link_of(service: &Messaging, account: &model::AccountId, contact: &Facts) -> Option<String> {
    service.unsubscribe_link(account, &contact.contact_id)
}

/// Says a text; one that is settled was sent before and goes nowhere.
///
/// # Errors
/// As [`say`].
pub async fn text(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    plan: &Plan,
    contact: &Facts,
    (content, settled): (Content, Option<DeliveryStatus>),
) -> Result<std::result::Result<Said, Unsaid>> {
    let can = channels::adapter(contact.channel).capabilities();
    if let Err(unfit) = can.check(&content.text, 0, false) {
        return Ok(Err(Unsaid::Failed(unfit.code.to_owned(), unfit.words)));
    }
    if let Err(refusal) = messaging::messages::check_content(&content) {
        return Ok(Err(unsaid(refusal)?));
    }
    let place = place(cx, project, contact, ConversationStatus::Waiting).await?;
    note(cx, &place, plan).await?;
    let author = Author { kind: AuthorKind::Bot, id: None, name: None };
    let saying = Saying { lane: Lane::Mailing, settled, ..Saying::new(author, content) };
    let message = match outgoing::say(cx, &place, saying).await {
        Ok(message) => message,
        Err(refusal) => return Ok(Err(unsaid(refusal)?)),
    };
    let is_there = message.delivery.as_ref().is_none_or(|delivery| delivery.status == DeliveryStatus::Sent);
    let conversation_id = place.conversation_id;
    Ok(Ok(Said { message_id: Some(message.id), conversation_id, run_id: None, is_there }))
}

async fn begin(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    plan: &Plan,
    contact: &Facts,
    scenario_id: ScenarioId,
) -> Result<std::result::Result<Said, Unsaid>> {
    // Looked at first: nobody's conversation is begun, or reopened, for what is skipped.
    if let Some(open) = conversations::open_place(cx.tx, cx.account, &contact.contact_id).await? {
        if scenario_runs::is_with_people(&open) {
            return Ok(Err(Unsaid::Skipped(Reason::WithOperator)));
        }
        if open.run_id.is_some() {
            return Ok(Err(Unsaid::Skipped(Reason::ScenarioBusy)));
        }
    }
    let place = place(cx, project, contact, ConversationStatus::Bot).await?;
    note(cx, &place, plan).await?;
    let launching = Launching { scenario_id, kind: LaunchKind::Mailing, of: Some(plan.id.to_string()) };
    let run = match scenario_runs::launch(cx, &place, launching).await {
        Ok(Some(run)) => run,
        Ok(None) => return Ok(Err(Unsaid::Skipped(Reason::ScenarioBusy))),
        Err(refusal) => return Ok(Err(unsaid(refusal)?)),
    };
    let message_id = recipients::first_message(cx.tx, cx.account, &run).await?;
    let is_own_log = deliveries::first_status(contact.channel) == DeliveryStatus::Sent;
    let is_there = is_own_log || message_id.is_none();
    Ok(Ok(Said { message_id, conversation_id: place.conversation_id, run_id: Some(run), is_there }))
}

async fn place(cx: &mut Cx<'_>, project: &ProjectId, contact: &Facts, born: ConversationStatus) -> Result<Place> {
    let party = contacts::party(cx.tx, cx.account, project, &contact.contact_id).await?;
    conversations::open_or_continue_as(cx, &party, born).await
}

/// A line of the thread: which mailing it was.
async fn note(cx: &mut Cx<'_>, place: &Place, plan: &Plan) -> Result<()> {
    let data = json!({ "mailing": plan.document.title, "mailing_id": plan.id });
    conversations::append(cx, place, NewMessage::event("mailing.sent", data)).await.map(drop)
}

fn unsaid(refusal: Refusal) -> Result<Unsaid> {
    match refusal.words() {
        Some((code, words)) => Ok(Unsaid::Failed(code.to_owned(), words)),
        None => Err(refusal),
    }
}
