//! HTTP of mailings.

mod clicks;
mod consent;
mod mailings;
mod of_client;
mod recipients;
mod runs;
mod segments;
mod trial;

pub use clicks::routes as click_routes;

use crate::links;
use crate::view::Mailing;
use http_kit::ApiRouter;
use messaging::Messaging;
use std::sync::Arc;
use utoipa_axum::routes;

/// A mailing with what only the installation knows to be in its way.
fn told(service: &Messaging, mut mailing: Mailing) -> Mailing {
    if mailing.state.is_open() {
        mailing.problems.extend(links::no_address(&mailing.document, &service.settings.public_url));
    }
    mailing
}

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
        .routes(routes!(segments::list, segments::create))
        .routes(routes!(segments::get, segments::update, segments::delete))
        .routes(routes!(segments::usage))
        .routes(routes!(consent::settings, consent::save))
        .routes(routes!(of_client::list))
        .routes(routes!(consent::get, consent::put, consent::delete))
}
