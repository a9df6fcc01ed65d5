//! Mailings and their drafts.

use super::told;
use crate::document::Document;
use crate::mailing::State as Stage;
use crate::store::mailings;
use crate::use_cases;
use crate::view::{self, Mailing};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use db::Cursor;
use http_kit::{ApiError, ApiJson, ApiPath, ApiQuery, ItemList, PageQuery, Principal, Project};
use messaging::Messaging;
use model::MailingId;
use serde::Deserialize;
use std::sync::Arc;

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

/// Mailings of a project, the newest first.
#[utoipa::path(get, operation_id = "list_mailings", path = "/api/v1/projects/{project_id}/mailings", tag = "mailings",
    params(("project_id" = String, Path), Asked), responses((status = 200, body = ItemList<Mailing>)))]
pub(super) async fn list(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiQuery(asked): ApiQuery<Asked>,
) -> Result<Json<ItemList<Mailing>>, ApiError> {
    let page = PageQuery { limit: asked.limit, cursor: asked.cursor };
    let (limit, before) = (page.limit()?, page.id()?.unwrap_or(MailingId::from_bits(u128::MAX)));
    let found = service.read(&principal.account_id, move |cx| {
        Box::pin(async move {
            let rows = mailings::list(cx.tx, cx.account, &project, asked.state, before, limit + 1).await?;
            let mut all = Vec::with_capacity(rows.len());
            for row in rows {
                all.push(view::of(cx, row).await?);
            }
            Ok::<_, model::Refusal>(all)
        })
    });
    let found = found.await?.into_iter().map(|mailing| told(&service, mailing)).collect();
    Ok(Json(ItemList::page(found, limit, |mailing| Cursor(vec![mailing.id.to_string()]))))
}

/// Makes a draft; only its title is asked for.
#[utoipa::path(post, operation_id = "create_mailing", path = "/api/v1/projects/{project_id}/mailings", tag = "mailings",
    params(("project_id" = String, Path)), request_body = Document,
    responses((status = 201, body = Mailing), (status = 409, description = "Too many")))]
pub(super) async fn create(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiJson(document): ApiJson<Document>,
) -> Result<impl IntoResponse, ApiError> {
    let by = principal.name().to_owned();
    let made = service.write(&principal.account_id, move |cx| {
        Box::pin(async move {
            let row = use_cases::create(cx, &project, document, Some(&by)).await?;
            view::of(cx, row).await
        })
    });
    Ok((StatusCode::CREATED, Json(told(&service, made.await?))))
}

/// A mailing with its numbers.
#[utoipa::path(get, operation_id = "get_mailing", path = "/api/v1/projects/{project_id}/mailings/{mailing_id}", tag = "mailings",
    params(("project_id" = String, Path), ("mailing_id" = String, Path)), responses((status = 200, body = Mailing)))]
pub(super) async fn get(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, MailingId)>,
) -> Result<Json<Mailing>, ApiError> {
    let found = service.read(&principal.account_id, move |cx| {
        Box::pin(async move {
            let row = mailings::get(cx.tx, cx.account, &project, &ids.1).await?;
            view::of(cx, row).await
        })
    });
    Ok(Json(told(&service, found.await?)))
}

#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SaveMailing)]
pub(super) struct Save {
    /// What it is to be.
    document: Document,
    /// The revision that it was made from.
    revision: i64,
}

/// Saves a draft over the revision that its editor knows; a scheduled one becomes a draft.
#[utoipa::path(put, operation_id = "update_mailing", path = "/api/v1/projects/{project_id}/mailings/{mailing_id}", tag = "mailings",
    params(("project_id" = String, Path), ("mailing_id" = String, Path)), request_body = Save,
    responses((status = 200, body = Mailing), (status = 409, description = "It began, or somebody has saved since")))]
pub(super) async fn save(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, MailingId)>,
    ApiJson(body): ApiJson<Save>,
) -> Result<Json<Mailing>, ApiError> {
    let saved = service.write(&principal.account_id, move |cx| {
        Box::pin(async move {
            let row = use_cases::save(cx, &project, &ids.1, body.document, body.revision).await?;
            view::of(cx, row).await
        })
    });
    Ok(Json(told(&service, saved.await?)))
}

/// Takes a mailing away with its report; not one that is at work.
#[utoipa::path(delete, operation_id = "delete_mailing", path = "/api/v1/projects/{project_id}/mailings/{mailing_id}", tag = "mailings",
    params(("project_id" = String, Path), ("mailing_id" = String, Path)),
    responses((status = 204, description = "Gone"), (status = 409, description = "It is at work")))]
pub(super) async fn delete(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, MailingId)>,
) -> Result<StatusCode, ApiError> {
    let gone = service
        .write(&principal.account_id, move |cx| Box::pin(async move { use_cases::delete(cx, &project, &ids.1).await }));
    gone.await?;
    Ok(StatusCode::NO_CONTENT)
}
