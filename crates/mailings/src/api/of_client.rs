//! Mailings of one client.

use crate::of_client::{self, ClientMailing};
use axum::Json;
use axum::extract::State;
use http_kit::{ApiError, ApiPath, ApiQuery, ItemList, Principal, Project, ShortPageQuery};
use messaging::Messaging;
use model::ContactId;
use std::sync::Arc;

/// Mailings that reached a client over any contact of the multi-contact, the last first.
#[utoipa::path(get, operation_id = "list_contact_mailings", path = "/api/v1/projects/{project_id}/contacts/{contact_id}/mailings",
    tag = "mailings", params(("project_id" = String, Path), ("contact_id" = String, Path), ShortPageQuery),
    responses((status = 200, body = ItemList<ClientMailing>)))]
pub(super) async fn list(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ContactId)>,
    ApiQuery(page): ApiQuery<ShortPageQuery>,
) -> Result<Json<ItemList<ClientMailing>>, ApiError> {
    let found = service
        .read(&principal.account_id, move |cx| Box::pin(async move { of_client::list(cx, &project, &ids.1).await }));
    let key = |one: &ClientMailing| format!("{} {}", one.mailing_id, one.contact_id);
    Ok(Json(ItemList::cut(found.await?, &page, "contact_mailings", key)?))
}
