//! HTTP of what stands on a site.

mod appearance;
mod auto_actions;
mod first_steps;
mod menu_buttons;
mod suggests;
mod visitors;

use axum::extract::DefaultBodyLimit;
use http_kit::ApiRouter;
use messaging::Messaging;
use std::sync::Arc;
use utoipa_axum::routes;

/// Every route of this crate. Who may call them is said in the server's policy file.
pub fn routes() -> ApiRouter<Arc<Messaging>> {
    let pictures = DefaultBodyLimit::max(messaging::files::MAX_ICON + 64 * 1024);
    ApiRouter::new()
        .routes(routes!(appearance::get))
        .routes(routes!(appearance::save, appearance::revert))
        .routes(routes!(appearance::publish))
        .routes(routes!(appearance::preview))
        .routes(routes!(menu_buttons::list, menu_buttons::create))
        .routes(routes!(menu_buttons::order))
        .routes(routes!(menu_buttons::update, menu_buttons::delete))
        .routes(routes!(suggests::list, suggests::create))
        .routes(routes!(suggests::order))
        .routes(routes!(suggests::update, suggests::delete))
        .routes(routes!(auto_actions::list, auto_actions::create))
        .routes(routes!(auto_actions::order))
        .routes(routes!(auto_actions::explain))
        .routes(routes!(auto_actions::inspect))
        .routes(routes!(auto_actions::get, auto_actions::replace, auto_actions::switch, auto_actions::delete))
        .routes(routes!(auto_actions::visitors))
        .routes(routes!(first_steps::get, first_steps::hide))
        .routes(routes!(first_steps::check))
        .routes(routes!(visitors::list))
        .routes(routes!(visitors::get))
        .routes(routes!(visitors::begin))
        .merge(
            ApiRouter::new()
                .routes(routes!(menu_buttons::upload))
                .routes(routes!(appearance::upload))
                .body_limit(pictures),
        )
}
