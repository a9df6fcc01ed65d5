//! Databases and their copies hold what people wrote: only the owner of the program reads them.

use crate::sqlite_file::{beside, folder_of};
use std::path::Path;

/// Takes a file from everybody but its owner.
///
/// # Errors
/// When it cannot be changed.
#[cfg(unix)]
pub fn make_private(file: &Path) -> std::io::Result<()> {
    std::fs::set_permissions(file, std::os::unix::fs::PermissionsExt::from_mode(0o600))
}

/// Other systems have their own ways.
///
/// # Errors
/// Never.
#[cfg(not(unix))]
pub fn make_private(_: &Path) -> std::io::Result<()> {
    Ok(())
}

/// Does so with a database, its log and the copies that upgrades and restores left beside it: programs before this one made them readable to
/// everybody on the machine.
///
/// # Errors
/// When one cannot be changed.
pub fn make_all_private(file: &Path) -> std::io::Result<()> {
    let own = [file.to_owned(), beside(file, "wal"), beside(file, "shm")];
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let copies = std::fs::read_dir(folder_of(file))?.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| {
        let found = path.file_name().unwrap_or_default().to_string_lossy();
        found.starts_with(&format!("{name}.replaced")) || found.starts_with("before-schema-")
    });
    for path in own.into_iter().chain(copies).filter(|path| path.exists()) {
        make_private(&path)?;
    }
    Ok(())
}
