//! HTTP of what stands on a site.

mod menu_buttons;

use axum::extract::DefaultBodyLimit;
use http_kit::ApiRouter;
use messaging::Messaging;
use std::sync::Arc;
use utoipa_axum::routes;

/// Every route of this crate. Who may call them is said in the server's policy file.
pub fn routes() -> ApiRouter<Arc<Messaging>> {
    let pictures = DefaultBodyLimit::max(messaging::files::MAX_ICON + 64 * 1024);
    ApiRouter::new()
        .routes(routes!(menu_buttons::list, menu_buttons::create))
        .routes(routes!(menu_buttons::order))
        .routes(routes!(menu_buttons::update, menu_buttons::delete))
        .merge(ApiRouter::new().routes(routes!(menu_buttons::upload)).body_limit(pictures))
}
