//! Many conversations at once. Each is changed in a transaction of its own and answers for itself: what could not be done leaves the others done.
//! What is taken back names what it expects, so that it overwrites nothing that others did meanwhile.

use crate::conversations::{self, Assignment};
use crate::snooze::{self, Until};
use http_kit::{Actor, Principal};
use messaging::conversations::{self as path, Place};
use messaging::{Messaging, contacts, tags};
use model::{Conversation, ConversationId, ConversationStatus, Cx, ProjectId, Refusal, Result, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// Conversations of one request at most.
pub(crate) const MOST: usize = 100;

/// What is done with one conversation.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = BulkAction)]
pub(crate) enum Action {
    /// Gives it to a colleague, or back to the queue.
    Assign {
        /// Null for the queue.
        user_id: Option<UserId>,
        /// Who has it as far as you know, null for nobody: it is not taken away from anybody else.
        #[serde(default, deserialize_with = "http_kit::given")]
        instead_of: Option<Option<UserId>>,
        /// Nor is it given to anybody when nobody has it any more whom `instead_of` names: for taking back.
        #[serde(default)]
        only_then: bool,
    },
    /// Adds tags to its client, and takes tags away.
    Tag {
        /// Those to add.
        #[serde(default)]
        add: Vec<String>,
        /// Those to take away.
        #[serde(default)]
        remove: Vec<String>,
    },
    /// Closes it.
    Close {},
    /// Opens it again.
    Reopen {
        /// When it was closed as far as you know: one that was closed again since stays closed.
        #[serde(default)]
        closed_at: Option<Timestamp>,
    },
    /// Puts it off.
    Snooze {
        /// Until when; null until the client writes.
        until: Option<Timestamp>,
    },
    /// Takes it back that was put off.
    Wake {
        /// Until when it was put off as far as you know, null until the client writes: one that was put off anew stays so.
        #[serde(default, deserialize_with = "http_kit::given")]
        until: Option<Option<Timestamp>>,
    },
}

/// One conversation, and what is done with it.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BulkChange)]
pub(crate) struct Change {
    /// Which.
    pub conversation_id: ConversationId,
    /// What.
    pub action: Action,
}

/// What became of one conversation.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = BulkResult)]
pub(crate) struct Outcome {
    /// Which.
    pub conversation_id: ConversationId,
    /// Whether it is as it was asked for.
    pub done: bool,
    /// Why not: the code that the action alone would be refused with.
    pub code: Option<String>,
    /// The same in words.
    pub detail: Option<String>,
    /// As it stands then; null when there is none.
    pub conversation: Option<Conversation>,
    /// Tags that its client did not have before.
    pub added_tags: Vec<String>,
    /// Tags that its client had before.
    pub removed_tags: Vec<String>,
    /// Closed by this request: its client is told.
    #[serde(skip)]
    pub is_closed_now: bool,
}

/// Tags that an action changed.
#[derive(Debug, Default)]
struct Retagged {
    added: Vec<String>,
    removed: Vec<String>,
}

/// Does them one after the other.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn apply(
    service: &Messaging,
    by: &Principal,
    project: &ProjectId,
    changes: Vec<Change>,
) -> Result<Vec<Outcome>> {
    let mut outcomes = Vec::with_capacity(changes.len());
    for Change { conversation_id, action } in changes {
        outcomes.push(one(service, by, project, conversation_id, action).await?);
    }
    Ok(outcomes)
}

