//! HTTP of reports.

use crate::board::{self, Board};
use crate::hours::{self, ChannelHours};
use crate::report::{self, HEADER, OwnReport, Period, Report};
use crate::rules;
use crate::sessions::{self, Item, Key, Wanted, Which};
use crate::store::thread;
use crate::sums::Split;
use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use db::Cursor;
use http_kit::{
    Actor, ApiError, ApiJson, ApiQuery, ApiRouter, ItemList, PageQuery, Principal, Project, ShortPageQuery,
};
use messaging::Messaging;
use model::{ProjectId, Refusal, ReportSessionId, UserId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa_axum::routes;

/// A limit of a day: whoever wants no limit asks for nothing.
const LONGEST_LIMIT: i64 = 24 * 60;

/// Every route of this crate. Who may call them is said in the server's policy file.
pub fn routes() -> ApiRouter<Arc<Messaging>> {
    ApiRouter::new()
        .routes(routes!(now))
        .routes(routes!(get))
        .routes(routes!(export))
        .routes(routes!(list))
        .routes(routes!(channel_hours))
        .routes(routes!(own))
        .routes(routes!(list_own))
        .routes(routes!(settings, save))
}

/// Which days, and split by what.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ReportQuery {
    /// First day, `YYYY-MM-DD` in the project's zone; six days before `to` when missing.
    from: Option<String>,
    /// Last day; today when missing.
    to: Option<String>,
    /// `operator` when missing.
    #[param(inline)]
    by: Option<Split>,
}

/// Conversations of which number.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ReportedQuery {
    /// First day, `YYYY-MM-DD` in the project's zone; six days before `to` when missing.
    from: Option<String>,
    /// Last day; today when missing.
    to: Option<String>,
    /// `all` when missing.
    #[param(inline)]
    which: Option<Which>,
    /// Only those of one key of this split.
    #[param(inline)]
    by: Option<Split>,
    /// The key, as the report writes it; empty for nobody and nothing.
    key: Option<String>,
    /// 0 for Monday to 6; with `hour`.
    weekday: Option<i64>,
    /// 0 to 23; with `weekday`.
    hour: Option<i64>,
    /// Rows at most.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Where the page before ended.
    cursor: Option<String>,
}

/// Which days of one's own.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct OwnQuery {
    /// First day, `YYYY-MM-DD` in the project's zone; six days before `to` when missing.
    from: Option<String>,
    /// Last day; today when missing.
    to: Option<String>,
}

/// One's own conversations of which number.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct OwnListQuery {
    /// First day, `YYYY-MM-DD` in the project's zone; six days before `to` when missing.
    from: Option<String>,
    /// Last day; today when missing.
    to: Option<String>,
    /// `all` when missing.
    #[param(inline)]
    which: Option<Which>,
    /// Rows at most.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Where the page before ended.
    cursor: Option<String>,
}

/// What reports of a project go by.
#[derive(Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReportSettings {
    /// An answer after so many minutes of working time is late, 1 to 1440. It holds for clients who ask from then on.
    missed_minutes: i64,
}

/// How a project stands now: who waits, who works.
#[utoipa::path(get, operation_id = "get_board", path = "/api/v1/projects/{project_id}/board", tag = "reports",
    params(("project_id" = String, Path)), responses((status = 200, body = Board)))]
pub(super) async fn now(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
) -> Result<Json<Board>, ApiError> {
    let hub = service.hub.account(&principal.account_id).await?;
    let made =
        service.read(&principal.account_id, move |cx| Box::pin(async move { board::make(cx, &project, &hub).await }));
    Ok(Json(made.await?))
}

async fn made(
    service: &Messaging,
    principal: &Principal,
    project: ProjectId,
    query: ReportQuery,
) -> Result<Report, ApiError> {
    let by = query.by.unwrap_or(Split::Operator);
    let made = service.read(&principal.account_id, move |cx| {
        Box::pin(async move { report::make(cx, &project, (query.from.as_deref(), query.to.as_deref()), by).await })
    });
    Ok(made.await?)
}

/// The numbers of a project for some days: whole, by one split, by day and by hour of the week. A number is as fresh as a second.
#[utoipa::path(get, operation_id = "get_report", path = "/api/v1/projects/{project_id}/reports/conversations", tag = "reports",
    params(("project_id" = String, Path), ReportQuery),
    responses((status = 200, body = Report), (status = 422, description = "No dates, or more than 400 days")))]
