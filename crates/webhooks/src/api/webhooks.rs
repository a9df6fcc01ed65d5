//! The webhooks of a project.

use crate::send;
use crate::store::webhooks as store;
use crate::webhook::{self, OffReason, State as Stage, Wanted, Webhook};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use http_kit::{ApiError, ApiJson, ApiPath, ApiQuery, ItemList, Principal, Project, ShortPageQuery};
use messaging::Messaging;
use model::{Timestamp, WebhookId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use vault::Secret;

/// A webhook.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Webhook)]
pub(super) struct WebhookInfo {
    id: WebhookId,
    title: String,
    url: String,
    /// Kinds of events that are told.
    kinds: Vec<String>,
    state: Stage,
    /// Why it is off.
    off_reason: Option<OffReason>,
    /// Since when the receiver takes nothing; null while it does.
    failing_since: Option<Timestamp>,
    /// The secret of before signs beside the new one until then.
    old_secret_until: Option<Timestamp>,
    created_at: Timestamp,
    created_by: String,
    /// The signing secret: only in the answer that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

impl WebhookInfo {
    fn of(webhook: Webhook, secret: Option<Secret>, now: Timestamp) -> Self {
        Self {
            id: webhook.id,
            title: webhook.title,
            url: webhook.url,
            kinds: webhook.kinds,
            state: webhook.state,
            off_reason: webhook.off_reason,
            failing_since: webhook.failing_since,
            old_secret_until: webhook.old_secret.map(|_| webhook.old_secret_until).filter(|until| *until > now),
            created_at: webhook.created_at,
            created_by: webhook.created_by,
            secret: secret.map(|secret| secret.expose().to_owned()),
        }
    }
}

/// A new webhook.
#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewWebhook {
    /// Name, for people.
    title: String,
    /// Who is told: a public http or https address.
    url: String,
    /// Of what.
    kinds: Vec<String>,
}

/// What is to be changed.
#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UpdateWebhook {
    title: Option<String>,
    url: Option<String>,
    kinds: Option<Vec<String>>,
    /// Switched on again, it is told what happens from then on.
    state: Option<Stage>,
}

/// What came of a test.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct WebhookTest {
    /// HTTP status, when there was an answer.
    status: Option<u16>,
    /// What was wrong, in words.
    problem: Option<String>,
    took_ms: i64,
    /// Whether a message would have counted as delivered.
    delivered: bool,
}

/// Webhooks of a project.
#[utoipa::path(get, operation_id = "list_webhooks", path = "/api/v1/projects/{project_id}/webhooks", tag = "webhooks",
    params(("project_id" = String, Path), ShortPageQuery), responses((status = 200, body = ItemList<WebhookInfo>)))]
pub(super) async fn list(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiQuery(page): ApiQuery<ShortPageQuery>,
) -> Result<Json<ItemList<WebhookInfo>>, ApiError> {
    let found = service
        .read(&principal.account_id, move |cx| Box::pin(async move { store::list(cx.tx, cx.account, &project).await }));
    let now = service.env.now();
    let infos = found.await?.into_iter().map(|webhook| WebhookInfo::of(webhook, None, now)).collect();
    Ok(Json(ItemList::cut(infos, &page, "webhooks", |webhook| webhook.id.to_string())?))
}

/// Makes a webhook, told what happens from now on.
#[utoipa::path(post, operation_id = "create_webhook", path = "/api/v1/projects/{project_id}/webhooks", tag = "webhooks",
    params(("project_id" = String, Path)), request_body = NewWebhook,
    responses((status = 201, body = WebhookInfo), (status = 409, description = "`too_many`")))]
