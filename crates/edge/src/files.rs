//! Files by a link that we made and that has not ended (security statement 26); one of the team's pages opens in a session that sees the file
//! (ADR 45). Nothing served here can run in our origin (T7).

use crate::Edge;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use db::Scope;
use http_kit::{ApiError, ApiPath, ApiQuery};
use messaging::files;
use model::{FileId, LinkFault, Links};
use serde::Deserialize;
use std::ops::Range;

/// Types that are shown; everything else is a download. All of them were written anew by us, or cannot run inside `<img>`.
const INLINE: &[&str] = &["image/png", "image/jpeg", "image/gif"];

/// What stands in a link beside the file's id.
#[derive(Deserialize)]
pub(crate) struct Link {
    until: Option<String>,
    mark: Option<String>,
    r#for: Option<String>,
}

pub(crate) async fn serve(
    State(edge): State<Edge>,
    asked: HeaderMap,
    ApiPath(id): ApiPath<FileId>,
    ApiQuery(link): ApiQuery<Link>,
) -> Result<Response, ApiError> {
    let parts = (link.until.as_deref(), link.mark.as_deref(), link.r#for.as_deref());
    let (good_for, links) = edge.messaging.env.check_file_link(&id, parts).map_err(refused)?;
    if links == Links::Team && !is_seen(&edge, &asked, &id).await? {
        return Err(ApiError::not_found());
    }
    let wanted = id;
    let found = edge
        .messaging
        .db
        .read(Scope::System, move |tx| Box::pin(async move { files::by_id(tx, &wanted).await }))
        .await?;
    let size = u64::try_from(found.attachment.size).unwrap_or(0);
    let Ok(part) = part_of(&asked, size) else { return Ok(unsatisfiable(size)) };
    let bytes = edge.messaging.files.stream(&found.account_id, &found.held_as, part.clone()).await?;
    let is_inline = INLINE.contains(&found.attachment.mime.as_str());
    let mut response = Body::from_stream(bytes).into_response();
    let length = part.as_ref().map_or(size, |part| part.end - part.start);
    if let Some(part) = part {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        let range = format!("bytes {}-{}/{size}", part.start, part.end - 1);
        response.headers_mut().extend(HeaderValue::from_str(&range).map(|range| (header::CONTENT_RANGE, range)));
    }
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    let mime = HeaderValue::from_str(&found.attachment.mime);
    headers.insert(header::CONTENT_TYPE, mime.unwrap_or(HeaderValue::from_static("application/octet-stream")));
    let disposition = disposition(is_inline, &found.attachment.name);
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    let cache = HeaderValue::from_str(&format!("private, max-age={good_for}, immutable"));
    headers.extend(cache.map(|cache| (header::CACHE_CONTROL, cache)));
    Ok(response)
}

/// Whether who asks is signed in and sees the project of the file.
async fn is_seen(edge: &Edge, asked: &HeaderMap, id: &FileId) -> Result<bool, ApiError> {
    let cookies = asked.get(header::COOKIE).and_then(|value| value.to_str().ok());
    let Some(token) = cookies.and_then(accounts::session_token) else { return Ok(false) };
    let Some(principal) = accounts::by_session(&edge.accounts, token).await? else { return Ok(false) };
    let (account, id) = (principal.account_id, *id);
    let read =
        edge.messaging.db.read(account, move |tx| Box::pin(async move { files::project_of(tx, &account, &id).await }));
    Ok(read.await?.is_some_and(|project| principal.sees(&project)) && !principal.owes_code)
}

/// The picture of a menu button: everybody sees it, and it never changes.
pub(crate) async fn image(State(edge): State<Edge>, ApiPath(id): ApiPath<FileId>) -> Result<Response, ApiError> {
    let found =
        edge.messaging.db.read(Scope::System, move |tx| Box::pin(async move { files::public(tx, &id).await })).await?;
    let bytes = edge.messaging.files.read(&found.account_id, &found.held_as).await?;
    let mime = HeaderValue::from_str(&found.attachment.mime).unwrap_or(HeaderValue::from_static("image/png"));
    let headers = [
        (header::CONTENT_TYPE, mime),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'")),
        (header::HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin")),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
    ];
    Ok((headers, bytes).into_response())
}

fn refused(fault: LinkFault) -> ApiError {
    let words = "this link has ended: open the message anew, it shows a fresh one";
    match fault {
        LinkFault::Expired => ApiError::new(StatusCode::FORBIDDEN, "link_expired", words),
        LinkFault::Foreign => ApiError::not_found(),
    }
}

/// The part that is asked for; none for the whole, also where several parts are asked for or the header is of another unit (RFC 9110, 14.2).
/// A file never changes, so whatever `If-Range` says is right.
fn part_of(asked: &HeaderMap, size: u64) -> Result<Option<Range<u64>>, ()> {
    let Some(text) = asked.get(header::RANGE).and_then(|value| value.to_str().ok()) else { return Ok(None) };
    let Ok(ranges) = http_range_header::parse_range_header(text) else { return Ok(None) };
    let ranges = ranges.validate(size).map_err(drop)?;
    let [range] = ranges.as_slice() else { return Ok(None) };
    Ok(Some(*range.start()..*range.end() + 1))
}

fn unsatisfiable(size: u64) -> Response {
    (StatusCode::RANGE_NOT_SATISFIABLE, [(header::CONTENT_RANGE, format!("bytes */{size}"))]).into_response()
}

/// RFC 6266: the name percent-encoded, so that no character of it can end the header.
fn disposition(is_inline: bool, name: &str) -> HeaderValue {
    let kind = if is_inline { "inline" } else { "attachment" };
    let encoded: String = name
        .bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() || b".-_".contains(&b) {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect();
    HeaderValue::from_str(&format!("{kind}; filename*=UTF-8''{encoded}"))
        .unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_stays_inside_its_header() {
        let value = disposition(false, "счёт\"\r\nX: y.pdf");
        assert!(!value.to_str().unwrap().contains(['"', '\r', '\n']));
        assert!(value.to_str().unwrap().ends_with(".pdf"));
    }
}
