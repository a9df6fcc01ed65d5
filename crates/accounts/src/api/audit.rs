//! The audit log, to be read.

use crate::Accounts;
use crate::audit::{self, AuditCheck, AuditLine};
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use db::Cursor;
use futures_util::stream;
use http_kit::{ApiError, ApiQuery, ItemList, PageQuery, Principal};
use model::{AccountId, Refusal};

/// Rows of an export read at once.
const EXPORT_PAGE: i64 = 500;

/// Who did what of weight, the newest first.
#[utoipa::path(get, operation_id = "list_audit_log", path = "/api/v1/audit-log", tag = "audit", params(PageQuery),
    responses((status = 200, body = ItemList<AuditLine>)))]
pub(super) async fn list(
    State(accounts): State<Accounts>,
    principal: Principal,
    ApiQuery(query): ApiQuery<PageQuery>,
) -> Result<Json<ItemList<AuditLine>>, ApiError> {
    let (limit, before) = (query.limit()?, query.before()?);
    let rows = page(&accounts, &principal.account_id, before, limit + 1).await?;
    Ok(Json(ItemList::page(rows, limit, |line| Cursor::number(line.number))))
}

async fn page(accounts: &Accounts, account: &AccountId, before: i64, limit: i64) -> Result<Vec<AuditLine>, Refusal> {
    let read = accounts
        .messaging
        .read(account, move |cx| Box::pin(async move { audit::page(cx.tx, cx.account, before, limit).await }));
    read.await
}

/// Whether the log is what was written: each row, and its end.
#[utoipa::path(get, operation_id = "check_audit_log", path = "/api/v1/audit-log/check", tag = "audit",
    responses((status = 200, body = AuditCheck)))]
pub(super) async fn check(
    State(accounts): State<Accounts>,
    principal: Principal,
) -> Result<Json<AuditCheck>, ApiError> {
    Ok(Json(checked(&accounts, &principal.account_id).await?))
}

async fn checked(accounts: &Accounts, account: &AccountId) -> Result<AuditCheck, Refusal> {
    let read = accounts
        .messaging
        .read(account, |cx| Box::pin(async move { audit::check(cx.tx, cx.account, Some(cx.env.vault())).await }));
    read.await
}

/// The whole log as lines of JSON, the newest first: hashes included, so that somebody else can check them. The last line says what the check of
/// the log found.
#[utoipa::path(get, operation_id = "export_audit_log", path = "/api/v1/audit-log/export", tag = "audit",
    responses((status = 200, body = String, content_type = "application/x-ndjson")))]
pub(super) async fn export(State(accounts): State<Accounts>, principal: Principal) -> Response {
    let account = principal.account_id;
    let pages = stream::try_unfold(Some(i64::MAX), move |before| {
        let accounts = accounts.clone();
        async move {
            let Some(before) = before else { return Ok(None) };
            let rows = page(&accounts, &account, before, EXPORT_PAGE).await.map_err(std::io::Error::other)?;
            let mut lines = Vec::new();
            for line in &rows {
                serde_json::to_writer(&mut lines, line)?;
                lines.push(b'\n');
            }
            let Some(last) = rows.last().map(|line| line.number) else {
                let found = checked(&accounts, &account).await.map_err(std::io::Error::other)?;
                serde_json::to_writer(&mut lines, &serde_json::json!({ "check": found }))?;
                lines.push(b'\n');
                return Ok::<_, std::io::Error>(Some((Bytes::from(lines), None)));
            };
            Ok(Some((Bytes::from(lines), Some(last))))
        }
    });
    let headers = [
        (header::CONTENT_TYPE, "application/x-ndjson"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"audit-log.ndjson\""),
    ];
    (headers, Body::from_stream(pages)).into_response()
}
