//! A statement with its values, run in a transaction.

use crate::row::{Inner, Row};
use crate::tx::{Connection, Tx};
use crate::{DbError, FromRow, Statement, Value};
use futures_util::TryStreamExt;
use futures_util::future::try_join_all;
use rusqlite::params_from_iter;
use tokio_postgres::types::{ToSql, Type};

/// Statements of one text on their way to PostgreSQL at once.
const PIPELINE: usize = 250;
/// Rows that share a statement on PostgreSQL at most.
const MAX_ROWS: usize = 1000;

/// A statement and the values bound to it so far.
pub struct Query<'a> {
    statement: &'static Statement,
    values: Vec<Value<'a>>,
    has_nul: bool,
}

impl<'a> Query<'a> {
    /// Used by [`sql!`](crate::sql).
    pub fn new(statement: &'static Statement) -> Self {
        #[cfg(debug_assertions)]
        statement.count_use();
        Self { statement, values: Vec::with_capacity(8), has_nul: false }
    }

    /// Binds the next `$n`.
    #[must_use]
    pub fn bind(mut self, value: impl Into<Value<'a>>) -> Self {
        let value = value.into();
        self.has_nul |= value.has_nul();
        self.values.push(value);
        self
    }

    /// Exactly the first row.
    ///
    /// # Errors
    /// [`DbError::NoRow`] when there is none.
    pub async fn one<T: FromRow>(self, tx: &mut Tx) -> Result<T, DbError> {
        self.optional(tx).await?.ok_or(DbError::NoRow)
    }

