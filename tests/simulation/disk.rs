//! The ledger's stand-in: every write is one transaction, on disk when it is answered, unless the
//! seed says that it fails or that the disk lies.

use super::books::Books;
use super::house::Life;
use super::{World, spawn};
use almoner::ledger::{
    Break, Claim, Conclusion, Cursor, Doubt, Doubts, Entry, Event, HandOff, IdempotencyKey, Item,
    Ledger, LedgerError, Opening, Page, Past, Purged, Report, Trace, Verified, chain,
};
use almoner::payment::{Evidence, ProcessorText, Reference};
use async_trait::async_trait;
use jiff::Timestamp;
use std::sync::Arc;

/// What can be read, and what would be left without power. An honest disk keeps them the same.
#[derive(Default)]
pub(crate) struct Disk {
    pub(crate) written: Books,
    pub(crate) durable: Books,
    /// Whether it ever said that something was on disk which was not.
    pub(crate) lied: bool,
}

impl Disk {
    /// Everything that is awaited is due, claimed or not.
    pub(crate) fn make_all_due(&mut self, now: Timestamp) {
        for awaited in self.written.awaited.values_mut() {
            awaited.due_at = Some(now);
        }
        self.durable = self.written.clone();
    }

    /// Everything that is not on disk is lost.
    pub(crate) fn lose_power(&mut self) {
        self.written = self.durable.clone();
    }
}

/// One instance's way to the ledger.
pub(crate) struct Desk {
    pub(crate) world: Arc<World>,
    pub(crate) life: Arc<Life>,
}

impl Desk {
    /// One transaction.
    async fn write<T>(
        &self,
        (before, after): (&'static str, &'static str),
        act: impl FnOnce(&mut Books) -> T + Send,
    ) -> Result<T, LedgerError> {
        self.world.step(&self.life, before).await;
        let written = self.commit(before, act);
        self.world.check();
        if written.is_err() {
            self.world.note(&format!("{} {before}: not written", self.life.name()));
        }
        self.world.step(&self.life, after).await;
        written
    }

    fn commit<T>(
        &self,
        point: &'static str,
        act: impl FnOnce(&mut Books) -> T,
    ) -> Result<T, LedgerError> {
        let chance = &self.world.chance;
        let no_room = self.world.has_no_room(point) || chance.strikes(chance.odds.busy);
        if no_room && !self.life.failed() {
            return Err(LedgerError::Busy);
        }
        let broken = || Err(LedgerError::Unavailable("disk I/O error".to_owned()));
        if self.life.failed() {
            return broken();
        }
        let fails = chance.strikes(chance.odds.fsync);
        if fails {
            self.life.fail();
            let (world, life) = (Arc::clone(&self.world), Arc::clone(&self.life));
            spawn(async move {
                tokio::time::sleep(world.chance.millis(1..1000)).await;
                world.kill(&life, super::Death::Kill);
            });
            if chance.coin() {
                return broken();
            }
        }
        let mut disk = self.world.disk();
        let value = act(&mut disk.written);
        if chance.odds.lies && !chance.is_calm() && chance.coin() {
            disk.lied = true;
        } else {
            disk.durable = disk.written.clone();
        }
        // It is on disk, and nobody was told.
        if fails { broken() } else { Ok(value) }
    }

    pub(super) async fn read<T>(
        &self,
        what: &'static str,
        act: impl FnOnce(&Books) -> T + Send,
    ) -> T {
        self.world.step(&self.life, what).await;
        act(&self.world.disk().written)
    }
}

#[async_trait]
impl Ledger for Desk {
    async fn open(
        &self,
        hand_off: HandOff,
        key: Option<IdempotencyKey>,
        due_at: Timestamp,
    ) -> Result<Opening, LedgerError> {
        self.write(("open", "opened"), |books| books.open(hand_off, key, due_at)).await
    }

    async fn kept(&self, key: IdempotencyKey) -> Result<Option<Opening>, LedgerError> {
        Ok(self.read("kept", |books| books.kept(key)).await)
    }

    async fn send(&self, reference: Reference, trace: Trace) -> Result<(), LedgerError> {
        let marked = self.write(("mark", "marked"), |books| books.mark(reference, trace)).await?;
        let twice = || LedgerError::Unavailable("UNIQUE constraint failed".to_owned());
        marked.then_some(()).ok_or_else(twice)
    }

    async fn traces(&self, reference: Reference) -> Result<Vec<Trace>, LedgerError> {
        let traces = |books: &Books| books.traces.get(&reference).cloned().unwrap_or_default();
        Ok(self.read("traces", traces).await)
    }

    async fn is_anothers(
        &self,
        theirs: ProcessorText,
        reference: Reference,
    ) -> Result<bool, LedgerError> {
        Ok(self.read("is_anothers", |books| books.is_anothers(&theirs, reference)).await)
    }

