//! What a webhook was told, with every try, and telling it again.

use crate::store::messages::{self, Attempt, Message, State as Stage};
use crate::store::webhooks;
use crate::webhook;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use db::Cursor;
use http_kit::{ApiError, ApiJson, ApiPath, ApiQuery, ItemList, PageQuery, Principal, Project};
use messaging::Messaging;
use model::{Timestamp, WebhookId, WebhookMessageId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A message to a webhook.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = WebhookMessage)]
pub(super) struct MessageInfo {
    /// The `webhook-id` of every try.
    id: WebhookMessageId,
    /// Kind of the event.
    kind: String,
    /// When that happened.
    happened_at: Timestamp,
    state: Stage,
    /// When it is tried next, while it waits.
    due_at: Option<Timestamp>,
    /// Every try, the first one first; of many the newest twenty.
    attempts: Vec<Attempt>,
}

impl MessageInfo {
    fn of(message: Message, attempts: Vec<Attempt>) -> Self {
        let due_at = (message.state == Stage::Waiting).then_some(message.due_at);
        let Message { id, kind, happened_at, state, .. } = message;
        Self { id, kind, happened_at, state, due_at, attempts }
    }
}

#[derive(Clone, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// Only those in a state.
    #[param(inline)]
    state: Option<Stage>,
    /// Rows at most.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Where the page before ended.
    cursor: Option<String>,
}

/// What a webhook was told, the newest first; kept for 30 days.
#[utoipa::path(get, operation_id = "list_webhook_messages", path = "/api/v1/projects/{project_id}/webhooks/{webhook_id}/messages",
    tag = "webhooks", params(("project_id" = String, Path), ("webhook_id" = String, Path), Asked),
    responses((status = 200, body = ItemList<MessageInfo>)))]
pub(super) async fn list(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, WebhookId)>,
    ApiQuery(asked): ApiQuery<Asked>,
) -> Result<Json<ItemList<MessageInfo>>, ApiError> {
    let page = PageQuery { limit: asked.limit, cursor: asked.cursor };
    let (limit, before) = (page.limit()?, page.before()?);
    let found = service.read(&principal.account_id, move |cx| {
        Box::pin(async move {
            webhooks::get(cx.tx, cx.account, &project, &ids.1).await?;
            let rows = messages::page(cx.tx, cx.account, &ids.1, asked.state, (before, limit + 1)).await?;
            let mut infos = Vec::with_capacity(rows.len());
            for row in rows {
                let attempts = messages::attempts(cx.tx, cx.account, &row.id).await?;
                infos.push((row.position, MessageInfo::of(row, attempts)));
            }
            Ok::<_, model::Refusal>(infos)
        })
    });
    let list = ItemList::page(found.await?, limit, |(position, _)| Cursor::number(*position));
    let items = list.items.into_iter().map(|(_, info)| info).collect();
    Ok(Json(ItemList { items, next_cursor: list.next_cursor }))
}

/// Tells a message again, under its own id.
#[utoipa::path(post, operation_id = "retry_webhook_message",
    path = "/api/v1/projects/{project_id}/webhooks/{webhook_id}/messages/{webhook_message_id}/replay", tag = "webhooks",
    params(("project_id" = String, Path), ("webhook_id" = String, Path), ("webhook_message_id" = String, Path)),
    responses((status = 204), (status = 409, description = "`webhook_off`; `still_waiting`")))]
pub(super) async fn replay(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, WebhookId, WebhookMessageId)>,
) -> Result<StatusCode, ApiError> {
    let replayed = service.write(&principal.account_id, move |cx| {
        Box::pin(async move { webhook::replay(cx, &project, &ids.1, &ids.2).await })
    });
    replayed.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Since when.
#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReplayFailed {
    /// What happened from this moment on.
    since: Timestamp,
}

/// How much is told again.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Replayed {
    messages: u64,
}

/// Tells everything again that failed and happened since a moment.
#[utoipa::path(post, operation_id = "retry_webhook_messages", path = "/api/v1/projects/{project_id}/webhooks/{webhook_id}/replay",
    tag = "webhooks", params(("project_id" = String, Path), ("webhook_id" = String, Path)), request_body = ReplayFailed,
    responses((status = 200, body = Replayed), (status = 409, description = "`webhook_off`")))]
pub(super) async fn replay_failed(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, WebhookId)>,
    ApiJson(body): ApiJson<ReplayFailed>,
) -> Result<Json<Replayed>, ApiError> {
    let replayed = service.write(&principal.account_id, move |cx| {
        Box::pin(async move { webhook::replay_failed(cx, &project, &ids.1, body.since).await })
    });
    Ok(Json(Replayed { messages: replayed.await? }))
}
