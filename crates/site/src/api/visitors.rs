//! Visitors of a site (Посетители).

use crate::visitors::{self, Beginning, Begun, Detail, Filter, Status, Visitor};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use db::Cursor;
use http_kit::{ApiError, ApiJson, ApiPath, ApiQuery, PageQuery, Principal, Project};
use messaging::Messaging;
use model::{Cx, ProjectId, Refusal, VisitorId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// Words of the page, its title, the name or the source.
    q: Option<String>,
    /// What they do.
    status: Option<Status>,
    /// Rows at most.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Where the page before ended.
    cursor: Option<String>,
}

/// Who is on the site.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = SiteVisitorList)]
pub(super) struct Here {
    /// Rows.
    items: Vec<Visitor>,
    /// Ask with this for more; null at the end.
    next_cursor: Option<String>,
    /// How many fit.
    total: usize,
}

/// Who is on the site now, the newest first. Nobody, where the project does not watch.
#[utoipa::path(get, operation_id = "list_visitors", path = "/api/v1/projects/{project_id}/visitors", tag = "site",
    params(("project_id" = String, Path), Asked), responses((status = 200, body = Here)))]
pub(super) async fn list(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiQuery(query): ApiQuery<Asked>,
) -> Result<Json<Here>, ApiError> {
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let (limit, before) = (page.limit()?, page.before_moment::<VisitorId>()?);
    let words = query.q.unwrap_or_default().to_lowercase();
    let filter = Filter { words: words.split_whitespace().map(str::to_owned).collect(), status: query.status };
    let hub = service.hub.account(&principal.account_id).await?;
    let read = service.read(&principal.account_id, move |cx| {
        Box::pin(async move {
            let watches = accounts::get_project(cx.tx, cx.account, &project).await?.watch_visitors;
            let here = if watches { hub.visitors_of(&project) } else { Vec::new() };
            visitors::list(cx, here, &project, &filter).await
        })
    });
    let mut rows = read.await?;
    let total = rows.len();
    if let Some((since, id)) = before {
        rows.retain(|visitor| (visitor.since.0, visitor.id) < (since, id));
    }
    let page = db::Page::cut(rows, limit, |last: &Visitor| Cursor(vec![last.since.0.to_string(), last.id.to_string()]));
    Ok(Json(Here { items: page.items, next_cursor: page.next_cursor, total }))
}

/// One who is on the site, with the way through it.
#[utoipa::path(get, operation_id = "get_visitor", path = "/api/v1/projects/{project_id}/visitors/{visitor_id}", tag = "site",
    params(("project_id" = String, Path), ("visitor_id" = String, Path)), responses((status = 200, body = Detail)))]
pub(super) async fn get(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(ProjectId, VisitorId)>,
) -> Result<Json<Detail>, ApiError> {
    let hub = service.hub.account(&principal.account_id).await?;
    let read = service.read(&principal.account_id, move |cx| {
        Box::pin(async move {
            refuse_unwatched(cx, &project).await?;
            visitors::get(cx, &hub, &project, &ids.1).await
        })
    });
    Ok(Json(read.await?))
}

/// Writes first to somebody who is on the site: an invitation, or a conversation of one's own.
#[utoipa::path(post, operation_id = "create_visitor_conversation",
    path = "/api/v1/projects/{project_id}/visitors/{visitor_id}/conversation", tag = "site",
    params(("project_id" = String, Path), ("visitor_id" = String, Path)), request_body = Beginning,
    responses((status = 201, body = Begun),
        (status = 409, description = "`already_taken`: a colleague has the conversation; `connection_off`: the site's channel is switched off")))]
pub(super) async fn begin(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(ProjectId, VisitorId)>,
    ApiJson(wanted): ApiJson<Beginning>,
) -> Result<(StatusCode, Json<Begun>), ApiError> {
    if wanted.client_id.is_empty() || wanted.client_id.len() > 100 || wanted.client_id.contains('\0') {
        return Err(ApiError::invalid("client_id", "wrong_form", "1 to 100 characters of your own choice"));
    }
    if wanted.text.trim().is_empty() {
        return Err(ApiError::invalid("text", "missing", "say something"));
    }
    let visitor = ids.1;
    let hub = service.hub.account(&principal.account_id).await?;
    // Only to somebody who is here: nobody is written to whom no page brought.
    hub.visitor_of(&project, &visitor).ok_or_else(ApiError::not_found)?;
    let by = principal.clone();
    let begun = service.write(&principal.account_id, move |cx| {
        let (by, wanted) = (by.clone(), wanted.clone());
        Box::pin(async move {
            refuse_unwatched(cx, &project).await?;
            visitors::begin(cx, &by, &project, &visitor, &wanted).await
        })
    });
    let begun = begun.await?;
    hub.call_visitor(&project, &visitor);
    Ok((StatusCode::CREATED, Json(begun)))
}

async fn refuse_unwatched(cx: &mut Cx<'_>, project: &ProjectId) -> Result<(), Refusal> {
    match accounts::get_project(cx.tx, cx.account, project).await?.watch_visitors {
        true => Ok(()),
        false => Err(Refusal::NotFound),
    }
}
