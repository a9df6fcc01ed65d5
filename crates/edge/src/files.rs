//! Files by their random id, which is the right to read them. Nothing served here can run in our origin (T7).

use crate::Edge;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use db::Scope;
use http_kit::{ApiError, ApiPath};
use messaging::files;
use model::FileId;

/// Types that are shown; everything else is a download. All of them were written anew by us, or cannot run inside `<img>`.
const INLINE: &[&str] = &["image/png", "image/jpeg", "image/gif"];

pub(crate) async fn serve(State(edge): State<Edge>, ApiPath(id): ApiPath<FileId>) -> Result<Response, ApiError> {
    let wanted = id;
    let found = edge
        .messaging
        .db
        .read(Scope::System, move |tx| Box::pin(async move { files::by_id(tx, &wanted).await }))
        .await?;
    let bytes = edge.messaging.files.read(&found.account_id, &id).await?;
    let is_inline = INLINE.contains(&found.attachment.mime.as_str());
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    let mime = HeaderValue::from_str(&found.attachment.mime);
    headers.insert(header::CONTENT_TYPE, mime.unwrap_or(HeaderValue::from_static("application/octet-stream")));
    let disposition = disposition(is_inline, &found.attachment.name);
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=31536000, immutable"));
    Ok(response)
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
