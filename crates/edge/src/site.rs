//! The site that a visitor comes from.

use crate::Edge;
use accounts::{ProjectInfo, by_site_key};
use db::Scope;
use http_kit::ApiError;

/// The project of a site key.
pub(crate) async fn project_of(edge: &Edge, site_key: &str) -> Result<ProjectInfo, ApiError> {
    let key = site_key.to_owned();
    let found = edge.messaging.db.read(Scope::System, move |tx| Box::pin(async move { by_site_key(tx, &key).await }));
    found.await?.ok_or_else(ApiError::not_found)
}

/// Whether any site of this installation is there; what a page elsewhere asks is refused before it is looked at (security statement 19).
pub(crate) async fn is_known_origin(edge: &Edge, origin: &str) -> Result<bool, ApiError> {
    if origin == "null" {
        return Ok(false);
    }
    let wanted = origin.to_ascii_lowercase();
    let known = edge
        .messaging
        .db
        .read(Scope::System, move |tx| Box::pin(async move { accounts::is_known_origin(tx, &wanted).await }));
    Ok(known.await?)
}

/// Whether a page of this origin may show the project's widget.
pub(crate) fn is_allowed_origin(project: &ProjectInfo, origin: Option<&str>) -> bool {
    match origin {
        // Browsers always send it across origins; a program without one is not riding on anybody's page.
        None => true,
        Some("null") => false,
        Some(origin) => {
            project.allowed_origins.is_empty() || project.allowed_origins.iter().any(|o| o.eq_ignore_ascii_case(origin))
        }
    }
}
