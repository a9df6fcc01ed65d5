//! The summary report (Сводный отчёт).

use crate::report::{self, Filter, Recipient, Report};
use crate::store::Visits;
use axum::Json;
use axum::extract::State;
use db::Cursor;
use http_kit::{ApiError, ApiPath, ApiQuery, ItemList, PageQuery, Principal, Project};
use messaging::Messaging;
use model::{ConnectionId, ScenarioId};
use serde::Deserialize;
use std::sync::Arc;

#[derive(Clone, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// First day on which runs began, `2026-11-01` in UTC.
    from: Option<String>,
    /// Last day.
    to: Option<String>,
    /// Kind of launch.
    launch: Option<String>,
    /// A mailing.
    mailing_id: Option<String>,
    /// A version; its scheme is shown.
    version: Option<i64>,
    /// A channel.
    #[param(value_type = Option<String>)]
    connection_id: Option<ConnectionId>,
}

impl Asked {
    fn filter(self) -> Result<Filter, ApiError> {
        let Self { from, to, launch, mailing_id, version, connection_id } = self;
        let day = |path: &str, text: Option<String>, missing: i64| match text {
            None => Ok(missing),
            Some(text) => day_of(&text).ok_or_else(|| ApiError::invalid(path, "wrong_form", "a day, as 2026-11-01")),
        };
        let (from, to) = (day("from", from, 0)?, day("to", to, i64::MAX)?);
        Ok(Filter { from, to, launch, source: mailing_id, version, connection: connection_id })
    }
}

/// Days since 1970.
fn day_of(text: &str) -> Option<i64> {
    let date: jiff::civil::Date = text.parse().ok()?;
    let start = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(start.timestamp().as_second().div_euclid(86_400))
}

/// Numbers by block, with the scheme to draw them over. Tries of test users are not counted.
#[utoipa::path(get, operation_id = "get_scenario_report", path = "/api/v1/projects/{project_id}/scenarios/{scenario_id}/report",
    tag = "scenarios", params(("project_id" = String, Path), ("scenario_id" = String, Path), Asked),
    responses((status = 200, body = Report), (status = 409, description = "Never published")))]
pub(super) async fn get(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ScenarioId)>,
    ApiQuery(asked): ApiQuery<Asked>,
) -> Result<Json<Report>, ApiError> {
    let filter = asked.filter()?;
    let made = service.read(&principal.account_id, move |cx| {
        Box::pin(async move { report::make(cx, &project, &ids.1, &filter).await })
    });
    Ok(Json(made.await?))
}

#[derive(Clone, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AskedPeople {
    /// How the block was left: an exit; `-` for those who wait in it, `.` for those whose run ended in it; `incorrect` for wrong answers.
    exit: Option<String>,
    /// First day on which runs began, `2026-11-01` in UTC.
    from: Option<String>,
    /// Last day.
    to: Option<String>,
    /// Kind of launch.
    launch: Option<String>,
    /// A mailing.
    mailing_id: Option<String>,
    /// A version.
    version: Option<i64>,
    /// A channel.
    #[param(value_type = Option<String>)]
    connection_id: Option<ConnectionId>,
    /// Rows at most.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Where the page before ended.
    cursor: Option<String>,
}

/// The people behind a number of a block (R44), the last first.
#[utoipa::path(get, operation_id = "list_scenario_recipients",
    path = "/api/v1/projects/{project_id}/scenarios/{scenario_id}/report/blocks/{block}/recipients", tag = "scenarios",
    params(("project_id" = String, Path), ("scenario_id" = String, Path), ("block" = String, Path), AskedPeople),
    responses((status = 200, body = ItemList<Recipient>)))]
pub(super) async fn recipients(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ScenarioId, String)>,
    ApiQuery(asked): ApiQuery<AskedPeople>,
) -> Result<Json<ItemList<Recipient>>, ApiError> {
    let AskedPeople { exit, from, to, launch, mailing_id, version, connection_id, limit, cursor } = asked;
    let page = PageQuery { limit, cursor };
    let (limit, before) = (page.limit()?, page.before_moment()?);
    let filter = Asked { from, to, launch, mailing_id, version, connection_id }.filter()?;
    let found = service.read(&principal.account_id, move |cx| {
        Box::pin(async move {
            let (scenario, block, exit) = (&ids.1, ids.2.as_str(), exit.as_deref().unwrap_or_default());
            let wanted = Visits { scenario, block, exit, filter: &filter, before, limit: limit + 1 };
            report::recipients(cx, &project, &wanted).await
        })
    });
    let cursor = |one: &Recipient| Cursor(vec![one.created_at.0.to_string(), one.run_id.to_string()]);
    Ok(Json(ItemList::page(found.await?, limit, cursor)))
}
