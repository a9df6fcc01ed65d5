//! HTTP of mailings.

mod consent;
mod mailings;
mod of_client;
mod recipients;
mod runs;
mod trial;

use http_kit::ApiRouter;
use messaging::Messaging;
use std::sync::Arc;
use utoipa_axum::routes;

/// Every route of this crate. Who may call them is said in the server's policy file.
pub fn routes() -> ApiRouter<Arc<Messaging>> {
    ApiRouter::new()
        .routes(routes!(mailings::list, mailings::create))
        .routes(routes!(trial::find))
        .routes(routes!(mailings::get, mailings::save, mailings::delete))
        .routes(routes!(runs::preflight))
        .routes(routes!(runs::start))
        .routes(routes!(runs::pause))
        .routes(routes!(runs::resume))
        .routes(routes!(runs::stop))
        .routes(routes!(recipients::list))
        .routes(routes!(recipients::export))
        .routes(routes!(recipients::report))
        .routes(routes!(trial::sample))
        .routes(routes!(trial::list, trial::send))
        .routes(routes!(consent::settings, consent::save))
        .routes(routes!(of_client::list))
        .routes(routes!(consent::get, consent::put, consent::delete))
}