pub(super) async fn get(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiQuery(query): ApiQuery<ReportQuery>,
) -> Result<Json<Report>, ApiError> {
    Ok(Json(made(&service, &principal, project, query).await?))
}

/// The rows of a report as CSV: the same numbers.
#[utoipa::path(get, operation_id = "export_report", path = "/api/v1/projects/{project_id}/reports/conversations/export", tag = "reports",
    params(("project_id" = String, Path), ReportQuery),
    responses((status = 200, body = String, content_type = "text/csv"), (status = 422, description = "No dates, or more than 400 days")))]
pub(super) async fn export(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiQuery(query): ApiQuery<ReportQuery>,
) -> Result<Response, ApiError> {
    let report = made(&service, &principal, project, query).await?;
    let table = table(&report).map_err(|error| Refusal::Db(db::DbError::other(error.to_string())))?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"report.csv\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, table).into_response())
}

fn table(report: &Report) -> Result<Vec<u8>, csv::Error> {
    let mut table = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    table.write_record(["key", "name"].iter().chain(&HEADER))?;
    for row in &report.rows {
        let own = [safe(&row.key), safe(row.name.as_deref().unwrap_or_default())];
        table.write_record(own.into_iter().chain(row.numbers.cells()))?;
    }
    table.into_inner().map_err(|error| csv::Error::from(std::io::Error::other(error.to_string())))
}

/// A cell that a spreadsheet would take for a formula is quoted: addresses are what strangers make of them.
fn safe(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}

/// The conversations behind a number of a report, the last first: as many as the number says.
#[utoipa::path(get, operation_id = "list_reported_conversations", path = "/api/v1/projects/{project_id}/reports/sessions", tag = "reports",
    params(("project_id" = String, Path), ReportedQuery),
    responses((status = 200, body = ItemList<Item>), (status = 422, description = "No dates, more than 400 days, or half of a condition")))]
pub(super) async fn list(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiQuery(query): ApiQuery<ReportedQuery>,
) -> Result<Json<ItemList<Item>>, ApiError> {
    let page = PageQuery { limit: query.limit, cursor: query.cursor.clone() };
    let limit = page.limit()?;
    let before = page.before_moment()?.unwrap_or((i64::MAX, ReportSessionId::from_bits(0)));
    let of = match (query.by, &query.key) {
        (None, None) => None,
        (Some(split), Some(key)) => Some((split, Key::parse(split, key)?)),
        (Some(_), None) => return Err(ApiError::invalid("key", "missing", "with `by`")),
        (None, Some(_)) => return Err(ApiError::invalid("by", "missing", "with `key`")),
    };
    let at = match (query.weekday, query.hour) {
        (None, None) => None,
        (Some(weekday @ 0..=6), Some(hour @ 0..=23)) => Some((weekday, hour)),
        _ => return Err(ApiError::invalid("hour", "out_of_range", "a weekday of 0 to 6 and an hour of 0 to 23")),
    };
    let which = query.which.unwrap_or_default();
    let behind = Behind { from: query.from, to: query.to, of, at, which, before, limit };
    behind.page(&service, &principal, project).await
}

/// A page of the conversations behind a number.
struct Behind {
    from: Option<String>,
    to: Option<String>,
    of: Option<(Split, Key)>,
    at: Option<(i64, i64)>,
    which: Which,
    before: (i64, ReportSessionId),
    limit: i64,
}

impl Behind {
    async fn page(
        self,
        service: &Messaging,
        principal: &Principal,
        project: ProjectId,
    ) -> Result<Json<ItemList<Item>>, ApiError> {
        let Self { from, to, of, at, which, before, limit } = self;
        let found = service.read(&principal.account_id, move |cx| {
            Box::pin(async move {
                let rules = thread::rules(cx.tx, cx.account, &project).await?;
                let today = rules::today(&rules.zone, cx.env.now());
                let period = Period::parse(from.as_deref(), to.as_deref(), today)?;
                // Nothing after the page before is looked at again; a day more, for clocks that were changed.
                let last = if before.0 == i64::MAX { period.to } else { rules.day_and_hour(before.0).0 + 1 };
                let wanted = Wanted { to_day: period.to.min(last), which, of, at, before, limit: limit + 1 };
                sessions::list(cx, &project, period, wanted).await
            })
        });
        let cursor_of = |item: &Item| Cursor(vec![item.began_at.0.to_string(), item.id.to_string()]);
        Ok(Json(ItemList::page(found.await?, limit, cursor_of)))
    }
}

