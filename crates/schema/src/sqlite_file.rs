//! An older SQLite file becomes one of today: a new file is filled beside it and takes its place when it is whole, and the old one stays as
//! the snapshot. Whatever happens before that moment, the old file is as it was.

use crate::before::{self, Carried, LAST, PART};
use crate::{BASE, FOREIGN, TABLES, newer, text};
use db::Dialect;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::path::{Path, PathBuf};

/// Rows of a large table carried over between two words about the progress.
const PART_ROWS: i64 = 100_000;

/// What an upgrade did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upgraded {
    /// The file as it was before.
    pub snapshot: PathBuf,
    /// The schema it had.
    pub from: i64,
}

/// Room without which not even a look at a file succeeds: SQLite keeps an index of its log beside it.
const LEAST_ROOM: u64 = 1024 * 1024;

/// Whether a SQLite file, which may be missing, can be used where it stands. Looked at before it is opened, for what SQLite says of a full or
/// read-only disk helps nobody.
///
/// # Errors
/// In words, when it or its folder cannot be written or the disk is full.
pub fn check_place(file: &Path) -> Result<(), String> {
    let folder = folder_of(file);
    for path in [folder, file] {
        if !path.exists() {
            continue;
        }
        rustix::fs::access(path, rustix::fs::Access::WRITE_OK).map_err(|e| {
            format!(
                "{} cannot be written ({e}): otklik must be allowed to write there; nothing was changed",
                path.display()
            )
        })?;
    }
    let free = free_in(folder)?;
    if free < LEAST_ROOM {
        return Err(format!(
            "the disk of {} is full, {} KiB are free: make room and start again; nothing was changed",
            folder.display(),
            free / 1024
        ));
    }
    Ok(())
}

/// Whether [`upgrade`] would have something to do with a SQLite file, which may be missing. It is only looked at.
///
/// # Errors
/// In words, when it is another program's, a newer one's or damaged.
pub fn is_outdated(file: &Path) -> Result<bool, String> {
    Ok((1..BASE).contains(&present_version(file)?))
}

/// Whether [`crate::migrate`] will change what is in a SQLite file: it asks for a snapshot first. It is only looked at.
///
/// # Errors
/// As [`is_outdated`].
pub fn is_behind(file: &Path) -> Result<bool, String> {
    Ok((BASE..crate::current_version()).contains(&present_version(file)?))
}

/// The schema of a file; 0 when it is missing or empty.
fn present_version(file: &Path) -> Result<i64, String> {
    let is_there = std::fs::metadata(file).is_ok_and(|found| found.len() > 0);
    if is_there { version_of(file) } else { Ok(0) }
}

/// Brings a SQLite file to [`BASE`], where [`check_place`] found nothing; none when there is nothing to do. Nobody else may use the file meanwhile. `tell` hears how far it is,
/// in words.
///
/// # Errors
/// In words, when the file is another program's, a newer one's or damaged, when it cannot be written or there is no room: the file is then
/// as it was.
pub fn upgrade(file: &Path, mut tell: impl FnMut(&str)) -> Result<Option<Upgraded>, String> {
    let new = beside(file, "upgrading");
    let from = present_version(file)?;
    if from == 0 || from >= BASE {
        return Ok(None);
    }
    // What an upgrade that was killed left behind.
    remove(&new)?;
    check_room(file, from)?;
    let snapshot = snapshot_of(file);
    tell(&format!(
        "the database has schema {from} and is upgraded to {BASE}; {} keeps it as it is",
        snapshot.display()
    ));
    if from < LAST {
        copy_aside(file, &snapshot)?;
        bring_to_last(file, from)?;
    }
    let filled = fill(file, &new, &mut tell);
    if let Err(error) = filled {
        let _ = std::fs::remove_file(&new);
        return Err(format!("the upgrade stopped and nothing was changed: {error}"));
    }
    take_its_place(file, &new, &snapshot)
        .map_err(|e| format!("the upgraded database could not take its place: {e}"))?;
    tell("the upgrade is done");
    Ok(Some(Upgraded { snapshot, from }))
}

