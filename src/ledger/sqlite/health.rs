//! Whether the file may still be trusted: closed for good after an error of the disk, or when the
//! file is no longer the one that was opened.

use super::file::beside;
use super::trouble::Trouble;
use crate::ledger::LedgerError;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tokio::sync::watch;

/// What every thread asks before it serves.
pub(super) struct Health {
    files: Vec<(PathBuf, Identity)>,
    why: OnceLock<String>,
    failed: watch::Sender<bool>,
}

impl Health {
    /// Remembers which files stand at these paths now.
    pub(super) fn of(paths: Vec<PathBuf>) -> Result<Self, LedgerError> {
        let identify = |path: PathBuf| match Identity::of(&path) {
            Ok(identity) => Ok((path, identity)),
            Err(error) => Err(LedgerError::Unavailable(format!("{}: {error}", path.display()))),
        };
        let files = paths.into_iter().map(identify).collect::<Result<_, _>>()?;
        Ok(Self { files, why: OnceLock::new(), failed: watch::Sender::new(false) })
    }

    /// Two `stat` calls, a hundredth of what the commit after them costs: so they are made every
    /// time, and what is written into a removed file is never acknowledged (FM-22).
    pub(super) fn check(&self) -> Result<(), Trouble> {
        if let Some(why) = self.why.get() {
            return Err(Trouble::Group(LedgerError::Unavailable(why.clone())));
        }
        for (path, identity) in &self.files {
            if Identity::of(path).ok().as_ref() != Some(identity) {
                return Err(Trouble::Ledger(format!(
                    "{} was removed or replaced while it was open: put the right file back, then restart",
                    path.display()
                )));
            }
        }
        Ok(())
    }

    /// The length of the log, which stands beside the file.
    pub(super) fn log_bytes(&self) -> Option<u64> {
        let (file, _) = self.files.first()?;
        std::fs::metadata(beside(file, "-wal")).ok().map(|log| log.len())
    }

    /// Closes the ledger for good.
    pub(super) fn fail(&self, why: &str) {
        if self.why.set(why.to_owned()).is_ok() {
            let advice = "the ledger is closed until a restart";
            tracing::error!(event = "ledger_closed", audit = true, reason = why, advice);
            self.failed.send_replace(true);
        }
    }

    /// Turns true once, when the ledger has closed for good.
    pub(super) fn failed(&self) -> watch::Receiver<bool> {
        self.failed.subscribe()
    }
}

/// Which file it is, whatever its name.
#[derive(PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
}

impl Identity {
    fn of(path: &Path) -> std::io::Result<Self> {
        let found = std::fs::metadata(path)?;
        Ok(Self { device: found.dev(), inode: found.ino() })
    }
}
