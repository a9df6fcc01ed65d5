//! Who is asking. The account comes from here only, never from a path or a body (security statement 2).

use crate::ApiError;
use axum::extract::FromRequestParts;
use axum::http::Method;
use axum::http::request::Parts;
use model::{AccountId, ActorId, ApiKeyId, Links, ProjectId, SessionId, Timestamp, UserId, words};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// How long a password that was given lets its session do the gravest acts (security statement 39).
const FRESH_MS: i64 = 15 * 60 * 1000;

/// What a user may do (rulings 42), least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Conversations and contacts of their projects.
    Operator,
    /// All of their projects' settings, team, keys.
    Admin,
    /// Everything.
    Owner,
}

words!(Role { Operator = "operator", Admin = "admin", Owner = "owner" });

/// What an API key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Read conversations and contacts.
    Read,
    /// Change them.
    Write,
    /// Project settings.
    Settings,
    /// Users, keys, projects.
    Admin,
}

/// A user or a program.
#[derive(Debug, Clone)]
pub enum Actor {
    /// A signed-in user.
    User {
        /// User.
        id: UserId,
        /// Name.
        name: String,
        /// Role.
        role: Role,
        /// Session.
        session_id: SessionId,
        /// When the password was given last in it.
        proven_at: Timestamp,
        /// What `X-Otklik-CSRF` must say.
        csrf: String,
        /// Says of himself that he is not at the desk.
        is_away: bool,
    },
    /// An API key.
    Key {
        /// Key.
        id: ApiKeyId,
        /// What it may do, as far as its maker may.
        scopes: Vec<Scope>,
        /// Who made it.
        maker: UserId,
        /// The maker's role now.
        role: Role,
    },
}

/// Who is asking, proven.
#[derive(Debug, Clone)]
pub struct Principal {
    /// Account.
    pub account_id: AccountId,
    /// User or key.
    pub actor: Actor,
    /// Projects of the user or of the key's maker; `None` for all of the account's (owner).
    pub projects: Option<Vec<ProjectId>>,
    /// The account asks a second factor of everybody, and the user, or the key's maker, has none: nothing goes but setting it up.
    pub owes_code: bool,
}

impl Principal {
    /// Id of the user or key: author of what is done.
    pub fn id(&self) -> ActorId {
        match &self.actor {
            Actor::User { id, .. } => ActorId::User(*id),
            Actor::Key { id, .. } => ActorId::Key(*id),
        }
    }

    /// Name to show.
    pub fn name(&self) -> &str {
        match &self.actor {
            Actor::User { name, .. } => name,
            Actor::Key { .. } => "API",
        }
    }

    /// Which links to files are shown to it: a person's browser sends the session along, a program fetches with nothing.
    pub fn links(&self) -> Links {
        match &self.actor {
            Actor::User { .. } => Links::Team,
            Actor::Key { .. } => Links::Signed,
        }
    }

    /// Role of the user, or of the key's maker.
    pub fn role(&self) -> Role {
        match &self.actor {
            Actor::User { role, .. } | Actor::Key { role, .. } => *role,
        }
    }

    /// The person and their session, for what is a person's own.
    ///
    /// # Errors
    /// 403 for a key.
    pub fn person(&self) -> Result<(UserId, SessionId), ApiError> {
        match &self.actor {
            Actor::User { id, session_id, .. } => Ok((*id, *session_id)),
            Actor::Key { .. } => Err(ApiError::forbidden("an API key is not a user")),
        }
    }

    /// The user, or the key's maker: who answers for what is done.
    pub fn user_id(&self) -> UserId {
        match &self.actor {
            Actor::User { id, .. } | Actor::Key { maker: id, .. } => *id,
        }
    }

    /// Whether the project may be seen at all.
    pub fn sees(&self, project: &ProjectId) -> bool {
        self.projects.as_ref().is_none_or(|mine| mine.contains(project))
    }

    /// Whether a user may do what asks for `role`; a key also needs `scope`, if keys have any business there: it never does what its
    /// maker may not.
    pub fn may(&self, role: Role, scope: Option<Scope>) -> bool {
        let is_in_scope = match &self.actor {
            Actor::User { .. } => true,
            Actor::Key { scopes, .. } => scope.is_some_and(|scope| scopes.contains(&scope)),
        };
        is_in_scope && self.role() >= role
    }

    /// Whether the gravest acts may be done now: a person has given the password lately. A key has none, and was made by somebody who had.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        match &self.actor {
            Actor::User { proven_at, .. } => now.ms_since(*proven_at) < FRESH_MS,
            Actor::Key { .. } => true,
        }
    }

    /// Whether a mutation by cookie carries the right header (security statement 18).
    pub fn passes_csrf(&self, method: &Method, header: Option<&str>) -> bool {
        match &self.actor {
            Actor::User { csrf, .. } if crate::body::is_mutation(method) => {
                use subtle::ConstantTimeEq;
                header.is_some_and(|sent| bool::from(sent.as_bytes().ct_eq(csrf.as_bytes())))
            }
            Actor::User { .. } | Actor::Key { .. } => true,
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Principal {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        parts.extensions.get::<Self>().cloned().ok_or_else(ApiError::unauthorized)
    }
}

/// The project of the path, seen by the principal: put there by the policy layer.
#[derive(Debug, Clone)]
pub struct Project(pub ProjectId);

impl<S: Send + Sync> FromRequestParts<S> for Project {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        parts.extensions.get::<Self>().cloned().ok_or_else(ApiError::not_found)
    }
}

/// SHA-256 in hex: how tokens and keys are stored.
pub fn sha256_hex(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