/// The schema of an existing file, looked at without writing.
pub(crate) fn version_of(file: &Path) -> Result<i64, String> {
    let at = || -> rusqlite::Result<Option<i64>> {
        let found = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let (all, ours): (i64, i64) = found.query_row(
            "SELECT COUNT(*), COALESCE(SUM(name = 'schema_version'), 0) FROM sqlite_schema WHERE type = 'table'",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        if ours == 0 {
            return Ok(if all == 0 { Some(0) } else { None });
        }
        found.query_row("SELECT COALESCE(MAX(version), 0) FROM schema_version", [], |row| row.get(0)).map(Some)
    };
    match at() {
        Ok(Some(version)) if version > crate::current_version() => Err(newer(version)),
        Ok(Some(version)) => Ok(version),
        Ok(None) => Err(format!("{}: {FOREIGN}", file.display())),
        Err(rusqlite::Error::SqliteFailure(failure, _)) if failure.code == ErrorCode::NotADatabase => {
            Err(format!("{} is not a database: move it away, or choose another --data", file.display()))
        }
        Err(error) => Err(format!("{} cannot be read: {error}", file.display())),
    }
}

/// Where the old file is kept: a name that nothing else has, for an upgrade before this one may have left its own.
fn snapshot_of(file: &Path) -> PathBuf {
    let named = |number: u32| match number {
        1 => file.with_file_name(format!("before-schema-{BASE}.db")),
        more => file.with_file_name(format!("before-schema-{BASE}-{more}.db")),
    };
    let mut number = 1;
    // An upgrade that was killed at its very end has given the file this name already.
    while named(number).exists() && !is_same(&named(number), file) {
        number += 1;
    }
    named(number)
}

pub(crate) fn is_same(one: &Path, other: &Path) -> bool {
    let (Ok(one), Ok(other)) = (rustix::fs::stat(one), rustix::fs::stat(other)) else { return false };
    (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino)
}

pub(crate) fn beside(file: &Path, ending: &str) -> PathBuf {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    file.with_file_name(format!("{name}-{ending}"))
}

pub(crate) fn remove(file: &Path) -> Result<(), String> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(format!("cannot remove {}: {error}", file.display()))
        }
        _ => Ok(()),
    }
}

/// The new file is smaller than the old one; one made before schema 11 is copied first, too.
fn check_room(file: &Path, from: i64) -> Result<(), String> {
    let size = |path: &Path| std::fs::metadata(path).map_or(0, |found| found.len());
    let needed = (size(file) + size(&beside(file, "wal"))) * if from < LAST { 2 } else { 1 };
    let folder = folder_of(file);
    let free = free_in(folder)?;
    if free < needed {
        return Err(format!(
            "the upgrade needs {} MiB in {} and {} MiB are free: make room and start again; nothing was changed",
            in_mib(needed),
            folder.display(),
            in_mib(free)
        ));
    }
    Ok(())
}

pub(crate) fn in_mib(bytes: u64) -> u64 {
    bytes.div_ceil(1024 * 1024)
}

pub(crate) fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Bytes that may still be written in a folder.
///
/// # Errors
/// In words, when its disk cannot be looked at.
pub fn free_in(folder: &Path) -> Result<u64, String> {
    let room = rustix::fs::statvfs(folder).map_err(|e| format!("cannot see the room in {}: {e}", folder.display()))?;
    Ok(room.f_bavail.saturating_mul(room.f_frsize))
}

fn copy_aside(file: &Path, snapshot: &Path) -> Result<(), String> {
    let half = beside(snapshot, "half");
    remove(&half)?;
    let copied = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE)
        .and_then(|source| source.execute("VACUUM INTO ?1", [half.to_string_lossy()]));
    copied.map_err(|e| format!("no snapshot before the upgrade: {e}"))?;
    std::fs::rename(&half, snapshot).map_err(|e| format!("no snapshot before the upgrade: {e}"))
}

/// The steps of the time before, in one transaction.
fn bring_to_last(file: &Path, from: i64) -> Result<(), String> {
    let steps: String = before::scripts_after(from).concat();
    let versions: String =
        (from + 1..=LAST).map(|v| format!("INSERT INTO schema_version (version) VALUES ({v});")).collect();
    let done = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE).and_then(|old| {
        let outcome =
            old.execute_batch(&format!("PRAGMA synchronous=FULL; BEGIN IMMEDIATE; {steps} {versions} COMMIT;"));
        outcome.or_else(|error| old.execute_batch("ROLLBACK").and(Err(error)))
    });
    done.map_err(|e| format!("the database could not be brought to schema {LAST}; nothing was changed: {e}"))
}

