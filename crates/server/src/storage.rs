//! The data folder: one process at a time, migrated with a snapshot taken before.

use crate::config::DataOptions;
use crate::idempotency;
use db::{Db, Dialect, PostgresOptions, Scope};
use messaging::files::FileStore;
use messaging::{Messaging, deliveries};
use std::fs::{File, TryLockError};
use std::io::{Read, Write};
use std::path::Path;

const POOL_SIZE: usize = 16;

/// Holds the folder for this process (D18); released when dropped or when the process dies.
pub(crate) fn lock(folder: &Path) -> Result<File, String> {
    std::fs::create_dir_all(folder).map_err(|e| format!("cannot make {}: {e}", folder.display()))?;
    let path = folder.join("otklik.lock");
    let file = File::options().create(true).truncate(false).read(true).write(true).open(&path);
    let mut file =
        file.map_err(|e| format!("cannot open {} ({e}): otklik must be allowed to write there", path.display()))?;
    match file.try_lock() {
        Ok(()) => {
            // For people only: the lock is what holds, and it goes with its process.
            let _ = file.set_len(0).and_then(|()| write!(file, "{}", std::process::id()));
            Ok(file)
        }
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            let _ = file.read_to_string(&mut holder);
            let process = holder.parse::<u32>().map_or_else(|_| String::new(), |id| format!(" (process {id})"));
            Err(format!(
                "{} is in use by another otklik{process}: stop it first, or choose another --data",
                folder.display()
            ))
        }
        Err(TryLockError::Error(error)) => Err(format!("cannot lock {}: {error}", path.display())),
    }
}

/// The process that holds a folder now, if one does: a number that it left there.
pub(crate) fn holder(folder: &Path) -> Option<u32> {
    let mut file = File::open(folder.join("otklik.lock")).ok()?;
    if !matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)) {
        return None;
    }
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    text.parse().ok()
}

/// Whether the caller holds the folder ([`lock`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Folder {
    /// It does.
    Held,
    /// It does not: another otklik may be running on it.
    Shared,
}

/// Opens and migrates the database.
pub(crate) async fn open(options: &DataOptions, folder: Folder) -> Result<Db, String> {
    std::fs::create_dir_all(&options.data).map_err(|e| format!("cannot make {}: {e}", options.data.display()))?;
    let db = match &options.database_url {
        Some(url) => {
            let options = PostgresOptions { url: url.clone(), pool_size: POOL_SIZE, allow_superuser: false };
            Db::open_postgres(&options).await.map_err(|e| e.to_string())?
        }
        None => {
            let file = options.data.join("otklik.db");
            schema::check_place(&file)?;
            finish_restore(&file, &options.data, folder)?;
            refuse_emptied(&file, &options.data)?;
            if let Err(error) = schema::make_all_private(&file) {
                tracing::warn!(error = %error, "the database can be read by others on this machine: `chmod 600` it");
            }
            let has_snapshot = upgrade(&file, &options.data, folder).await?;
            let is_behind = schema::is_behind(&file)?;
            let db = Db::open_sqlite(&file).map_err(|e| e.to_string())?;
            if is_behind && !has_snapshot {
                snapshot(&db, &options.data).await?;
            }
            db
        }
    };
    schema::migrate(&db).await.map_err(|e| e.to_string())?;
    Ok(db)
}

/// An older file is made anew while nobody else is in the folder, and then stays beside the new one: true. A strange or newer one is refused
/// as it is.
async fn upgrade(file: &Path, data: &Path, folder: Folder) -> Result<bool, String> {
    if !schema::is_outdated(file)? {
        return Ok(false);
    }
    let _lock = match folder {
        Folder::Held => None,
        Folder::Shared => Some(lock(data)?),
    };
    let file = file.to_owned();
    let upgraded =
        tokio::task::spawn_blocking(move || schema::upgrade_sqlite_file(&file, |words| eprintln!("otklik: {words}")));
    Ok(upgraded.await.map_err(|e| e.to_string())??.is_some())
}

