//! A letter as a page of its own, for a frame without rights. Whatever the cleaning let through would meet this page's policy: no script, no
//! form, no request, an origin that is nobody's.

use crate::letters;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::IntoResponse;
use http_kit::{ApiError, ApiPath, ApiQuery, Principal, Project};
use messaging::Messaging;
use model::MessageId;
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PageOfLetter {
    /// Show pictures of other machines, too. They are asked for by the reader's browser: their servers learn that the letter is open.
    pictures: Option<bool>,
}

/// How many pictures of other machines a letter has.
const ELSEWHERE: HeaderName = HeaderName::from_static("otklik-pictures-elsewhere");

/// A letter as its sender laid it out, without whatever acts or asks elsewhere, as an HTML page for a sandboxed frame. The header
/// `Otklik-Pictures-Elsewhere` says how many of its pictures lie on other machines. What came is kept for as long as raw input is (14 days).
#[utoipa::path(get, operation_id = "get_message_page", path = "/api/v1/projects/{project_id}/messages/{message_id}/page", tag = "messages",
    params(("project_id" = String, Path), ("message_id" = String, Path), PageOfLetter),
    responses((status = 200, description = "The page", body = String, content_type = "text/html"),
        (status = 404, description = "No such message, or it is no letter with a page"),
        (status = 409, description = "`letter_gone`: what came is no longer kept; `letter_too_large`: there is too much of it")))]
pub(super) async fn page(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, MessageId)>,
    ApiQuery(asked): ApiQuery<PageOfLetter>,
) -> Result<impl IntoResponse, ApiError> {
    let is_elsewhere_shown = asked.pictures.unwrap_or(false);
    let page = letters::page(&service, &principal.account_id, &project, ids.1, is_elsewhere_shown).await?;
    let policy = if is_elsewhere_shown { WITH_PICTURES } else { ALONE };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy)),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
        (HeaderName::from_static("x-dns-prefetch-control"), HeaderValue::from_static("off")),
        (ELSEWHERE, HeaderValue::from(page.elsewhere)),
    ];
    Ok((headers, format!("{HEAD}{}{TAIL}", page.html)))
}

/// A letter keeps paper below it, also where the desk is dark: its colours were chosen for that.
const HEAD: &str = "<!doctype html><html><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
    <title>Letter</title><style>:root{color-scheme:light;background:#fff;color:#1b1d21}\
    body{margin:0;padding:12px;font:15px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}img{max-width:100%;height:auto}</style></head><body>";
const TAIL: &str = "</body></html>";

/// Nothing but the page itself. The sandbox stands here, too, for whoever opens the address alone.
const ALONE: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox";
const WITH_PICTURES: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data: https:; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox";
