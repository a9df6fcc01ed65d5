//! The public side: provider webhooks, the widget's API and socket, files.

mod countries;
mod files;
mod hooks;
mod limits;
mod site;
mod talks;
mod unsubscribe;
mod visitor;
mod widget;

pub use countries::Countries;
pub use limits::VisitorLimits;
pub use visitor::VisitorCall;

use accounts::Accounts;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use messaging::Messaging;
use std::sync::Arc;

/// State of this crate's handlers.
#[derive(Clone)]
pub struct Edge {
    /// The path.
    pub messaging: Arc<Messaging>,
    /// Who is signed in: links of the team's pages open in their sessions.
    pub accounts: Accounts,
    /// How much a stranger may do.
    pub limits: VisitorLimits,
    /// Where addresses are.
    pub countries: Countries,
}

/// Every public route. Each proves its caller by itself: a secret header, a visitor token, or a random address.
pub fn routes(edge: Edge) -> Router {
    let widget = Router::new()
        .route("/w/v1/config", get(widget::config).options(widget::preflight))
        .route("/w/v1/rules", get(widget::rules).options(widget::preflight))
        .route("/w/v1/actions", post(widget::act).options(widget::preflight))
        .route("/w/v1/inspect", post(widget::inspect).options(widget::preflight))
        .route("/w/v1/messages", get(widget::history).post(widget::send).options(widget::preflight))
        .route("/w/v1/conversations", get(talks::list).options(widget::preflight))
        .route("/w/v1/telegram-link", post(widget::telegram_link).options(widget::preflight))
        .route(
            "/w/v1/files",
            post(widget::upload)
                .options(widget::preflight)
                .layer(DefaultBodyLimit::max(messaging::files::MAX_UPLOAD + 64 * 1024)),
        )
        .layer(axum::middleware::from_fn_with_state(edge.clone(), widget::allow_sites));
    Router::new()
        .merge(widget)
        .route("/w/v1/live", get(visitor::upgrade))
        .route("/w/v1/images/{file_id}", get(files::image))
        .route("/f/{file_id}", get(files::serve))
        .route("/unsubscribe/{account_id}/{contact_id}", get(unsubscribe::ask).post(unsubscribe::do_it))
        .route("/hooks/{kind}/{path}", post(hooks::take).layer(DefaultBodyLimit::max(3 * 1024 * 1024)))
        .with_state(edge)
}
