//! A page says that it has shown an auto-action. The server looks again, for a page can say anything; then it notes the showing and does what
//! is the server's part: a message, a scenario, a tag, a field, a word to the operators (section 3 of `site.md`).

use super::explain::{OPEN_FOR_MS, has_open_dialog, shown_to};
use super::project::{Project, facts_of, moment};
use super::{ready, refused, store};
use messaging::contacts::{self, NewContact, values};
use messaging::conversations::{self, Party, Place};
use messaging::messages::NewMessage;
use messaging::outgoing::{self, Saying};
use messaging::scenario_runs::{self, Launching, launch};
use model::{
    Author, AuthorKind, AutoActionId, ContactId, Content, ConversationStatus, Cx, ProjectId, Refusal, Result,
    Timestamp, ValueSource,
};
use scenario::document::LaunchKind;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use site_rules::document::{Action, Author as Speaker, Start};
use site_rules::{Facts, Situation, choose};

/// What a page has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    /// Drawn.
    Shown,
    /// Pressed.
    Clicked,
    /// The visitor began to write after it.
    Dialog,
}

/// What a page says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acting {
    /// Made by the page: what comes twice is done once.
    pub client_id: String,
    /// Which.
    pub auto_action_id: AutoActionId,
    /// What became of it.
    pub kind: Seen,
    /// What the page knows of itself and its visitor. Fields and tags are the server's to know.
    #[serde(default)]
    pub facts: Map<String, Value>,
    /// What came.
    #[serde(default)]
    pub start: Option<Start>,
    /// When the visit began.
    #[serde(default)]
    pub visit_since: Option<Timestamp>,
}

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Acted {
    /// It was noted, and its effects are done.
    pub done: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stopped_by: Vec<site_rules::Stop>,
    /// The visitor's contact, when there is one now.
    pub contact_id: Option<ContactId>,
}

/// Whose page it is.
pub struct Viewer<'v> {
    /// What the visitor is known by.
    pub new: &'v NewContact,
    /// The contact, once there is one.
    pub contact: Option<ContactId>,
    /// Where the page is, as far as the installation knows.
    pub country: Option<String>,
}

/// Takes what a page says of an auto-action. A visitor becomes a contact only by an effect that needs one.
///
/// # Errors
/// When there is no such auto-action; for facts of the wrong form.
pub async fn act(cx: &mut Cx<'_>, viewer: &Viewer<'_>, acting: Acting) -> Result<Acted> {
    let project = viewer.new.project_id;
    let visitor = viewer.new.external_id.as_str();
    let noted = |done| Acted { done, stopped_by: Vec::new(), contact_id: viewer.contact };
    match acting.kind {
        Seen::Clicked => Ok(noted(store::set_clicked(cx, &project, &acting.auto_action_id, visitor).await?)),
        Seen::Dialog => {
            let since = cx.env.now().0 - OPEN_FOR_MS;
            let has_written = match &viewer.contact {
                Some(contact) => has_open_dialog(cx, contact).await?,
                None => false,
            };
            Ok(noted(has_written && store::set_dialog(cx, &project, visitor, since).await?))
        }
        Seen::Shown => shown(cx, viewer, acting).await,
    }
}

/// Whether an auto-action does something that makes a contact of a visitor who has said nothing.
///
/// # Errors
/// When there is no such auto-action.
pub async fn makes_contacts(cx: &mut Cx<'_>, project: &ProjectId, id: &AutoActionId) -> Result<bool> {
    let document = super::stored(cx.tx, cx.account, project, id).await?.document;
    let is_of_the_page = |action: &Action| {
        matches!(
            action,
            Action::ShowSuggests { .. } | Action::OpenWidget | Action::ShowForm { .. } | Action::JsEvent { .. }
        )
    };
    Ok(!document.actions.iter().all(is_of_the_page))
}

async fn shown(cx: &mut Cx<'_>, viewer: &Viewer<'_>, acting: Acting) -> Result<Acted> {
    let project = viewer.new.project_id;
    let visitor = viewer.new.external_id.as_str();
    events::lock(cx.tx, cx.account).await?;
    let about = Project::load(cx, &project).await?;
    let rules = ready(cx, &project, &about).await?;
    let wanted = acting.auto_action_id.to_string();
    let Some(rule) = rules.into_iter().find(|rule| rule.document.id.as_deref() == Some(wanted.as_str())) else {
        return Err(Refusal::NotFound);
    };
    let mut facts = acting.facts;
    facts.retain(|fact, _| !matches!(fact.as_str(), "tag" | "share" | "country") && !fact.starts_with("field."));
    facts.extend(viewer.country.iter().map(|country| ("country".to_owned(), json!(country))));
    let (mut open_dialog, mut is_test) = (false, false);
    if let Some(contact) = &viewer.contact {
        facts.extend(facts_of(cx, contact).await?);
        open_dialog = has_open_dialog(cx, contact).await?;
        is_test = scenario_runs::is_test_user(cx, contact).await?;
    }
    facts.insert("operators_online".to_owned(), json!(cx.env.has_operators(cx.account, &project)));
    let facts = Facts::read(&facts, &about.known).map_err(|problems| refused("facts", problems))?;
    let facts = facts.with_page().of_visitor(visitor);
    let history = shown_to(cx, &project, visitor).await?;
    let now = about.clock(cx.env.now());
    let situation = Situation {
        now: &now,
        start: acting.start,
        open_dialog,
        visit_since: acting.visit_since.map(moment),
        shown: &history,
    };
    // Which of those that fit goes first is the page's choice: it alone knows what came when.
    let items = choose(std::slice::from_ref(&rule), &facts, &situation);
    let stopped_by = items.into_iter().next().map(|item| item.stopped_by).unwrap_or_default();
    let marks = (visitor, acting.client_id.as_str());
    if !stopped_by.is_empty() {
        return Ok(Acted { done: false, stopped_by, contact_id: viewer.contact });
    }
    if !store::insert_showing(cx, &project, &acting.auto_action_id, marks, is_test).await? {
        return Ok(Acted { done: true, stopped_by, contact_id: viewer.contact });
    }
    let mut effects = Effects { viewer, id: acting.auto_action_id, title: rule.document.title, contact: None };
    // A scenario first: what is said beside it is said in its conversation.
    let starts = |action: &&Action| matches!(action, Action::StartScenario { .. });
    let actions = &rule.document.actions;
    for action in actions.iter().filter(starts).chain(actions.iter().filter(|action| !starts(action))) {
        effects.perform(cx, action).await?;
    }
    let contact_id = effects.contact.or(viewer.contact);
    Ok(Acted { done: true, stopped_by, contact_id })
}

