//! A migrated database for one test: a copied file on SQLite, a copied template on PostgreSQL.

use db::{Db, DbError, PostgresOptions};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::OnceCell;

static NEXT: AtomicU32 = AtomicU32::new(0);
static SQLITE_TEMPLATE: OnceCell<Vec<u8>> = OnceCell::const_new();
static POSTGRES_TEMPLATE: OnceCell<String> = OnceCell::const_new();

/// A database that nobody else uses. The engine is chosen by `OTKLIK_TEST_ENGINE` (`sqlite`, `postgres`).
pub struct TestDb {
    /// The database.
    pub db: Db,
    /// An empty folder beside it, for files.
    pub folder: PathBuf,
    /// Where PostgreSQL has it, for processes of their own; none on SQLite.
    pub url: Option<String>,
}

impl TestDb {
    /// A fresh, migrated database.
    ///
    /// # Panics
    /// When the machine cannot give one: a test without its database must not pass.
    pub async fn new() -> Self {
        let folder = std::env::temp_dir().join(format!(
            "otklik-test-{}-{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        ));
        std::fs::create_dir_all(&folder).expect("the temporary folder is writable");
        let (db, url) = match std::env::var("OTKLIK_TEST_ENGINE").as_deref() {
            Ok("postgres") => postgres().await.map(|(db, url)| (db, Some(url))),
            _ => sqlite(&folder).await.map(|db| (db, None)),
        }
        .expect("a test database can be made");
        Self { db, folder, url }
    }
}

/// A database with nothing in it yet, for those who fill it themselves.
pub struct EmptyDb {
    /// A folder: SQLite's file is to be `otklik.db` in it.
    pub folder: PathBuf,
    /// Where PostgreSQL is, when that is the engine.
    pub url: Option<String>,
}

impl EmptyDb {
    /// A fresh one.
    ///
    /// # Panics
    /// When the machine cannot give one.
    pub async fn new() -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("otklik-empty-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("the temporary folder is writable");
        let url = match std::env::var("OTKLIK_TEST_ENGINE").as_deref() {
            Ok("postgres") => Some(empty_postgres(number).await.expect("a test database can be made")),
            _ => None,
        };
        Self { folder, url }
    }
}

impl Drop for EmptyDb {
    fn drop(&mut self) {
        forget(&self.folder, self.url.as_deref());
    }
}

async fn empty_postgres(number: u32) -> Result<String, DbError> {
    let server = server()?;
    make_role(&server).await?;
    let name = format!("otklik_empty_{}_{number}", std::process::id());
    run_as_superuser(&server, &format!("CREATE DATABASE {name} OWNER otklik_app")).await?;
    Ok(app_url(&server, &name))
}

impl Drop for TestDb {
    fn drop(&mut self) {
        forget(&self.folder, self.url.as_deref());
    }
}

/// Takes away what a test leaves behind. A database of PostgreSQL has some 11 MB before its first row: a run of all tests left 8 GB of them.
fn forget(folder: &Path, url: Option<&str>) {
    let _ = std::fs::remove_dir_all(folder);
    let Some((_, name)) = url.and_then(|url| url.rsplit_once('/')) else { return };
    // Whoever still works in it is sent away: a test is over when its database goes.
    let statement = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
    // A thread of its own: a test may end within a runtime, which cannot be waited in. Not awaited by the test's words: it has passed or failed by now.
    let dropped = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
        let server = server().ok()?;
        runtime.block_on(run_as_superuser(&server, &statement)).ok()
    });
    let _ = dropped.join();
}

async fn sqlite(folder: &Path) -> Result<Db, DbError> {
    let template = SQLITE_TEMPLATE.get_or_try_init(sqlite_template).await?;
    let file = folder.join("otklik.db");
    std::fs::write(&file, template).map_err(|e| DbError::other(e.to_string()))?;
    Db::open_sqlite(&file)
}

/// The bytes of a migrated file. Kept in memory, so that nothing stays in the temporary folder when the tests are over.
async fn sqlite_template() -> Result<Vec<u8>, DbError> {
    let folder = std::env::temp_dir().join(format!("otklik-template-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(|e| DbError::other(e.to_string()))?;
    let db = Db::open_sqlite(&folder.join("source.db"))?;
    crate::migrate(&db).await?;
    let file = folder.join("template.db");
    db.backup_to(&file).await?;
    let bytes = std::fs::read(&file).map_err(|e| DbError::other(e.to_string()))?;
    let _ = std::fs::remove_dir_all(&folder);
    Ok(bytes)
}

/// `OTKLIK_TEST_POSTGRES` is a superuser's address without a database (`postgresql://postgres@127.0.0.1:5433`).
async fn postgres() -> Result<(Db, String), DbError> {
    let server = server()?;
    let template = POSTGRES_TEMPLATE.get_or_try_init(|| make_template(&server)).await?;
    let name = format!("otklik_test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    run_as_superuser(&server, &format!("CREATE DATABASE {name} TEMPLATE {template} OWNER otklik_app")).await?;
    let url = app_url(&server, &name);
    Ok((open_as_app(&url).await?, url))
}

fn server() -> Result<String, DbError> {
    std::env::var("OTKLIK_TEST_POSTGRES")
        .map_err(|_| DbError::other("OTKLIK_TEST_POSTGRES is not set: run `cargo xtask test`, which starts a server"))
}

async fn make_role(server: &str) -> Result<(), DbError> {
    let make_role = "DO $$ BEGIN CREATE ROLE otklik_app LOGIN PASSWORD 'otklik'; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$";
    run_as_superuser(server, make_role).await
}

async fn make_template(server: &str) -> Result<String, DbError> {
    make_role(server).await?;
    let name = format!("otklik_template_{}", std::process::id());
    run_as_superuser(server, &format!("CREATE DATABASE {name} OWNER otklik_app")).await?;
    let db = open_as_app(&app_url(server, &name)).await?;
    crate::migrate(&db).await?;
    drop(db);
    // The pool closes its sockets in the background; a template must have no other session.
    let idle = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
    run_as_superuser(server, &idle).await?;
    Ok(name)
}

fn app_url(server: &str, database: &str) -> String {
    let host = server.rsplit('@').next().unwrap_or("127.0.0.1:5432");
    format!("postgresql://otklik_app:otklik@{host}/{database}")
}

async fn open_as_app(url: &str) -> Result<Db, DbError> {
    Db::open_postgres(&PostgresOptions { url: url.to_owned(), pool_size: 4, allow_superuser: false }).await
}

async fn run_as_superuser(server: &str, statement: &str) -> Result<(), DbError> {
    let (client, connection) = tokio_postgres::connect(&format!("{server}/postgres"), tokio_postgres::NoTls).await?;
    let driver = tokio::spawn(connection);
    client.batch_execute(statement).await?;
    drop(client);
    let _ = driver.await;
    Ok(())
}
