//! Clients in and out as CSV.

use super::contacts::{FIRST, FilterQuery};
use crate::client_export;
use crate::export::{self, Delimiter, Names};
use crate::import::{self, Encoding, Inspector};
use ::jobs::project::ProjectJob;
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http_kit::{ApiError, ApiPath, ApiQuery, Principal, Project};
use messaging::Messaging;
use messaging::contacts::ContactFilter;
use model::{ContactId, FileId, Refusal};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Clients in one read of an export.
const PAGE: i64 = 500;

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ImportQuery {
    /// JSON: column to field key, `external_id`, or `id` for the contact's own id, whatever its channel (an id of no contact of the
    /// project refuses the row). Without it, columns called so are taken; then an id that is none is passed over.
    mapping: Option<String>,
    /// Only say what would happen.
    #[serde(default)]
    dry_run: bool,
    /// `utf-8` or `windows-1251`.
    #[serde(default)]
    #[param(inline)]
    encoding: Encoding,
}

/// Imports clients from CSV of any length, as a job. Rows are refused one by one, with reasons; values are claims (rulings 35).
#[utoipa::path(post, operation_id = "import_contacts", path = "/api/v1/projects/{project_id}/contacts/import", tag = "contacts",
    params(("project_id" = String, Path), ImportQuery), request_body(content = String, content_type = "text/csv"),
    responses((status = 202, body = ProjectJob), (status = 415, description = "Not text/csv"), (status = 422, description = "Not a table that fits")))]
pub(super) async fn start(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiQuery(query): ApiQuery<ImportQuery>,
    headers: axum::http::HeaderMap,
    body: Body,
) -> Result<impl IntoResponse, ApiError> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("text/csv") {
        return Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "wrong_type", "send the table as text/csv"));
    }
    let mapping: Option<BTreeMap<String, String>> =
        match &query.mapping {
            None => None,
            Some(json) => Some(serde_json::from_str(json).map_err(|_| {
                ApiError::invalid("mapping", "wrong_form", "a JSON object of column names and field keys")
            })?),
        };
    let account = principal.account_id;
    let file = receive(&service, &account, query.encoding, body).await?;
    let request = import::Request { file, mapping, encoding: query.encoding, dry_run: query.dry_run };
    match import::start(&service, &account, &project, request, &principal.id().to_string()).await {
        Ok(job) => Ok((StatusCode::ACCEPTED, Json(job))),
        Err(error) => {
            service.files.forget_upload(&account, &file).await;
            Err(error.into())
        }
    }
}

async fn receive(
    service: &Messaging,
    account: &model::AccountId,
    encoding: Encoding,
    body: Body,
) -> Result<FileId, ApiError> {
    let mut upload = service.files.begin_upload(&service.env, account).await?;
    let mut inspector = Inspector::new(encoding);
    let mut pieces = body.into_data_stream();
    let outcome = loop {
        let Some(piece) = pieces.next().await else { break inspector.end() };
        let Ok(piece) = piece else {
            break Err(Refusal::invalid("file", "cut_off", "the upload broke off"));
        };
        if let Err(error) = inspector.look(&piece) {
            break Err(error);
        }
        if let Err(error) = upload.write(&piece).await {
            break Err(error);
        }
    };
    match outcome {
        Ok(()) => Ok(upload.finish().await?),
        Err(error) => {
            upload.abort().await;
            Err(error.into())
        }
    }
}

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ExportQuery {
    /// Words to find in names, handles and values.
    q: Option<String>,
    /// Kind of the channel.
    channel: Option<String>,
    /// Tag.
    tag: Option<String>,
    /// Key of a field that holds `value`, or anything at all without one.
    field: Option<String>,
    /// Value of that field, compared as rules compare.
    value: Option<String>,
    /// What columns of fields are called: `keys` or `titles`. A title that two fields share gives way to the key.
    #[serde(default)]
    #[param(inline)]
    names: Names,
    /// What stands between cells: `comma` or `semicolon`.
    #[serde(default)]
    #[param(inline)]
    delimiter: Delimiter,
}

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ClientQuery {
    /// Every contact of the same multi-contact, as is the rule; `false` for this contact alone.
    #[serde(default = "yes")]
    #[param(inline)]
    whole_client: bool,
}

const fn yes() -> bool {
    true
}

/// Exports everything that is held about one client as a ZIP of JSON documents and files, however much it is.
#[utoipa::path(get, operation_id = "export_contact", path = "/api/v1/projects/{project_id}/contacts/{contact_id}/export", tag = "contacts",
    params(("project_id" = String, Path), ("contact_id" = String, Path), ClientQuery),
    responses((status = 200, body = String, content_type = "application/zip")))]
pub(super) async fn export_one(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ContactId)>,
    ApiQuery(query): ApiQuery<ClientQuery>,
) -> Result<Response, ApiError> {
    let whole = query.whole_client;
    let found = service.read(&principal.account_id, move |cx| {
        Box::pin(async move { client_export::find(cx, &project, &ids.1, whole).await })
    });
    let client = found.await?;
    let headers = [
        (header::CONTENT_TYPE, "application/zip"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"client.zip\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Body::from_stream(client_export::export(service, client))).into_response())
}

/// Exports clients as CSV, as long as the list is; the same filters as the list.
#[utoipa::path(get, operation_id = "export_contacts", path = "/api/v1/projects/{project_id}/contacts/export", tag = "contacts",
    params(("project_id" = String, Path), ExportQuery),
    responses((status = 200, body = String, content_type = "text/csv")))]
pub(super) async fn export_all(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiQuery(query): ApiQuery<ExportQuery>,
) -> Result<Response, ApiError> {
    let ExportQuery { q, channel, tag, field, value, names, delimiter } = query;
    let filter = FilterQuery { q, channel, tag, field, value }.filter(FIRST, PAGE);
    let account = principal.account_id;
    let of = project;
    let head = service.read(&account, move |cx| {
        Box::pin(async move { export::header(cx.tx, cx.account, &of, names, delimiter).await })
    });
    let (known, first) = head.await?;
    let known = Arc::new(known);
    let pages = stream::unfold(Some(filter), move |filter| {
        let (service, account, project, known) = (service.clone(), account, project, known.clone());
        async move {
            let filter: ContactFilter = filter?;
            let mut next = filter.clone();
            let page = service.db.read(account, move |tx| {
                Box::pin(async move { export::page(tx, (&account, &project), &known, delimiter, &filter).await })
            });
            match page.await {
                Ok((_, None)) => None,
                Ok((lines, Some(last))) => {
                    next.before = last;
                    Some((Ok(Bytes::from(lines)), Some(next)))
                }
                // The connection breaks off: a table that looks whole but is not would be worse.
                Err(error) => Some((Err(std::io::Error::other(error)), None)),
            }
        }
    });
    let whole = stream::once(async { Ok::<_, std::io::Error>(Bytes::from(first)) }).chain(pages);
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"clients.csv\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Body::from_stream(whole)).into_response())
}
