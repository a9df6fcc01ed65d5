//! Rows of either engine.

use crate::DbError;

/// A type a column can be read as, on both engines.
pub trait Column: rusqlite::types::FromSql + for<'a> tokio_postgres::types::FromSql<'a> {}
impl<T: rusqlite::types::FromSql + for<'a> tokio_postgres::types::FromSql<'a>> Column for T {}

/// A column's number or name.
pub trait Index: rusqlite::RowIndex + tokio_postgres::row::RowIndex + std::fmt::Display {}
impl<T: rusqlite::RowIndex + tokio_postgres::row::RowIndex + std::fmt::Display> Index for T {}

/// A row while it is being read.
pub struct Row<'r>(pub(crate) Inner<'r>);

pub(crate) enum Inner<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    Postgres(&'r tokio_postgres::Row),
}

impl Row<'_> {
    /// The column's value.
    ///
    /// # Errors
    /// When there is no such column or it holds another type.
    pub fn get<T: Column>(&self, column: impl Index) -> Result<T, DbError> {
        match &self.0 {
            Inner::Sqlite(row) => row.get(column).map_err(DbError::from),
            Inner::Postgres(row) => row.try_get(column).map_err(|e| DbError::Other(e.to_string())),
        }
    }

    /// A text column without a copy of it.
    ///
    /// # Errors
    /// When there is no such column or it is not text.
    pub fn text(&self, column: usize) -> Result<&str, DbError> {
        match &self.0 {
            Inner::Sqlite(row) => {
                let value = row.get_ref(column)?;
                value.as_str().map_err(|e| DbError::Other(e.to_string()))
            }
            Inner::Postgres(row) => row.try_get(column).map_err(|e| DbError::Other(e.to_string())),
        }
    }
}

/// Something a row can be turned into.
pub trait FromRow: Sized + Send {
    /// Reads the row.
    ///
    /// # Errors
    /// When a column is missing or of another type.
    fn from_row(row: &Row<'_>) -> Result<Self, DbError>;
}

macro_rules! tuples {
    ($($name:ident $index:tt),+) => {
        impl<$($name: Column + Send),+> FromRow for ($($name,)+) {
            fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
                Ok(($(row.get::<$name>($index as usize)?,)+))
            }
        }
    };
}

tuples!(A 0);
tuples!(A 0, B 1);
tuples!(A 0, B 1, C 2);
tuples!(A 0, B 1, C 2, D 3);
tuples!(A 0, B 1, C 2, D 3, E 4);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
