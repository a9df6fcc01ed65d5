//! A request that may carry a password (rulings 44).

use crate::Accounts;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use http_kit::{ApiError, is_exposed};

/// Proof that a request came over TLS, or from the machine itself. Every way to sign in asks for it.
pub(crate) struct Unexposed;

impl FromRequestParts<Accounts> for Unexposed {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, accounts: &Accounts) -> Result<Self, ApiError> {
        if is_exposed(&accounts.messaging.settings.public_url, &parts.headers) {
            let detail = "a password would cross the network in the open: put TLS in front and start otklik with --public-url https://..., \
                          or open this page on the server itself at http://127.0.0.1";
            return Err(ApiError::new(StatusCode::FORBIDDEN, "tls_required", detail));
        }
        Ok(Self)
    }
}
