//! Installations that were made before schema 12: texts for ids in every key, whole messages in the log. Their tables are brought to
//! schema 11 by the scripts of their time and then carried over into those of today.

use db::{DbError, Dialect, Tx};

/// The last schema before [`crate::BASE`], and the scripts that led there.
pub(crate) const LAST: i64 = 11;
const SCRIPTS: [&str; 11] = [
    include_str!("../migrations/before/0001_start.sql"),
    include_str!("../migrations/before/0002_large_projects.sql"),
    include_str!("../migrations/before/0003_retired_groups.sql"),
    include_str!("../migrations/before/0004_norm_version.sql"),
    include_str!("../migrations/before/0005_guarded_contacts.sql"),
    include_str!("../migrations/before/0006_rule_rows.sql"),
    include_str!("../migrations/before/0007_job_error_codes.sql"),
    include_str!("../migrations/before/0008_archived_fields.sql"),
    include_str!("../migrations/before/0009_claims_not_taken.sql"),
    include_str!("../migrations/before/0010_history_age.sql"),
    include_str!("../migrations/before/0011_timers_and_lanes.sql"),
];
const ROW_SECURITY: &str = include_str!("../migrations/before/row_security.postgres.sql");
const CARRY_OVER: &str = include_str!("../migrations/0012_carry_over.sql");

/// The scripts that bring schema `at` to [`LAST`].
pub(crate) fn scripts_after(at: i64) -> &'static [&'static str] {
    let done = usize::try_from(at).unwrap_or(0).min(SCRIPTS.len());
    &SCRIPTS[done..]
}

/// One table to be carried over.
pub(crate) struct Carried {
    /// Its name.
    pub table: String,
    /// The statement that fills it, for one engine.
    pub statement: String,
}

impl Carried {
    /// Whether it may be carried over part by part, each a condition in the place of [`PART`].
    pub(crate) fn has_parts(&self) -> bool {
        self.statement.contains(PART)
    }
}

/// What a statement of [`carried`] has where the part of its table is to be named.
pub(crate) const PART: &str = "{part}";

/// Every table with the statement that fills it, in an order that respects references.
pub(crate) fn carried(dialect: Dialect) -> Vec<Carried> {
    let bare: Vec<&str> = CARRY_OVER.lines().filter(|line| !line.starts_with("--")).collect();
    let statements = bare.join("\n");
    let statements = statements.split(';').map(str::trim).filter(|statement| !statement.is_empty());
    statements
        .map(|statement| Carried { table: table_of(statement), statement: for_engine(statement, dialect) })
        .collect()
}

fn table_of(statement: &str) -> String {
    let name = statement.strip_prefix("INSERT INTO ").unwrap_or_default().split(' ').next();
    name.unwrap_or_default().to_owned()
}

/// `bits(id)` and `old.table` in an engine's own words.
fn for_engine(statement: &str, dialect: Dialect) -> String {
    let mut pieces = statement.split("bits(");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (column, rest) = piece.split_once(')').unwrap_or((piece, ""));
        out.push_str(&match dialect {
            Dialect::Sqlite => format!("unhex(substr({column}, 5)){rest}"),
            Dialect::Postgres => format!("CAST(substr({column}, 5) AS uuid){rest}"),
        });
    }
    match dialect {
        Dialect::Sqlite => out,
        Dialect::Postgres => out.replace("old.", "old_").replace(PART, "TRUE"),
    }
}

/// PostgreSQL only: the old tables step aside, the new ones are filled from them, the old ones go. All of it in the open transaction, so a
/// server that dies half-way has changed nothing.
pub(crate) async fn upgrade_in_place(tx: &mut Tx, at: i64) -> Result<(), DbError> {
    if tx.dialect() == Dialect::Sqlite {
        return Err(DbError::other("an older SQLite file is upgraded before it is opened"));
    }
    for script in scripts_after(at) {
        tx.run_script(&crate::text(script, Dialect::Postgres)).await?;
    }
    let all = carried(Dialect::Postgres);
    for table in &all {
        tx.run_script(&step_aside(&table.table)).await?;
    }
    tx.run_script(&crate::text(crate::TABLES, Dialect::Postgres)).await?;
    for (done, table) in all.iter().enumerate() {
        tracing::info!(table = table.table, done, of = all.len(), "carrying a table over into the new schema");
        tx.run_script(&table.statement).await?;
    }
    for table in all.iter().rev() {
        tx.run_script(&format!("DROP TABLE old_{}", table.table)).await?;
    }
    // Statistics belong to the tables that went.
    tx.run_script("ANALYZE").await
}

/// A table under another name, and its indexes with it: their names are taken by those of its successor.
fn step_aside(table: &str) -> String {
    format!(
        "DO $$ DECLARE i RECORD; BEGIN
           FOR i IN SELECT indexname AS name FROM pg_indexes WHERE schemaname = current_schema() AND tablename = '{table}' LOOP
             EXECUTE format('ALTER INDEX %I RENAME TO %I', i.name, 'old_' || i.name);
           END LOOP;
           DROP POLICY IF EXISTS account_rows ON {table};
           ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;
           ALTER TABLE {table} RENAME TO old_{table};
         END $$"
    )
}

/// For tests: the tables of schema [`LAST`] as PostgreSQL takes them, with their row-level security.
pub fn script_of_last() -> String {
    let script = crate::text(&SCRIPTS.concat(), Dialect::Postgres);
    format!("{script} {ROW_SECURITY} CREATE TABLE schema_version (version BIGINT PRIMARY KEY);")
}

/// For tests: those tables, in an order that respects references.
pub fn tables_of_last() -> Vec<String> {
    carried(Dialect::Postgres).into_iter().map(|table| table.table).collect()
}
