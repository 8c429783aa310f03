//! The ledger in a database that speaks PostgreSQL's protocol, shared by several instances.
//!
//! Each instance has one task that writes, in groups, into a chain of its own; a pool of connections
//! reads. Every answer waits for the commit, and for the truth where a commit was not answered.

use super::row::whole;
use super::stage::Stage;
use super::{
    Claim, Conclusion, Cursor, Doubt, Doubts, Entry, Event, HandOff, IdempotencyKey, Item, Ledger,
    LedgerError, Opening, Outbox, Page, Past, Purged, Report, Trace, Verified,
};
use crate::payment::{Evidence, ProcessorText, Reference};
use async_trait::async_trait;
use deadpool_postgres::Pool;
use errand::Errand;
use futures_util::FutureExt as _;
use group::{Ask, Told};
use jiff::Timestamp;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::task::TaskTracker;
use trouble::Trouble;
use writer::{Place, Writer};

pub use settings::PostgresSettings;

mod chains;
mod chronicle;
mod claim;
mod connection;
mod deliveries;
mod doubt;
mod draft;
mod errand;
mod fed;
mod feed;
mod group;
mod number;
mod outbox;
mod part;
mod prove;
mod purge;
mod read;
mod schema;
mod seals;
mod select;
mod settings;
mod survey;
mod trouble;
mod writer;

/// A [`Ledger`] in a database that speaks PostgreSQL's protocol.
pub struct PostgresLedger {
    pool: Pool,
    place: String,
    /// `None` where it was opened to be read.
    writer: Option<mpsc::Sender<Errand>>,
    wait: Duration,
    sealer: seals::Sealer,
    failed: watch::Sender<bool>,
}

impl PostgresLedger {
    /// Connects for a service or a command that writes, brings the schema to ours, and refuses what it
    /// could not rely on: a server without TLS, without SCRAM, or one that forgets.
    pub async fn open(settings: PostgresSettings) -> Result<Arc<Self>, LedgerError> {
        let pool = connection::pool(&settings)?;
        let place = connection::place(&settings)?;
        connection::answers(&pool).await.map_err(Trouble::into_error)?;
        let sealer = settings.keys.map(Arc::new);
        schema::migrate(&pool, &sealer).await?;
        let (sender, errands) = mpsc::channel(settings.queue.max(1));
        let failed = watch::Sender::new(false);
        let writer = Writer {
            pool: pool.clone(),
            clock: settings.clock,
            sealer: sealer.clone(),
            batch: settings.batch.max(1),
            chain: Place::Nowhere,
        };
        let fail = failed.clone();
        TaskTracker::new().spawn(async move {
            if AssertUnwindSafe(writer.serve(errands)).catch_unwind().await.is_err() {
                tracing::error!(event = "ledger_writer_panicked", advice = "report this");
                fail.send_replace(true);
            }
        });
        let (writer, wait) = (Some(sender), settings.write_wait);
        Ok(Arc::new(Self { pool, place, writer, wait, sealer, failed }))
    }

    /// Connects to read: for the command line. Every write is refused, the schema stays as it is.
    pub async fn open_to_read(settings: PostgresSettings) -> Result<Arc<Self>, LedgerError> {
        let pool = connection::pool(&settings)?;
        let place = connection::place(&settings)?;
        schema::check(&pool).await?;
        let (sealer, failed) = (settings.keys.map(Arc::new), watch::Sender::new(false));
        Ok(Arc::new(Self { pool, place, writer: None, wait: settings.write_wait, sealer, failed }))
    }

    /// What to call the database: its name and where it is, and no secret.
    pub(in crate::ledger) fn place(&self) -> &str {
        &self.place
    }

    /// Turns true when the ledger has closed for good: the service should stop.
    #[must_use]
    pub fn failed(&self) -> watch::Receiver<bool> {
        self.failed.subscribe()
    }

    /// Has something written. [`LedgerError::Busy`] where it was not taken up in time, and then it never
    /// will be; once it is, the answer is waited for.
    async fn write(&self, ask: Ask) -> Result<Told, LedgerError> {
        let writer = self.must_write()?;
        let (reply, mut answer) = oneshot::channel();
        let stage = Arc::new(Stage::default());
        let errand = Errand { ask, reply, stage: Arc::clone(&stage) };
        writer.try_send(errand).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => LedgerError::Busy,
            mpsc::error::TrySendError::Closed(_) => ended(),
        })?;
        let answered = match tokio::time::timeout(self.wait, &mut answer).await {
            Ok(answered) => answered,
            Err(_) if stage.abandon() => return Err(LedgerError::Busy),
            Err(_) => answer.await,
        };
        answered.unwrap_or_else(|_| Err(ended()))
    }

    fn must_write(&self) -> Result<&mpsc::Sender<Errand>, LedgerError> {
        let why = || LedgerError::Unavailable("it was opened for reading only".to_owned());
        self.writer.as_ref().ok_or_else(why)
    }

    async fn do_it(&self, ask: Ask) -> Result<(), LedgerError> {
        self.write(ask).await.map(|_| ())
    }
}

