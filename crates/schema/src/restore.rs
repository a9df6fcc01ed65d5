//! A copy takes the place of a database without a moment at which something is nowhere: the copy is whole on the disk first, what it replaces
//! keeps a name of its own with all its log holds, and a restore that was killed half way is ended by the next program that looks.

use crate::sqlite_file::{beside, folder_of, free_in, in_mib, is_same, remove, version_of};
use rusqlite::{Connection, OpenFlags};
use std::fs::File;
use std::path::{Path, PathBuf};

/// Room beyond the copy itself: for names, and for the index of a log.
const SPARE: u64 = 1024 * 1024;
/// Faults of a damaged file that are told.
const FAULTS_TOLD: i64 = 3;
/// The first schema whose ids can be compared with those of later ones.
const COMPARABLE_FROM: i64 = 12;

/// What a restore did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// Where the database of before is kept; none when there was none.
    pub kept: Option<PathBuf>,
    /// Messages that the kept database has and the restored one has not; none when they cannot be compared.
    pub messages_only_in_kept: Option<i64>,
}

/// Whether a SQLite file is whole: every page of every table and index is read.
///
/// # Errors
/// In words, when it is missing, empty, damaged, another program's or a newer one's.
pub fn check_whole(file: &Path) -> Result<(), String> {
    let length = std::fs::metadata(file).map_err(|e| format!("{} cannot be read: {e}", file.display()))?.len();
    if length == 0 {
        return Err(format!("{} is empty: there is no database in it", file.display()));
    }
    if version_of(file)? == 0 {
        return Err(format!("{} holds no table: there is no installation in it", file.display()));
    }
    let faults = faults_of(file).map_err(|e| damaged(file, &e.to_string()))?;
    if faults.is_empty() { Ok(()) } else { Err(damaged(file, &faults.join("; "))) }
}

fn damaged(file: &Path, how: &str) -> String {
    format!("{} is damaged: {how}", file.display())
}

fn faults_of(file: &Path) -> rusqlite::Result<Vec<String>> {
    let found = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut check = found.prepare("SELECT integrity_check FROM pragma_integrity_check LIMIT ?1")?;
    let told = check.query_map([FAULTS_TOLD], |row| row.get::<_, String>(0))?;
    let told: Vec<String> = told.collect::<rusqlite::Result<_>>()?;
    Ok(told.into_iter().filter(|words| words != "ok").collect())
}

/// Puts a copy of a database in the place of `file`, which may be missing. Nobody else may use it meanwhile.
///
/// # Errors
/// In words, when the copy is not whole or there is no room for it: nothing was changed then.
pub fn restore(file: &Path, copy: &Path) -> Result<Restored, String> {
    finish(file)?;
    if is_same(file, copy) {
        return Err(format!("{} is the database itself; nothing was changed", copy.display()));
    }
    check_whole(copy).map_err(|words| format!("{words}; nothing was changed"))?;
    merge_log(file);
    check_room(file, copy)?;
    let half = beside(file, "restoring-half");
    let ready = write_beside(copy, &half).and_then(|()| check_whole(&half));
    if let Err(words) = ready {
        let _ = std::fs::remove_file(&half);
        return Err(format!("the copy could not be written, nothing was changed: {words}"));
    }
    // From here on the restore is decided: whoever looks next ends it.
    rename(&half, &waiting(file))?;
    let kept = finish(file)?;
    let messages_only_in_kept = kept.as_deref().and_then(|kept| only_in(kept, file));
    Ok(Restored { kept, messages_only_in_kept })
}

/// Ends a restore that was killed after it was decided. Where the database of before is kept; none when there was nothing to end, or nothing
/// to keep. Nobody else may use the file meanwhile.
///
/// # Errors
/// In words, when the folder cannot be written.
pub fn finish(file: &Path) -> Result<Option<PathBuf>, String> {
    let new = waiting(file);
    remove(&beside(file, "restoring-half"))?;
    if !new.exists() {
        return Ok(None);
    }
    let kept = if file.exists() { Some(keep(file)?) } else { None };
    for log in ["wal", "shm"] {
        remove(&beside(file, log))?;
    }
    rename(&new, file)?;
    Ok(kept)
}

/// Whether a restore waits to be ended.
pub fn is_unfinished(file: &Path) -> bool {
    waiting(file).exists()
}

