//! What one transaction decides: everything that its requests need is read at once, decided in
//! memory by the same rules as in SQLite's, and written at once.

use super::draft::{Draft, Drafts};
use super::select::{self, Placed};
use super::trouble::Trouble;
use crate::ledger::chain::Hash;
use crate::ledger::row::inconsistent;
use crate::ledger::{
    Conclusion, Entry, HandOff, IdempotencyKey, LedgerError, Opening, Report, Trace,
};
use crate::payment::{Evidence, Reference, judge};
use deadpool_postgres::Transaction;
use jiff::Timestamp;
use std::collections::HashMap;

/// A request to write.
pub(super) enum Ask {
    Open {
        hand_off: Box<HandOff>,
        key: Option<IdempotencyKey>,
        due_at: Timestamp,
        /// Of the request that leaves next, where one does.
        trace: Option<Trace>,
    },
    Conclude {
        reference: Reference,
        evidence: Evidence,
        at: Timestamp,
    },
    Send {
        reference: Reference,
        trace: Trace,
    },
    Reschedule {
        reference: Reference,
        due_at: Option<Timestamp>,
    },
    Advance {
        report: Report,
        until: Timestamp,
    },
    /// Writes something that changes nothing.
    Probe,
}

/// What was answered to it.
#[derive(Clone, Debug)]
pub(super) enum Told {
    Opening(Opening),
    Conclusion(Conclusion),
    Done,
}

/// What is known of the references of a group, and what is to be written.
pub(super) struct Group {
    hand_offs: HashMap<Reference, HandOff>,
    events: HashMap<Reference, Vec<Placed>>,
    kept: HashMap<[u8; 32], ([u8; 32], Reference)>,
    pub(super) drafts: Drafts,
}

impl Group {
    /// Reads what the requests need, within a transaction that sees one state of the database.
    pub(super) async fn read(
        transaction: &Transaction<'_>,
        asks: impl Iterator<Item = &Ask>,
        instance: [u8; 16],
        head: (i64, Hash),
    ) -> Result<Self, Trouble> {
        let (mut references, mut keys) = (Vec::new(), Vec::new());
        for ask in asks {
            match ask {
                Ask::Open { hand_off, key, .. } => {
                    references.push(hand_off.reference);
                    let each = key.iter().flat_map(|key| key.each());
                    keys.extend(each.map(|key| key.key));
                }
                Ask::Conclude { reference, .. } => references.push(*reference),
                Ask::Send { .. } | Ask::Reschedule { .. } | Ask::Advance { .. } | Ask::Probe => {}
            }
        }
        references.sort_unstable();
        references.dedup();
        let mut group = Self {
            hand_offs: HashMap::new(),
            events: HashMap::new(),
            kept: HashMap::new(),
            drafts: Drafts::after(instance, head),
        };
        if !keys.is_empty() {
            let keys: Vec<&[u8]> = keys.iter().map(<[u8; 32]>::as_slice).collect();
            group.kept = select::kept(transaction, &keys).await?;
            references.extend(group.kept.values().map(|(_, reference)| *reference));
        }
        if !references.is_empty() {
            let bytes: Vec<&[u8]> = references.iter().map(bytes_of).collect();
            (group.events, group.hand_offs) = futures_util::future::try_join(
                select::events(transaction, &bytes),
                select::hand_offs_held(transaction, &bytes),
            )
            .await?;
            let is_parked = |reference: &&Reference| !group.hand_offs.contains_key(*reference);
            let parked: Vec<&[u8]> = group.events.keys().filter(is_parked).map(bytes_of).collect();
            if !parked.is_empty() {
                select::hold_events(transaction, &parked).await?;
            }
        }
        Ok(group)
    }

    /// What is to be answered once everything is written. A failure changes nothing.
    pub(super) fn decide(&mut self, ask: &Ask) -> Result<Told, LedgerError> {
        match ask {
            Ask::Open { hand_off, key, due_at, trace } => {
                let opening = self.open(hand_off, *key, *due_at)?;
                if let (Opening::Opened(_), Some(trace)) = (&opening, trace) {
                    self.drafts.traces.push((hand_off.reference, *trace));
                }
                return Ok(Told::Opening(opening));
            }
            Ask::Conclude { reference, evidence, at } => {
                return Ok(Told::Conclusion(self.conclude(*reference, evidence, *at)));
            }
            Ask::Send { reference, trace } => self.drafts.traces.push((*reference, *trace)),
            Ask::Reschedule { reference, due_at } => self.drafts.reschedule(*reference, *due_at),
            Ask::Advance { report, until } => self.drafts.advance(*report, *until),
            Ask::Probe => self.drafts.must_write = true,
        }
        Ok(Told::Done)
    }

