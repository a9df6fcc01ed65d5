//! The report of a mailing and the people behind its numbers.

use crate::recipients::{self, Filter, Recipient};
use crate::store::mailings;
use crate::use_cases;
use crate::view::{self, Report};
use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use db::Cursor;
use http_kit::{ApiError, ApiPath, ApiQuery, ItemList, PageQuery, Principal, Project};
use messaging::Messaging;
use model::{AccountId, GroupId, MailingId, ProjectId, Refusal};
use serde::Deserialize;
use std::sync::Arc;

#[derive(Clone, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// `queued`, `sending`, `sent` (delivered and read among them), `delivered`, `read`, `failed`, `unknown`, `skipped`, `answered`, `clicked`,
    /// `goal`.
    state: Option<String>,
    /// Why they were skipped or refused.
    reason: Option<String>,
    /// A kind of channel.
    channel: Option<String>,
    /// A time zone.
    zone: Option<String>,
    /// Who opened this counted link, by its number in the report, from 0.
    link: Option<u8>,
    /// Counted anew, as a start at this moment would write them down.
    preview: Option<bool>,
    /// Rows at most.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Where the page before ended.
    cursor: Option<String>,
}

/// The people of a mailing.
#[utoipa::path(get, operation_id = "list_mailing_recipients", path = "/api/v1/projects/{project_id}/mailings/{mailing_id}/recipients",
    tag = "mailings", params(("project_id" = String, Path), ("mailing_id" = String, Path), Asked),
    responses((status = 200, body = ItemList<Recipient>)))]
pub(super) async fn list(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, MailingId)>,
    ApiQuery(asked): ApiQuery<Asked>,
) -> Result<Json<ItemList<Recipient>>, ApiError> {
    let page = PageQuery { limit: asked.limit, cursor: asked.cursor.clone() };
    let (limit, after) = (page.limit()?, page.id()?.unwrap_or(GroupId::from_bits(0)));
    let is_preview = asked.preview.unwrap_or(false);
    let filter = asked.filter(after, limit + 1);
    let found = people(&service, &principal.account_id, &project, &ids.1, (filter, is_preview)).await?;
    Ok(Json(ItemList::page(found, limit, |one| Cursor(vec![one.person_id.to_string()]))))
}

impl Asked {
    fn filter(self, after: GroupId, limit: i64) -> Filter {
        let Self { state, reason, channel, zone, link, .. } = self;
        let word = |word: Option<String>| word.unwrap_or_default();
        let link = link.map_or(-1, i64::from);
        Filter {
            state: word(state),
            reason: word(reason),
            channel: word(channel),
            zone: word(zone),
            link,
            after,
            limit,
        }
    }
}

async fn people(
    service: &Arc<Messaging>,
    account: &AccountId,
    project: &ProjectId,
    id: &MailingId,
    (filter, is_preview): (Filter, bool),
) -> Result<Vec<Recipient>, Refusal> {
    let (of, id) = (*project, *id);
    if is_preview {
        let plan = service.read(account, move |cx| {
            Box::pin(async move {
                let row = mailings::get(cx.tx, cx.account, &of, &id).await?;
                use_cases::plan_of(cx, &row).await
            })
        });
        let plan = Arc::new(plan.await?);
        return recipients::preview(service, account, project, &plan, &filter).await;
    }
    let found = service.read(account, move |cx| {
        Box::pin(async move {
            mailings::get(cx.tx, cx.account, &of, &id).await?;
            recipients::list(cx, &id, &filter).await
        })
    });
    found.await
}

/// Rows of an export at most: what an office program opens.
const EXPORTED: i64 = 100_000;

/// The same people as a table (CSV).
#[utoipa::path(get, operation_id = "export_mailing_recipients",
    path = "/api/v1/projects/{project_id}/mailings/{mailing_id}/recipients/export", tag = "mailings",
    params(("project_id" = String, Path), ("mailing_id" = String, Path), Asked),
    responses((status = 200, description = "At most 100,000 rows", body = String, content_type = "text/csv")))]
pub(super) async fn export(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, MailingId)>,
    ApiQuery(asked): ApiQuery<Asked>,
) -> Result<impl IntoResponse, ApiError> {
    let is_preview = asked.preview.unwrap_or(false);
    let mut table = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    let head = [
        "contact_id",
        "name",
        "handle",
        "channel",
        "state",
        "reason",
        "created_at",
        "sent_at",
        "state_at",
        "answered",
        "clicked",
        "goal_at",
        "text",
    ];
    let unwritten = |error: csv::Error| Refusal::Db(db::DbError::other(error.to_string()));
    table.write_record(head).map_err(unwritten)?;
    let (mut after, mut left) = (GroupId::from_bits(0), EXPORTED);
    // Before the start it is counted once; of the ledger pages are read.
    let step = if is_preview { EXPORTED } else { 2_000 };
    while left > 0 {
        let filter = asked.clone().filter(after, step.min(left));
        let page = people(&service, &principal.account_id, &project, &ids.1, (filter, is_preview)).await?;
        let Some(last) = page.last() else { break };
        after = last.person_id;
        let read = i64::try_from(page.len()).unwrap_or(i64::MAX);
        for one in &page {
            table.write_record(row(one)).map_err(unwritten)?;
        }
        left = if read < step { 0 } else { left - read };
    }
    let bytes = table.into_inner().map_err(|error| Refusal::Db(db::DbError::other(error.to_string())))?;
    let name = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"recipients.csv\""),
    ];
    Ok((name, bytes))
}

fn row(one: &Recipient) -> Vec<String> {
    let moment = |at: Option<model::Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    vec![
        one.contact_id.to_string(),
        plain(one.name.as_deref()),
        plain(one.handle.as_deref()),
        one.channel.as_str().to_owned(),
        one.state.clone(),
        one.reason.clone().unwrap_or_default(),
        moment(Some(one.created_at)),
        moment(one.sent_at),
        moment(Some(one.state_at)),
        one.answered.to_string(),
        one.clicked.to_string(),
        moment(one.goal_at),
        plain(one.text.as_deref()),
    ]
}

/// What a client wrote is no formula for an office program.
fn plain(text: Option<&str>) -> String {
    let text = text.unwrap_or_default();
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

/// The numbers of a mailing.
#[utoipa::path(get, operation_id = "get_mailing_report", path = "/api/v1/projects/{project_id}/mailings/{mailing_id}/report",
    tag = "mailings", params(("project_id" = String, Path), ("mailing_id" = String, Path)), responses((status = 200, body = Report)))]
pub(super) async fn report(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, MailingId)>,
) -> Result<Json<Report>, ApiError> {
    let made = service.read(&principal.account_id, move |cx| {
        Box::pin(async move {
            let row = mailings::get(cx.tx, cx.account, &project, &ids.1).await?;
            view::report(cx, &row).await
        })
    });
    Ok(Json(made.await?))
}
