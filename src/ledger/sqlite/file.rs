//! The file itself: its one name, its lock, its birth.

use super::connection::{Site, trust};
use super::schema;
use super::trouble::Trouble;
use crate::ledger::LedgerError;
use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// For the owner alone.
const MODE: u32 = 0o600;

/// The one name of the file, whatever link or folder it was reached by: lock and log stand next
/// to it.
pub(super) fn real(path: &Path) -> Result<PathBuf, LedgerError> {
    let failed = |error: &std::io::Error| unusable(path, error);
    match path.canonicalize() {
        Ok(real) => Ok(real),
        Err(error) if error.kind() == ErrorKind::NotFound && path.symlink_metadata().is_err() => {
            let absolute = std::path::absolute(path).map_err(|error| failed(&error))?;
            let (Some(folder), Some(name)) = (absolute.parent(), absolute.file_name()) else {
                return Err(failed(&error));
            };
            Ok(folder.canonicalize().map_err(|error| unusable(folder, &error))?.join(name))
        }
        Err(error) => Err(failed(&error)),
    }
}

/// Keeps every other service away for as long as the file is held (security.md, FM-25). The lock
/// has a file of its own: SQLite's own locks are lost when their file is closed anywhere in the
/// process.
pub(super) fn lock(path: &Path) -> Result<File, LedgerError> {
    let path = beside(path, ".lock");
    let file = OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(false)
        .mode(MODE)
        .open(&path)
        .map_err(|error| unusable(&path, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(LedgerError::Locked),
        Err(TryLockError::Error(error)) => Err(unusable(&path, &error)),
    }
}

/// Whether there is a ledger to open. What is there and cannot be one, or has lost its half, is
/// an error, so that nothing is ever created over it (security.md, FM-21).
pub(super) fn exists(path: &Path) -> Result<bool, LedgerError> {
    let refuse = |what: &str| Err(LedgerError::Unavailable(format!("{}: {what}", path.display())));
    match path.metadata() {
        Ok(found) if !found.is_file() => refuse("not a file: name a file"),
        Ok(found) if found.len() == 0 => {
            refuse("empty: restore it from a backup, or remove it to begin a new ledger")
        }
        Ok(_) => Ok(true),
        Err(error) if error.kind() != ErrorKind::NotFound => Err(unusable(path, &error)),
        Err(_) if beside(path, "-wal").metadata().is_ok_and(|log| log.len() > 0) => {
            refuse("missing, but its log (-wal) is there: put the file back beside it")
        }
        Err(_) => Ok(false),
    }
}

/// Creates a ledger under a name of its own and renames it when it is whole, so that a crash
/// leaves either none or all of it.
pub(super) fn create(site: &Site) -> Result<(), LedgerError> {
    let unfinished = begin(&site.path)?;
    let new = Site { path: unfinished.clone(), wait: site.wait, role: site.role };
    fill(&new).map_err(|trouble| new.refusal(trouble))?;
    settle(&unfinished, &site.path)
}

/// An empty file under a name of its own, in the place of one that was cut short.
pub(super) fn begin(path: &Path) -> Result<PathBuf, LedgerError> {
    let unfinished = beside(path, ".new");
    remove(&unfinished)?;
    OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(MODE)
        .open(&unfinished)
        .map_err(|error| unusable(&unfinished, &error))?;
    Ok(unfinished)
}

/// Removes a file that has no name yet, and what stands beside it.
pub(super) fn remove(unfinished: &Path) -> Result<(), LedgerError> {
    for end in ["", "-wal", "-shm", "-journal", ".lock"] {
        let left = beside(unfinished, end);
        match std::fs::remove_file(&left) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(unusable(&left, &error));
            }
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

/// Gives a finished file its name, for good. One whose log was not moved into it would be half a file
/// under its new name.
pub(super) fn settle(unfinished: &Path, path: &Path) -> Result<(), LedgerError> {
    if beside(unfinished, "-wal").metadata().is_ok_and(|log| log.len() > 0) {
        let text = format!("{}: its log could not be moved into it", unfinished.display());
        return Err(LedgerError::Unavailable(text));
    }
    std::fs::rename(unfinished, path).map_err(|error| unusable(path, &error))?;
    let folder = path.parent().unwrap_or(path);
    File::open(folder).and_then(|it| it.sync_all()).map_err(|error| unusable(folder, &error))
}

fn fill(new: &Site) -> Result<(), Trouble> {
    let mut connection = new.connect_to_write()?;
    trust(&connection)?;
    schema::migrate(&mut connection)?;
    // Closing would do it too, and say nothing of a disk that was full: the new name would go to half
    // a file, and its other half would be left behind (security.md, FM-15).
    let busy: i64 =
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if busy != 0 {
        return Err(LedgerError::Busy.into());
    }
    connection.close().map_err(|(_, error)| error.into())
}

/// The path with something after its name.
pub(super) fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(end);
    PathBuf::from(name)
}

pub(super) fn unusable(path: &Path, error: &std::io::Error) -> LedgerError {
    LedgerError::Unavailable(format!("{}: {error}", path.display()))
}
