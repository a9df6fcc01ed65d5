//! Departments (Отделы).

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use http_kit::{ApiError, ApiJson, ApiPath, ApiQuery, ItemList, Principal, Project, ShortPageQuery};
use messaging::Messaging;
use messaging::departments::{self, Department, NewDepartment, UpdateDepartment};
use model::{DepartmentId, ProjectId};
use std::sync::Arc;

/// Departments of a project in their order.
#[utoipa::path(get, operation_id = "list_departments", path = "/api/v1/projects/{project_id}/departments", tag = "team",
    params(("project_id" = String, Path), ShortPageQuery), responses((status = 200, body = ItemList<Department>)))]
pub(super) async fn list(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiQuery(page): ApiQuery<ShortPageQuery>,
) -> Result<Json<ItemList<Department>>, ApiError> {
    let all =
        service.read(&principal.account_id, move |cx| Box::pin(async move { departments::list(cx, &project).await }));
    Ok(Json(ItemList::cut(all.await?, &page, "departments", |department| department.id.to_string())?))
}

/// Adds a department at the end.
#[utoipa::path(post, operation_id = "create_department", path = "/api/v1/projects/{project_id}/departments", tag = "team",
    params(("project_id" = String, Path)), request_body = NewDepartment,
    responses((status = 201, body = Department), (status = 409, description = "`too_many_departments`")))]
pub(super) async fn create(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiJson(new): ApiJson<NewDepartment>,
) -> Result<(StatusCode, Json<Department>), ApiError> {
    let made = service.write(&principal.account_id, move |cx| {
        let new = new.clone();
        Box::pin(async move { departments::create(cx, &project, new).await })
    });
    Ok((StatusCode::CREATED, Json(made.await?)))
}

/// Changes a department.
#[utoipa::path(patch, operation_id = "update_department", path = "/api/v1/projects/{project_id}/departments/{department_id}",
    tag = "team", params(("project_id" = String, Path), ("department_id" = String, Path)),
    request_body = UpdateDepartment, responses((status = 200, body = Department)))]
pub(super) async fn update(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(ProjectId, DepartmentId)>,
    ApiJson(change): ApiJson<UpdateDepartment>,
) -> Result<Json<Department>, ApiError> {
    let changed = service.write(&principal.account_id, move |cx| {
        let change = change.clone();
        Box::pin(async move { departments::update(cx, &project, &ids.1, change).await })
    });
    Ok(Json(changed.await?))
}

/// Takes a department away: what is open in it goes back to the common queue, and rules that lead there end.
#[utoipa::path(delete, operation_id = "delete_department", path = "/api/v1/projects/{project_id}/departments/{department_id}",
    tag = "team", params(("project_id" = String, Path), ("department_id" = String, Path)), responses((status = 204)))]
pub(super) async fn delete(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(ProjectId, DepartmentId)>,
) -> Result<StatusCode, ApiError> {
    let gone = service.write(&principal.account_id, move |cx| {
        Box::pin(async move { departments::delete(cx, &project, &ids.1).await })
    });
    gone.await?;
    Ok(StatusCode::NO_CONTENT)
}
