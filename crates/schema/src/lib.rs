//! Migrations and their runner, the upgrade of installations with older tables, and [`TestDb`]: a database of its own for every test.

mod before;
mod private;
mod restore;
mod sqlite_file;
mod test_db;

pub use before::{script_of_last, tables_of_last};
pub use private::{make_all_private, make_private};
pub use restore::{Restored, check_whole, finish as finish_restore, is_unfinished as is_restore_unfinished, restore};
pub use sqlite_file::{Upgraded, check_place, free_in, is_behind, is_outdated, upgrade as upgrade_sqlite_file};
pub use test_db::{EmptyDb, TestDb};

use db::{Db, DbError, Dialect, Scope, Tx, sql};

/// The tables as a new installation gets them, at [`BASE`].
const TABLES: &str = include_str!("../migrations/0012_tables.sql");
const BASE: i64 = 12;

/// One step of the schema after [`BASE`].
struct Migration {
    version: i64,
    script: &'static str,
}

const LATER: &[Migration] = &[
    Migration { version: 13, script: include_str!("../migrations/0013_nodes.sql") },
    Migration { version: 14, script: include_str!("../migrations/0014_key_makers.sql") },
    Migration { version: 15, script: include_str!("../migrations/0015_sealed_answers.sql") },
    Migration { version: 16, script: include_str!("../migrations/0016_audit_log.sql") },
    Migration { version: 17, script: include_str!("../migrations/0017_delivery_parts.sql") },
    Migration { version: 18, script: include_str!("../migrations/0018_drafts_and_proofs.sql") },
    Migration { version: 19, script: include_str!("../migrations/0019_unusable_values.sql") },
    Migration { version: 20, script: include_str!("../migrations/0020_scenarios.sql") },
    Migration { version: 21, script: include_str!("../migrations/0021_scenario_secrets.sql") },
    Migration { version: 22, script: include_str!("../migrations/0022_alive_runs.sql") },
    Migration { version: 23, script: include_str!("../migrations/0023_site.sql") },
    Migration { version: 24, script: include_str!("../migrations/0024_visits.sql") },
    Migration { version: 25, script: include_str!("../migrations/0025_auto_actions.sql") },
    Migration { version: 26, script: include_str!("../migrations/0026_appearance.sql") },
    Migration { version: 27, script: include_str!("../migrations/0027_page_tags.sql") },
    Migration { version: 28, script: include_str!("../migrations/0028_ratings.sql") },
    Migration { version: 29, script: include_str!("../migrations/0029_visitors.sql") },
    Migration { version: 30, script: include_str!("../migrations/0030_replies.sql") },
    Migration { version: 31, script: include_str!("../migrations/0031_mailings.sql") },
    Migration { version: 32, script: include_str!("../migrations/0032_announcements.sql") },
    Migration { version: 33, script: include_str!("../migrations/0033_search.sql") },
    Migration { version: 34, script: include_str!("../migrations/0034_first_steps.sql") },
    Migration { version: 35, script: include_str!("../migrations/0035_departments.sql") },
    Migration { version: 36, script: include_str!("../migrations/0036_operator_tools.sql") },
    Migration { version: 37, script: include_str!("../migrations/0037_second_factors.sql") },
    Migration { version: 38, script: include_str!("../migrations/0038_webhooks.sql") },
    Migration { version: 39, script: include_str!("../migrations/0039_push.sql") },
    Migration { version: 40, script: include_str!("../migrations/0040_reports.sql") },
    Migration { version: 41, script: include_str!("../migrations/0041_tags_and_edits.sql") },
    Migration { version: 42, script: include_str!("../migrations/0042_notices.sql") },
    Migration { version: 43, script: include_str!("../migrations/0043_segments_goals_and_clicks.sql") },
    Migration { version: 44, script: include_str!("../migrations/0044_scenario_ends.sql") },
    Migration { version: 45, script: include_str!("../migrations/0045_together.sql") },
    Migration { version: 46, script: include_str!("../migrations/0046_home_and_codes.sql") },
    Migration { version: 47, script: include_str!("../migrations/0047_trust.sql") },
    Migration { version: 48, script: include_str!("../migrations/0048_push_told.sql") },
    Migration { version: 49, script: include_str!("../migrations/0049_told_by_department.sql") },
    Migration { version: 50, script: include_str!("../migrations/0050_files_found.sql") },
];
const ROW_SECURITY: &str = include_str!("../migrations/row_security.postgres.sql");

