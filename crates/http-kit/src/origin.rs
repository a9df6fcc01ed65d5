//! Where a request comes from: what lists of one's own sessions and devices show.

use crate::ClientAddress;
use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use std::convert::Infallible;

/// Characters kept of a browser's name.
const LONGEST: usize = 300;

/// The address of a request and what its browser says it is.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The address.
    pub address: ClientAddress,
    /// `User-Agent`, cut and without what cannot be printed.
    pub device: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, context: &S) -> Result<Self, Infallible> {
        let address = ClientAddress::from_request_parts(parts, context).await?;
        let said = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let device = said.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
        Ok(Self { address, device })
    }
}
