//! Statements register themselves, so that a test can prepare every one on both engines.

use std::sync::OnceLock;
#[cfg(debug_assertions)]
use std::sync::atomic::{AtomicU64, Ordering};

/// One portable SQL text and where it stands.
#[derive(Debug)]
pub struct Statement {
    text: &'static str,
    own_of_sqlite: Option<&'static str>,
    file: &'static str,
    line: u32,
    sqlite: OnceLock<String>,
    rows: OnceLock<Option<String>>,
    #[cfg(debug_assertions)]
    uses: AtomicU64,
}

/// A statement as [`registered`] lists it.
pub struct Registered(pub &'static Statement);

inventory::collect!(Registered);

/// Every statement written with [`sql!`](crate::sql) in this program, when it was built with debug assertions; none in a release.
pub fn registered() -> impl Iterator<Item = &'static Statement> {
    inventory::iter::<Registered>.into_iter().map(|r| r.0)
}

impl Statement {
    /// Used by [`sql!`](crate::sql).
    pub const fn new(text: &'static str, file: &'static str, line: u32) -> Self {
        Self::of_each(None, text, file, line)
    }

    /// Used by [`sql!`](crate::sql): of what the engines have each in a way of their own. Values are the same for both.
    pub const fn of_each(
        own_of_sqlite: Option<&'static str>,
        text: &'static str,
        file: &'static str,
        line: u32,
    ) -> Self {
        Self {
            text,
            own_of_sqlite,
            file,
            line,
            sqlite: OnceLock::new(),
            rows: OnceLock::new(),
            #[cfg(debug_assertions)]
            uses: AtomicU64::new(0),
        }
    }

    /// How often this program has used it, when it was built with debug assertions: for a test that asks what a use case runs.
    #[cfg(debug_assertions)]
    pub fn uses(&self) -> u64 {
        self.uses.load(Ordering::Relaxed)
    }

    #[cfg(debug_assertions)]
    pub(crate) fn count_use(&self) {
        self.uses.fetch_add(1, Ordering::Relaxed);
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
    /// reads a list; nor has it `uuid`, so `$n::uuid` is `?n`. Rows are not locked one by one: it has one writer.
    pub fn sqlite_text(&self) -> &str {
        self.sqlite.get_or_init(|| unlocked(&listed(&numbered(self.own_of_sqlite.unwrap_or(self.text)))))
    }

    /// The text for any number of rows after VALUES, on PostgreSQL: `types` names those of the values, the first `shared` of which are the same
    /// in each row; the others are bound as arrays, one for each column. None for a text without VALUES.
    pub(crate) fn text_of_rows<'t>(&self, shared: usize, types: impl Iterator<Item = &'t str>) -> Option<&str> {
        self.rows.get_or_init(|| with_rows(self.text, shared, &types.collect::<Vec<_>>())).as_deref()
    }
}

/// Reads rows from arrays where one stands between the brackets after VALUES, under the names that VALUES gives: `column1`, `column2`. None
/// where a value is more than `$n` or a constant: such rows are sent one by one.
fn with_rows(text: &str, shared: usize, types: &[&str]) -> Option<String> {
    let (before, rest) = text.split_once("VALUES (")?;
    let (row, after) = rest.split_once(')')?;
    let mut columns = Vec::new();
    for (value, at) in row.split(',').zip(1..) {
        columns.push(format!("{} AS column{at}", of_each(value.trim(), shared, types)?));
    }
    Some(format!("{before}SELECT {}{after}", columns.join(", ")))
}

/// A value of a row: `$n` is an array with one for each row, unless it is the same in each.
fn of_each(value: &str, shared: usize, types: &[&str]) -> Option<String> {
    let Some(rest) = value.strip_prefix('$') else {
        return (!value.contains(['$', '('])).then(|| value.to_owned());
    };
    // A cast says what `types` says, too.
    let number: usize = rest.split("::").next()?.parse().ok()?;
    let kind = types.get(number.checked_sub(1)?)?;
    Some(if number > shared { format!("UNNEST(${number}::{kind}[])") } else { format!("${number}::{kind}") })
}

fn unlocked(text: &str) -> String {
    const END: &str = " SKIP LOCKED";
    let Some((before, rest)) = text.split_once(" FOR UPDATE") else { return text.to_owned() };
    let after = match rest.strip_prefix(" OF ") {
        Some(of) => of.split_once(END).map_or("", |(_, after)| after),
        None => rest,
    };
    format!("{}{after}", before.trim_end())
}

