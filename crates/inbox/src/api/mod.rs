//! HTTP of the inbox.

mod actions;
mod bulk;
mod canned_replies;
mod chats;
mod conversations;
mod departments;
mod drafts;
mod files;
mod letters;
mod live;
mod messages;
mod ratings;
mod routing;
mod snooze;
mod views;

use axum::extract::DefaultBodyLimit;
use http_kit::ApiRouter;
use messaging::Messaging;
use std::sync::Arc;
use utoipa_axum::routes;

/// Authentication of the live socket's first frame, given by the server.
pub use live::{Authenticate, LiveState, OperatorCall, Proof};

/// Every route of this crate. Who may call them is said in the server's policy file.
pub fn routes() -> ApiRouter<Arc<Messaging>> {
    let uploads = DefaultBodyLimit::max(messaging::files::MAX_UPLOAD + 64 * 1024);
    ApiRouter::new()
        .routes(routes!(conversations::list))
        .routes(routes!(conversations::counts))
        .routes(routes!(conversations::get))
        .routes(routes!(messages::list, messages::send))
        .routes(routes!(chats::preview))
        .routes(routes!(chats::start))
        .routes(routes!(messages::note))
        .routes(routes!(messages::retry))
        .routes(routes!(letters::page))
        .routes(routes!(messages::update, messages::delete))
        .routes(routes!(messages::timeline))
        .routes(routes!(actions::accept))
        .routes(routes!(actions::assign))
        .routes(routes!(actions::transfer))
        .routes(routes!(departments::list, departments::create))
        .routes(routes!(departments::update, departments::delete))
        .routes(routes!(routing::get, routing::update))
        .routes(routes!(routing::set_limit))
        .routes(routes!(drafts::list))
        .routes(routes!(drafts::put))
        .routes(routes!(ratings::list))
        .routes(routes!(actions::close))
        .routes(routes!(actions::reopen))
        .routes(routes!(actions::read))
        .routes(routes!(bulk::apply))
        .routes(routes!(views::list, views::create))
        .routes(routes!(views::counts))
        .routes(routes!(views::update, views::delete))
        .routes(routes!(snooze::snooze))
        .routes(routes!(snooze::wake))
        .routes(routes!(canned_replies::list, canned_replies::create))
        .routes(routes!(canned_replies::update, canned_replies::delete))
        .routes(routes!(conversations::reply_channels))
        .routes(routes!(conversations::of_multi_contact))
        .routes(routes!(files::of_multi_contact))
        .merge(ApiRouter::new().routes(routes!(files::upload)).body_limit(uploads))
}

/// The operators' socket. It authenticates itself by its first frame.
pub fn live(state: LiveState) -> axum::Router {
    axum::Router::new().route("/api/v1/live", axum::routing::get(live::upgrade)).with_state(state)
}
