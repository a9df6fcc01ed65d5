//! Statements register themselves, so that a test can prepare every one on both engines.

use std::sync::OnceLock;

/// One portable SQL text and where it stands.
#[derive(Debug)]
pub struct Statement {
    text: &'static str,
    file: &'static str,
    line: u32,
    sqlite: OnceLock<String>,
}

/// A statement as [`registered`] lists it.
pub struct Registered(pub &'static Statement);

inventory::collect!(Registered);

/// Every statement written with [`sql!`](crate::sql) in this program.
pub fn registered() -> impl Iterator<Item = &'static Statement> {
    inventory::iter::<Registered>.into_iter().map(|r| r.0)
}

impl Statement {
    /// Used by [`sql!`](crate::sql).
    pub const fn new(text: &'static str, file: &'static str, line: u32) -> Self {
        Self { text, file, line, sqlite: OnceLock::new() }
    }

    /// The text with `$n` placeholders, as PostgreSQL takes it.
    pub fn text(&self) -> &'static str {
        self.text
    }

    /// Source file of the statement.
    pub fn file(&self) -> &'static str {
        self.file
    }

    /// Line in that file.
    pub fn line(&self) -> u32 {
        self.line
    }

    /// The text as SQLite takes it: SQLite numbers `$n` by first appearance, so it gets `?n`; and it has no arrays, so `= ANY($n)`
    /// looks into a JSON list.
    pub fn sqlite_text(&self) -> &str {
        self.sqlite.get_or_init(|| listed(&numbered(self.text)))
    }
}

fn listed(text: &str) -> String {
    let mut pieces = text.split("= ANY(");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (number, rest) = piece.split_once(')').unwrap_or((piece, ""));
        out.push_str(&format!("IN (SELECT value FROM json_each({number})){rest}"));
    }
    out
}

fn numbered(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut in_quotes = false;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if c == '\'' {
            in_quotes = !in_quotes;
        }
        let starts_placeholder = c == '$' && !in_quotes && rest.peek().is_some_and(char::is_ascii_digit);
        out.push(if starts_placeholder { '?' } else { c });
    }
    out
}

/// A query with one portable text: `sql!("SELECT a FROM t WHERE id = $1").bind(id).one(tx)`.
#[macro_export]
macro_rules! sql {
    ($text:expr) => {{
        static STATEMENT: $crate::Statement = $crate::Statement::new($text, file!(), line!());
        $crate::inventory::submit! { $crate::Registered(&STATEMENT) }
        $crate::Query::new(&STATEMENT)
    }};
}

#[cfg(test)]
mod tests {
    use super::{listed, numbered};

    #[test]
    fn placeholders_keep_their_numbers() {
        assert_eq!(numbered("SELECT $2, '$1' WHERE a = $1"), "SELECT ?2, '$1' WHERE a = ?1");
    }

    #[test]
    fn an_array_is_a_json_list() {
        let list = "b IN (SELECT value FROM json_each(?2)) AND c = ?3";
        assert_eq!(listed("a = ?1 AND b = ANY(?2) AND c = ?3"), format!("a = ?1 AND {list}"));
    }
}