/// A restore that was killed after it was decided is ended before anybody looks at the database.
fn finish_restore(file: &Path, data: &Path, folder: Folder) -> Result<(), String> {
    if !schema::is_restore_unfinished(file) {
        return Ok(());
    }
    let _lock = match folder {
        Folder::Held => None,
        Folder::Shared => Some(lock(data)?),
    };
    let kept = schema::finish_restore(file)?;
    let kept =
        kept.map_or_else(|| "there was none before".to_owned(), |kept| format!("{} is the one before", kept.display()));
    eprintln!(
        "otklik: a restore that was stopped half way is done now: {} is the restored database, {kept}",
        file.display()
    );
    Ok(())
}

/// In the folder while its database is a restored copy that nobody has looked at yet.
const RESTORED: &str = "restored";

/// Notes that a copy is put in place.
pub(crate) fn note_restored(data: &Path) -> Result<(), String> {
    let file = data.join(RESTORED);
    let noted = File::create(&file).and_then(|file| file.sync_all());
    noted.map_err(|e| format!("cannot write {}: {e}", file.display()))
}

/// Whether the database is a copy that no server has opened yet.
pub(crate) fn is_restored(data: &Path) -> bool {
    data.join(RESTORED).exists()
}

/// On a restored copy mailings wait for somebody's word: the installation of before may have sent them.
pub(crate) async fn hold_mailings(db: &Db, data: &Path) -> Result<(), String> {
    let file = data.join(RESTORED);
    if !file.exists() {
        return Ok(());
    }
    let held = db.write(Scope::System, |tx| Box::pin(async move { mailings::hold_after_restore(tx).await }));
    held.await.map_err(|e| e.to_string())?;
    std::fs::remove_file(&file).map_err(|e| format!("cannot remove {}: {e}", file.display()))
}

/// An installation whose file has nothing in it has lost it: a new one is not begun in its place.
fn refuse_emptied(file: &Path, data: &Path) -> Result<(), String> {
    let is_emptied = std::fs::metadata(file).is_ok_and(|found| found.len() == 0);
    if is_emptied && data.join("master.key").exists() {
        return Err(format!(
            "{} is empty, although there was an installation here: `otklik restore` puts a copy in its place; nothing was changed",
            file.display()
        ));
    }
    Ok(())
}

/// At the end of an orderly stop the database is one file that holds everything.
pub(crate) async fn close(db: &Db) {
    if let Err(error) = db.merge_log().await {
        tracing::warn!(error = %error, "the database keeps a log beside it: copy both, or let `otklik backup` do it");
    }
}

async fn snapshot(db: &Db, folder: &Path) -> Result<(), String> {
    let target = folder.join(format!("before-schema-{}.db", schema::current_version()));
    if target.exists() {
        return Ok(());
    }
    db.backup_to(&target).await.map_err(|e| format!("no snapshot before the migration: {e}"))
}

/// The folder of attachments.
pub(crate) fn files(options: &DataOptions) -> Result<FileStore, String> {
    FileStore::folder(&options.data.join("files")).map_err(|e| format!("cannot use the files folder: {e}"))
}

/// On SQLite this process is alone (it holds the lock), so whatever another one was doing when it died may be taken up at once.
pub(crate) async fn take_over(db: &Db) -> Result<(), String> {
    if db.dialect() == Dialect::Postgres {
        return Ok(());
    }
    let taken = db.write(Scope::System, |tx| {
        Box::pin(async move {
            jobs::abandon_leases(tx).await?;
            idempotency::abandon(tx).await?;
            deliveries::abandon_leases(tx).await
        })
    });
    taken.await.map_err(|e| e.to_string())
}

/// Queues what a newer normaliser has to make anew.
pub(crate) async fn renew_values(messaging: &Messaging) -> Result<(), String> {
    let env = messaging.env.clone();
    let queued = messaging.db.write(Scope::System, move |tx| {
        Box::pin(async move { clients::multi_contacts::queue_outdated(tx, &env).await })
    });
    match queued.await.map_err(|e| e.to_string())? {
        0 => {}
        projects => tracing::info!(projects, "values are compared in a new way: they are made anew in the background"),
    }
    Ok(())
}
