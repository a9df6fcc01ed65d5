//! What operators do with conversations.

use axum::Json;
use axum::extract::State;
use db::{BoxFuture, Tx};
use http_kit::{Actor, ApiError, ApiJson, ApiPath, Principal, Project};
use messaging::conversations::{self, Place};
use messaging::{Messaging, fields};
use model::Result as PathResult;
use model::{AccountId, Conversation, ConversationId, Cx, Env, ProjectId, Refusal, UserId};
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Assign {
    /// Null gives it back to the queue.
    user_id: Option<UserId>,
}

/// Gives a conversation to a colleague, or back to the queue.
#[utoipa::path(post, operation_id = "assign_conversation", path = "/api/v1/projects/{project_id}/conversations/{conversation_id}/assign",
    tag = "conversations",
    params(("project_id" = String, Path), ("conversation_id" = String, Path)), request_body = Assign,
    responses((status = 200, body = Conversation)))]
pub(super) async fn assign(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ConversationId)>,
    ApiJson(body): ApiJson<Assign>,
) -> Result<Json<Conversation>, ApiError> {
    let by = principal.name().to_owned();
    act(&service, &principal, project, ids.1, move |tx, env, account, place| {
        Box::pin(async move {
            let name = match &body.user_id {
                Some(id) => Some(team_member(tx, account, &place.project_id, id).await?),
                None => None,
            };
            let to = body.user_id.as_ref().zip(name.as_deref());
            conversations::assign(&mut Cx::new(tx, env, account), place, to, &by).await
        })
    })
    .await
}

async fn team_member(tx: &mut Tx, account: &AccountId, project: &ProjectId, id: &UserId) -> PathResult<String> {
    let name = conversations::assignable_name(tx, account, project, id).await?;
    name.ok_or_else(|| Refusal::invalid("user_id", "not_in_project", "nobody of this project's team has this id"))
}

/// Closes a conversation.
#[utoipa::path(post, operation_id = "close_conversation", path = "/api/v1/projects/{project_id}/conversations/{conversation_id}/close",
    tag = "conversations",
    params(("project_id" = String, Path), ("conversation_id" = String, Path)),
    responses((status = 200, body = Conversation), (status = 409, description = "`required_fields`: something is asked for on closing")))]
pub(super) async fn close(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ConversationId)>,
) -> Result<Json<Conversation>, ApiError> {
    let by = principal.name().to_owned();
    // A program that closes by the clock cannot ask the client anything.
    let is_person = matches!(principal.actor, Actor::User { .. });
    act(&service, &principal, project, ids.1, move |tx, env, account, place| {
        Box::pin(async move {
            if is_person {
                check_required(tx, account, place).await?;
            }
            conversations::close(&mut Cx::new(tx, env, account), place, &by).await
        })
    })
    .await
}

/// Fields that are asked for on closing must be filled in (R55).
async fn check_required(tx: &mut Tx, account: &AccountId, place: &Place) -> PathResult<()> {
    let missing = fields::missing_required(tx, account, &place.project_id, &place.contact_id).await?;
    if missing.is_empty() {
        return Ok(());
    }
    let detail = format!("fill in before closing: {}", missing.join(", "));
    Err(Refusal::Conflict { code: "required_fields", detail })
}

/// Opens a closed conversation again.
#[utoipa::path(post, operation_id = "reopen_conversation", path = "/api/v1/projects/{project_id}/conversations/{conversation_id}/reopen",
    tag = "conversations",
    params(("project_id" = String, Path), ("conversation_id" = String, Path)),
    responses((status = 200, body = Conversation), (status = 409, description = "The client has a newer open conversation")))]
pub(super) async fn reopen(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ConversationId)>,
) -> Result<Json<Conversation>, ApiError> {
    let by = principal.name().to_owned();
    act(&service, &principal, project, ids.1, move |tx, env, account, place| {
        Box::pin(async move { conversations::reopen(&mut Cx::new(tx, env, account), place, &by).await })
    })
    .await
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Read {
    /// Read up to here.
    #[schema(minimum = 0)]
    seq: i64,
}

/// Notes what the reader has read.
#[utoipa::path(post, operation_id = "read_conversation", path = "/api/v1/projects/{project_id}/conversations/{conversation_id}/read",
    tag = "conversations",
    params(("project_id" = String, Path), ("conversation_id" = String, Path)), request_body = Read,
    responses((status = 200, body = Conversation)))]
pub(super) async fn read(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ConversationId)>,
    ApiJson(body): ApiJson<Read>,
) -> Result<Json<Conversation>, ApiError> {
    let reader = principal.reader();
    let seen = service.hub.account(&principal.account_id).await?;
    let answer = act(&service, &principal, project, ids.1, move |tx, env, account, place| {
        Box::pin(async move {
            conversations::mark_read(
                &mut Cx::new(tx, env, account),
                &place.project_id,
                &place.conversation_id,
                &reader,
                body.seq,
            )
            .await
        })
    })
    .await?;
    super::live::tell_client_read(&seen, &answer.0.contact_id, body.seq);
    Ok(answer)
}

/// Loads the place, acts on it in one transaction, answers the conversation as it stands then.
async fn act<F>(
    service: &Messaging,
    principal: &Principal,
    project: ProjectId,
    id: ConversationId,
    action: F,
) -> Result<Json<Conversation>, ApiError>
where
    F: for<'t> FnOnce(&'t mut Tx, &'t Env, &'t AccountId, &'t Place) -> BoxFuture<'t, PathResult<()>> + Send + 'static,
{
    let reader = principal.reader();
    let done = service.write(&principal.account_id, move |cx| {
        Box::pin(async move {
            let place = conversations::place(cx.tx, cx.account, &project, &id).await?;
            action(cx.tx, cx.env, cx.account, &place).await?;
            conversations::get(cx.tx, cx.account, &id, Some(&reader)).await
        })
    });
    Ok(Json(done.await?))
}
