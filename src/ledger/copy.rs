//! A record moved from a SQLite file into a database: every row as it is, its chain as one more chain of
//! the database. It may be cut off anywhere and goes on where it was.

use super::chain::{Hash, START};
use super::postgres::PostgresLedger;
use super::purge::Run;
use super::sqlite::SqliteLedger;
use super::{Event, HandOff, IdempotencyKey, Ledger as _, LedgerError, Report, Trace, Verified};
use jiff::Timestamp;

/// How many events are copied in one transaction.
const PART: usize = 1000;

/// A part of the record: events in the order of their chain, and all that belongs to the hand-offs
/// that are opened among them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) events: Vec<Event>,
    pub(super) opened: Vec<Opened>,
}

/// A hand-off and what is not in the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Opened {
    pub(super) hand_off: HandOff,
    pub(super) keys: Vec<(IdempotencyKey, Timestamp)>,
    pub(super) traces: Vec<Trace>,
    pub(super) wait: Option<Waits>,
}

/// A hand-off whose outcome is awaited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Waits {
    pub(super) due_at: Option<Timestamp>,
    pub(super) tries: i64,
    pub(super) doubt_since: Option<Timestamp>,
}

/// Why a copy was not finished. What was copied stays; the same command goes on with it.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// One of the two could not serve.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// What is there is not the beginning of this record.
    #[error("the database holds another record already: copy into one of its own")]
    Occupied,
    /// Its record goes on in another database.
    #[error(
        "the file's record was moved to {0} before and goes on there: name the configuration of that database"
    )]
    Moved(String),
    /// The copy is not what was copied.
    #[error("the copy differs from the file at event {sequence}: {what}")]
    Differs {
        /// The first event of the part that differs.
        sequence: i64,
        /// What differs.
        what: &'static str,
    },
}

/// Copies all of a record that nobody writes to meanwhile, compares it row by row, and proves both
/// chains; the file says from then on where its record went, and is not served any more. `told` hears how many events of how many are copied, and then how many are compared.
pub async fn copy(
    from: &SqliteLedger,
    to: &PostgresLedger,
    told: impl Fn(Step),
) -> Result<Verified, CopyError> {
    let place = to.place();
    if let Some(before) = from.moved_to().await?.filter(|before| before != place) {
        return Err(CopyError::Moved(before));
    }
    let proved = from.verify().await?;
    let all = proved.events.saturating_add(proved.purged);
    let runs = from.runs().await?;
    let (mut done, hash) = to.begin_copy(&runs).await?;
    if !stands(from, &runs, done, hash).await? {
        return Err(CopyError::Occupied);
    }
    loop {
        told(Step::Copied(done, all));
        let part = from.part(done, PART).await?;
        let Some(last) = part.events.last() else { break };
        let newest = last.sequence;
        to.take(part).await?;
        done = newest;
    }
    let mut progress = Vec::new();
    for report in Report::ALL {
        progress.extend(from.progress(*report).await?.map(|until| (*report, until)));
    }
    to.end_copy(&progress, (all, proved.head)).await?;
    to.take_places(&from.places().await?).await?;
    compare(from, to, all, &told).await?;
    for (report, until) in progress {
        if to.progress(report).await? != Some(until) {
            return Err(differs(all, "how far a report was read"));
        }
    }
    let copied = to.verify().await?;
    if copied != proved {
        return Err(differs(all, "the number of rows, or the chain"));
    }
    if to.feed_end().await? != from.feed_end().await? {
        return Err(differs(all, "the end of the feed"));
    }
    from.move_to(place.to_owned()).await?;
    Ok(proved)
}

/// How far a copy is, in events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// So many of so many are there.
    Copied(i64, i64),
    /// So many of so many are the same.
    Compared(i64, i64),
}

/// Whether a chain that ends so is the beginning of the file's.
async fn stands(
    from: &SqliteLedger,
    runs: &[Run],
    done: i64,
    hash: Hash,
) -> Result<bool, LedgerError> {
    if done == 0 {
        return Ok(hash == START);
    }
    if let Some(run) = runs.iter().find(|run| run.last == done) {
        return Ok(run.hash == hash);
    }
    let part = from.part(done.saturating_sub(1), 1).await?;
    Ok(part.events.first().is_some_and(|event| event.sequence == done && event.hash == hash))
}

async fn compare(
    from: &SqliteLedger,
    to: &PostgresLedger,
    all: i64,
    told: &impl Fn(Step),
) -> Result<(), CopyError> {
    let mut done = 0;
    loop {
        told(Step::Compared(done, all));
        let (mine, theirs) = (from.part(done, PART).await?, to.part(done, PART).await?);
        if mine.events != theirs.events {
            return Err(differs(done.saturating_add(1), "events"));
        }
        if mine.opened != theirs.opened {
            return Err(differs(
                done.saturating_add(1),
                "hand-offs, keys, traces or what is awaited",
            ));
        }
        let Some(last) = mine.events.last() else { return Ok(()) };
        done = last.sequence;
    }
}

const fn differs(sequence: i64, what: &'static str) -> CopyError {
    CopyError::Differs { sequence, what }
}
