//! Accounts: sign-in, users, roles, projects, connections' settings, API keys.

pub mod announcements;
mod api;
pub mod audit;
mod init;
mod invitations;
pub mod licences;
mod password;
mod principal;
mod projects;
mod reach;
pub mod sealing;
mod second_factor;
mod sessions;
mod shortcuts;
mod store;
mod unexposed;

pub use api::routes;
pub use init::{Created, NewAccount, Team, add_operator, create_account, dress_demo, team};
pub use principal::{by_api_key, by_session};
pub use projects::demo;
pub use projects::{
    Appearance, AskedField, Consent, Day, Face, FormSettings, Hidden, Hours, Icon, Offset, ProjectInfo, Theme,
    by_site_key, create_project, get_project, identity_secret, is_known_origin, opens_at, publish_appearance,
    rotate_identity_secret,
};
pub use second_factor::remove_by_email as remove_second_factor;
pub use sessions::{COOKIE, session_token};
pub use store::{forget_expired_invitations, forget_expired_sessions};

use messaging::Messaging;
use std::sync::Arc;

/// State of this crate's handlers.
#[derive(Clone)]
pub struct Accounts {
    /// The path.
    pub messaging: Arc<Messaging>,
    pub(crate) limiter: Arc<sessions::Limiter>,
    pub(crate) hasher: Arc<password::Hasher>,
}

impl Accounts {
    /// Accounts over this database.
    pub fn new(messaging: Arc<Messaging>) -> Self {
        Self { messaging, limiter: Arc::default(), hasher: Arc::default() }
    }
}