fn ended() -> LedgerError {
    LedgerError::Unavailable("its writer has ended: restart the service".to_owned())
}

#[async_trait]
impl Ledger for PostgresLedger {
    async fn open(
        &self,
        hand_off: HandOff,
        key: Option<IdempotencyKey>,
        due_at: Timestamp,
    ) -> Result<Opening, LedgerError> {
        let hand_off = Box::new(HandOff { opened_at: whole(hand_off.opened_at), ..hand_off });
        match self.write(Ask::Open { hand_off, key, due_at, trace: None }).await? {
            Told::Opening(opening) => Ok(opening),
            Told::Conclusion(_) | Told::Done => Err(ended()),
        }
    }

    async fn open_to_send(
        &self,
        hand_off: HandOff,
        key: Option<IdempotencyKey>,
        due_at: Timestamp,
        trace: Trace,
    ) -> Result<(Opening, bool), LedgerError> {
        let hand_off = Box::new(HandOff { opened_at: whole(hand_off.opened_at), ..hand_off });
        let trace = Some(Trace { at: whole(trace.at), ..trace });
        match self.write(Ask::Open { hand_off, key, due_at, trace }).await? {
            Told::Opening(opening) => {
                let marked = matches!(opening, Opening::Opened(_));
                Ok((opening, marked))
            }
            Told::Conclusion(_) | Told::Done => Err(ended()),
        }
    }

    async fn kept(&self, key: IdempotencyKey) -> Result<Option<Opening>, LedgerError> {
        self.find_kept(key).await
    }

    async fn send(&self, reference: Reference, trace: Trace) -> Result<(), LedgerError> {
        let trace = Trace { at: whole(trace.at), ..trace };
        self.do_it(Ask::Send { reference, trace }).await
    }

    async fn traces(&self, reference: Reference) -> Result<Vec<Trace>, LedgerError> {
        self.find_traces(reference).await
    }

    async fn is_anothers(
        &self,
        processor_reference: ProcessorText,
        reference: Reference,
    ) -> Result<bool, LedgerError> {
        self.find_another(&processor_reference, reference).await
    }

    async fn progress(&self, report: Report) -> Result<Option<Timestamp>, LedgerError> {
        self.find_progress(report).await
    }

    async fn advance(&self, report: Report, until: Timestamp) -> Result<(), LedgerError> {
        self.do_it(Ask::Advance { report, until }).await
    }

    async fn conclude(
        &self,
        reference: Reference,
        evidence: Evidence,
        at: Timestamp,
    ) -> Result<Conclusion, LedgerError> {
        let evidence = Evidence { occurred_at: whole(evidence.occurred_at), ..evidence };
        match self.write(Ask::Conclude { reference, evidence, at }).await? {
            Told::Conclusion(conclusion) => Ok(conclusion),
            Told::Opening(_) | Told::Done => Err(ended()),
        }
    }

    async fn find(&self, reference: Reference) -> Result<Option<Entry>, LedgerError> {
        self.find_entry(reference).await
    }

    async fn claim(
        &self,
        now: Timestamp,
        lease_until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Claim>, LedgerError> {
        self.must_write()?;
        claim::claim(&self.pool, now, lease_until, limit).await
    }

    async fn reschedule(
        &self,
        reference: Reference,
        due_at: Option<Timestamp>,
    ) -> Result<(), LedgerError> {
        self.do_it(Ask::Reschedule { reference, due_at }).await
    }

    async fn doubts(&self, limit: usize) -> Result<Vec<Doubt>, LedgerError> {
        self.find_doubts(limit).await
    }

    async fn count_doubts(&self) -> Result<Doubts, LedgerError> {
        self.find_doubts_count().await
    }

    async fn list(&self, page: Page) -> Result<Vec<Entry>, LedgerError> {
        self.find_page(page).await
    }

    async fn history(&self, reference: Reference) -> Result<Vec<Event>, LedgerError> {
        self.find_events(reference).await
    }

    async fn parked(&self, limit: usize) -> Result<Vec<Event>, LedgerError> {
        self.find_parked(limit).await
    }

    async fn feed(
        &self,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<Option<Vec<Item>>, LedgerError> {
        self.find_feed(after, limit).await
    }

    async fn feed_end(&self) -> Result<Option<Cursor>, LedgerError> {
        self.find_feed_end().await
    }

    async fn purge(&self, past: Past) -> Result<Purged, LedgerError> {
        self.must_write()?;
        purge::purge(&self.pool, &self.sealer, past).await
    }

    async fn purgeable(&self, past: Past) -> Result<Purged, LedgerError> {
        self.find_purgeable(past).await
    }

    fn outbox(self: Arc<Self>) -> Option<Arc<dyn Outbox>> {
        Some(self)
    }

    async fn verify(&self) -> Result<Verified, LedgerError> {
        self.find_whole().await
    }

    async fn ready(&self) -> Result<(), LedgerError> {
        self.do_it(Ask::Probe).await
    }
}
