//! An open transaction, on either engine.

use crate::DbError;

/// The engines' dialects: for the few fragments that cannot be shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// A transaction. It owns the connection, so that a use case that borrows it stays `Send`.
pub struct Tx {
    pub(crate) connection: Connection,
    pub(crate) announced: Vec<String>,
}

pub(crate) enum Connection {
    Sqlite(rusqlite::Connection),
    Postgres(deadpool_postgres::Object),
}

impl Tx {
    pub(crate) fn new(connection: Connection) -> Self {
        Self { connection, announced: Vec::new() }
    }

    /// Tells the listener of [`crate::Db::on_commit`] about `topic` once this transaction is committed. Repeats are folded.
    pub fn announce(&mut self, topic: &str) {
        if !self.announced.iter().any(|known| known == topic) {
            self.announced.push(topic.to_owned());
        }
    }

    /// Which dialect the statements run in.
    pub fn dialect(&self) -> Dialect {
        match self.connection {
            Connection::Sqlite(_) => Dialect::Sqlite,
            Connection::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Runs statements that bring their own text and no values: migrations only.
    ///
    /// # Errors
    /// When a statement fails.
    pub async fn run_script(&mut self, script: &str) -> Result<(), DbError> {
        match &self.connection {
            Connection::Sqlite(connection) => connection.execute_batch(script).map_err(DbError::from),
            Connection::Postgres(client) => client.batch_execute(script).await.map_err(DbError::from),
        }
    }

    /// Prepares a text without running it: the proof that a statement is valid on this engine.
    ///
    /// # Errors
    /// When the engine refuses the text.
    pub async fn check(&mut self, statement: &crate::Statement) -> Result<(), DbError> {
        match &self.connection {
            Connection::Sqlite(connection) => {
                connection.prepare(statement.sqlite_text()).map(drop).map_err(DbError::from)
            }
            Connection::Postgres(client) => client.prepare(statement.text()).await.map(drop).map_err(DbError::from),
        }
    }
}
