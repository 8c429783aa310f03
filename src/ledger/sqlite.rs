//! The ledger in one file: SQLite, embedded, for one service.
//!
//! One thread writes, in groups, a few read; every answer waits for the commit. The command line
//! reads the same file while the service runs.

use super::row::whole;
use super::{
    Claim, Conclusion, Cursor, Doubt, Doubts, Entry, Event, HandOff, IdempotencyKey, Item, Ledger,
    LedgerError, Opening, Outbox, Page, Past, Purged, Report, Trace, Verified,
};
use crate::payment::{Evidence, ProcessorText, Reference};
use async_trait::async_trait;
use books::Books;
use connection::{Role, Site};
use health::Health;
use jiff::Timestamp;
use lane::Lane;
use rusqlite::Connection;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::watch;
use trouble::Trouble;

pub use copy::{Copied, Copy};
pub use settings::SqliteSettings;

mod books;
mod chronicle;
mod connection;
mod copy;
mod deliveries;
mod doubt;
mod feed;
mod file;
mod guest;
mod health;
mod lane;
mod list;
mod moved;
mod opening;
mod outbox;
#[cfg(feature = "postgres")]
mod part;
mod prove;
mod purge;
mod readers;
mod schema;
mod select;
mod settings;
mod survey;
mod tidy;
mod trace;
mod trouble;
mod writer;

/// A [`Ledger`] in one SQLite file. Dropping it waits until everything taken up is on disk.
pub struct SqliteLedger {
    health: Arc<Health>,
    // Closed in this order: the writer is last to leave the file, then others may have it.
    readers: Lane<Connection>,
    writer: Option<Lane<Books>>,
    _lock: Option<File>,
}

impl SqliteLedger {
    /// Opens the file for the service, alone, and creates it where there is none (mode 0600).
    ///
    /// [`LedgerError::Locked`] where another service has it, [`LedgerError::Newer`] where a newer
    /// one wrote it; [`LedgerError::Unavailable`] names the file that cannot be used and leaves it
    /// as it is.
    pub fn open(path: &Path, settings: SqliteSettings) -> Result<Arc<Self>, LedgerError> {
        Self::open_as(path, settings, opening::prepare)
    }

    /// The same to copy its record into a database, though that was done before.
    pub fn open_to_move(path: &Path, settings: SqliteSettings) -> Result<Arc<Self>, LedgerError> {
        Self::open_as(path, settings, opening::prepare_to_move)
    }

    fn open_as(
        path: &Path,
        settings: SqliteSettings,
        prepare: impl FnOnce(&Site) -> Result<Books, Trouble>,
    ) -> Result<Arc<Self>, LedgerError> {
        connection::check_version(rusqlite::version_number())?;
        let site = Site { path: file::real(path)?, wait: settings.write_wait, role: Role::Service };
        let lock = file::lock(&site.path)?;
        if !file::exists(&site.path)? {
            file::create(&site)?;
        }
        let books = prepare(&site).map_err(|trouble| site.refusal(trouble))?;
        // Only now is the log certain to be there.
        let paths = vec![site.path.clone(), file::beside(&site.path, "-wal")];
        let health = Arc::new(Health::of(paths)?);
        let writer = writer::start(&site, &settings, &health, books)?;
        let readers = readers::start(&site, &settings, &health)?;
        Ok(Arc::new(Self { health, readers, writer: Some(writer), _lock: Some(lock) }))
    }

    /// Turns true when the ledger has closed for good, after an error of the disk or when its file
    /// was replaced: the service should stop (security.md, FM-18 and FM-22).
    #[must_use]
    pub fn failed(&self) -> watch::Receiver<bool> {
        self.health.failed()
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Books) -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, LedgerError> {
        match &self.writer {
            Some(writer) => writer.run(work).await,
            None => Err(LedgerError::Unavailable("it was opened for reading only".to_owned())),
        }
    }

    async fn read<T: Send + 'static>(
        &self,
        work: impl Fn(&Connection) -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, LedgerError> {
        self.readers.run(move |connection| work(connection)).await
    }
}

#[async_trait]
impl Ledger for SqliteLedger {
    async fn open(
        &self,
        hand_off: HandOff,
        key: Option<IdempotencyKey>,
        due_at: Timestamp,
    ) -> Result<Opening, LedgerError> {
        let hand_off = HandOff { opened_at: whole(hand_off.opened_at), ..hand_off };
        self.write(move |books| books.open(&hand_off, key, due_at)).await
    }

