//! HTTP of scenarios.

mod files;
mod moving;
mod report;
mod runs;
mod scenarios;
mod secrets;
mod test_users;
mod versions;

use axum::extract::DefaultBodyLimit;
use http_kit::ApiRouter;
use messaging::Messaging;
use std::sync::Arc;
use utoipa_axum::routes;

/// Every route of this crate. Who may call them is said in the server's policy file.
pub fn routes() -> ApiRouter<Arc<Messaging>> {
    let uploads = DefaultBodyLimit::max(messaging::files::MAX_UPLOAD + 64 * 1024);
    ApiRouter::new()
        .routes(routes!(scenarios::list, scenarios::create))
        .routes(routes!(scenarios::check))
        .routes(routes!(scenarios::get, scenarios::update, scenarios::delete))
        .routes(routes!(scenarios::draft, scenarios::save))
        .routes(routes!(scenarios::publish))
        .routes(routes!(scenarios::simulate))
        .routes(routes!(versions::list))
        .routes(routes!(versions::get))
        .routes(routes!(versions::restore))
        .routes(routes!(moving::get))
        .routes(routes!(moving::start))
        .routes(routes!(runs::list))
        .routes(routes!(runs::get, runs::start, runs::stop))
        .routes(routes!(runs::finish))
        .routes(routes!(report::get))
        .routes(routes!(report::recipients))
        .routes(routes!(secrets::list))
        .routes(routes!(secrets::put, secrets::delete))
        .routes(routes!(test_users::list, test_users::choose))
        .merge(ApiRouter::new().routes(routes!(files::list, files::upload)).body_limit(uploads))
}
