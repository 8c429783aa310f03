//! What a ledger is, without a disk: the production chain and the production judgement over plain
//! maps. `tests/ledger` holds the real engines to the same behaviour.

use almoner::ledger::chain::{self, Hash};
use almoner::ledger::{
    Claim, Conclusion, Cursor, Doubt, Doubts, Entry, Event, HandOff, IdempotencyKey, Item, Opening,
    Report, Trace,
};
use almoner::payment::{Evidence, Flag, ProcessorText, Reference, Standing, State, judge};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Whose outcome is awaited.
#[derive(Clone, Copy)]
pub(crate) struct Awaited {
    /// When it is asked about next; `None` where a person must find out.
    pub(crate) due_at: Option<Timestamp>,
    tries: u32,
    /// When it was opened in doubt.
    doubt_since: Option<Timestamp>,
}

#[derive(Clone, Default)]
pub(crate) struct Books {
    pub(crate) hand_offs: BTreeMap<Reference, HandOff>,
    pub(crate) events: Vec<Event>,
    pub(crate) keys: BTreeMap<[u8; 32], ([u8; 32], Reference)>,
    pub(crate) awaited: BTreeMap<Reference, Awaited>,
    pub(crate) traces: BTreeMap<Reference, Vec<Trace>>,
    pub(crate) progress: BTreeMap<Report, Timestamp>,
}

impl Books {
    pub(crate) fn evidence(&self, reference: Reference) -> Vec<Evidence> {
        let events = self.events.iter().filter(|event| event.reference == reference);
        events.filter_map(|event| event.evidence.clone()).collect()
    }

    pub(crate) fn standing(&self, reference: Reference) -> Option<Standing> {
        let HandOff { opened_as, asked, .. } = self.hand_offs.get(&reference)?;
        Some(judge(*opened_as, asked, &self.evidence(reference)))
    }

    pub(crate) fn entry(&self, reference: Reference) -> Option<Entry> {
        let hand_off = self.hand_offs.get(&reference)?.clone();
        let newest = self.events.iter().rev().find(|event| event.reference == reference);
        let changed_at = newest.map_or(hand_off.opened_at, |event| event.recorded_at);
        Some(Entry { standing: self.standing(reference)?, hand_off, changed_at })
    }

    pub(crate) fn kept(&self, key: IdempotencyKey) -> Option<Opening> {
        let known = |key: IdempotencyKey| Some((key.fingerprint, self.keys.get(&key.key)?));
        let (fingerprint, (kept, reference)) = key.each().find_map(known)?;
        Some(if *kept == fingerprint {
            Opening::Repeated(self.entry(*reference).unwrap())
        } else {
            Opening::Conflicting
        })
    }

    pub(crate) fn open(
        &mut self,
        hand_off: HandOff,
        key: Option<IdempotencyKey>,
        due_at: Timestamp,
    ) -> Opening {
        if let Some(opening) = key.and_then(|key| self.kept(key)) {
            return opening;
        }
        let reference = hand_off.reference;
        let opening = match self.entry(reference) {
            Some(known) => {
                let same = known.hand_off.asked == hand_off.asked
                    && known.hand_off.opened_as == hand_off.opened_as;
                if !same {
                    return Opening::Conflicting;
                }
                Opening::Repeated(known)
            }
            None => Opening::Opened(self.record_opening(hand_off, due_at)),
        };
        for key in key.into_iter().flat_map(IdempotencyKey::each) {
            self.keys.insert(key.key, (key.fingerprint, reference));
        }
        opening
    }

    fn record_opening(&mut self, hand_off: HandOff, due_at: Timestamp) -> Entry {
        let HandOff { reference, opened_at, opened_as, ref asked } = hand_off;
        let standing = judge(opened_as, asked, &self.evidence(reference));
        let after = Some(standing.state);
        self.hand_offs.insert(reference, hand_off.clone());
        self.record(reference, None, (None, after), opened_at);
        if standing.state.can_still_rise(opened_as) {
            let doubt_since = (opened_as == State::InDoubt).then_some(opened_at);
            self.awaited.insert(reference, Awaited { due_at: Some(due_at), tries: 0, doubt_since });
        }
        Entry { hand_off, standing, changed_at: opened_at }
    }

    pub(crate) fn conclude(
        &mut self,
        reference: Reference,
        evidence: Evidence,
        at: Timestamp,
    ) -> Conclusion {
        let mut known = self.evidence(reference);
        if known.iter().any(|known| known.id == evidence.id) {
            return Conclusion::Repeated;
        }
        let Some(HandOff { opened_as, asked, .. }) = self.hand_offs.get(&reference).cloned() else {
            self.record(reference, Some(evidence), (None, None), at);
            return Conclusion::Parked;
        };
        let before = judge(opened_as, &asked, &known).state;
        known.push(evidence.clone());
        let after = judge(opened_as, &asked, &known);
        self.record(reference, Some(evidence), (Some(before), Some(after.state)), at);
        if !after.state.can_still_rise(opened_as) {
            self.awaited.remove(&reference);
        }
        Conclusion::Recorded { before, after }
    }