/// What the server does for one showing.
struct Effects<'v> {
    viewer: &'v Viewer<'v>,
    id: AutoActionId,
    title: String,
    /// The contact, once an effect needed one.
    contact: Option<ContactId>,
}

impl Effects<'_> {
    async fn perform(&mut self, cx: &mut Cx<'_>, action: &Action) -> Result<()> {
        match action {
            Action::ShowSuggests { .. } | Action::OpenWidget | Action::ShowForm { .. } | Action::JsEvent { .. } => {
                Ok(())
            }
            Action::Message { author, text } => self.say(cx, *author, text).await,
            Action::StartScenario { scenario_id } => self.start(cx, scenario_id).await,
            Action::SetTag { tag } => self.tag(cx, tag).await,
            Action::SetField { key, value } => self.field(cx, key, value).await,
            Action::Notify { text } => {
                let place = self.place(cx, ConversationStatus::New).await?;
                let data = json!({ "auto_action": self.title, "text": text });
                conversations::append(cx, &place, NewMessage::event("auto_action.notice", data)).await.map(drop)
            }
        }
    }

    async fn contact(&mut self, cx: &mut Cx<'_>) -> Result<ContactId> {
        if let Some(known) = self.contact.or(self.viewer.contact) {
            return Ok(known);
        }
        let made = contacts::upsert(cx, self.viewer.new).await?.id;
        self.contact = Some(made);
        Ok(made)
    }

    /// The visitor's conversation; one that begins here has this status.
    async fn place(&mut self, cx: &mut Cx<'_>, born: ConversationStatus) -> Result<Place> {
        let NewContact { project_id, connection_id, channel, demo, .. } = *self.viewer.new;
        let contact_id = self.contact(cx).await?;
        let party = Party { project_id, contact_id, connection_id, channel, demo };
        conversations::open_or_continue_as(cx, &party, born).await
    }

    /// A conversation that begins with it waits for the client: nobody is called for what a site did by itself.
    async fn say(&mut self, cx: &mut Cx<'_>, speaker: Speaker, text: &str) -> Result<()> {
        let place = self.place(cx, ConversationStatus::Waiting).await?;
        let kind = match speaker {
            Speaker::Bot => AuthorKind::Bot,
            Speaker::Operator => AuthorKind::Operator,
        };
        let author = Author { kind, id: None, name: None };
        outgoing::say(cx, &place, Saying::new(author, Content::text(text))).await.map(drop)
    }

    async fn start(&mut self, cx: &mut Cx<'_>, scenario: &str) -> Result<()> {
        let Ok(scenario_id) = scenario.parse() else { return Ok(()) };
        let place = self.place(cx, ConversationStatus::Bot).await?;
        let launching = Launching { scenario_id, kind: LaunchKind::AutoAction, of: Some(self.id.to_string()) };
        match launch(cx, &place, launching).await {
            // A run that is alive, or an operator, has the conversation: it is skipped (ruling 51).
            Ok(_) | Err(Refusal::NotFound | Refusal::Conflict { .. }) => Ok(()),
            Err(refusal) => Err(refusal),
        }
    }

    async fn tag(&mut self, cx: &mut Cx<'_>, tag: &str) -> Result<()> {
        let contact = self.contact(cx).await?;
        let held = contacts::get(cx.tx, cx.account, &contact).await?.tags;
        if held.iter().any(|one| one == tag) {
            return Ok(());
        }
        let tags: Vec<String> = held.into_iter().chain([tag.to_owned()]).collect();
        forgive(contacts::set_tags(cx, &self.viewer.new.project_id, &contact, &tags).await)
    }

    async fn field(&mut self, cx: &mut Cx<'_>, key: &str, value: &str) -> Result<()> {
        let contact = self.contact(cx).await?;
        let given = values::Given::from([(key.to_owned(), vec![value.to_owned()])]);
        let giver = values::Giver { source: ValueSource::Bot, set_by: None, is_verified: false };
        forgive(values::set(cx, &self.viewer.new.project_id, &contact, &given, &giver).await.map(drop))
    }
}

/// A value that a field does not take is no reason to lose the rest.
fn forgive(result: Result<()>) -> Result<()> {
    match result {
        Err(Refusal::Invalid(_)) => Ok(()),
        other => other,
    }
}