    /// The first row, if any.
    ///
    /// # Errors
    /// When the statement fails.
    pub async fn optional<T: FromRow>(self, tx: &mut Tx) -> Result<Option<T>, DbError> {
        let mut first = None;
        // A statement with RETURNING does all its work only when it is stepped to the end.
        let take = &mut |row: &Row<'_>| {
            if first.is_none() {
                first = Some(T::from_row(row)?);
            }
            Ok(())
        };
        self.rows(tx, take).await?;
        Ok(first)
    }

    /// Every row.
    ///
    /// # Errors
    /// When the statement fails.
    pub async fn all<T: FromRow>(self, tx: &mut Tx) -> Result<Vec<T>, DbError> {
        let mut all = Vec::new();
        let take = &mut |row: &Row<'_>| {
            all.push(T::from_row(row)?);
            Ok(())
        };
        self.rows(tx, take).await?;
        Ok(all)
    }

    /// The same for rows of every type.
    async fn rows(
        self,
        tx: &mut Tx,
        take: &mut (dyn FnMut(&Row<'_>) -> Result<(), DbError> + Send),
    ) -> Result<(), DbError> {
        self.refuse_nul()?;
        match &tx.connection {
            Connection::Sqlite(connection) => {
                let mut statement = connection.prepare_cached(self.statement.sqlite_text())?;
                let mut rows = statement.query(params_from_iter(&self.values))?;
                while let Some(row) = rows.next()? {
                    take(&Row(Inner::Sqlite(row)))?;
                }
                Ok(())
            }
            Connection::Postgres(client) => {
                let rows = self.postgres_rows(client).await;
                tx.noted(rows)?.iter().try_for_each(|row| take(&Row(Inner::Postgres(row))))
            }
        }
    }

    /// Every row as it comes, for results that must not all be in memory.
    ///
    /// # Errors
    /// When the statement or `take` fails.
    pub async fn each(
        self,
        tx: &mut Tx,
        mut take: impl FnMut(&Row<'_>) -> Result<(), DbError> + Send,
    ) -> Result<(), DbError> {
        match &tx.connection {
            Connection::Sqlite(connection) => {
                let mut statement = connection.prepare_cached(self.statement.sqlite_text())?;
                let mut rows = statement.query(params_from_iter(&self.values))?;
                while let Some(row) = rows.next()? {
                    take(&Row(Inner::Sqlite(row)))?;
                }
                Ok(())
            }
            Connection::Postgres(client) => {
                let taken = self.postgres_each(client, &mut take).await;
                tx.noted(taken)?
            }
        }
    }

    /// Runs it for its effect: how many rows changed.
    ///
    /// # Errors
    /// When the statement fails.
    pub async fn execute(self, tx: &mut Tx) -> Result<u64, DbError> {
        self.refuse_nul()?;
        match &tx.connection {
            Connection::Sqlite(connection) => {
                let mut statement = connection.prepare_cached(self.statement.sqlite_text())?;
                Ok(statement.execute(params_from_iter(&self.values))? as u64)
            }
            Connection::Postgres(client) => {
                let changed = self.postgres_changed(client).await;
                tx.noted(changed)
            }
        }
    }

    fn refuse_nul(&self) -> Result<(), DbError> {
        if self.has_nul { Err(DbError::Nul) } else { Ok(()) }
    }

    /// Runs it for its effect once for each of `rows`, which bind the values after those bound already. On PostgreSQL rows that stand
    /// after VALUES share a statement and others do not wait for one another's answers, so none may depend on one before it. Answers how many
    /// rows changed.
    ///
    /// # Errors
    /// When a statement fails.
    pub async fn execute_each(self, tx: &mut Tx, rows: &[Vec<Value<'_>>]) -> Result<u64, DbError> {
        self.refuse_nul()?;
        if rows.iter().flatten().any(Value::has_nul) {
            return Err(DbError::Nul);
        }
        match &tx.connection {
            Connection::Sqlite(connection) => {
                let mut statement = connection.prepare_cached(self.statement.sqlite_text())?;
                let mut changed = 0;
                for row in rows {
                    changed += statement.execute(params_from_iter(self.values.iter().chain(row)))? as u64;
                }
                Ok(changed)
            }
            Connection::Postgres(client) => {
                let changed = self.postgres_changed_each(client, rows).await;
                tx.noted(changed)
            }
        }
    }

    async fn postgres_changed_each(
        &self,
        client: &deadpool_postgres::Object,
        rows: &[Vec<Value<'_>>],
    ) -> Result<u64, DbError> {
        let one = client.prepare_cached(self.statement.text()).await?;
        let types = one.params().iter().map(Type::name);
        match self.statement.text_of_rows(self.values.len(), types) {
            Some(text) if rows.len() > 1 => {
                let many = client.prepare_cached(text).await?;
                let batches: Vec<_> = rows.chunks(MAX_ROWS).map(columns).collect();
                self.pipeline(client, &many, &batches).await
            }
            _ => self.pipeline(client, &one, rows).await,
        }
    }

    /// Sends a statement once for each of `own`, what is bound after the values bound already, without waiting for the answer to the one before.
    async fn pipeline<V: ToSql + Sync>(
        &self,
        client: &deadpool_postgres::Object,
        statement: &tokio_postgres::Statement,
        own: &[Vec<V>],
    ) -> Result<u64, DbError> {
        let (mut sent, mut changed) = (Vec::new(), 0);
        for own in own {
            let mut values = self.postgres_values();
            values.extend(own.iter().map(|value| value as &(dyn ToSql + Sync)));
            sent.push(client.execute_raw(statement, values));
            if sent.len() == PIPELINE {
                changed += try_join_all(std::mem::take(&mut sent)).await?.into_iter().sum::<u64>();
            }
        }
        Ok(changed + try_join_all(sent).await?.into_iter().sum::<u64>())
    }

    async fn postgres_rows(&self, client: &deadpool_postgres::Object) -> Result<Vec<tokio_postgres::Row>, DbError> {
        let statement = client.prepare_cached(self.statement.text()).await?;
        client.query(&statement, &self.postgres_values()).await.map_err(DbError::from)
    }

    /// What came of taking the rows, when they could be read.
    async fn postgres_each(
        &self,
        client: &deadpool_postgres::Object,
        take: &mut (dyn FnMut(&Row<'_>) -> Result<(), DbError> + Send),
    ) -> Result<Result<(), DbError>, DbError> {
        let statement = client.prepare_cached(self.statement.text()).await?;
        let rows = client.query_raw(&statement, self.postgres_values()).await?;
        let mut rows = std::pin::pin!(rows);
        while let Some(row) = rows.try_next().await? {
            if let Err(refused) = take(&Row(Inner::Postgres(&row))) {
                return Ok(Err(refused));
            }
        }
        Ok(Ok(()))
    }

    async fn postgres_changed(&self, client: &deadpool_postgres::Object) -> Result<u64, DbError> {
        let statement = client.prepare_cached(self.statement.text()).await?;
        client.execute(&statement, &self.postgres_values()).await.map_err(DbError::from)
    }

    fn postgres_values(&self) -> Vec<&(dyn ToSql + Sync)> {
        self.values.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
    }
}

/// Rows as one array for each column.
fn columns<'r, 'v>(rows: &'r [Vec<Value<'v>>]) -> Vec<Vec<&'r Value<'v>>> {
    let width = rows.first().map_or(0, Vec::len);
    (0..width).map(|at| rows.iter().filter_map(|row| row.get(at)).collect()).collect()
}

/// Text to look for, with LIKE's wildcards taken literally (security statement 32); empty stays empty.
pub fn like(words: &str) -> String {
    if words.is_empty() {
        return String::new();
    }
    let escaped = words.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}
