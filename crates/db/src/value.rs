//! Values bound to a statement.

use bytes::BytesMut;
use rusqlite::types::{ToSqlOutput, Value as Stored, ValueRef};
use std::borrow::Cow;
use std::rc::Rc;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

/// A parameter of the portable types (`style.md` section 5).
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// NULL.
    Null,
    /// BIGINT.
    Int(i64),
    /// DOUBLE PRECISION.
    Real(f64),
    /// BOOLEAN.
    Bool(bool),
    /// TEXT.
    Text(Cow<'a, str>),
    /// UUID: an id of 16 bytes.
    Id([u8; 16]),
    /// Texts for one `= ANY($n)`.
    Texts(Vec<&'a str>),
    /// Ids for one `= ANY($n)`.
    Ids(Vec<uuid::Uuid>),
}

impl<'a> Value<'a> {
    /// Whether it holds a NUL character.
    pub fn has_nul(&self) -> bool {
        match self {
            Self::Text(text) => text.as_bytes().contains(&0),
            Self::Texts(texts) => texts.iter().any(|text| text.as_bytes().contains(&0)),
            _ => false,
        }
    }

    /// Texts for one `= ANY($n)`.
    pub fn texts(texts: impl IntoIterator<Item = &'a str>) -> Self {
        Self::Texts(texts.into_iter().collect())
    }

    /// An id of these bits.
    pub fn id(bits: u128) -> Self {
        Self::Id(bits.to_be_bytes())
    }

    /// Ids of these bits for one `= ANY($n)`.
    pub fn ids(bits: impl IntoIterator<Item = u128>) -> Self {
        Self::Ids(bits.into_iter().map(uuid::Uuid::from_u128).collect())
    }
}

macro_rules! from {
    ($($type:ty => |$v:ident| $made:expr),+ $(,)?) => {$(
        impl<'a> From<$type> for Value<'a> { fn from($v: $type) -> Self { $made } }
    )+};
}

from! {
    i64 => |v| Self::Int(v),
    i32 => |v| Self::Int(v.into()),
    u32 => |v| Self::Int(v.into()),
    f64 => |v| Self::Real(v),
    bool => |v| Self::Bool(v),
    &'a str => |v| Self::Text(Cow::Borrowed(v)),
    &'a String => |v| Self::Text(Cow::Borrowed(v)),
    String => |v| Self::Text(Cow::Owned(v)),
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl rusqlite::ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(v) => ValueRef::Integer(*v),
            Self::Real(v) => ValueRef::Real(*v),
            Self::Bool(v) => ValueRef::Integer(i64::from(*v)),
            Self::Text(v) => ValueRef::Text(v.as_bytes()),
            Self::Id(v) => ValueRef::Blob(v),
            // SQLite has no arrays: the statement reads a list (`Statement::sqlite_text`).
            Self::Texts(v) => return Ok(list(v.iter().map(|text| Stored::Text((*text).to_owned())))),
            Self::Ids(v) => return Ok(list(v.iter().map(|id| Stored::Blob(id.as_bytes().to_vec())))),
        }))
    }
}

fn list(values: impl Iterator<Item = Stored>) -> ToSqlOutput<'static> {
    ToSqlOutput::from_rc(Rc::new(values.collect::<Vec<_>>()), c"rarray")
}

impl ToSql for Value<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(v) if *ty == Type::INT4 => i32::try_from(*v)?.to_sql(ty, out),
            Self::Int(v) if *ty == Type::FLOAT8 => (*v as f64).to_sql(ty, out),
            Self::Int(v) => v.to_sql(ty, out),
            Self::Real(v) => v.to_sql(ty, out),
            Self::Bool(v) => v.to_sql(ty, out),
            // PostgreSQL cannot hold NUL in TEXT; callers clean text before it comes here.
            Self::Text(v) => v.as_ref().to_sql(ty, out),
            Self::Id(v) => uuid::Uuid::from_bytes(*v).to_sql(ty, out),
            Self::Texts(v) => v.to_sql(ty, out),
            Self::Ids(v) => v.to_sql(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// Lets a type of 16 bytes with `from_bits` and `bits` be bound and read: BLOB on SQLite, `uuid` on PostgreSQL.
#[macro_export]
macro_rules! stored_as_bits {
    ($name:ident) => {
        impl From<$name> for $crate::Value<'_> {
            fn from(id: $name) -> Self {
                Self::id(id.bits())
            }
        }

        impl From<&$name> for $crate::Value<'_> {
            fn from(id: &$name) -> Self {
                Self::id(id.bits())
            }
        }

        impl $crate::rusqlite::types::FromSql for $name {
            fn column_result(
                value: $crate::rusqlite::types::ValueRef<'_>,
            ) -> $crate::rusqlite::types::FromSqlResult<Self> {
                <[u8; 16]>::column_result(value).map(|bytes| Self::from_bits(u128::from_be_bytes(bytes)))
            }
        }

        impl<'a> $crate::tokio_postgres::types::FromSql<'a> for $name {
            fn from_sql(
                ty: &$crate::tokio_postgres::types::Type,
                raw: &'a [u8],
            ) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
                $crate::uuid::Uuid::from_sql(ty, raw).map(|id| Self::from_bits(id.as_u128()))
            }

            fn accepts(ty: &$crate::tokio_postgres::types::Type) -> bool {
                *ty == $crate::tokio_postgres::types::Type::UUID
            }
        }
    };
}
