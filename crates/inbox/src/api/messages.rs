//! Messages and notes.

use crate::revise;
use crate::send::{self, Draft, DraftContent};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use db::Cursor;
use http_kit::{ApiError, ApiJson, ApiPath, ApiQuery, ItemList, PageQuery, Principal, Project};
use messaging::messages::revise::Revision;
use messaging::{Messaging, contacts, conversations, deliveries, messages};
use model::{ContactId, ConversationId, Message, MessageId, MessageKind, Refusal, UserId};
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct MessagesQuery {
    /// Only messages before this `seq`.
    before: Option<i64>,
    /// Rows at most.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Where the page before ended.
    cursor: Option<String>,
}

/// Messages of one conversation, newest first.
#[utoipa::path(get, operation_id = "list_messages", path = "/api/v1/projects/{project_id}/conversations/{conversation_id}/messages",
    tag = "messages",
    params(("project_id" = String, Path), ("conversation_id" = String, Path), MessagesQuery),
    responses((status = 200, body = ItemList<Message>)))]
pub(super) async fn list(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ConversationId)>,
    ApiQuery(query): ApiQuery<MessagesQuery>,
) -> Result<Json<ItemList<Message>>, ApiError> {
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let (limit, before) = (page.limit()?, page.before()?.min(query.before.unwrap_or(i64::MAX)));
    let id = ids.1;
    let rows = service.read(&principal.account_id, move |cx| {
        Box::pin(async move {
            conversations::place(cx.tx, cx.account, &project, &id).await?;
            messages::page(cx.tx, cx.account, &id, before, false, limit + 1).await
        })
    });
    let shown = rows.await?.into_iter().map(|message| message.shown(&service.env, principal.links())).collect();
    Ok(Json(ItemList::page(shown, limit, |message: &Message| Cursor::number(message.seq))))
}

/// Answers a client, in this channel or another one of the same multi-contact.
#[utoipa::path(post, operation_id = "send_message", path = "/api/v1/projects/{project_id}/conversations/{conversation_id}/messages",
    tag = "messages",
    params(("project_id" = String, Path), ("conversation_id" = String, Path)), request_body = Draft,
    responses((status = 201, body = Message), (status = 409, description = "stale, or the channel is closed")))]
pub(super) async fn send(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ConversationId)>,
    ApiJson(draft): ApiJson<Draft>,
) -> Result<impl IntoResponse, ApiError> {
    let from = send::From::Conversation(ids.1);
    let message = send::send(&service, &principal, &project, from, draft, MessageKind::Message).await?;
    Ok((StatusCode::CREATED, Json(message)))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewNote {
    client_id: String,
    text: String,
    /// Colleagues of this project whom it names, with `@` and their names in `text`; they are told.
    #[serde(default)]
    mentions: Vec<UserId>,
}

/// Writes a note that only the team sees.
#[utoipa::path(post, operation_id = "create_note", path = "/api/v1/projects/{project_id}/conversations/{conversation_id}/notes",
    tag = "messages",
    params(("project_id" = String, Path), ("conversation_id" = String, Path)), request_body = NewNote,
    responses((status = 201, body = Message)))]
pub(super) async fn note(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ConversationId)>,
    ApiJson(note): ApiJson<NewNote>,
) -> Result<impl IntoResponse, ApiError> {
    let content = DraftContent { text: note.text, mentions: note.mentions, ..DraftContent::default() };
    let draft = Draft {
        client_id: note.client_id,
        content,
        seen_seq: None,
        contact_id: None,
        connection_id: None,
        reply_to: None,
    };
    let from = send::From::Conversation(ids.1);
    let message = send::send(&service, &principal, &project, from, draft, MessageKind::Note).await?;
    Ok((StatusCode::CREATED, Json(message)))
}

/// Sends a failed message, or one whose outcome is unknown, once more.
#[utoipa::path(post, operation_id = "retry_message", path = "/api/v1/projects/{project_id}/messages/{message_id}/retry", tag = "messages",
    params(("project_id" = String, Path), ("message_id" = String, Path)),
    responses((status = 200, body = Message), (status = 409, description = "`not_failed`: it is on its way, or has arrived")))]
pub(super) async fn retry(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, MessageId)>,
) -> Result<Json<Message>, ApiError> {
    let id = ids.1;
    let again = service.write(&principal.account_id, move |cx| {
        Box::pin(async move {
            let message = messages::get(cx.tx, cx.account, &id).await?;
            if message.project_id != project {
                return Err(Refusal::NotFound);
            }
            deliveries::retry(cx, &message).await
        })
    });
    Ok(Json(again.await?.shown(&service.env, principal.links())))
}

#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UpdateMessage {
    /// What it says from now on.
    text: String,
}

/// Changes the text of one's own message or note, here and where the client reads it, as far as the channel can.
#[utoipa::path(patch, operation_id = "update_message", path = "/api/v1/projects/{project_id}/messages/{message_id}", tag = "messages",
    params(("project_id" = String, Path), ("message_id" = String, Path)), request_body = UpdateMessage,
    responses((status = 200, body = Message), (status = 409, description = "`not_yours`, `already_deleted`, `not_sent_yet`, `not_sent`, \
        `outcome_unknown`, `no_edits`, `too_old_to_edit`, `several_parts`, `channel_refused`, `channel_unreachable`")))]
pub(super) async fn update(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, MessageId)>,
    ApiJson(change): ApiJson<UpdateMessage>,
) -> Result<Json<Message>, ApiError> {
    let revision = Revision::Edit(change.text);
    Ok(Json(revise::revise(&service, &principal, &project, ids.1, revision).await?))
}

/// Takes away one's own message or note, or, for administrators, any of ours: here and where the client reads it, as far as the channel
/// can. That there was one stays, with who took it away; nothing is kept of what it said.
#[utoipa::path(delete, operation_id = "delete_message", path = "/api/v1/projects/{project_id}/messages/{message_id}", tag = "messages",
    params(("project_id" = String, Path), ("message_id" = String, Path)),
    responses((status = 200, body = Message), (status = 409, description = "`not_yours`, `already_deleted`, `not_sent_yet`, \
        `outcome_unknown`, `no_edits`, `too_old_to_edit`, `several_parts`, `channel_refused`, `channel_unreachable`")))]
pub(super) async fn delete(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, MessageId)>,
) -> Result<Json<Message>, ApiError> {
    Ok(Json(revise::revise(&service, &principal, &project, ids.1, Revision::Delete).await?))
}

/// Messages of the whole multi-contact, newest first.
#[utoipa::path(get, operation_id = "list_timeline", path = "/api/v1/projects/{project_id}/contacts/{contact_id}/timeline", tag = "messages",
    params(("project_id" = String, Path), ("contact_id" = String, Path), PageQuery), responses((status = 200, body = ItemList<Message>)))]
pub(super) async fn timeline(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ContactId)>,
    ApiQuery(page): ApiQuery<PageQuery>,
) -> Result<Json<ItemList<Message>>, ApiError> {
    let (limit, before) = (page.limit()?, page.before()?);
    let id = ids.1;
    let rows = service.read(&principal.account_id, move |cx| {
        Box::pin(async move {
            contacts::party(cx.tx, cx.account, &project, &id).await?;
            messages::timeline(cx.tx, cx.account, &id, before, limit + 1).await
        })
    });
    let shown = rows.await?.into_iter().map(|message| message.shown(&service.env, principal.links())).collect();
    Ok(Json(ItemList::page(shown, limit, |message: &Message| Cursor::number(message.position))))
}
