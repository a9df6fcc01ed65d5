//! What a use case can refuse, and why: one type for the path and every feature.

use db::DbError;
use vault::VaultError;

/// Result of a use case.
pub type Result<T> = std::result::Result<T, Refusal>;

/// A bad value, with where it stands.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Invalid {
    /// Dotted path in the request.
    pub path: String,
    /// Stable word.
    pub code: String,
    /// What is wrong and what to do.
    pub message: String,
}

impl Invalid {
    /// One problem at one place.
    pub fn new(path: &str, code: &str, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), code: code.to_owned(), message: message.into() }
    }
}

/// Why a use case did nothing.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Refusal {
    /// No such thing in this account, or not for this reader: the same answer for both (security statement 2).
    #[error("not found")]
    NotFound,
    /// The request makes no sense.
    #[error("invalid request")]
    Invalid(Vec<Invalid>),
    /// A colleague's reply is newer than what the sender saw.
    #[error("someone answered meanwhile")]
    Stale,
    /// The same client id came with another text (D2).
    #[error("this client_id was used for another message")]
    ClientIdReused,
    /// The same client id came again: the caller reads the first message back.
    #[error("already stored")]
    Repeated,
    /// The channel cannot be written to now.
    #[error("this channel cannot be written to now: {0}")]
    ChannelClosed(&'static str),
    /// The state does not allow it.
    #[error("{detail}")]
    Conflict {
        /// Stable word.
        code: &'static str,
        /// Words for the reader.
        detail: String,
    },
    /// A stored secret does not open.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The storage failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl Refusal {
    /// One invalid value.
    pub fn invalid(path: &str, code: &str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![Invalid::new(path, code, message)])
    }

    /// The stable word of a refusal and what it means, on one line, for those who read it later; none for faults.
    pub fn words(&self) -> Option<(&str, String)> {
        match self {
            Self::Invalid(problems) => {
                let code = problems.first().map_or("invalid", |problem| &problem.code);
                let words: Vec<_> = problems.iter().map(|p| format!("{}: {}", p.path, p.message)).collect();
                Some((code, words.join("; ")))
            }
            Self::Conflict { code, detail } => Some((code, detail.clone())),
            Self::NotFound => Some(("not_found", self.to_string())),
            Self::Stale => Some(("stale", self.to_string())),
            Self::ClientIdReused => Some(("client_id_reused", self.to_string())),
            Self::Repeated => Some(("repeated", self.to_string())),
            Self::ChannelClosed(reason) => Some((reason, self.to_string())),
            Self::Vault(_) => Some(("secret_closed", self.to_string())),
            Self::Db(_) => None,
        }
    }

    /// Stored JSON of ours that cannot be read back: a fault, not a refusal.
    pub fn stored(error: &serde_json::Error) -> Self {
        Self::Db(DbError::other(format!("stored JSON cannot be read: {error}")))
    }
}
