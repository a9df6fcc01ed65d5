//! Auto-actions of a site (Автодействия).

use crate::auto_actions::inspect::Link;
use crate::auto_actions::{self, Asking, AutoAction, Period, Visitor};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use db::Cursor;
use http_kit::{ApiError, ApiJson, ApiPath, ApiQuery, ItemList, PageQuery, Principal, Project, ShortPageQuery};
use messaging::Messaging;
use model::{AutoActionId, ProjectId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// Only showings from this moment on are counted. Those to visitors who said nothing are kept 400 days.
    #[param(format = DateTime)]
    from: Option<String>,
    /// Only showings before this moment.
    #[param(format = DateTime)]
    to: Option<String>,
    /// Rows at most; 200 when missing.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Where the page before ended.
    cursor: Option<String>,
}

/// A period of which both ends may be open.
fn period(from: Option<&str>, to: Option<&str>) -> Result<Period, ApiError> {
    let moment = |path: &str, text: Option<&str>, missing: i64| match text {
        None => Ok(missing),
        Some(text) => text
            .parse::<jiff::Timestamp>()
            .map(jiff::Timestamp::as_millisecond)
            .map_err(|_| ApiError::invalid(path, "wrong_form", "a moment of RFC 3339, as 2026-11-01T00:00:00+03:00")),
    };
    let period = Period { from: moment("from", from, Period::EVER.from)?, to: moment("to", to, Period::EVER.to)? };
    if period.from >= period.to {
        return Err(ApiError::invalid("to", "out_of_range", "a moment later than `from`"));
    }
    Ok(period)
}

/// Auto-actions of a project in their order: the first goes first. What came of them is counted by showings in the period that is asked for.
#[utoipa::path(get, operation_id = "list_auto_actions", path = "/api/v1/projects/{project_id}/auto-actions", tag = "site",
    params(("project_id" = String, Path), Asked), responses((status = 200, body = ItemList<AutoAction>)))]
pub(super) async fn list(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiQuery(asked): ApiQuery<Asked>,
) -> Result<Json<ItemList<AutoAction>>, ApiError> {
    let period = period(asked.from.as_deref(), asked.to.as_deref())?;
    let page = ShortPageQuery { limit: asked.limit, cursor: asked.cursor };
    let all = service.read(&principal.account_id, move |cx| {
        Box::pin(async move { auto_actions::list(cx, &project, &period).await })
    });
    Ok(Json(ItemList::cut(all.await?, &page, "auto_actions", |one| one.id.to_string())?))
}

/// Adds an auto-action: section 1 of `site.md`, without its id and priority. It goes last.
#[utoipa::path(post, operation_id = "create_auto_action", path = "/api/v1/projects/{project_id}/auto-actions", tag = "site",
    params(("project_id" = String, Path)), request_body = Object, responses((status = 201, body = AutoAction)))]
pub(super) async fn create(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiJson(document): ApiJson<Value>,
) -> Result<(StatusCode, Json<AutoAction>), ApiError> {
    let made = service.write(&principal.account_id, move |cx| {
        let document = document.clone();
        Box::pin(async move { auto_actions::create(cx, &project, &document).await })
    });
    Ok((StatusCode::CREATED, Json(made.await?)))
}

/// One auto-action.
#[utoipa::path(get, operation_id = "get_auto_action", path = "/api/v1/projects/{project_id}/auto-actions/{auto_action_id}",
    tag = "site", params(("project_id" = String, Path), ("auto_action_id" = String, Path)),
    responses((status = 200, body = AutoAction)))]
pub(super) async fn get(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(ProjectId, AutoActionId)>,
) -> Result<Json<AutoAction>, ApiError> {
    let found = service
        .read(&principal.account_id, move |cx| Box::pin(async move { auto_actions::get(cx, &project, &ids.1).await }));
    Ok(Json(found.await?))
}

/// Puts another document in the place of one.
#[utoipa::path(put, operation_id = "update_auto_action", path = "/api/v1/projects/{project_id}/auto-actions/{auto_action_id}",
    tag = "site", params(("project_id" = String, Path), ("auto_action_id" = String, Path)), request_body = Object,
    responses((status = 200, body = AutoAction)))]
pub(super) async fn replace(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(ProjectId, AutoActionId)>,
    ApiJson(document): ApiJson<Value>,
) -> Result<Json<AutoAction>, ApiError> {
    let changed = service.write(&principal.account_id, move |cx| {
        let document = document.clone();
        Box::pin(async move { auto_actions::replace(cx, &project, &ids.1, &document).await })
    });
    Ok(Json(changed.await?))
}

#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SwitchAutoAction)]
pub(super) struct Switch {
    /// Whether it acts at all.
    enabled: bool,
}

/// Switches an auto-action on or off.
#[utoipa::path(patch, operation_id = "update_auto_action_switch", path = "/api/v1/projects/{project_id}/auto-actions/{auto_action_id}",
    tag = "site", params(("project_id" = String, Path), ("auto_action_id" = String, Path)), request_body = Switch,
    responses((status = 200, body = AutoAction)))]
pub(super) async fn switch(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(ProjectId, AutoActionId)>,
    ApiJson(switch): ApiJson<Switch>,
) -> Result<Json<AutoAction>, ApiError> {
    let changed = service.write(&principal.account_id, move |cx| {
        Box::pin(async move { auto_actions::switch(cx, &project, &ids.1, switch.enabled).await })
    });
    Ok(Json(changed.await?))
}

