//! Migrations and their runner, and [`TestDb`]: a database of its own for every test, on either engine.

mod test_db;

pub use test_db::TestDb;

use db::{Db, DbError, Dialect, Scope, Tx, sql};

/// One step of the schema.
struct Migration {
    version: i64,
    script: &'static str,
}

const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, script: include_str!("../migrations/0001_start.sql") },
    Migration { version: 2, script: include_str!("../migrations/0002_large_projects.sql") },
];
const ROW_SECURITY: &str = include_str!("../migrations/row_security.postgres.sql");

/// The schema version this program needs.
pub fn current_version() -> i64 {
    MIGRATIONS.last().map_or(0, |m| m.version)
}

/// Brings the database to [`current_version`]. Safe to call at every start. Answers how many steps it took.
///
/// # Errors
/// When a step fails (nothing of it stays), or the schema is newer than this program (D18).
pub async fn migrate(db: &Db) -> Result<usize, DbError> {
    db.write(Scope::System, |tx| Box::pin(run(tx))).await
}

async fn run(tx: &mut Tx) -> Result<usize, DbError> {
    tx.run_script("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT PRIMARY KEY)").await?;
    let (at,): (i64,) = sql!("SELECT COALESCE(MAX(version), 0) FROM schema_version -- no account_id").one(tx).await?;
    if at > current_version() {
        return Err(DbError::other(format!(
            "the database has schema {at}, this program knows {}: start a newer otklik",
            current_version()
        )));
    }
    let mut steps = 0;
    for migration in MIGRATIONS.iter().filter(|m| m.version > at) {
        tx.run_script(migration.script).await?;
        sql!("INSERT INTO schema_version (version) VALUES ($1) -- no account_id")
            .bind(migration.version)
            .execute(tx)
            .await?;
        steps += 1;
    }
    if steps > 0 && tx.dialect() == Dialect::Postgres {
        tx.run_script(ROW_SECURITY).await?;
    }
    Ok(steps)
}

/// Whether [`migrate`] would have something to do on a database that was used before.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_behind(db: &Db) -> Result<bool, DbError> {
    let read = db.write(Scope::System, |tx| {
        Box::pin(async move {
            tx.run_script("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT PRIMARY KEY)").await?;
            let (at,): (i64,) =
                sql!("SELECT COALESCE(MAX(version), 0) FROM schema_version -- no account_id").one(tx).await?;
            Ok::<_, DbError>(at)
        })
    });
    let at = read.await?;
    Ok(at > 0 && at < current_version())
}
