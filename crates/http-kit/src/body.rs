//! Input, checked before a handler sees it.

use crate::ApiError;
use axum::body::Bytes;
use axum::extract::multipart::{MultipartError, MultipartRejection};
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Json, Multipart, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use futures_util::{Stream, StreamExt};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use std::time::Duration;
use tokio::time::Instant;

/// A JSON body. Wrong type 415, too large 413, broken 400, wrong shape 422.
#[derive(Debug)]
pub struct ApiJson<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for ApiJson<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        match Json::<T>::from_request(request, state).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(JsonRejection::JsonDataError(e)) => Err(ApiError::invalid("body", "wrong_shape", innermost(&e))),
            Err(JsonRejection::JsonSyntaxError(e)) => Err(ApiError::new(
                StatusCode::BAD_REQUEST,
                "bad_json",
                format!("the body is not JSON: {}", innermost(&e)),
            )),
            Err(JsonRejection::MissingJsonContentType(_)) => {
                Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json", "send application/json"))
            }
            Err(other) if other.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "the body is longer than 1 MiB"))
            }
            Err(other) => Err(ApiError::new(StatusCode::BAD_REQUEST, "bad_body", other.body_text())),
        }
    }
}

/// For a property where null says something else than its absence.
///
/// # Errors
/// What the inner type refuses.
pub fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(value: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(value).map(Some)
}

fn innermost(error: &dyn std::error::Error) -> String {
    let last = std::iter::successors(Some(error), |e| e.source()).last();
    last.map_or_else(|| error.to_string(), ToString::to_string)
}

/// Query parameters; unknown ones and wrong forms are 422.
#[derive(Debug)]
pub struct ApiQuery<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for ApiQuery<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let found: Result<Query<T>, QueryRejection> = Query::from_request_parts(parts, state).await;
        found.map(|Query(q)| Self(q)).map_err(|e| ApiError::invalid("query", "wrong_shape", innermost(&e)))
    }
}

/// Path parameters; a malformed id is a thing that does not exist.
#[derive(Debug)]
pub struct ApiPath<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for ApiPath<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let found: Result<Path<T>, PathRejection> = Path::from_request_parts(parts, state).await;
        found.map(|Path(p)| Self(p)).map_err(|_| ApiError::not_found())
    }
}

/// A whole upload takes so long at most, however often a piece of it comes.
const UPLOAD_WITHIN: Duration = Duration::from_secs(10 * 60);

/// The name of an upload's one part `file`, and its bytes as they come. Stops reading at the body limit of the route.
///
/// # Errors
/// 415 when it is not multipart, 422 when there is no such part; in the stream 413 when it is too long, 408 when it takes too long.
pub async fn one_file(
    multipart: &mut Result<Multipart, MultipartRejection>,
) -> Result<(String, impl Stream<Item = Result<Bytes, ApiError>>), ApiError> {
    let begun = Instant::now();
    let Ok(multipart) = multipart else {
        let detail = "send multipart/form-data with one part named `file`";
        return Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_multipart", detail));
    };
    let field = multipart.next_field().await.map_err(|e| unreadable(&e))?;
    let Some(field) = field.filter(|field| field.name() == Some("file")) else {
        return Err(ApiError::invalid("file", "missing", "send one part named `file`"));
    };
    let name = field.file_name().unwrap_or("file").to_owned();
    let pieces = field.map(move |piece| match piece {
        _ if begun.elapsed() > UPLOAD_WITHIN => {
            let detail = "an upload takes ten minutes at most";
            Err(ApiError::new(StatusCode::REQUEST_TIMEOUT, "body_timeout", detail))
        }
        piece => piece.map_err(|e| unreadable(&e)),
    });
    Ok((name, pieces))
}

fn unreadable(error: &MultipartError) -> ApiError {
    ApiError::new(error.status(), "bad_upload", error.body_text())
}

/// Whether a method may change something.
pub(crate) fn is_mutation(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}
