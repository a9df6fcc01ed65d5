//! HTTP of web push: one's own browsers.

use crate::note::Note;
use crate::send::{self, Outcome};
use crate::subscription::{self, Given, Subscription};
use crate::{key, store};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use http_kit::{ApiError, ApiJson, ApiPath, ApiQuery, ApiRouter, ItemList, Origin, Principal, ShortPageQuery};
use messaging::Messaging;
use model::{PushSubscriptionId, Refusal, SessionId, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa_axum::routes;

/// Every route of this crate. Who may call them is said in the server's policy file.
pub fn routes() -> ApiRouter<Arc<Messaging>> {
    ApiRouter::new()
        .routes(routes!(get_key))
        .routes(routes!(list, create))
        .routes(routes!(update, delete))
        .routes(routes!(test))
}

/// What a browser subscribes with.
#[derive(Serialize, utoipa::ToSchema)]
struct PushKey {
    /// `applicationServerKey`, in URL-safe Base64.
    public_key: String,
}

/// A browser that is told what clients write.
#[derive(Serialize, utoipa::ToSchema)]
struct PushSubscription {
    id: PushSubscriptionId,
    /// Made in the session that asks.
    current: bool,
    /// What the browser said it is.
    device: String,
    /// It is told nothing before.
    quiet_until: Option<Timestamp>,
    created_at: Timestamp,
}

impl PushSubscription {
    fn of(row: Subscription, own: &SessionId, now: Timestamp) -> Self {
        Self {
            id: row.id,
            current: row.session_id == *own,
            device: row.device,
            quiet_until: Some(row.quiet_until).filter(|until| *until > now),
            created_at: row.created_at,
        }
    }
}

/// As a browser gives it.
#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewPushSubscription {
    /// Address at the browser's push service.
    endpoint: String,
    keys: PushSubscriptionKeys,
}

/// What a note is sealed with.
#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct PushSubscriptionKeys {
    p256dh: String,
    auth: String,
}

/// What is to be changed.
#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct UpdatePushSubscription {
    /// It is told nothing before; null ends that.
    quiet_until: Option<Timestamp>,
}

/// What came of a test.
#[derive(Serialize, utoipa::ToSchema)]
struct PushTest {
    /// The push service took it; when it shows is up to the browser.
    taken: bool,
    /// There is no such browser any more: it was forgotten.
    gone: bool,
}

/// The key that one's browsers subscribe with.
#[utoipa::path(get, operation_id = "get_push_key", path = "/api/v1/push-key", tag = "push", responses((status = 200, body = PushKey)))]
async fn get_key(State(service): State<Arc<Messaging>>, principal: Principal) -> Result<Json<PushKey>, ApiError> {
    let key = service.write(&principal.account_id, move |cx| Box::pin(async move { key::of_account(cx).await }));
    Ok(Json(PushKey { public_key: key.await?.public() }))
}

/// One's own browsers that are told, the newest first.
#[utoipa::path(get, operation_id = "list_push_subscriptions", path = "/api/v1/push-subscriptions", tag = "push", params(ShortPageQuery),
    responses((status = 200, body = ItemList<PushSubscription>)))]
async fn list(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    ApiQuery(page): ApiQuery<ShortPageQuery>,
) -> Result<Json<ItemList<PushSubscription>>, ApiError> {
    let (user, session) = principal.person()?;
    let found = service
        .read(&principal.account_id, move |cx| Box::pin(async move { store::of_user(cx.tx, cx.account, &user).await }));
    let now = service.env.now();
    let items = found.await?.into_iter().map(|row| PushSubscription::of(row, &session, now)).collect();
    Ok(Json(ItemList::cut(items, &page, "push subscriptions", |one| one.id.to_string())?))
}

/// Tells this browser from now on what clients write while none of one's pages is open. It ends with the session.
#[utoipa::path(post, operation_id = "create_push_subscription", path = "/api/v1/push-subscriptions", tag = "push",
    request_body = NewPushSubscription, responses((status = 201, body = PushSubscription)))]
async fn create(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    origin: Origin,
    ApiJson(body): ApiJson<NewPushSubscription>,
) -> Result<impl IntoResponse, ApiError> {
    let whose = principal.person()?;
    let device = origin.device;
    let egress = service.egress.clone();
    let made = service.write(&principal.account_id, move |cx| {
        let (egress, body, device) = (egress.clone(), body.clone(), device.clone());
        Box::pin(async move {
            let given = Given { endpoint: body.endpoint, public_key: body.keys.p256dh, auth: body.keys.auth, device };
            subscription::subscribe(cx, &egress, whose, given).await
        })
    });
    Ok((StatusCode::CREATED, Json(PushSubscription::of(made.await?, &whose.1, service.env.now()))))
}

/// Leaves a browser alone for a while.
#[utoipa::path(patch, operation_id = "update_push_subscription", path = "/api/v1/push-subscriptions/{push_subscription_id}", tag = "push",
    params(("push_subscription_id" = String, Path)), request_body = UpdatePushSubscription, responses((status = 200, body = PushSubscription)))]
async fn update(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    ApiPath(id): ApiPath<PushSubscriptionId>,
    ApiJson(body): ApiJson<UpdatePushSubscription>,
) -> Result<Json<PushSubscription>, ApiError> {
    let (user, session) = principal.person()?;
    let changed = service.write(&principal.account_id, move |cx| {
        Box::pin(async move {
            let until = body.quiet_until.unwrap_or(Timestamp(0));
            store::set_quiet(cx.tx, cx.account, &user, &id, until).await?;
            store::one(cx.tx, cx.account, &user, &id).await
        })
    });
    Ok(Json(PushSubscription::of(changed.await?, &session, service.env.now())))
}

/// Tells a browser nothing any more.
#[utoipa::path(delete, operation_id = "delete_push_subscription", path = "/api/v1/push-subscriptions/{push_subscription_id}", tag = "push",
    params(("push_subscription_id" = String, Path)), responses((status = 204)))]
async fn delete(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    ApiPath(id): ApiPath<PushSubscriptionId>,
) -> Result<StatusCode, ApiError> {
    let (user, _) = principal.person()?;
    let deleted = service.write(&principal.account_id, move |cx| {
        Box::pin(async move { store::delete(cx.tx, cx.account, &user, &id).await })
    });
    deleted.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sends a note to a browser now.
#[utoipa::path(post, operation_id = "test_push_subscription", path = "/api/v1/push-subscriptions/{push_subscription_id}/test", tag = "push",
    params(("push_subscription_id" = String, Path)), responses((status = 200, body = PushTest)))]
async fn test(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    ApiPath(id): ApiPath<PushSubscriptionId>,
) -> Result<Json<PushTest>, ApiError> {
    let (user, _) = principal.person()?;
    let account = principal.account_id;
    let found = service.write(&account, move |cx| {
        Box::pin(async move {
            let to = store::one(cx.tx, cx.account, &user, &id).await?;
            Ok::<_, Refusal>((key::of_account(cx).await?, to))
        })
    });
    let (key, to) = found.await?;
    let note = Note {
        kind: "test",
        title: "Otklik".into(),
        body: "✓".into(),
        conversation_id: None,
        conversation_ids: Vec::new(),
    };
    let outcome = send::send(&service, &account, &key, &to, &note).await;
    Ok(Json(PushTest { taken: outcome == Outcome::Taken, gone: outcome == Outcome::Gone }))
}