async fn one(
    service: &Messaging,
    by: &Principal,
    project: &ProjectId,
    id: ConversationId,
    action: Action,
) -> Result<Outcome> {
    let is_closing = matches!(action, Action::Close {});
    let (of, principal) = (*project, by.clone());
    let done = service.write(&by.account_id, move |cx| {
        let (action, by) = (action.clone(), principal.clone());
        Box::pin(async move {
            let place = path::place(cx.tx, cx.account, &of, &id).await?;
            act(cx, &place, &by, action).await
        })
    });
    let done = done.await;
    let (of, reader) = (*project, by.id());
    let now = service.read(&by.account_id, move |cx| {
        Box::pin(async move {
            path::place(cx.tx, cx.account, &of, &id).await?;
            path::get(cx.tx, cx.account, &id, Some(reader)).await
        })
    });
    let conversation = match now.await {
        Err(Refusal::NotFound) => None,
        found => Some(found?),
    };
    let mut outcome = Outcome {
        conversation_id: id,
        done: done.is_ok(),
        code: None,
        detail: None,
        conversation,
        added_tags: Vec::new(),
        removed_tags: Vec::new(),
        is_closed_now: is_closing && done.is_ok(),
    };
    match done {
        Ok(tags) => (outcome.added_tags, outcome.removed_tags) = (tags.added, tags.removed),
        Err(refusal) => {
            // A fault is nobody's answer: what was done before it stays, and the request may come again.
            let Some((code, words)) = refusal.words().map(|(code, words)| (code.to_owned(), words)) else {
                return Err(refusal);
            };
            (outcome.code, outcome.detail) = (Some(code), Some(words));
        }
    }
    Ok(outcome)
}

async fn act(cx: &mut Cx<'_>, place: &Place, by: &Principal, action: Action) -> Result<Retagged> {
    match action {
        Action::Assign { user_id, instead_of, only_then } => {
            let is_other = instead_of.is_some_and(|known| known != place.assignee_id);
            if only_then && is_other && place.assignee_id.is_none() {
                return Err(changed_since());
            }
            conversations::assign(cx, place, Assignment { to: user_id, instead_of }, by.name()).await?;
        }
        Action::Tag { add, remove } => {
            let is_person = matches!(by.actor, Actor::User { .. });
            return retag(cx, place, (&add, &remove), is_person).await;
        }
        Action::Close {} => {
            let is_person = matches!(by.actor, Actor::User { .. });
            conversations::close(cx, place, by.name(), is_person).await?;
        }
        Action::Reopen { closed_at } => {
            let now = path::get(cx.tx, cx.account, &place.conversation_id, None).await?;
            if closed_at.is_some() && now.closed_at.is_some() && now.closed_at != closed_at {
                return Err(changed_since());
            }
            path::reopen(cx, place, by.name()).await?;
        }
        Action::Snooze { until } => {
            let until = until.map_or(Until::Reply, Until::Moment);
            snooze::put_off(cx, place, until, by.name()).await?;
        }
        Action::Wake { until } => {
            let now = path::get(cx.tx, cx.account, &place.conversation_id, None).await?;
            let is_snoozed = now.status == ConversationStatus::Snoozed;
            if is_snoozed && until.is_some_and(|until| until != now.snoozed_until) {
                return Err(changed_since());
            }
            snooze::wake(cx, place, by.name()).await?;
        }
    }
    Ok(Retagged::default())
}

async fn retag(
    cx: &mut Cx<'_>,
    place: &Place,
    (add, remove): (&[String], &[String]),
    is_person: bool,
) -> Result<Retagged> {
    events::lock(cx.tx, cx.account).await?;
    if is_person {
        tags::refuse_unlisted(cx, &place.project_id, "add", add).await?;
    }
    let add = tags::as_listed(cx, &place.project_id, add).await?;
    let remove = tags::as_listed(cx, &place.project_id, remove).await?;
    let mut tags = contacts::get(cx.tx, cx.account, &place.contact_id).await?.tags;
    let mut done = Retagged::default();
    let (gone, stay): (Vec<_>, Vec<_>) = tags.into_iter().partition(|tag| remove.contains(tag));
    (done.removed, tags) = (gone, stay);
    for tag in add {
        if !tags.contains(&tag) {
            tags.push(tag.clone());
            done.added.push(tag);
        }
    }
    contacts::set_tags(cx, &place.project_id, &place.contact_id, &tags).await?;
    Ok(done)
}

fn changed_since() -> Refusal {
    let detail = "somebody has changed this conversation since".to_owned();
    Refusal::Conflict { code: "conversation_changed", detail }
}
