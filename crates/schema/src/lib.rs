//! Migrations and their runner, and [`TestDb`]: a database of its own for every test, on either engine.

mod test_db;

pub use test_db::TestDb;

use db::{Db, DbError, Dialect, Scope, Tx, sql};

/// One step of the schema.
struct Migration {
    version: i64,
    script: &'static str,
}

impl Migration {
    /// The script as an engine takes it: only SQLite has tables that are their own index.
    fn text(&self, dialect: Dialect) -> String {
        match dialect {
            Dialect::Sqlite => self.script.to_owned(),
            Dialect::Postgres => self.script.replace(" WITHOUT ROWID", ""),
        }
    }
}

const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, script: include_str!("../migrations/0001_start.sql") },
    Migration { version: 2, script: include_str!("../migrations/0002_large_projects.sql") },
    Migration { version: 3, script: include_str!("../migrations/0003_retired_groups.sql") },
    Migration { version: 4, script: include_str!("../migrations/0004_norm_version.sql") },
    Migration { version: 5, script: include_str!("../migrations/0005_guarded_contacts.sql") },
    Migration { version: 6, script: include_str!("../migrations/0006_rule_rows.sql") },
    Migration { version: 7, script: include_str!("../migrations/0007_job_error_codes.sql") },
    Migration { version: 8, script: include_str!("../migrations/0008_archived_fields.sql") },
    Migration { version: 9, script: include_str!("../migrations/0009_claims_not_taken.sql") },
    Migration { version: 10, script: include_str!("../migrations/0010_history_age.sql") },
    Migration { version: 11, script: include_str!("../migrations/0011_timers_and_lanes.sql") },
    Migration { version: 13, script: include_str!("../migrations/0013_nodes.sql") },
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
        tx.run_script(&migration.text(tx.dialect())).await?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn values_and_keys_of_the_first_schema_survive_the_second() {
        let file = std::env::temp_dir().join(format!("otklik-schema-{}.db", std::process::id()));
        let _ = std::fs::remove_file(&file);
        let db = Db::open_sqlite(&file).expect("a new file");
        let filled = db.write(Scope::System, |tx| {
            Box::pin(async move {
                tx.run_script(MIGRATIONS[0].script).await?;
                tx.run_script(
                    "CREATE TABLE schema_version (version BIGINT PRIMARY KEY); INSERT INTO schema_version VALUES (1);
                     INSERT INTO accounts VALUES ('acc', 'A', 1);
                     INSERT INTO projects (account_id, id, name, site_key, identity_secret, allowed_origins, appearance,
                       config_version, default_region, demo, created_at)
                       VALUES ('acc', 'prj', 'P', 'k', '', '[]', '{}', 1, 'RU', FALSE, 1);
                     INSERT INTO connections VALUES ('acc', 'con', 'prj', 'api', 'API', 'active', '{}', NULL, NULL, '{}', 0, 1);
                     INSERT INTO contacts VALUES
                       ('acc', 'cnt', 'prj', 'con', 'api', 'x', NULL, NULL, 'x', '[]', '', 'grp', 1, FALSE, FALSE, 1, 1);
                     INSERT INTO field_values VALUES
                       ('acc', 'cnt', 'phone', 0, '8 912', '+7912', NULL, TRUE, 'api', NULL, 5);
                     INSERT INTO rules (account_id, id, project_id, key, fields, mode, enabled, verified_only, place)
                       VALUES ('acc', 'rul', 'prj', 'r', '[\"phone\"]', 'at_once', TRUE, FALSE, 0);
                     INSERT INTO rule_keys VALUES ('acc', 'rul', '0f', 'cnt', '5:+7912,');",
                )
                .await
            })
        });
        filled.await.expect("the first schema takes rows");
        assert_eq!(migrate(&db).await.expect("it migrates"), MIGRATIONS.len() - 1);
        let kept = db.read(Scope::System, |tx| {
            Box::pin(async move {
                let query = sql!(
                    "SELECT v.value, v.norm, v.verified, k.key_hash, k.key_text FROM field_values v
                     JOIN rule_keys k ON k.account_id = v.account_id AND k.contact_id = v.contact_id"
                );
                query.one::<(String, String, bool, String, String)>(tx).await
            })
        });
        let row = ("8 912".to_owned(), "+7912".to_owned(), true, "0f".to_owned(), "5:+7912,".to_owned());
        assert_eq!(kept.await.expect("the row is there"), row);
        std::fs::remove_file(&file).expect("the file is ours");
    }
}