    /// See [`crate::ledger::Ledger::open`].
    fn open(
        &mut self,
        hand_off: &HandOff,
        key: Option<IdempotencyKey>,
        due_at: Timestamp,
    ) -> Result<Opening, LedgerError> {
        let each = || key.into_iter().flat_map(IdempotencyKey::each);
        for key in each() {
            let Some((fingerprint, reference)) = self.kept.get(&key.key) else { continue };
            if *fingerprint != key.fingerprint {
                return Ok(Opening::Conflicting);
            }
            return self.entry(*reference).map(Opening::Repeated);
        }
        let reference = hand_off.reference;
        let opening = match self.hand_offs.get(&reference) {
            None => Opening::Opened(self.begin(hand_off, due_at)),
            Some(known)
                if known.asked == hand_off.asked && known.opened_as == hand_off.opened_as =>
            {
                Opening::Repeated(self.entry(reference)?)
            }
            Some(_) => return Ok(Opening::Conflicting),
        };
        for key in each() {
            self.kept.insert(key.key, (key.fingerprint, reference));
            self.drafts.keys.push((key, reference, hand_off.opened_at));
        }
        Ok(opening)
    }

    /// The opening, with the evidence that came before it, and the wait for the outcome.
    fn begin(&mut self, hand_off: &HandOff, due_at: Timestamp) -> Entry {
        let HandOff { reference, opened_at, opened_as, ref asked } = *hand_off;
        let events = self.events.entry(reference).or_default();
        let standing = judge(opened_as, asked, &select::evidence(events));
        let draft = Draft {
            reference,
            evidence: None,
            before: None,
            after: Some(standing.state),
            recorded_at: opened_at,
        };
        let place = next(events);
        events.push(self.drafts.record(draft, place, Some(hand_off)));
        self.hand_offs.insert(reference, hand_off.clone());
        if standing.state.can_still_rise(opened_as) {
            self.drafts.wait(hand_off, due_at);
        }
        Entry { hand_off: hand_off.clone(), standing, changed_at: opened_at }
    }

    /// See [`crate::ledger::Ledger::conclude`].
    fn conclude(
        &mut self,
        reference: Reference,
        evidence: &Evidence,
        recorded_at: Timestamp,
    ) -> Conclusion {
        let events = self.events.entry(reference).or_default();
        let mut known = select::evidence(events);
        if known.iter().any(|known| known.id == evidence.id) {
            return Conclusion::Repeated;
        }
        let place = next(events);
        let evidence = evidence.clone();
        let Some(HandOff { opened_as, asked, .. }) = self.hand_offs.get(&reference) else {
            let evidence = Some(evidence);
            let draft = Draft { reference, evidence, before: None, after: None, recorded_at };
            events.push(self.drafts.record(draft, place, None));
            return Conclusion::Parked;
        };
        let before = judge(*opened_as, asked, &known).state;
        known.push(evidence.clone());
        let after = judge(*opened_as, asked, &known);
        let draft = Draft {
            reference,
            evidence: Some(evidence),
            before: Some(before),
            after: Some(after.state),
            recorded_at,
        };
        events.push(self.drafts.record(draft, place, None));
        if !after.state.can_still_rise(*opened_as) {
            self.drafts.end(reference);
        }
        Conclusion::Recorded { before, after }
    }

    /// A reference that a row says is there.
    fn entry(&self, reference: Reference) -> Result<Entry, LedgerError> {
        let missing = || inconsistent("hand_off", "reference");
        let hand_off = self.hand_offs.get(&reference).ok_or_else(missing)?.clone();
        let events = self.events.get(&reference).map_or(&[][..], Vec::as_slice);
        select::judged(hand_off, events)
    }
}

/// The place after these.
fn next(events: &[Placed]) -> i64 {
    events.last().map_or(0, |placed| placed.place).saturating_add(1)
}

const fn bytes_of(reference: &Reference) -> &[u8] {
    reference.as_bytes().as_slice()
}