fn fill(file: &Path, new: &Path, tell: &mut impl FnMut(&str)) -> rusqlite::Result<()> {
    // A whole file of its own, without a log beside it that a later start could take for the new file's.
    Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?.query_row(
        "PRAGMA wal_checkpoint(TRUNCATE)",
        [],
        |_| Ok(()),
    )?;
    let target = Connection::open(new)?;
    // Nothing in it counts before it is whole, so nothing of it is logged; the file is synced before it takes its place.
    target.execute_batch(
        "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA foreign_keys=OFF; PRAGMA cache_size=-65536;",
    )?;
    target.execute("ATTACH ?1 AS old", [file.to_string_lossy()])?;
    target.execute_batch("BEGIN IMMEDIATE")?;
    let (tables, indexes) = tables_and_indexes();
    target.execute_batch(&tables)?;
    let all = before::carried(Dialect::Sqlite);
    for (done, table) in all.iter().enumerate() {
        carry(&target, table, |part| tell(&format!("{}/{}: {}{part}", done + 1, all.len(), table.table)))?;
    }
    tell("indexes");
    target.execute_batch(&indexes)?;
    tell("checking");
    check(&target, &all)?;
    target.execute_batch(&format!(
        "CREATE TABLE schema_version (version BIGINT PRIMARY KEY); INSERT INTO schema_version (version) VALUES ({BASE}); COMMIT; DETACH old"
    ))
}

/// Indexes are made after the rows are there: once, in order.
fn tables_and_indexes() -> (String, String) {
    let script = text(TABLES, Dialect::Sqlite);
    let bare: Vec<&str> = script.lines().filter(|line| !line.trim_start().starts_with("--")).collect();
    let (indexes, tables): (Vec<String>, Vec<String>) =
        bare.join("\n").split_inclusive(';').map(str::to_owned).partition(|statement| {
            statement.trim_start().starts_with("CREATE INDEX") || statement.contains("CREATE UNIQUE INDEX")
        });
    (tables.concat(), indexes.concat())
}

fn carry(target: &Connection, table: &Carried, mut tell: impl FnMut(&str)) -> rusqlite::Result<()> {
    if !table.has_parts() {
        tell("");
        return target.execute(&table.statement, []).map(drop);
    }
    let last: i64 =
        target.query_row(&format!("SELECT COALESCE(MAX(rowid), 0) FROM old.{}", table.table), [], |row| row.get(0))?;
    let mut after = 0;
    while after < last || after == 0 {
        tell(&format!(" {} %", (after * 100).checked_div(last).unwrap_or(0)));
        let part = format!("rowid > {after} AND rowid <= {}", after + PART_ROWS);
        target.execute(&table.statement.replace(PART, &part), [])?;
        after += PART_ROWS;
    }
    Ok(())
}

/// Nothing was lost on the way, and nothing points nowhere.
fn check(target: &Connection, all: &[Carried]) -> rusqlite::Result<()> {
    let count =
        |table: &str| target.query_row(&format!("SELECT COUNT(*) FROM {table}"), [], |row| row.get::<_, i64>(0));
    let broken = |words: String| rusqlite::Error::ToSqlConversionFailure(words.into());
    for Carried { table, .. } in all {
        let (before, after) = (count(&format!("old.{table}"))?, count(&format!("main.{table}"))?);
        if before != after {
            return Err(broken(format!("{table} had {before} rows and has {after}")));
        }
    }
    let mut missing =
        target.prepare("SELECT \"table\", parent FROM pragma_foreign_key_check WHERE schema = 'main' LIMIT 1")?;
    let found =
        missing.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?.next().transpose()?;
    match found {
        Some((child, parent)) => Err(broken(format!("a row of {child} refers to none of {parent}"))),
        None => Ok(()),
    }
}

/// The new file is on the disk before its name is; the old one keeps a name all the time.
fn take_its_place(file: &Path, new: &Path, snapshot: &Path) -> std::io::Result<()> {
    std::fs::File::open(new)?.sync_all()?;
    if !snapshot.exists() {
        // A second name costs nothing; where a file system has none, a copy.
        std::fs::hard_link(file, snapshot).or_else(|_| std::fs::copy(file, snapshot).map(drop))?;
    }
    for log in ["wal", "shm"] {
        if let Err(error) = std::fs::remove_file(beside(file, log))
            && error.kind() != std::io::ErrorKind::NotFound
        {
            return Err(error);
        }
    }
    std::fs::rename(new, file)?;
    std::fs::File::open(folder_of(file))?.sync_all()
}
