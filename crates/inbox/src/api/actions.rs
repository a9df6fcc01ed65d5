//! What operators do with conversations.

use crate::conversations::{self, Assignment, Target};
use axum::Json;
use axum::extract::State;
use db::BoxFuture;
use http_kit::{Actor, ApiError, ApiJson, ApiPath, Principal, Project};
use messaging::Messaging;
use messaging::conversations::{self as path, Place};
use model::{Conversation, ConversationId, Cx, DepartmentId, ProjectId, Result, UserId};
use serde::Deserialize;
use std::sync::Arc;

/// The conversation as it stands after the action.
pub(super) type Answer = std::result::Result<Json<Conversation>, ApiError>;

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Assign {
    /// Null gives it back to the queue.
    user_id: Option<UserId>,
    /// Who has it as far as you know, null for nobody: when somebody else has it meanwhile, nothing is changed.
    #[serde(default, deserialize_with = "http_kit::given")]
    instead_of: Option<Option<UserId>>,
}

/// Takes a conversation that nobody has. Of two who ask at once one has it.
#[utoipa::path(post, operation_id = "accept_conversation", path = "/api/v1/projects/{project_id}/conversations/{conversation_id}/accept",
    tag = "conversations",
    params(("project_id" = String, Path), ("conversation_id" = String, Path)),
    responses((status = 200, body = Conversation),
        (status = 409, description = "`already_taken`: a colleague has it; `conversation_closed`")))]
pub(super) async fn accept(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ConversationId)>,
) -> Answer {
    let (user, by) = (principal.user_id(), principal.name().to_owned());
    act(&service, &principal, project, ids.1, move |cx, place| {
        Box::pin(async move { conversations::accept(cx, place, &user, &by).await })
    })
    .await
}

/// Gives a conversation to a colleague, or back to the queue.
#[utoipa::path(post, operation_id = "assign_conversation", path = "/api/v1/projects/{project_id}/conversations/{conversation_id}/assign",
    tag = "conversations",
    params(("project_id" = String, Path), ("conversation_id" = String, Path)), request_body = Assign,
    responses((status = 200, body = Conversation),
        (status = 409, description = "`already_taken`: somebody has it who was not named in `instead_of`")))]
pub(super) async fn assign(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ConversationId)>,
    ApiJson(body): ApiJson<Assign>,
) -> Answer {
    let by = principal.name().to_owned();
    let wanted = Assignment { to: body.user_id, instead_of: body.instead_of };
    act(&service, &principal, project, ids.1, move |cx, place| {
        Box::pin(async move { conversations::assign(cx, place, wanted, &by).await })
    })
    .await
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Transfer {
    /// To this colleague; or
    user_id: Option<UserId>,
    /// into the queue of this department.
    department_id: Option<DepartmentId>,
    /// A note for whoever takes it; the client does not see it.
    note: Option<String>,
    /// Who has it as far as you know, null for nobody: when somebody else has it meanwhile, nothing is changed.
    #[serde(default, deserialize_with = "http_kit::given")]
    instead_of: Option<Option<UserId>>,
}

/// Passes a conversation on to a colleague or to a department, with a note.
#[utoipa::path(post, operation_id = "transfer_conversation", path = "/api/v1/projects/{project_id}/conversations/{conversation_id}/transfer",
    tag = "conversations",
    params(("project_id" = String, Path), ("conversation_id" = String, Path)), request_body = Transfer,
    responses((status = 200, body = Conversation),
        (status = 409, description = "`already_taken`: somebody has it who was not named in `instead_of`; `conversation_closed`")))]
pub(super) async fn transfer(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ConversationId)>,
    ApiJson(body): ApiJson<Transfer>,
) -> Answer {
    let to = match (body.user_id, body.department_id) {
        (Some(user), None) => Target::User(user),
        (None, Some(department)) => Target::Department(department),
        _ => return Err(ApiError::invalid("user_id", "missing", "name a colleague or a department")),
    };
    let wanted = conversations::Transfer { to, instead_of: body.instead_of, note: body.note };
    let (by, name) = (principal.id(), principal.name().to_owned());
    let answer = act(&service, &principal, project, ids.1, move |cx, place| {
        Box::pin(async move { conversations::transfer(cx, place, wanted, (by, &name)).await })
    })
    .await?;
    service.routing_due.notify_one();
    Ok(answer)
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
) -> Answer {
    let by = principal.name().to_owned();
    let is_person = matches!(principal.actor, Actor::User { .. });
    let closed = act(&service, &principal, project, ids.1, move |cx, place| {
        Box::pin(async move { conversations::close(cx, place, &by, is_person).await })
    });
    let answer = closed.await?;
    let hub = service.hub.account(&principal.account_id).await?;
    super::live::tell_client_closed(&hub, &answer.0.contact_id, &ids.1);
    Ok(answer)
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
) -> Answer {
    let by = principal.name().to_owned();
    act(&service, &principal, project, ids.1, move |cx, place| {
        Box::pin(async move { path::reopen(cx, place, &by).await })
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
) -> Answer {
    let reader = principal.id();
    let seen = service.hub.account(&principal.account_id).await?;
    let answer = act(&service, &principal, project, ids.1, move |cx, place| {
        Box::pin(async move {
            conversations::mark_read(cx, &place.project_id, &place.conversation_id, reader, body.seq).await
        })
    })
    .await?;
    super::live::tell_client_read(&seen, &answer.0.contact_id, body.seq);
    Ok(answer)
}

/// Loads the place, acts on it in one transaction, answers the conversation as it stands then.
pub(super) async fn act<F>(
    service: &Messaging,
    principal: &Principal,
    project: ProjectId,
    id: ConversationId,
    action: F,
) -> Answer
where
    F: for<'t> FnOnce(&'t mut Cx<'_>, &'t Place) -> BoxFuture<'t, Result<()>> + Clone + Send + 'static,
{
    let reader = principal.id();
    let done = service.write(&principal.account_id, move |cx| {
        Box::pin(async move {
            let place = path::place(cx.tx, cx.account, &project, &id).await?;
            action(cx, &place).await?;
            path::get(cx.tx, cx.account, &id, Some(reader)).await
        })
    });
    let mut conversation = done.await?;
    let hub = service.hub.account(&principal.account_id).await?;
    hub.lookalikes(&service.db).await.mark_conversation(&mut conversation);
    Ok(Json(conversation.shown(&service.env, principal.links())))
}
