//! The file of master keys: for its owner's eyes only, written whole or not at all.

use crate::key::{BadKey, MasterKey, parse_keys};
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const REMARK: &str = "# Master keys of this Otklik: they open the channel tokens in its database. Keep a copy apart from the database's\n\
                      # backups: without this file nothing opens. The first key seals, the others only open what was sealed before.\n";

/// Why the key file is of no use.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// Others may read it (security statement 40).
    #[error(
        "{path} can be read by other users of this machine (mode {mode:03o}): make it yours alone with `chmod 600 {path}`"
    )]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It holds something else.
    #[error("{path} holds no master key: {why}")]
    Bad {
        /// The file.
        path: PathBuf,
        /// What a key looks like.
        why: BadKey,
    },
    /// The disk.
    #[error("{path}: {why}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        why: io::Error,
    },
}

/// The keys in the file, the sealing one first; `None` when there is no file.
///
/// # Errors
/// When others may read it, or it holds no keys.
pub fn read(path: &Path) -> Result<Option<Vec<MasterKey>>, KeyFileError> {
    let mut file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(|why| io_error(path, why))?,
    };
    refuse_exposed(path, &file)?;
    let mut text = Zeroizing::new(String::new());
    io::Read::read_to_string(&mut file, &mut text).map_err(|why| io_error(path, why))?;
    let keys = parse_keys(&text).and_then(|keys| if keys.is_empty() { Err(BadKey) } else { Ok(keys) });
    keys.map(Some).map_err(|why| KeyFileError::Bad { path: path.to_owned(), why })
}

/// Makes the file with a new key; when another process was quicker, its keys are the keys.
///
/// # Errors
/// When the disk or the random source fails.
pub fn create(path: &Path) -> Result<Vec<MasterKey>, KeyFileError> {
    let no_randomness = || io_error(path, io::Error::other("the machine gives no random bytes"));
    let keys = vec![MasterKey::random().ok_or_else(no_randomness)?];
    let draft = draft_of(path, &keys)?;
    // A link is made only where nothing is: nobody's key is ever written over.
    let linked = std::fs::hard_link(&draft, path);
    let removed = std::fs::remove_file(&draft);
    match linked {
        Ok(()) => {
            removed.and_then(|()| sync_folder(path)).map_err(|why| io_error(path, why))?;
            Ok(keys)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let there = read(path)?;
            there.ok_or_else(|| io_error(path, ErrorKind::NotFound.into()))
        }
        Err(why) => Err(io_error(path, why)),
    }
}

/// Puts these keys in place of the ones in the file.
///
/// # Errors
/// When the disk fails; then the old file is still there.
pub fn write(path: &Path, keys: &[MasterKey]) -> Result<(), KeyFileError> {
    let draft = draft_of(path, keys)?;
    std::fs::rename(&draft, path).and_then(|()| sync_folder(path)).map_err(|why| io_error(path, why))
}

fn draft_of(path: &Path, keys: &[MasterKey]) -> Result<PathBuf, KeyFileError> {
    let draft = path.with_extension(format!("key.{}", std::process::id()));
    let mut text = Zeroizing::new(REMARK.to_owned());
    for key in keys {
        text.push_str(&key.to_text());
        text.push('\n');
    }
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&draft).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    written.map_err(|why| io_error(&draft, why))?;
    Ok(draft)
}

/// A new name is on the disk only when its folder is.
fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if cfg!(unix) && !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn refuse_exposed(path: &Path, file: &File) -> Result<(), KeyFileError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = file.metadata().map_err(|why| io_error(path, why))?.permissions().mode() & 0o777;
    if mode & 0o077 == 0 { Ok(()) } else { Err(KeyFileError::Exposed { path: path.to_owned(), mode }) }
}

#[cfg(not(unix))]
fn refuse_exposed(_: &Path, _: &File) -> Result<(), KeyFileError> {
    Ok(())
}

fn io_error(path: &Path, why: io::Error) -> KeyFileError {
    KeyFileError::Io { path: path.to_owned(), why }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("otklik-vault-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn ids(keys: &[MasterKey]) -> Vec<String> {
        keys.iter().map(|key| key.id().to_string()).collect()
    }

    #[test]
    fn a_made_file_is_its_owners_alone_and_reads_back() {
        let path = folder("made").join("master.key");
        assert!(read(&path).unwrap().is_none());
        let made = create(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(ids(&read(&path).unwrap().unwrap()), ids(&made));
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "no draft stays");
    }

    #[test]
    fn a_second_maker_gets_the_first_ones_key() {
        let path = folder("twice").join("master.key");
        assert_eq!(ids(&create(&path).unwrap()), ids(&create(&path).unwrap()));
    }

    #[test]
    fn a_file_that_others_may_read_is_refused() {
        let path = folder("exposed").join("master.key");
        create(&path).unwrap();
        for mode in [0o644, 0o640, 0o606, 0o620] {
            std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
            let words = read(&path).unwrap_err().to_string();
            assert!(words.contains("chmod 600") && words.contains(&format!("{mode:03o}")), "{words}");
        }
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o400)).unwrap();
        assert!(read(&path).is_ok());
    }

    #[test]
    fn an_empty_or_foreign_file_is_refused_and_kept() {
        let path = folder("foreign").join("master.key");
        for text in ["", "# only a remark\n", "not a key\n"] {
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
            assert!(matches!(read(&path), Err(KeyFileError::Bad { .. })), "{text:?}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
    }
}
