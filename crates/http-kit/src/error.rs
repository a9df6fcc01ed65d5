//! Errors as `application/problem+json`, with the codes of `reliability.md` section 6.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use db::DbError;
use model::{Invalid, Refusal};

use serde::Serialize;
use utoipa::ToSchema;

tokio::task_local! {
    /// Id of the request being answered; in the log and in every error.
    pub static REQUEST_ID: String;
}

/// A refusal, in words for people and a code for programs.
#[derive(Debug, Clone)]
pub struct ApiError {
    status: StatusCode,
    code: String,
    detail: String,
    errors: Vec<Invalid>,
    retry_after: Option<u64>,
}

/// A refusal as programs read it (`application/problem+json`).
#[derive(Serialize, ToSchema)]
pub struct Problem<'a> {
    /// Names the code as an address.
    #[serde(rename = "type")]
    kind: String,
    /// The status in words.
    title: &'a str,
    /// The status once more.
    status: u16,
    /// A stable word: decide on it.
    code: &'a str,
    /// What is wrong and what to do: show it.
    detail: &'a str,
    /// Names this request in the server's log.
    request_id: String,
    /// Every place that makes no sense; empty unless the status is 422, or 404 of something that a body names.
    #[schema(value_type = Vec<ProblemPlace>)]
    errors: &'a [Invalid],
}

/// A bad value, with where it stands: [`Invalid`] as it is written.
#[derive(ToSchema)]
#[allow(dead_code)] // Only its schema is used.
pub struct ProblemPlace {
    /// Dotted path in the request.
    path: String,
    /// Stable word.
    code: String,
    /// What is wrong and what to do.
    message: String,
}

impl ApiError {
    /// Any refusal.
    pub fn new(status: StatusCode, code: &str, detail: impl Into<String>) -> Self {
        Self { status, code: code.to_owned(), detail: detail.into(), errors: Vec::new(), retry_after: None }
    }

    /// 401: nobody, or not anybody any more.
    pub fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "signed_out", "sign in first, or send a valid API key")
    }

    /// 403: known, but not allowed.
    pub fn forbidden(detail: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", detail)
    }

    /// 404: absent or hidden, the same words for both.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "there is no such thing here")
    }

    /// 404 of one thing among many: the same words, with the place of its name in the request.
    pub fn not_found_at(path: &str) -> Self {
        let place = Invalid::new(path, "not_found", "there is no such thing in this project");
        Self { errors: vec![place], ..Self::not_found() }
    }

    /// 422 with one place.
    pub fn invalid(path: &str, code: &str, message: impl Into<String>) -> Self {
        Self::invalid_all(vec![Invalid::new(path, code, message)])
    }

    /// 422 with many places.
    pub fn invalid_all(errors: Vec<Invalid>) -> Self {
        let detail = errors
            .first()
            .map_or_else(|| "the request makes no sense".to_owned(), |e| format!("{}: {}", e.path, e.message));
        Self { errors, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail) }
    }

    /// 429 with the time to wait.
    pub fn too_many(detail: &str, seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", detail) }
    }

    /// HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Seconds to wait before it is worth trying again.
    pub fn retry_after(&self) -> Option<u64> {
        self.retry_after
    }

    /// Stable word.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Words for people.
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let problem = Problem {
            kind: format!("about:blank#{}", self.code),
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            code: &self.code,
            detail: &self.detail,
            request_id: REQUEST_ID.try_with(Clone::clone).unwrap_or_default(),
            errors: &self.errors,
        };
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let mut response = (self.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<DbError> for ApiError {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Unavailable(_) | DbError::Deadlock(_) => {
                tracing::warn!(error = %error, "database unavailable");
                let detail = "the database does not answer, try again in a moment";
                Self { retry_after: Some(2), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail) }
            }
            DbError::Nul => Self::invalid("body", "bad_character", "a text holds a NUL character"),
            DbError::Full => Self::new(StatusCode::INSUFFICIENT_STORAGE, "disk_full", "the server's disk is full"),
            other => {
                tracing::error!(error = %other, "internal error");
                Self::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "internal",
                    "something went wrong on our side; the request id names it",
                )
            }
        }
    }
}

impl From<Refusal> for ApiError {
    fn from(error: Refusal) -> Self {
        match error {
            Refusal::NotFound => Self::not_found(),
            Refusal::Invalid(errors) => Self::invalid_all(errors),
            Refusal::Stale => {
                Self::new(StatusCode::CONFLICT, "stale", "a colleague answered meanwhile: look before you send")
            }
            Refusal::ClientIdReused => {
                Self::invalid("client_id", "reused", "this client_id was used for another message")
            }
            Refusal::Repeated => Self::new(StatusCode::CONFLICT, "repeated", "already stored"),
            Refusal::ChannelClosed(reason) => {
                Self::new(StatusCode::CONFLICT, reason, "this channel cannot be written to now")
            }
            Refusal::Conflict { code, detail } => Self::new(StatusCode::CONFLICT, code, detail),
            Refusal::Vault(error) => {
                tracing::error!(error = %error, "a stored secret does not open, see `otklik doctor`");
                let detail = "the stored token does not open with this server's master key; its administrator finds more with `otklik doctor`";
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "secret_closed", detail)
            }
            Refusal::Db(error) => error.into(),
        }
    }
}
