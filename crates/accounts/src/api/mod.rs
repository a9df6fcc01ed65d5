//! HTTP of accounts.

mod announcements;
mod audit;
mod connections;
mod keys;
mod licence;
mod me;
mod projects;
mod second_factor;
mod session;
mod users;

use crate::Accounts;
use http_kit::ApiRouter;
use utoipa_axum::routes;

/// Every route of this crate. Who may call them is said in the server's policy file.
pub fn routes() -> ApiRouter<Accounts> {
    ApiRouter::new()
        .routes(routes!(session::prove))
        .routes(routes!(session::sign_in, session::sign_out))
        .routes(routes!(session::list, session::sign_out_everywhere))
        .routes(routes!(session::end))
        .routes(routes!(me::get, me::update))
        .routes(routes!(second_factor::get, second_factor::start, second_factor::delete))
        .routes(routes!(second_factor::finish))
        .routes(routes!(second_factor::renew_codes))
        .routes(routes!(second_factor::delete_of))
        .routes(routes!(second_factor::ask_of_all))
        .routes(routes!(me::set_availability))
        .routes(routes!(users::list, users::invite))
        .routes(routes!(users::update))
        .routes(routes!(users::link, users::renew, users::withdraw))
        .routes(routes!(users::of_project))
        .routes(routes!(users::invitation, users::accept))
        .routes(routes!(keys::list, keys::create))
        .routes(routes!(keys::delete))
        .routes(routes!(licence::get, licence::update))
        .routes(routes!(announcements::list, announcements::create))
        .routes(routes!(announcements::current))
        .routes(routes!(announcements::read_all))
        .routes(routes!(announcements::get, announcements::update, announcements::delete))
        .routes(routes!(announcements::end))
        .routes(routes!(announcements::read))
        .routes(routes!(audit::list))
        .routes(routes!(audit::export))
        .routes(routes!(audit::check))
        .routes(routes!(projects::list, projects::create))
        .routes(routes!(projects::get, projects::update))
        .routes(routes!(projects::get_demo, projects::create_demo, projects::delete_demo))
        .routes(routes!(projects::delete_demo_project))
        .routes(routes!(projects::identity_secret))
        .routes(routes!(projects::rotate_identity_secret))
        .routes(routes!(connections::list, connections::create))
        .routes(routes!(connections::update, connections::delete))
        .routes(routes!(connections::check))
        .routes(routes!(connections::channel_kinds))
}
