//! Contacts that may be the same person (Предлагать оператору).

use crate::multi_contacts::{self as groups, Suggestion};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use http_kit::{ApiError, ApiPath, ApiQuery, ItemList, Principal, Project, ShortPageQuery};
use messaging::Messaging;
use model::ContactId;
use std::sync::Arc;

/// Contacts that a rule proposes for this one or any other of its multi-contact. Accepting is a link by hand.
#[utoipa::path(get, operation_id = "list_suggestions", path = "/api/v1/projects/{project_id}/contacts/{contact_id}/suggestions",
    tag = "multi-contacts",
    params(("project_id" = String, Path), ("contact_id" = String, Path), ShortPageQuery), responses((status = 200, body = ItemList<Suggestion>)))]
pub(super) async fn list(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ContactId)>,
    ApiQuery(page): ApiQuery<ShortPageQuery>,
) -> Result<Json<ItemList<Suggestion>>, ApiError> {
    let found = service.read(&principal.account_id, move |cx| {
        Box::pin(async move { groups::suggestions(cx.tx, cx.account, &project, &ids.1).await })
    });
    let mut found = found.await?;
    let hub = service.hub.account(&principal.account_id).await?;
    let lookalikes = hub.lookalikes(&service.db).await;
    found.iter_mut().for_each(|one| lookalikes.mark_contact(&mut one.contact));
    Ok(Json(ItemList::cut(found, &page, "suggestions", |one| one.contact.id.to_string())?))
}

/// Remembers that the two are different people.
#[utoipa::path(post, operation_id = "refuse_suggestion", path = "/api/v1/projects/{project_id}/contacts/{contact_id}/suggestions/{other_id}/refuse",
    tag = "multi-contacts",
    params(("project_id" = String, Path), ("contact_id" = String, Path), ("other_id" = String, Path)),
    responses((status = 204, description = "Remembered")))]
pub(super) async fn refuse(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ContactId, ContactId)>,
) -> Result<StatusCode, ApiError> {
    let by = principal.id().to_string();
    let done = service.write(&principal.account_id, move |cx| {
        Box::pin(async move { groups::refuse(cx, &project, &ids.1, &ids.2, Some(&by)).await })
    });
    done.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Forgets that the two are different people: they are proposed again.
#[utoipa::path(delete, operation_id = "forget_refusal", path = "/api/v1/projects/{project_id}/contacts/{contact_id}/suggestions/{other_id}/refuse",
    tag = "multi-contacts",
    params(("project_id" = String, Path), ("contact_id" = String, Path), ("other_id" = String, Path)),
    responses((status = 204, description = "Forgotten")))]
pub(super) async fn unrefuse(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ContactId, ContactId)>,
) -> Result<StatusCode, ApiError> {
    let done = service.write(&principal.account_id, move |cx| {
        Box::pin(async move { groups::unrefuse(cx, &project, &ids.1, &ids.2).await })
    });
    done.await?;
    Ok(StatusCode::NO_CONTENT)
}
