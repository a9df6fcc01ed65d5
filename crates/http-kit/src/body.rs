//! Input, checked before a handler sees it.

use crate::ApiError;
use axum::body::Bytes;
use axum::extract::multipart::{MultipartError, MultipartRejection};
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Json, Multipart, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use serde::de::DeserializeOwned;

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

/// The name and bytes of an upload's one part `file`. Stops reading at the body limit of the route.
///
/// # Errors
/// 415 when it is not multipart, 422 when there is no such part, 413 when it is too long.
pub async fn one_file(multipart: Result<Multipart, MultipartRejection>) -> Result<(String, Bytes), ApiError> {
    let Ok(mut multipart) = multipart else {
        let detail = "send multipart/form-data with one part named `file`";
        return Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_multipart", detail));
    };
    let unreadable = |e: MultipartError| ApiError::new(e.status(), "bad_upload", e.body_text());
    let field = multipart.next_field().await.map_err(unreadable)?;
    let Some(field) = field.filter(|field| field.name() == Some("file")) else {
        return Err(ApiError::invalid("file", "missing", "send one part named `file`"));
    };
    let name = field.file_name().unwrap_or("file").to_owned();
    let bytes = field.bytes().await.map_err(unreadable)?;
    Ok((name, bytes))
}

/// Whether a method may change something.
pub(crate) fn is_mutation(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}
