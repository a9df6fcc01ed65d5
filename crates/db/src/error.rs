//! What can go wrong below the use cases.

/// A failure of the storage layer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum DbError {
    /// A unique key is taken.
    #[error("already there: {0}")]
    Conflict(String),
    /// A row that was pointed at is missing.
    #[error("refers to a missing row: {0}")]
    MissingReference(String),
    /// The query promised a row and there was none.
    #[error("no row")]
    NoRow,
    /// The database cannot be reached or is overloaded: try again later (D12).
    #[error("database unavailable: {0}")]
    Unavailable(String),
    /// Two transactions waited for each other, and the engine undid this one. The layer runs it again before anybody hears of it.
    #[error("deadlock: {0}")]
    Deadlock(String),
    /// A text holds NUL, which PostgreSQL cannot keep: it is refused by both engines alike.
    #[error("a text holds a NUL character")]
    Nul,
    /// The disk is full.
    #[error("no space left for the database")]
    Full,
    /// Anything else: a fault of ours.
    #[error("{0}")]
    Other(String),
}

impl DbError {
    /// A fault of ours, in words.
    pub fn other(words: impl Into<String>) -> Self {
        Self::Other(words.into())
    }
}

impl From<rusqlite::Error> for DbError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        use rusqlite::ffi::{SQLITE_CONSTRAINT_FOREIGNKEY, SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_UNIQUE};
        match &error {
            rusqlite::Error::QueryReturnedNoRows => Self::NoRow,
            rusqlite::Error::SqliteFailure(failure, _) => match (failure.code, failure.extended_code) {
                (_, SQLITE_CONSTRAINT_UNIQUE | SQLITE_CONSTRAINT_PRIMARYKEY) => Self::Conflict(error.to_string()),
                (_, SQLITE_CONSTRAINT_FOREIGNKEY) => Self::MissingReference(error.to_string()),
                (ErrorCode::DiskFull, _) => Self::Full,
                (ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _) => Self::Unavailable(error.to_string()),
                _ => Self::Other(error.to_string()),
            },
            _ => Self::Other(error.to_string()),
        }
    }
}

impl From<tokio_postgres::Error> for DbError {
    fn from(error: tokio_postgres::Error) -> Self {
        use tokio_postgres::error::SqlState;
        let Some(state) = error.code() else { return Self::Unavailable(error.to_string()) };
        let words =
            error.as_db_error().map_or_else(|| error.to_string(), |e| format!("{}: {}", e.code().code(), e.message()));
        match *state {
            SqlState::UNIQUE_VIOLATION => Self::Conflict(words),
            SqlState::FOREIGN_KEY_VIOLATION => Self::MissingReference(words),
            SqlState::DISK_FULL => Self::Full,
            SqlState::ADMIN_SHUTDOWN
            | SqlState::CRASH_SHUTDOWN
            | SqlState::CANNOT_CONNECT_NOW
            | SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT
            | SqlState::TOO_MANY_CONNECTIONS => Self::Unavailable(words),
            SqlState::T_R_DEADLOCK_DETECTED | SqlState::T_R_SERIALIZATION_FAILURE => Self::Deadlock(words),
            _ => Self::Other(words),
        }
    }
}

impl From<deadpool_postgres::PoolError> for DbError {
    fn from(error: deadpool_postgres::PoolError) -> Self {
        Self::Unavailable(error.to_string())
    }
}
