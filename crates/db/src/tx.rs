//! An open transaction, on either engine.

use crate::DbError;
use std::any::Any;

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
    pub(crate) announced: Announced,
    /// The first statement that PostgreSQL refused: of what was done in the transaction nothing is left, whatever the use case makes of it.
    pub(crate) failed: Option<DbError>,
}

/// Facts kept for the listener at most; what is told in greater numbers is told by its topic alone.
const MAX_FACTS: usize = 4096;

/// What use cases announced, handed to the listener after their commit.
#[derive(Default)]
pub struct Announced {
    /// Topics, each once; of whatever type the product's topics are.
    pub topics: Vec<Box<dyn Any + Send>>,
    /// What happened, in the order it was announced.
    pub facts: Vec<Box<dyn Any + Send>>,
}

impl Announced {
    /// Whether nothing was announced.
    pub fn is_empty(&self) -> bool {
        self.topics.is_empty() && self.facts.is_empty()
    }

    pub(crate) fn mark(&self) -> (usize, usize) {
        (self.topics.len(), self.facts.len())
    }

    pub(crate) fn undo_to(&mut self, (topics, facts): (usize, usize)) {
        self.topics.truncate(topics);
        self.facts.truncate(facts);
    }
}

pub(crate) enum Connection {
    Sqlite(rusqlite::Connection),
    Postgres(deadpool_postgres::Object),
}

impl Tx {
    pub(crate) fn new(connection: Connection) -> Self {
        Self { connection, announced: Announced::default(), failed: None }
    }

    /// Keeps what PostgreSQL refused.
    pub(crate) fn noted<T>(&mut self, answer: Result<T, DbError>) -> Result<T, DbError> {
        if let Err(error) = &answer {
            self.failed.get_or_insert_with(|| error.clone());
        }
        answer
    }

    /// Tells the listener of [`crate::Db::on_commit`] about `topic` once this transaction is committed. Repeats are folded.
    pub fn announce<T: Any + Send + PartialEq>(&mut self, topic: T) {
        if !self.announced.topics.iter().any(|known| known.downcast_ref() == Some(&topic)) {
            self.announced.topics.push(Box::new(topic));
        }
    }

    /// As [`announce`](Self::announce), with what happened, so that the listener need not look it up. Of a great many only the
    /// topic is told.
    pub fn announce_fact<T: Any + Send + PartialEq>(&mut self, topic: impl FnOnce() -> T, fact: impl Any + Send) {
        if self.announced.facts.len() < MAX_FACTS {
            self.announced.facts.push(Box::new(fact));
        } else {
            self.announce(topic());
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

    /// Two numbers by a text of an engine's own: migrations only.
    ///
    /// # Errors
    /// When the statement fails.
    pub async fn look_up(&mut self, text: &str) -> Result<(i64, i64), DbError> {
        match &self.connection {
            Connection::Sqlite(connection) => {
                connection.query_row(text, [], |row| Ok((row.get(0)?, row.get(1)?))).map_err(DbError::from)
            }
            Connection::Postgres(client) => {
                let row = client.query_one(text, &[]).await?;
                Ok((row.try_get(0)?, row.try_get(1)?))
            }
        }
    }

    /// From now on, also after this transaction, what is deleted is overwritten in SQLite's file, until it is switched off again.
    /// PostgreSQL has its vacuum for that.
    ///
    /// # Errors
    /// When the engine refuses.
    pub async fn overwrite_deleted(&mut self, is_on: bool) -> Result<(), DbError> {
        let Connection::Sqlite(connection) = &self.connection else { return Ok(()) };
        let text = if is_on { "PRAGMA secure_delete=ON" } else { "PRAGMA secure_delete=OFF" };
        connection.execute_batch(text).map_err(DbError::from)
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