/// Whose numbers are one's own: a key is nobody.
fn oneself(principal: &Principal) -> Result<UserId, ApiError> {
    match principal.actor {
        Actor::User { id, .. } => Ok(id),
        _ => Err(ApiError::forbidden("an API key has no conversations of its own")),
    }
}

/// Conversations and messages of each channel in the last 24 hours, hour by hour; channels without any are left out.
#[utoipa::path(get, operation_id = "list_channel_hours", path = "/api/v1/projects/{project_id}/reports/channel-hours", tag = "reports",
    params(("project_id" = String, Path), ShortPageQuery), responses((status = 200, body = ItemList<ChannelHours>)))]
pub(super) async fn channel_hours(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiQuery(page): ApiQuery<ShortPageQuery>,
) -> Result<Json<ItemList<ChannelHours>>, ApiError> {
    let made = service.read(&principal.account_id, move |cx| Box::pin(async move { hours::make(cx, &project).await }));
    Ok(Json(ItemList::cut(made.await?, &page, "channel_hours", ChannelHours::key)?))
}

/// Your own numbers for some days: the conversations that you have, or answered where nobody has them. Nothing of anybody else's.
#[utoipa::path(get, operation_id = "get_own_report", path = "/api/v1/projects/{project_id}/reports/own", tag = "reports",
    params(("project_id" = String, Path), OwnQuery),
    responses((status = 200, body = OwnReport), (status = 422, description = "No dates, or more than 400 days")))]
pub(super) async fn own(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiQuery(query): ApiQuery<OwnQuery>,
) -> Result<Json<OwnReport>, ApiError> {
    let whose = oneself(&principal)?;
    let made = service.read(&principal.account_id, move |cx| {
        Box::pin(async move { report::own(cx, &project, (query.from.as_deref(), query.to.as_deref()), whose).await })
    });
    Ok(Json(made.await?))
}

/// The conversations behind a number of your own, the last first.
#[utoipa::path(get, operation_id = "list_own_reported_conversations", path = "/api/v1/projects/{project_id}/reports/own/sessions",
    tag = "reports", params(("project_id" = String, Path), OwnListQuery),
    responses((status = 200, body = ItemList<Item>), (status = 422, description = "No dates, or more than 400 days")))]
pub(super) async fn list_own(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiQuery(query): ApiQuery<OwnListQuery>,
) -> Result<Json<ItemList<Item>>, ApiError> {
    let whose = oneself(&principal)?;
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let behind = Behind {
        from: query.from,
        to: query.to,
        of: Some((Split::Operator, Key::of_user(whose))),
        at: None,
        which: query.which.unwrap_or_default(),
        before: page.before_moment()?.unwrap_or((i64::MAX, ReportSessionId::from_bits(0))),
        limit: page.limit()?,
    };
    behind.page(&service, &principal, project).await
}

/// What reports of a project go by.
#[utoipa::path(get, operation_id = "get_report_settings", path = "/api/v1/projects/{project_id}/reports/settings", tag = "reports",
    params(("project_id" = String, Path)), responses((status = 200, body = ReportSettings)))]
pub(super) async fn settings(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
) -> Result<Json<ReportSettings>, ApiError> {
    let found = service.read(&principal.account_id, move |cx| {
        Box::pin(async move { thread::missed_minutes(cx.tx, cx.account, &project).await })
    });
    Ok(Json(ReportSettings { missed_minutes: found.await? }))
}

/// Says after how many minutes an answer is late.
#[utoipa::path(put, operation_id = "set_report_settings", path = "/api/v1/projects/{project_id}/reports/settings", tag = "reports",
    params(("project_id" = String, Path)), request_body = ReportSettings,
    responses((status = 200, body = ReportSettings), (status = 422, description = "Not 1 to 1440 minutes")))]
pub(super) async fn save(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiJson(wanted): ApiJson<ReportSettings>,
) -> Result<Json<ReportSettings>, ApiError> {
    let minutes = wanted.missed_minutes;
    if !(1..=LONGEST_LIMIT).contains(&minutes) {
        return Err(ApiError::invalid("missed_minutes", "out_of_range", "1 to 1440 minutes"));
    }
    let kept = service.write(&principal.account_id, move |cx| {
        Box::pin(async move { thread::set_missed_minutes(cx.tx, cx.account, &project, minutes).await })
    });
    kept.await?;
    Ok(Json(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_that_look_like_formulas_are_quoted() {
        assert_eq!([safe("=1+1"), safe("@a"), safe("shop.example/-")], ["'=1+1", "'@a", "shop.example/-"]);
    }
}
