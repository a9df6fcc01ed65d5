//! Putting conversations off.

use super::actions::{Answer, act};
use crate::snooze::{self, Until};
use axum::extract::State;
use http_kit::{ApiError, ApiJson, ApiPath, Principal, Project};
use messaging::Messaging;
use model::{Conversation, ConversationId, Timestamp};
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SnoozeConversation)]
pub(super) struct Snooze {
    /// Until when; the client's word ends it before that.
    #[serde(default)]
    until: Option<Timestamp>,
    /// Until the client writes, whenever that is.
    #[serde(default)]
    until_reply: bool,
}

/// Puts a conversation off, until a moment or until its client writes.
#[utoipa::path(post, operation_id = "snooze_conversation", path = "/api/v1/projects/{project_id}/conversations/{conversation_id}/snooze",
    tag = "conversations",
    params(("project_id" = String, Path), ("conversation_id" = String, Path)), request_body = Snooze,
    responses((status = 200, body = Conversation),
        (status = 409, description = "`conversation_closed`; `bot_has_it`: a scenario speaks in it")))]
pub(super) async fn snooze(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ConversationId)>,
    ApiJson(body): ApiJson<Snooze>,
) -> Answer {
    let until = match (body.until, body.until_reply) {
        (Some(moment), false) => Until::Moment(moment),
        (None, true) => Until::Reply,
        _ => return Err(ApiError::invalid("until", "missing", "either `until` or `until_reply`")),
    };
    let by = principal.name().to_owned();
    act(&service, &principal, project, ids.1, move |cx, place| {
        Box::pin(async move { snooze::put_off(cx, place, until, &by).await })
    })
    .await
}

/// Takes a conversation back that was put off: it is again what it was.
#[utoipa::path(post, operation_id = "wake_conversation", path = "/api/v1/projects/{project_id}/conversations/{conversation_id}/wake",
    tag = "conversations",
    params(("project_id" = String, Path), ("conversation_id" = String, Path)),
    responses((status = 200, body = Conversation)))]
pub(super) async fn wake(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ConversationId)>,
) -> Answer {
    let by = principal.name().to_owned();
    act(&service, &principal, project, ids.1, move |cx, place| {
        Box::pin(async move { snooze::wake(cx, place, &by).await })
    })
    .await
}