    async fn progress(&self, report: Report) -> Result<Option<Timestamp>, LedgerError> {
        Ok(self.read("progress", |books| books.progress.get(&report).copied()).await)
    }

    async fn advance(&self, report: Report, until: Timestamp) -> Result<(), LedgerError> {
        let advance = |books: &mut Books| {
            let read = books.progress.entry(report).or_insert(until);
            *read = until.max(*read);
        };
        self.write(("advance", "advanced"), advance).await
    }

    async fn conclude(
        &self,
        reference: Reference,
        evidence: Evidence,
        at: Timestamp,
    ) -> Result<Conclusion, LedgerError> {
        self.write(("conclude", "concluded"), |books| books.conclude(reference, evidence, at)).await
    }

    async fn find(&self, reference: Reference) -> Result<Option<Entry>, LedgerError> {
        Ok(self.read("find", |books| books.entry(reference)).await)
    }

    async fn claim(
        &self,
        now: Timestamp,
        lease_until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Claim>, LedgerError> {
        self.write(("claim", "claimed"), |books| books.claim(now, lease_until, limit)).await
    }

    async fn reschedule(
        &self,
        reference: Reference,
        due_at: Option<Timestamp>,
    ) -> Result<(), LedgerError> {
        let act = |books: &mut Books| books.reschedule(reference, due_at);
        self.write(("reschedule", "rescheduled"), act).await
    }

    async fn doubts(&self, limit: usize) -> Result<Vec<Doubt>, LedgerError> {
        Ok(self.read("doubts", |books| books.doubts(limit)).await)
    }

    async fn count_doubts(&self) -> Result<Doubts, LedgerError> {
        Ok(self.read("count_doubts", Books::count_doubts).await)
    }

    async fn list(&self, page: Page) -> Result<Vec<Entry>, LedgerError> {
        let list = |books: &Books| {
            let newest_first = books.hand_offs.keys().rev().copied();
            let older = newest_first.filter(|it| page.before.is_none_or(|before| *it < before));
            let entries = older.filter_map(|reference| books.entry(reference));
            let wanted = entries.filter(|entry| {
                page.state.is_none_or(|state| state == entry.standing.state)
                    && (!page.attention || !entry.standing.attention.is_empty())
            });
            wanted.take(page.limit).collect()
        };
        Ok(self.read("list", list).await)
    }

    async fn history(&self, reference: Reference) -> Result<Vec<Event>, LedgerError> {
        let history = |books: &Books| {
            let events = books.events.iter().filter(|event| event.reference == reference);
            events.cloned().collect()
        };
        Ok(self.read("history", history).await)
    }

    async fn parked(&self, limit: usize) -> Result<Vec<Event>, LedgerError> {
        let parked = |books: &Books| {
            let parked =
                books.events.iter().filter(|event| !books.hand_offs.contains_key(&event.reference));
            parked.take(limit).cloned().collect()
        };
        Ok(self.read("parked", parked).await)
    }

    async fn feed(
        &self,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<Option<Vec<Item>>, LedgerError> {
        let feed = |books: &Books| {
            if after.is_some_and(|cursor| books.place_of(cursor.position) != Some(cursor)) {
                return None;
            }
            let start = after.map_or(0, |cursor| cursor.position);
            let shown = books.events.iter().filter(|it| it.sequence > start && it.after.is_some());
            Some(shown.take(limit).filter_map(|event| books.item(event)).collect())
        };
        Ok(self.read("feed", feed).await)
    }

    async fn feed_end(&self) -> Result<Option<Cursor>, LedgerError> {
        let end =
            |books: &Books| books.events.last().and_then(|newest| books.place_of(newest.sequence));
        Ok(self.read("feed_end", end).await)
    }

    /// Nothing grows old in a simulation.
    async fn purge(&self, past: Past) -> Result<Purged, LedgerError> {
        self.purgeable(past).await
    }

    async fn purgeable(&self, _: Past) -> Result<Purged, LedgerError> {
        Ok(Purged::default())
    }

    async fn verify(&self) -> Result<Verified, LedgerError> {
        let verify = |books: &Books| {
            let broken = LedgerError::from(Break::at(0, "the chain"));
            let verified = Verified {
                events: i64::try_from(books.events.len()).unwrap(),
                hand_offs: i64::try_from(books.hand_offs.len()).unwrap(),
                purged: 0,
                newest: books.events.last().map(|event| event.recorded_at),
                head: books.events.last().map_or(chain::START, |event| event.hash),
            };
            if books.chain_holds() { Ok(verified) } else { Err(broken) }
        };
        self.read("verify", verify).await
    }

    async fn ready(&self) -> Result<(), LedgerError> {
        Ok(())
    }
}