fn waiting(file: &Path) -> PathBuf {
    beside(file, "restoring")
}

/// A second name for a database and its log, under a number that nothing has.
fn keep(file: &Path) -> Result<PathBuf, String> {
    let named = |number: u32| {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        file.with_file_name(format!("{name}.replaced-{number}"))
    };
    let mut number = 1;
    // A restore that was killed has given it its name already.
    while named(number).exists() && !is_same(&named(number), file) {
        number += 1;
    }
    let kept = named(number);
    let (log, kept_log) = (beside(file, "wal"), beside(&kept, "wal"));
    let has_log = std::fs::metadata(&log).is_ok_and(|found| found.len() > 0);
    if has_log && !kept_log.exists() {
        second_name(&log, &kept_log)?;
    }
    if !kept.exists() {
        second_name(file, &kept)?;
    }
    sync(folder_of(file))?;
    Ok(kept)
}

/// Costs no room; where a file system has no second names, a copy.
fn second_name(file: &Path, name: &Path) -> Result<(), String> {
    std::fs::hard_link(file, name)
        .or_else(|_| write_whole(file, name))
        .map_err(|e| format!("{} could not be kept: {e}; nothing was changed", file.display()))
}

/// Puts what a log holds into its database, so that it is one file. Where that fails, for the database is damaged, both are kept.
fn merge_log(file: &Path) {
    // Over an empty file SQLite would throw the log away.
    let has_pages = std::fs::metadata(file).is_ok_and(|found| found.len() > 0);
    if !has_pages || !beside(file, "wal").exists() {
        return;
    }
    let _ = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE)
        .and_then(|found| found.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())));
}

fn check_room(file: &Path, copy: &Path) -> Result<(), String> {
    let size = |path: &Path| std::fs::metadata(path).map_or(0, |found| found.len());
    let needed = size(copy) + size(&beside(copy, "wal")) + SPARE;
    let folder = folder_of(file);
    let free = free_in(folder)?;
    if free < needed {
        return Err(format!(
            "the restored database needs {} MiB in {} and {} MiB are free: make room and start again; nothing was changed",
            in_mib(needed),
            folder.display(),
            free / (1024 * 1024)
        ));
    }
    Ok(())
}

/// The copy with what its own log holds, for one that was not made by `otklik backup` may have one; on the disk when this returns.
fn write_beside(copy: &Path, half: &Path) -> Result<(), String> {
    write_whole(copy, half).map_err(|e| e.to_string())?;
    let (log, half_log) = (beside(copy, "wal"), beside(half, "wal"));
    if !log.exists() {
        return Ok(());
    }
    write_whole(&log, &half_log).map_err(|e| e.to_string())?;
    let merged = Connection::open_with_flags(half, OpenFlags::SQLITE_OPEN_READ_WRITE)
        .and_then(|found| found.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())));
    for rest in ["wal", "shm"] {
        let _ = std::fs::remove_file(beside(half, rest));
    }
    merged.map_err(|e| e.to_string())?;
    File::open(half).and_then(|file| file.sync_all()).map_err(|e| e.to_string())
}

fn write_whole(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::copy(from, to)?;
    crate::make_private(to)?;
    File::open(to)?.sync_all()
}

fn rename(from: &Path, to: &Path) -> Result<(), String> {
    std::fs::rename(from, to).map_err(|e| format!("{} could not be named {}: {e}", from.display(), to.display()))?;
    sync(folder_of(to))
}

fn sync(folder: &Path) -> Result<(), String> {
    File::open(folder).and_then(|f| f.sync_all()).map_err(|e| format!("{} could not be synced: {e}", folder.display()))
}

/// Messages of one database that the other has not.
fn only_in(one: &Path, other: &Path) -> Option<i64> {
    if version_of(one).ok()? < COMPARABLE_FROM || version_of(other).ok()? < COMPARABLE_FROM {
        return None;
    }
    let count = || -> rusqlite::Result<i64> {
        let both = Connection::open_with_flags(one, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        both.execute("ATTACH ?1 AS other", [other.to_string_lossy()])?;
        both.query_row(
            "SELECT COUNT(*) FROM main.messages WHERE id NOT IN (SELECT id FROM other.messages)",
            [],
            |row| row.get(0),
        )
    };
    count().ok()
}