pub(super) async fn create(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiJson(body): ApiJson<NewWebhook>,
) -> Result<impl IntoResponse, ApiError> {
    let (egress, by) = (service.egress.clone(), principal.name().to_owned());
    let made = service.write(&principal.account_id, move |cx| {
        let (egress, by, body) = (egress.clone(), by.clone(), body.clone());
        Box::pin(async move {
            let wanted = Wanted { title: Some(body.title), url: Some(body.url), kinds: Some(body.kinds), is_on: None };
            webhook::create(cx, &egress, &project, wanted, &by).await
        })
    });
    let (webhook, secret) = made.await?;
    Ok((StatusCode::CREATED, Json(WebhookInfo::of(webhook, Some(secret), service.env.now()))))
}

/// Changes a webhook, or switches it on or off.
#[utoipa::path(patch, operation_id = "update_webhook", path = "/api/v1/projects/{project_id}/webhooks/{webhook_id}", tag = "webhooks",
    params(("project_id" = String, Path), ("webhook_id" = String, Path)), request_body = UpdateWebhook,
    responses((status = 200, body = WebhookInfo)))]
pub(super) async fn update(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, WebhookId)>,
    ApiJson(body): ApiJson<UpdateWebhook>,
) -> Result<Json<WebhookInfo>, ApiError> {
    let egress = service.egress.clone();
    let changed = service.write(&principal.account_id, move |cx| {
        let (egress, body) = (egress.clone(), body.clone());
        Box::pin(async move {
            let is_on = body.state.map(|state| state == Stage::On);
            let wanted = Wanted { title: body.title, url: body.url, kinds: body.kinds, is_on };
            webhook::update(cx, &egress, &project, &ids.1, wanted).await
        })
    });
    Ok(Json(WebhookInfo::of(changed.await?, None, service.env.now())))
}

/// Puts a new signing secret in place; for a day the old one signs beside it.
#[utoipa::path(post, operation_id = "rotate_webhook_secret", path = "/api/v1/projects/{project_id}/webhooks/{webhook_id}/rotate",
    tag = "webhooks", params(("project_id" = String, Path), ("webhook_id" = String, Path)), responses((status = 200, body = WebhookInfo)))]
pub(super) async fn rotate(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, WebhookId)>,
) -> Result<Json<WebhookInfo>, ApiError> {
    let rotated = service
        .write(&principal.account_id, move |cx| Box::pin(async move { webhook::rotate(cx, &project, &ids.1).await }));
    let (webhook, secret) = rotated.await?;
    Ok(Json(WebhookInfo::of(webhook, Some(secret), service.env.now())))
}

/// Deletes a webhook with its log.
#[utoipa::path(delete, operation_id = "delete_webhook", path = "/api/v1/projects/{project_id}/webhooks/{webhook_id}", tag = "webhooks",
    params(("project_id" = String, Path), ("webhook_id" = String, Path)), responses((status = 204)))]
pub(super) async fn delete(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, WebhookId)>,
) -> Result<StatusCode, ApiError> {
    let deleted = service
        .write(&principal.account_id, move |cx| Box::pin(async move { webhook::delete(cx, &project, &ids.1).await }));
    deleted.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tells the receiver `webhook.test` now, whether the webhook is on or not, and says what came of it. It is in no log.
#[utoipa::path(post, operation_id = "test_webhook", path = "/api/v1/projects/{project_id}/webhooks/{webhook_id}/test", tag = "webhooks",
    params(("project_id" = String, Path), ("webhook_id" = String, Path)), responses((status = 200, body = WebhookTest)))]
pub(super) async fn test(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, WebhookId)>,
) -> Result<Json<WebhookTest>, ApiError> {
    let account = principal.account_id;
    let found = service
        .read(&account, move |cx| Box::pin(async move { store::get(cx.tx, cx.account, &project, &ids.1).await }));
    let webhook = found.await?;
    let body = send::test_body(&project, service.env.now());
    let tried = send::call(&service, &account, &webhook, &send::test_id(&service.env), body).await?;
    let delivered = tried.is_taken();
    Ok(Json(WebhookTest { status: tried.status, problem: tried.problem, took_ms: tried.took_ms, delivered }))
}