/// The schema version this program needs.
pub fn current_version() -> i64 {
    LATER.last().map_or(BASE, |m| m.version)
}

/// A script as an engine takes it: SQLite keeps ids as BLOB, and only it has tables that are their own index. What stands between
/// `-- sqlite:` or `-- postgres:` and `-- both:` is for that engine alone.
fn text(script: &str, dialect: Dialect) -> String {
    let other = match dialect {
        Dialect::Sqlite => "-- postgres:",
        Dialect::Postgres => "-- sqlite:",
    };
    let mut is_ours = true;
    let kept = script.split_inclusive('\n').filter(|line| {
        match line.trim_end() {
            "-- both:" | "-- sqlite:" | "-- postgres:" => is_ours = line.trim_end() != other,
            _ => {}
        }
        is_ours
    });
    let script: String = kept.collect();
    match dialect {
        Dialect::Sqlite => script.replace(" UUID", " BLOB"),
        Dialect::Postgres => script.replace(" WITHOUT ROWID", ""),
    }
}

/// Brings an open database to [`current_version`]. Safe to call at every start, by several nodes at once. Answers how many steps it took.
/// A SQLite file of an older program is brought up to date before it is opened ([`upgrade_sqlite_file`]).
///
/// # Errors
/// When a step fails (nothing of it stays), the schema is newer than this program (D18), or the database is another program's.
pub async fn migrate(db: &Db) -> Result<usize, DbError> {
    db.write_alone(Scope::System, |tx| Box::pin(run(tx))).await
}

async fn run(tx: &mut Tx) -> Result<usize, DbError> {
    if tx.dialect() == Dialect::Postgres {
        // Two nodes that start at once: the second waits, and finds it done.
        tx.run_script("SELECT pg_advisory_xact_lock(7366834109)").await?;
    }
    let at = version(tx).await?;
    if at > current_version() {
        return Err(DbError::other(newer(at)));
    }
    let mut steps = 0;
    if at < BASE {
        match at {
            0 => tx.run_script(&text(TABLES, tx.dialect())).await?,
            _ => before::upgrade_in_place(tx, at).await?,
        }
        note(tx, BASE).await?;
        steps += 1;
    }
    for migration in LATER.iter().filter(|m| m.version > at) {
        tx.run_script(&text(migration.script, tx.dialect())).await?;
        note(tx, migration.version).await?;
        steps += 1;
    }
    if steps > 0 && tx.dialect() == Dialect::Postgres {
        tx.run_script(ROW_SECURITY).await?;
    }
    Ok(steps)
}

/// The schema's version; 0 for an empty database.
async fn version(tx: &mut Tx) -> Result<i64, DbError> {
    let tables = match tx.dialect() {
        Dialect::Sqlite => {
            "SELECT COUNT(*), COALESCE(SUM(CASE WHEN name = 'schema_version' THEN 1 ELSE 0 END), 0) FROM sqlite_schema WHERE type = 'table'"
        }
        Dialect::Postgres => {
            "SELECT COUNT(*), COALESCE(SUM(CASE WHEN tablename = 'schema_version' THEN 1 ELSE 0 END), 0) FROM pg_tables WHERE schemaname = current_schema()"
        }
    };
    let (all, ours) = tx.look_up(tables).await?;
    if all > 0 && ours == 0 {
        return Err(DbError::other(FOREIGN));
    }
    tx.run_script("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT PRIMARY KEY)").await?;
    let (at,): (i64,) = sql!("SELECT COALESCE(MAX(version), 0) FROM schema_version -- no account_id").one(tx).await?;
    Ok(at)
}

const FOREIGN: &str = "the database holds tables of another program: give otklik one of its own";

fn newer(at: i64) -> String {
    format!("the database has schema {at}, this program knows {}: start a newer otklik", current_version())
}

async fn note(tx: &mut Tx, version: i64) -> Result<(), DbError> {
    let query = sql!("INSERT INTO schema_version (version) VALUES ($1) -- no account_id");
    query.bind(version).execute(tx).await.map(drop)
}