    pub(crate) fn claim(
        &mut self,
        now: Timestamp,
        lease_until: Timestamp,
        limit: usize,
    ) -> Vec<Claim> {
        let mut due: Vec<_> = self
            .awaited
            .iter()
            .filter_map(|(reference, awaited)| Some((awaited.due_at?, *reference)))
            .filter(|(at, _)| *at <= now)
            .collect();
        due.sort_unstable();
        due.truncate(limit);
        let claim = |(_, reference): (Timestamp, Reference)| {
            let awaited = self.awaited.get_mut(&reference).unwrap();
            let tries = awaited.tries;
            (awaited.due_at, awaited.tries) = (Some(lease_until), tries + 1);
            Claim { hand_off: self.hand_offs[&reference].clone(), tries }
        };
        due.into_iter().map(claim).collect()
    }

    pub(crate) fn reschedule(&mut self, reference: Reference, due_at: Option<Timestamp>) {
        let Some(awaited) = self.awaited.get_mut(&reference) else { return };
        awaited.due_at = due_at;
        if due_at.is_none() && awaited.doubt_since.is_none() {
            self.awaited.remove(&reference);
        }
    }

    pub(crate) fn doubts(&self, limit: usize) -> Vec<Doubt> {
        let doubts = self.awaited.iter();
        let mut doubts: Vec<_> =
            doubts.filter_map(|(known, it)| Some((it.doubt_since?, *known, *it))).collect();
        doubts.sort_by_key(|(since, reference, _)| (*since, *reference));
        let doubt = |(_, reference, awaited): (Timestamp, Reference, Awaited)| Doubt {
            entry: self.entry(reference).unwrap(),
            tries: awaited.tries,
            due_at: awaited.due_at,
        };
        doubts.into_iter().take(limit).map(doubt).collect()
    }

    pub(crate) fn count_doubts(&self) -> Doubts {
        let doubts = self.doubts(usize::MAX);
        let count = |some: &dyn Fn(&Doubt) -> bool| {
            u64::try_from(doubts.iter().filter(|doubt| some(doubt)).count()).unwrap()
        };
        Doubts {
            count: count(&|_| true),
            overdue: count(&|it| it.entry.standing.attention.contains(&Flag::DoubtOverdue)),
            given_up: count(&Doubt::is_given_up),
            oldest: doubts.first().map(|doubt| doubt.entry.hand_off.opened_at),
        }
    }

    /// Where an event stands in the feed.
    pub(crate) fn place_of(&self, position: i64) -> Option<Cursor> {
        let event = self.events.iter().find(|event| event.sequence == position)?;
        Some(Cursor { position, mark: *event.hash.first_chunk()? })
    }

    /// An event as the feed shows it.
    pub(crate) fn item(&self, event: &Event) -> Option<Item> {
        let cursor = self.place_of(event.sequence)?;
        let hand_off = self.hand_offs.get(&event.reference)?.clone();
        let known = self.events.iter().take_while(|earlier| earlier.sequence <= event.sequence);
        let known = known.filter(|earlier| earlier.reference == event.reference);
        let known: Vec<Evidence> = known.filter_map(|earlier| earlier.evidence.clone()).collect();
        let standing = judge(hand_off.opened_as, &hand_off.asked, &known);
        let entry = Entry { hand_off, standing, changed_at: event.recorded_at };
        Some(Item { cursor, event: event.clone(), entry })
    }

    /// `false` where this very request was marked before, or nothing was opened.
    pub(crate) fn mark(&mut self, reference: Reference, trace: Trace) -> bool {
        let known = self.traces.values().flatten().any(|known| known.mark == trace.mark);
        let fits = self.hand_offs.contains_key(&reference) && !known;
        if fits {
            self.traces.entry(reference).or_default().push(trace);
        }
        fits
    }

    /// When something is due next.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.awaited.values().filter_map(|awaited| awaited.due_at).min()
    }

    pub(crate) fn is_anothers(&self, theirs: &ProcessorText, reference: Reference) -> bool {
        self.events.iter().any(|event| {
            let named = event.evidence.as_ref().and_then(|it| it.processor_reference.as_ref());
            event.reference != reference && named == Some(theirs)
        })
    }

    fn record(
        &mut self,
        reference: Reference,
        evidence: Option<Evidence>,
        (before, after): (Option<State>, Option<State>),
        recorded_at: Timestamp,
    ) {
        let sequence = i64::try_from(self.events.len()).unwrap() + 1;
        let hash = chain::START;
        let mut event = Event { sequence, reference, evidence, before, after, recorded_at, hash };
        let opened = self.hand_offs.get(&reference).filter(|_| event.evidence.is_none());
        event.hash = chain::hash(&self.head(), &event, opened);
        self.events.push(event);
    }

    fn head(&self) -> Hash {
        self.events.last().map_or(chain::START, |event| event.hash)
    }

    /// Whether every link of the chain holds, computed anew.
    pub(crate) fn chain_holds(&self) -> bool {
        let mut previous = chain::START;
        self.events.iter().all(|event| {
            let opening = event.evidence.is_none();
            let hand_off = self.hand_offs.get(&event.reference).filter(|_| opening);
            previous = chain::hash(&previous, event, hand_off);
            previous == event.hash
        })
    }
}
