//! HTTP of clients.

mod changes;
mod contacts;
mod fields;
mod jobs;
mod log;
mod multi_contacts;
mod rules;
mod settings;
mod suggestions;
mod tables;
mod tags;

use http_kit::ApiRouter;
use messaging::Messaging;
use std::sync::Arc;
use utoipa_axum::routes;

/// Every route of this crate. Who may call them is said in the server's policy file.
pub fn routes() -> ApiRouter<Arc<Messaging>> {
    ApiRouter::new()
        .routes(routes!(fields::list, fields::create))
        .routes(routes!(fields::update, fields::delete))
        .routes(routes!(fields::order))
        .routes(routes!(fields::usage))
        .routes(routes!(fields::archived))
        .routes(routes!(fields::restore))
        .routes(routes!(tags::list, tags::create))
        .routes(routes!(tags::update, tags::delete))
        .routes(routes!(tags::merge))
        .routes(routes!(tags::usage))
        .routes(routes!(contacts::list, contacts::create))
        .routes(routes!(contacts::get, contacts::update, contacts::delete))
        .routes(routes!(contacts::erase))
        .routes(routes!(contacts::history))
        .routes(routes!(contacts::undo_edit))
        .routes(routes!(tables::start))
        .routes(routes!(tables::export_all))
        .routes(routes!(tables::export_one))
        .routes(routes!(suggestions::list))
        .routes(routes!(suggestions::refuse, suggestions::unrefuse))
        .routes(routes!(jobs::list))
        .routes(routes!(jobs::get))
        .routes(routes!(jobs::cancel))
        .routes(routes!(log::list))
        .routes(routes!(log::undo))
        .routes(routes!(multi_contacts::of_contact))
        .routes(routes!(multi_contacts::why))
        .routes(routes!(multi_contacts::list))
        .routes(routes!(multi_contacts::get))
        .routes(routes!(multi_contacts::overrides, multi_contacts::decide))
        .routes(routes!(multi_contacts::undo))
        .routes(routes!(multi_contacts::restore))
        .routes(routes!(rules::list, rules::create))
        .routes(routes!(rules::update, rules::delete))
        .routes(routes!(rules::preview))
        .routes(routes!(rules::apply))
        .routes(routes!(settings::get, settings::update))
        .routes(routes!(settings::values, settings::decide_value, settings::forget_value))
        .routes(routes!(settings::conflicts))
        .routes(routes!(changes::apply))
}
