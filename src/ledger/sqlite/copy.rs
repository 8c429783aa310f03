//! Copies of the whole file: a backup beside a service that runs, and the way back.

use super::connection::{Role, Site, check_version, recognise};
use super::trouble::Trouble;
use super::{SqliteLedger, SqliteSettings, file, opening, schema};
use crate::ledger::{Ledger as _, LedgerError, Verified};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Pages copied between two words about how far it is: four megabytes.
const STEP_PAGES: i32 = 1024;
/// How long a page that somebody locks is waited for.
const PAUSE: Duration = Duration::from_millis(20);

/// How much was copied, in pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// So many are there.
    pub pages: u64,
    /// Of so many.
    pub of: u64,
}

/// A copy that stands under a name of its own until it is known to be whole. Dropping it removes it.
pub struct Copy {
    unfinished: PathBuf,
    to: PathBuf,
}

impl Copy {
    /// Copies a ledger as it is at this moment to a file that is not there yet (mode 0600), while a
    /// service may write on. The log cannot be cut back meanwhile.
    pub fn of(from: &Path, to: &Path, mut tell: impl FnMut(Copied)) -> Result<Self, LedgerError> {
        check_version(rusqlite::version_number())?;
        let from = file::real(from)?;
        let site =
            Site { path: from, wait: SqliteSettings::default().write_wait, role: Role::Guest };
        opening::must_exist(&site)?;
        let to = file::real(to)?;
        if file::exists(&to)? {
            let text =
                format!("{}: there already, and is left as it is: name another file", to.display());
            return Err(LedgerError::Unavailable(text));
        }
        let copy = Self { unfinished: file::begin(&to)?, to };
        fill(&site, &copy.unfinished, &mut tell).map_err(|trouble| site.refusal(trouble))?;
        Ok(copy)
    }

    /// Proves the copy as it is.
    pub async fn verify(&self) -> Result<Verified, LedgerError> {
        SqliteLedger::open_to_read(&self.unfinished)?.verify().await
    }

    /// Brings an older Almoner's to our schema, and proves it.
    pub async fn grow(&self) -> Result<Verified, LedgerError> {
        SqliteLedger::open(&self.unfinished, SqliteSettings::default())?.verify().await
    }

    /// Gives it its name. It is on disk when this returns.
    pub fn finish(self) -> Result<(), LedgerError> {
        let failed = |error: &std::io::Error| file::unusable(&self.unfinished, error);
        File::open(&self.unfinished)
            .and_then(|it| it.sync_all())
            .map_err(|error| failed(&error))?;
        file::settle(&self.unfinished, &self.to)
    }
}

/// What is left of a copy that failed, or of one that has its name.
impl Drop for Copy {
    fn drop(&mut self) {
        // Nothing depends on it: the next copy to this name removes it as well.
        file::remove(&self.unfinished).ok();
    }
}

fn fill(site: &Site, to: &Path, tell: &mut impl FnMut(Copied)) -> Result<(), Trouble> {
    let from = site.connect_to_read()?;
    recognise(&from)?;
    // One snapshot from the first page to the last: each write of the service would begin it anew.
    let transaction = from.unchecked_transaction()?;
    schema::version(&from)?;
    let mut copy = Connection::open_with_flags(to, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    copy.pragma_update(None, "synchronous", "off")?;
    {
        let backup = Backup::new(&from, &mut copy)?;
        loop {
            let step = backup.step(STEP_PAGES)?;
            let progress = backup.progress();
            let number = |pages: i32| u64::try_from(pages).unwrap_or(0);
            let of = number(progress.pagecount);
            tell(Copied { pages: of.saturating_sub(number(progress.remaining)), of });
            match step {
                StepResult::Done => break,
                StepResult::More => {}
                StepResult::Busy | StepResult::Locked | _ => std::thread::sleep(PAUSE),
            }
        }
    }
    transaction.finish()?;
    // One file, without a log beside it.
    copy.pragma_update(None, "journal_mode", "delete")?;
    copy.close().map_err(|(_, error)| error.into())
}
