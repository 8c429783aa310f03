//! What the first page shows, taken at once and kept for a moment: a storm of reloads asks the ledger as often as
//! one patient reader does.

use super::Console;
use super::measured::Measured;
use crate::announcement::Behind;
use crate::clock::london;
use crate::http::{Shared, health};
use crate::payment::State;
use crate::resolution::{Doubt, Doubtful, Group, LedgerError, Raised, Stretch, Survey};
use jiff::civil::Date;
use jiff::{Span, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// How many days are shown, today among them.
pub(super) const DAYS: i64 = 30;
/// How many doubts are listed, the oldest first; all are counted.
const DOUBTS_SHOWN: usize = 20;
/// How long it is shown again.
const KEPT: Duration = Duration::from_secs(10);
/// Longer where it took long: the ledger is asked for no more than a twentieth of the time.
const REST: u32 = 20;

/// One day in London, and what became of the hand-offs that were opened on it.
pub(super) struct Day {
    pub(super) date: Date,
    pub(super) survey: Survey,
}

/// How things stand.
pub(super) struct Glance {
    pub(super) now: Timestamp,
    /// Oldest first; the last is today.
    pub(super) days: Vec<Day>,
    pub(super) doubtful: Doubtful,
    pub(super) doubts: Vec<Doubt>,
    pub(super) raised: Raised,
    /// How far each of the charity's systems is behind.
    pub(super) behind: Vec<Behind>,
    /// When each of them last took something, of what it was told lately.
    pub(super) taken: BTreeMap<String, Timestamp>,
    /// Why it cannot serve, where it cannot.
    pub(super) not_ready: Option<&'static str>,
    pub(super) measured: Measured,
}

/// The last one.
#[derive(Default)]
pub(super) struct Glances(Mutex<Option<Kept>>);

struct Kept {
    glance: Arc<Glance>,
    until: Duration,
}

impl Glances {
    /// The last one, or a new one where that is too old. Whoever comes meanwhile waits for it.
    pub(super) async fn look(
        &self,
        site: &Shared,
        console: &Console,
    ) -> Result<Arc<Glance>, LedgerError> {
        let mut kept = self.0.lock().await;
        let now = console.clock.steady();
        if let Some(Kept { glance, until }) = kept.as_ref()
            && now < *until
        {
            return Ok(Arc::clone(glance));
        }
        let began = Instant::now();
        let glance = Arc::new(take(site, console).await?);
        let lasts = KEPT.max(began.elapsed().saturating_mul(REST));
        *kept = Some(Kept { glance: Arc::clone(&glance), until: now.saturating_add(lasts) });
        Ok(glance)
    }
}

async fn take(site: &Shared, console: &Console) -> Result<Glance, LedgerError> {
    let now = console.clock.now();
    let resolution = &site.resolution;
    let today = london::date(now);
    let mut days = Vec::new();
    for back in (0..DAYS).rev() {
        let date = today.saturating_sub(Span::new().days(back));
        let next = date.saturating_add(Span::new().days(1));
        let [from, until] = [date, next].map(|day| london::time(day.at(0, 0, 0, 0)));
        let survey = resolution.survey(Stretch { mode: console.mode, from, until }).await?;
        days.push(Day { date, survey });
    }
    Ok(Glance {
        now,
        days,
        doubtful: resolution.doubtful().await?,
        doubts: resolution.oldest_doubts(DOUBTS_SHOWN).await?,
        raised: resolution.alarms().await?,
        behind: site.couriers.behind().await?,
        taken: site.couriers.taken().await?,
        not_ready: health::look(site).await.err(),
        measured: site.metrics.text().map(|text| Measured::read(&text)).unwrap_or_default(),
    })
}

impl Glance {
    /// Today alone.
    pub(super) fn today(&self) -> &[Day] {
        self.days.split_last().map(|(today, _)| std::slice::from_ref(today)).unwrap_or_default()
    }

    /// How many were flagged in all.
    pub(super) fn flagged(&self) -> u64 {
        self.days.iter().map(|day| day.survey.flagged).sum()
    }
}

/// The groups of some days.
pub(super) fn groups(days: &[Day]) -> impl Iterator<Item = &Group> {
    days.iter().flat_map(|day| &day.survey.groups)
}

/// How many hand-offs of some days stand in a state.
pub(super) fn count(days: &[Day], state: State) -> u64 {
    groups(days).filter(|group| group.state == state).map(|group| group.count).sum()
}

/// How many hand-offs some days have.
pub(super) fn total(days: &[Day]) -> u64 {
    groups(days).map(|group| group.count).sum()
}
