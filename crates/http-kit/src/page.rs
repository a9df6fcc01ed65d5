//! Pages of lists.

use crate::ApiError;
use db::Cursor;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// `?limit=1..200&cursor=`.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Rows at most.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

impl PageQuery {
    /// Rows at most, 50 unless told.
    ///
    /// # Errors
    /// 422 outside 1..200.
    pub fn limit(&self) -> Result<i64, ApiError> {
        limit(self.limit)
    }

    /// The number in the cursor, or the largest one for the first page of a falling list.
    ///
    /// # Errors
    /// 422 for a cursor of something else.
    pub fn before(&self) -> Result<i64, ApiError> {
        before(self.cursor.as_deref())
    }
}

/// See [`PageQuery::limit`].
pub(crate) fn limit(wanted: Option<u32>) -> Result<i64, ApiError> {
    match wanted {
        None => Ok(50),
        Some(n @ 1..=200) => Ok(n.into()),
        Some(_) => Err(ApiError::invalid("limit", "out_of_range", "1 to 200")),
    }
}

pub(crate) fn before(cursor: Option<&str>) -> Result<i64, ApiError> {
    let Some(text) = cursor else { return Ok(i64::MAX) };
    let parsed = text.parse::<Cursor>().and_then(|cursor| cursor.as_number());
    parsed.map_err(|_| ApiError::invalid("cursor", "bad_cursor", "take the cursor from the page before"))
}

/// A list: `{items, next_cursor}`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ItemList<T> {
    /// Rows.
    pub items: Vec<T>,
    /// Ask with this for more; null at the end.
    pub next_cursor: Option<String>,
}

impl<T> ItemList<T> {
    /// Everything there is, on one page.
    pub fn whole(items: Vec<T>) -> Self {
        Self { items, next_cursor: None }
    }

    /// A page from up to `limit + 1` rows.
    pub fn page(rows: Vec<T>, limit: i64, cursor_of: impl Fn(&T) -> Cursor) -> Self {
        let page = db::Page::cut(rows, limit, cursor_of);
        Self { items: page.items, next_cursor: page.next_cursor }
    }
}
