//! Test users (Тестовые пользователи).

use crate::test_users::{self, Candidate};
use axum::Json;
use axum::extract::State;
use http_kit::{ApiError, ApiJson, ApiQuery, ItemList, Principal, Project, ShortPageQuery};
use messaging::Messaging;
use model::ContactId;
use serde::Deserialize;
use std::sync::Arc;

/// Chosen test users, then clients who wrote lately.
#[utoipa::path(get, operation_id = "list_test_users", path = "/api/v1/projects/{project_id}/test-users", tag = "scenarios",
    params(("project_id" = String, Path), ShortPageQuery), responses((status = 200, body = ItemList<Candidate>)))]
pub(super) async fn list(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiQuery(page): ApiQuery<ShortPageQuery>,
) -> Result<Json<ItemList<Candidate>>, ApiError> {
    let all = service
        .read(&principal.account_id, move |cx| Box::pin(async move { test_users::candidates(cx, &project).await }));
    Ok(Json(ItemList::cut(all.await?, &page, "test_users", |one| one.contact_id.to_string())?))
}

#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChooseTestUsers)]
pub(super) struct Choice {
    /// Three at most; none takes all of them back.
    #[schema(value_type = Vec<String>)]
    contact_ids: Vec<ContactId>,
}

/// Chooses the test users anew.
#[utoipa::path(put, operation_id = "update_test_users", path = "/api/v1/projects/{project_id}/test-users", tag = "scenarios",
    params(("project_id" = String, Path)), request_body = Choice, responses((status = 200, body = ItemList<Candidate>)))]
pub(super) async fn choose(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiJson(body): ApiJson<Choice>,
) -> Result<Json<ItemList<Candidate>>, ApiError> {
    let chosen = service.write(&principal.account_id, move |cx| {
        Box::pin(async move { test_users::choose(cx, &project, body.contact_ids).await })
    });
    Ok(Json(ItemList::whole(chosen.await?)))
}