fn listed(text: &str) -> String {
    let mut pieces = text.split("= ANY(");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (number, rest) = piece.split_once(')').unwrap_or((piece, ""));
        out.push_str(&format!("IN rarray({number}){rest}"));
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
        if c == ':' && !in_quotes && rest.next_if_eq(&':').is_some() {
            while rest.next_if(char::is_ascii_alphabetic).is_some() {}
            continue;
        }
        let starts_placeholder = c == '$' && !in_quotes && rest.peek().is_some_and(char::is_ascii_digit);
        out.push(if starts_placeholder { '?' } else { c });
    }
    out
}

/// A query with one portable text: `sql!("SELECT a FROM t WHERE id = $1").bind(id).one(tx)`. What only one engine has, as an index of words, takes
/// a text for each: `sql!(sqlite: "...", postgres: "...")`.
#[macro_export]
macro_rules! sql {
    (sqlite: $sqlite:expr, postgres: $postgres:expr) => {{
        static STATEMENT: $crate::Statement = $crate::Statement::of_each(Some($sqlite), $postgres, file!(), line!());
        #[cfg(debug_assertions)]
        $crate::inventory::submit! { $crate::Registered(&STATEMENT) }
        $crate::Query::new(&STATEMENT)
    }};
    ($text:expr) => {{
        static STATEMENT: $crate::Statement = $crate::Statement::new($text, file!(), line!());
        // For the test that prepares every statement. Each entry is a function that runs at the start of the program and brings its page of code
        // into memory: a released program has no use for that.
        #[cfg(debug_assertions)]
        $crate::inventory::submit! { $crate::Registered(&STATEMENT) }
        $crate::Query::new(&STATEMENT)
    }};
}

#[cfg(test)]
mod tests {
    use super::{listed, numbered, unlocked, with_rows};

    #[test]
    fn sqlite_locks_no_rows() {
        let text = "SELECT a FROM t LIMIT $1\n FOR UPDATE OF t SKIP LOCKED -- any account_id";
        assert_eq!(unlocked(text), "SELECT a FROM t LIMIT $1 -- any account_id");
        assert_eq!(unlocked("SELECT a FROM t WHERE b = $1 FOR UPDATE"), "SELECT a FROM t WHERE b = $1");
        assert_eq!(unlocked("SELECT 1"), "SELECT 1");
    }

    #[test]
    fn placeholders_keep_their_numbers() {
        assert_eq!(numbered("SELECT $2, '$1' WHERE a = $1"), "SELECT ?2, '$1' WHERE a = ?1");
    }

    #[test]
    fn a_statement_takes_many_rows() {
        let text = "INSERT INTO t (a, b, c, d) VALUES ($1, $2, FALSE, $3) ON CONFLICT (a) DO NOTHING";
        let many = "INSERT INTO t (a, b, c, d) SELECT $1::uuid AS column1, UNNEST($2::text[]) AS column2, FALSE AS column3, \
                    UNNEST($3::int8[]) AS column4 ON CONFLICT (a) DO NOTHING";
        assert_eq!(with_rows(text, 1, &["uuid", "text", "int8"]).as_deref(), Some(many));
        let text =
            "UPDATE t SET a = moved.column2 FROM (VALUES ($2::uuid, $3)) AS moved WHERE b = $1 AND c = moved.column1";
        let many = "UPDATE t SET a = moved.column2 FROM (SELECT UNNEST($2::uuid[]) AS column1, UNNEST($3::text[]) AS column2) AS moved \
                    WHERE b = $1 AND c = moved.column1";
        assert_eq!(with_rows(text, 1, &["uuid", "uuid", "text"]).as_deref(), Some(many));
        assert_eq!(with_rows("UPDATE t SET a = $1", 0, &["text"]), None);
        for value in ["$1 + 1", "COALESCE($1, 2)", "-$1", "$9"] {
            let text = format!("INSERT INTO t (a) VALUES ({value})");
            assert_eq!(with_rows(&text, 0, &["int8"]), None, "{value} is not to be read wrongly");
        }
    }

    #[test]
    fn an_array_is_a_list_and_a_cast_is_left_out() {
        assert_eq!(numbered("VALUES ($1::uuid, $2::bigint, 'a::b')"), "VALUES (?1, ?2, 'a::b')");
        let list = "b IN rarray(?2) AND c = ?3";
        assert_eq!(listed("a = ?1 AND b = ANY(?2) AND c = ?3"), format!("a = ?1 AND {list}"));
    }
}
