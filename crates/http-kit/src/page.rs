//! Pages of lists.

use crate::{ApiError, sha256_hex};
use db::Cursor;
use serde::{Deserialize, Serialize};
use std::str::FromStr;
use utoipa::{IntoParams, ToSchema};

/// Rows of a page at most.
const MAX: u32 = 200;

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
        limit(self.limit, 50).map(i64::from)
    }

    /// The number in the cursor, or the largest one for the first page of a falling list.
    ///
    /// # Errors
    /// 422 for a cursor of something else.
    pub fn before(&self) -> Result<i64, ApiError> {
        let Some(cursor) = self.read()? else { return Ok(i64::MAX) };
        cursor.as_number().map_err(|_| bad_cursor())
    }

    /// The moment and id in the cursor of a list that falls by both; none for the first page.
    ///
    /// # Errors
    /// 422 for a cursor of something else.
    pub fn before_moment<I: FromStr>(&self) -> Result<Option<(i64, I)>, ApiError> {
        let Some(cursor) = self.read()? else { return Ok(None) };
        match cursor.0.as_slice() {
            [moment, id] => {
                let (moment, id) = (moment.parse().map_err(|_| bad_cursor())?, id.parse().map_err(|_| bad_cursor())?);
                Ok(Some((moment, id)))
            }
            _ => Err(bad_cursor()),
        }
    }

    /// The id in the cursor; none for the first page.
    ///
    /// # Errors
    /// 422 for a cursor of something else.
    pub fn id<I: FromStr>(&self) -> Result<Option<I>, ApiError> {
        let Some(cursor) = self.read()? else { return Ok(None) };
        match cursor.0.as_slice() {
            [id] => id.parse().map(Some).map_err(|_| bad_cursor()),
            _ => Err(bad_cursor()),
        }
    }

    fn read(&self) -> Result<Option<Cursor>, ApiError> {
        self.cursor.as_deref().map(str::parse).transpose().map_err(|_| bad_cursor())
    }
}

/// `?limit=1..200&cursor=` of a list that is short as a rule: without a limit it comes whole.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ShortPageQuery {
    /// Rows at most; 200 when missing.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

fn limit(wanted: Option<u32>, default: u32) -> Result<u32, ApiError> {
    match wanted.unwrap_or(default) {
        n @ 1..=MAX => Ok(n),
        _ => Err(ApiError::invalid("limit", "out_of_range", "1 to 200")),
    }
}

fn bad_cursor() -> ApiError {
    ApiError::invalid("cursor", "bad_cursor", "take the cursor from the page before")
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
    /// Everything there is: what a change of a whole list answers.
    pub fn whole(items: Vec<T>) -> Self {
        Self { items, next_cursor: None }
    }

    /// A page of a list that is all there, in its order. The cursor names the list, the last row by its key, and its place: a page goes
    /// on after that row wherever it is by then, and at its place when it is gone.
    ///
    /// # Errors
    /// 422 for a limit outside 1..200 and for a cursor of another list.
    pub fn cut(items: Vec<T>, page: &ShortPageQuery, list: &str, key: impl Fn(&T) -> String) -> Result<Self, ApiError> {
        let limit = limit(page.limit, MAX)? as usize;
        let mark = |item: &T| sha256_hex(&key(item));
        let start = match page.cursor.as_deref() {
            None => 0,
            Some(text) => {
                let cursor: Cursor = text.parse().map_err(|_| bad_cursor())?;
                let [of, place, last] = cursor.0.as_slice() else { return Err(bad_cursor()) };
                let place: usize = place.parse().map_err(|_| bad_cursor())?;
                if of != list || place == 0 {
                    return Err(bad_cursor());
                }
                let is_there = items.get(place - 1).is_some_and(|item| mark(item) == *last);
                let moved = || items.iter().position(|item| mark(item) == *last).map(|index| index + 1);
                if is_there { place } else { moved().unwrap_or(place - 1) }
            }
        };
        let end = start.saturating_add(limit);
        let has_more = end < items.len();
        let items: Vec<T> = items.into_iter().skip(start).take(limit).collect();
        let last = items.last().filter(|_| has_more);
        let next_cursor = last.map(|item| Cursor(vec![list.to_owned(), end.to_string(), mark(item)]).to_string());
        Ok(Self { items, next_cursor })
    }

    /// A page from up to `limit + 1` rows.
    pub fn page(rows: Vec<T>, limit: i64, cursor_of: impl Fn(&T) -> Cursor) -> Self {
        let page = db::Page::cut(rows, limit, cursor_of);
        Self { items: page.items, next_cursor: page.next_cursor }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(items: &[&str], limit: u32, cursor: Option<String>) -> Result<ItemList<String>, ApiError> {
        let page = ShortPageQuery { limit: Some(limit), cursor };
        ItemList::cut(items.iter().map(|item| (*item).to_owned()).collect(), &page, "words", Clone::clone)
    }

    #[test]
    fn pages_of_a_whole_list_meet() {
        let first = cut(&["a", "b", "c"], 2, None).unwrap();
        assert_eq!(first.items, ["a", "b"]);
        let second = cut(&["a", "b", "c"], 2, first.next_cursor).unwrap();
        assert_eq!((second.items, second.next_cursor), (vec!["c".to_owned()], None));
        assert_eq!(cut(&["a", "b"], 2, None).unwrap().next_cursor, None);
    }

    #[test]
    fn rows_that_come_or_go_between_two_pages_repeat_and_lose_nothing() {
        let cursor = cut(&["a", "b", "c", "d"], 2, None).unwrap().next_cursor;
        let rest = |items: &[&str]| cut(items, 9, cursor.clone()).unwrap().items;
        assert_eq!(rest(&["new", "a", "b", "c", "d"]), ["c", "d"]);
        assert_eq!(rest(&["b", "c", "d"]), ["c", "d"]);
        // The row that the cursor names is gone.
        assert_eq!(rest(&["a", "c", "d"]), ["c", "d"]);
        assert!(rest(&[]).is_empty());
    }

    #[test]
    fn limits_out_of_range_and_cursors_of_other_lists_are_refused() {
        for limit in [0, 201] {
            assert_eq!(cut(&["a"], limit, None).unwrap_err().status(), 422);
        }
        let number = Cursor::number(7).to_string();
        let other = Cursor(vec!["names".into(), "1".into(), sha256_hex("a")]).to_string();
        let nowhere = Cursor(vec!["words".into(), "0".into(), sha256_hex("a")]).to_string();
        for cursor in [number, other, nowhere, "zz".to_owned(), String::new()] {
            assert_eq!(cut(&["a"], 1, Some(cursor)).unwrap_err().status(), 422);
        }
    }
}