    async fn open_to_send(
        &self,
        hand_off: HandOff,
        key: Option<IdempotencyKey>,
        due_at: Timestamp,
        trace: Trace,
    ) -> Result<(Opening, bool), LedgerError> {
        let hand_off = HandOff { opened_at: whole(hand_off.opened_at), ..hand_off };
        let trace = Trace { at: whole(trace.at), ..trace };
        self.write(move |books| books.open_to_send(&hand_off, key, due_at, trace)).await
    }

    async fn send(&self, reference: Reference, trace: Trace) -> Result<(), LedgerError> {
        let trace = Trace { at: whole(trace.at), ..trace };
        self.write(move |books| books.send(reference, trace)).await
    }

    async fn traces(&self, reference: Reference) -> Result<Vec<Trace>, LedgerError> {
        self.read(move |connection| trace::traces(connection, reference)).await
    }

    async fn kept(&self, key: IdempotencyKey) -> Result<Option<Opening>, LedgerError> {
        self.read(move |connection| select::kept(connection, key)).await
    }

    async fn is_anothers(
        &self,
        processor_reference: ProcessorText,
        reference: Reference,
    ) -> Result<bool, LedgerError> {
        self.read(move |connection| trace::is_anothers(connection, &processor_reference, reference))
            .await
    }

    async fn progress(&self, report: Report) -> Result<Option<Timestamp>, LedgerError> {
        self.read(move |connection| trace::progress(connection, report)).await
    }

    async fn advance(&self, report: Report, until: Timestamp) -> Result<(), LedgerError> {
        self.write(move |books| books.advance(report, until)).await
    }

    async fn conclude(
        &self,
        reference: Reference,
        evidence: Evidence,
        at: Timestamp,
    ) -> Result<Conclusion, LedgerError> {
        let evidence = Evidence { occurred_at: whole(evidence.occurred_at), ..evidence };
        self.write(move |books| books.conclude(reference, &evidence, at)).await
    }

    async fn find(&self, reference: Reference) -> Result<Option<Entry>, LedgerError> {
        self.read(move |connection| select::entry(connection, reference)).await
    }

    async fn claim(
        &self,
        now: Timestamp,
        lease_until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Claim>, LedgerError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.write(move |books| books.claim(now, lease_until, limit)).await
    }

    async fn reschedule(
        &self,
        reference: Reference,
        due_at: Option<Timestamp>,
    ) -> Result<(), LedgerError> {
        self.write(move |books| books.reschedule(reference, due_at)).await
    }

    async fn doubts(&self, limit: usize) -> Result<Vec<Doubt>, LedgerError> {
        self.read(move |connection| doubt::oldest(connection, limit)).await
    }

    async fn count_doubts(&self) -> Result<Doubts, LedgerError> {
        self.read(doubt::count).await
    }

    async fn list(&self, page: Page) -> Result<Vec<Entry>, LedgerError> {
        self.find_page(page).await
    }

    async fn history(&self, reference: Reference) -> Result<Vec<Event>, LedgerError> {
        self.read(move |connection| select::events(connection, reference)).await
    }

    async fn parked(&self, limit: usize) -> Result<Vec<Event>, LedgerError> {
        self.read(move |connection| select::parked(connection, limit)).await
    }

    async fn feed(
        &self,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<Option<Vec<Item>>, LedgerError> {
        self.read(move |connection| feed::page(connection, after, limit)).await
    }

    async fn feed_end(&self) -> Result<Option<Cursor>, LedgerError> {
        self.read(feed::end).await
    }

    async fn purge(&self, past: Past) -> Result<Purged, LedgerError> {
        self.write(move |books| books.purge(past)).await
    }

    async fn purgeable(&self, past: Past) -> Result<Purged, LedgerError> {
        self.read(move |connection| purge::purgeable(connection, past)).await
    }

    fn outbox(self: Arc<Self>) -> Option<Arc<dyn Outbox>> {
        Some(self)
    }

    fn log_bytes(&self) -> Option<u64> {
        self.health.log_bytes()
    }

    async fn verify(&self) -> Result<Verified, LedgerError> {
        let mut reading = prove::Reading::new();
        loop {
            match self.read(move |connection| prove::prove(connection, reading)).await? {
                prove::Step::Whole(verified) => return Ok(verified),
                prove::Step::Further(further) => reading = further,
            }
        }
    }

    async fn ready(&self) -> Result<(), LedgerError> {
        self.write(Books::probe).await
    }
}

#[cfg(test)]
mod tests;
