//! Statements register themselves, so that a test can prepare every one on both engines.

use std::sync::OnceLock;

/// One portable SQL text and where it stands.
#[derive(Debug)]
pub struct Statement {
    text: &'static str,
    file: &'static str,
    line: u32,
    sqlite: OnceLock<String>,
    rows: [OnceLock<Option<String>>; SIZES.len()],
}

/// Rows that may share a statement on PostgreSQL, the most first: each size is a text of its own, prepared once.
pub(crate) const SIZES: [usize; 2] = [50, 8];

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
        Self { text, file, line, sqlite: OnceLock::new(), rows: [OnceLock::new(), OnceLock::new()] }
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
        self.sqlite.get_or_init(|| unlocked(&listed(&numbered(self.text))))
    }

    /// The text for as many rows after VALUES as the size at this place of [`SIZES`] says, whose first `shared` values are the same in each;
    /// none for a text without VALUES.
    pub(crate) fn text_of_rows(&self, shared: usize, place: usize) -> Option<&str> {
        self.rows[place].get_or_init(|| with_rows(self.text, shared, SIZES[place])).as_deref()
    }
}

/// What stands between the brackets after VALUES, once for each row, the numbers of a row's own values moved up.
fn with_rows(text: &str, shared: usize, count: usize) -> Option<String> {
    let (before, rest) = text.split_once("VALUES (")?;
    let (row, after) = rest.split_once(')')?;
    let numbers =
        row.split('$').skip(1).map(|piece| piece.chars().take_while(char::is_ascii_digit).collect::<String>());
    let last = numbers.filter_map(|number| number.parse::<usize>().ok()).max()?;
    let own = last - shared;
    let rows: Vec<String> = (0..count).map(|at| format!("({})", moved_up(row, shared, at * own))).collect();
    Some(format!("{before}VALUES {}{after}", rows.join(", ")))
}

fn moved_up(row: &str, shared: usize, by: usize) -> String {
    let mut pieces = row.split('$');
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let digits = piece.chars().take_while(char::is_ascii_digit).count();
        let number = piece[..digits].parse::<usize>().unwrap_or(0);
        let number = if number > shared { number + by } else { number };
        out.push_str(&format!("${number}{}", &piece[digits..]));
    }
    out
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

/// A query with one portable text: `sql!("SELECT a FROM t WHERE id = $1").bind(id).one(tx)`.
#[macro_export]
macro_rules! sql {
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
        let three = "INSERT INTO t (a, b, c, d) VALUES ($1, $2, FALSE, $3), ($1, $4, FALSE, $5), ($1, $6, FALSE, $7) ON CONFLICT (a) DO NOTHING";
        assert_eq!(with_rows(text, 1, 3).as_deref(), Some(three));
        let text = "UPDATE t SET a = moved.column2 FROM (VALUES ($2, $3)) AS moved WHERE b = $1 AND c = moved.column1";
        let two = "UPDATE t SET a = moved.column2 FROM (VALUES ($2, $3), ($4, $5)) AS moved WHERE b = $1 AND c = moved.column1";
        assert_eq!(with_rows(text, 1, 2).as_deref(), Some(two));
        assert_eq!(with_rows("UPDATE t SET a = $1", 0, 3), None);
    }

    #[test]
    fn an_array_is_a_list_and_a_cast_is_left_out() {
        assert_eq!(numbered("VALUES ($1::uuid, $2::bigint, 'a::b')"), "VALUES (?1, ?2, 'a::b')");
        let list = "b IN rarray(?2) AND c = ?3";
        assert_eq!(listed("a = ?1 AND b = ANY(?2) AND c = ?3"), format!("a = ?1 AND {list}"));
    }
}