/// Takes an auto-action away, with its numbers.
#[utoipa::path(delete, operation_id = "delete_auto_action", path = "/api/v1/projects/{project_id}/auto-actions/{auto_action_id}",
    tag = "site", params(("project_id" = String, Path), ("auto_action_id" = String, Path)), responses((status = 204)))]
pub(super) async fn delete(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(ProjectId, AutoActionId)>,
) -> Result<StatusCode, ApiError> {
    let gone = service.write(&principal.account_id, move |cx| {
        Box::pin(async move { auto_actions::delete(cx, &project, &ids.1).await })
    });
    gone.await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OrderAutoActions)]
pub(super) struct Order {
    /// All of them, once each; the first goes first.
    ids: Vec<AutoActionId>,
}

/// Puts the auto-actions in another order.
#[utoipa::path(put, operation_id = "order_auto_actions", path = "/api/v1/projects/{project_id}/auto-actions/order", tag = "site",
    params(("project_id" = String, Path)), request_body = Order, responses((status = 200, body = ItemList<AutoAction>)))]
pub(super) async fn order(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiJson(order): ApiJson<Order>,
) -> Result<Json<ItemList<AutoAction>>, ApiError> {
    let ordered = service.write(&principal.account_id, move |cx| {
        let ids = order.ids.clone();
        Box::pin(async move { auto_actions::order(cx, &project, &ids).await })
    });
    Ok(Json(ItemList::whole(ordered.await?)))
}

/// Which auto-action would act for these facts, and what stops each of the others.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = ExplainedAutoActions)]
pub(super) struct Explained {
    /// Each as section 4 of `site.md` has it.
    #[schema(value_type = Vec<Object>)]
    items: Vec<site_rules::Item>,
}

/// Explains; nothing is stored.
#[utoipa::path(post, operation_id = "explain_auto_actions", path = "/api/v1/projects/{project_id}/auto-actions/explain", tag = "site",
    params(("project_id" = String, Path)), request_body = Asking, responses((status = 200, body = Explained)))]
pub(super) async fn explain(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiJson(asking): ApiJson<Asking>,
) -> Result<Json<Explained>, ApiError> {
    let hub = service.hub.account(&principal.account_id).await?;
    let named = asking.visitor_id.as_deref().and_then(|id| id.parse().ok());
    let here = named.and_then(|id| hub.visitor_of(&project, &id));
    let items = service.read(&principal.account_id, move |cx| {
        let (asking, here) = (asking.clone(), here.clone());
        Box::pin(async move { auto_actions::explain(cx, &project, asking, here).await })
    });
    Ok(Json(Explained { items: items.await? }))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = InspectPage)]
pub(super) struct InspectPage {
    /// A page of the site.
    url: String,
}

/// A link to a page of the site that shows there which auto-action acts, and what stops each other one. It is good for an hour.
#[utoipa::path(post, operation_id = "create_inspect_link", path = "/api/v1/projects/{project_id}/auto-actions/inspect", tag = "site",
    params(("project_id" = String, Path)), request_body = InspectPage, responses((status = 201, body = Link)))]
pub(super) async fn inspect(
    State(service): State<Arc<Messaging>>,
    Project(project): Project,
    ApiJson(page): ApiJson<InspectPage>,
) -> Result<(StatusCode, Json<Link>), ApiError> {
    Ok((StatusCode::CREATED, Json(auto_actions::inspect::link(&service.env, &project, &page.url)?)))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Behind {
    /// `shown`, `clicked` or `dialogs`.
    what: Option<String>,
    /// Only what was shown from this moment on.
    #[param(format = DateTime)]
    from: Option<String>,
    /// Only what was shown before this moment.
    #[param(format = DateTime)]
    to: Option<String>,
    /// Rows at most.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Where the page before ended.
    cursor: Option<String>,
}

/// Visitors behind a number of an auto-action, the last first.
#[utoipa::path(get, operation_id = "list_auto_action_visitors",
    path = "/api/v1/projects/{project_id}/auto-actions/{auto_action_id}/visitors", tag = "site",
    params(("project_id" = String, Path), ("auto_action_id" = String, Path), Behind),
    responses((status = 200, body = ItemList<Visitor>)))]
pub(super) async fn visitors(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(ProjectId, AutoActionId)>,
    ApiQuery(query): ApiQuery<Behind>,
) -> Result<Json<ItemList<Visitor>>, ApiError> {
    let what = query.what.unwrap_or_else(|| "shown".to_owned());
    if !matches!(what.as_str(), "shown" | "clicked" | "dialogs") {
        return Err(ApiError::invalid("what", "wrong_form", "shown, clicked or dialogs"));
    }
    let mut period = period(query.from.as_deref(), query.to.as_deref())?;
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let limit = page.limit()?;
    period.to = period.to.min(page.before()?);
    let rows = service.read(&principal.account_id, move |cx| {
        Box::pin(async move {
            auto_actions::get(cx, &project, &ids.1).await?;
            auto_actions::visitors(cx.tx, cx.account, &ids.1, &what, &period, limit + 1).await
        })
    });
    Ok(Json(ItemList::page(rows.await?, limit, |visitor: &Visitor| Cursor::number(visitor.shown_at))))
}
