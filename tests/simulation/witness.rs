//! Who has seen everything: what was told to whom, what the disk holds and what the processor did,
//! and whether the invariants hold over it (security.md, 4.2).

use super::bank::{Bank, Verdict};
use super::books::Books;
use super::disk::Disk;
use super::house::WebhookKeys;
use almoner::payment::{EventId, Fact, Flag, Outcome, Reference, Source, State};
use std::collections::BTreeMap;

#[derive(Default)]
pub(crate) struct Witness {
    pub(crate) violations: Vec<String>,
    /// Webhooks that were answered with 2xx.
    pub(crate) acknowledged: Vec<(Reference, EventId)>,
    /// Which reference each wish was told.
    told: BTreeMap<u32, Reference>,
    /// Of which it was said that nothing was or will be done.
    pub(crate) told_nothing_done: Vec<Reference>,
    /// Of which it was said that nothing was sent, whose wish it was, and after how many attempts.
    told_not_sent: Vec<(Reference, u32, u32)>,
    /// How often each wish was asked for.
    attempts: BTreeMap<u32, u32>,
    sends: BTreeMap<Reference, u32>,
    /// The highest state each hand-off was seen in.
    highest: BTreeMap<Reference, State>,
    /// How many events were looked at.
    looked: usize,
    pub(crate) webhook_keys: WebhookKeys,
    pub(crate) signs_with_next: bool,
}

impl Witness {
    /// Counts a request to pay.
    pub(crate) fn send(&mut self, reference: Reference) -> u32 {
        let sends = self.sends.entry(reference).or_insert(0);
        *sends += 1;
        *sends
    }

    /// How often it was sent.
    pub(crate) fn sends_of(&self, reference: Reference) -> u32 {
        self.sends.get(&reference).copied().unwrap_or(0)
    }

    /// Somebody asks for it, once more.
    pub(crate) fn begins(&mut self, wish: u32) {
        *self.attempts.entry(wish).or_insert(0) += 1;
    }

    /// Nothing was sent, as far as this attempt goes.
    pub(crate) fn told_not_sent(&mut self, wish: u32, reference: Reference) {
        self.told_not_sent.push((reference, wish, self.attempts[&wish]));
    }

    /// One wish, one reference.
    pub(crate) fn told(&mut self, wish: u32, reference: Reference) {
        let first = *self.told.entry(wish).or_insert(reference);
        if first != reference {
            self.violations.push(format!("wish {wish} was told {first} and then {reference}"));
        }
    }

    /// What a disk that lied lost cannot be held against us.
    pub(crate) fn forget_what_a_lying_disk_lost(&mut self, disk: &Disk) {
        if !disk.lied {
            return;
        }
        let books = &disk.durable;
        self.looked = 0;
        self.highest.clear();
        self.acknowledged.retain(|(_, event)| has(books, *event));
        self.told.retain(|_, reference| books.hand_offs.contains_key(reference));
    }

    /// Everything that must hold at every moment; what does not.
    pub(crate) fn look(&mut self, disk: &Disk, bank: &Bank) -> Vec<String> {
        let books = &disk.durable;
        let mut found = Vec::new();
        for (reference, account) in &bank.accounts {
            if account.charges > 1 {
                found.push(format!("INV-1: {reference} is charged {} times", account.charges));
            }
            if !disk.lied && !books.hand_offs.contains_key(reference) {
                found.push(format!("INV-1: {reference} is at the processor and not on disk"));
            }
        }
        for (reference, wish, attempts) in &self.told_not_sent {
            let sent = bank.accounts.contains_key(reference) || self.sends.contains_key(reference);
            if sent && (*attempts, self.attempts[wish]) == (1, 1) {
                found.push(format!("INV-10: {reference} was said not to be sent"));
            }
        }
        for reference in &self.told_nothing_done {
            if bank.charges(*reference) > 0 {
                found.push(format!("INV-10: {reference} was said not to be done"));
            }
        }
        if !disk.lied {
            for (reference, event) in &self.acknowledged {
                if !has(books, *event) {
                    found.push(format!(
                        "INV-3: an acknowledged webhook of {reference} is not on disk"
                    ));
                }
            }
            for reference in self.told.values().filter(|it| !books.hand_offs.contains_key(it)) {
                found.push(format!("INV-3: {reference} was given out and is not on disk"));
            }
        }
        if books.events.len() != self.looked {
            self.looked = books.events.len();
            found.extend(self.look_at_events(disk, bank));
        }
        found
    }

    fn look_at_events(&mut self, disk: &Disk, bank: &Bank) -> Vec<String> {
        let (books, mut found) = (&disk.durable, Vec::new());
        for (reference, hand_off) in &books.hand_offs {
            let evidence = books.evidence(*reference);
            let standing = books.standing(*reference).unwrap();
            let highest = self.highest.entry(*reference).or_insert(standing.state);
            if standing.state < *highest {
                found.push(format!("INV-4: {reference} fell to {}", standing.state.word()));
            }
            *highest = standing.state.max(*highest);
            let agreeing = evidence.iter().any(|it| {
                it.fact == Fact::Outcome(Outcome::Accepted)
                    && it.source != Source::Clock
                    && it.amount == Some(hand_off.asked.amount)
                    && it.mode.is_none_or(|mode| mode == hand_off.asked.mode)
            });
            let paid = bank.accounts.get(reference).is_some_and(|account| {
                account.charges > 0 && account.amount == hand_off.asked.amount.minor()
            });
            if standing.state == State::Accepted && !(agreeing && paid) {
                found.push(format!("INV-5: {reference} is accepted and nothing says so"));
            }
            let not_sent = evidence
                .iter()
                .any(|it| it.code.as_ref().is_some_and(|it| it.as_str() == "not_sent"));
            if not_sent && self.sends.contains_key(reference) && !disk.lied {
                found.push(format!("INV-10: {reference} is recorded as not sent, and was"));
            }
            let listed =
                books.awaited.get(reference).is_some_and(|awaited| awaited.due_at.is_some());
            let flagged = standing.attention.contains(&Flag::DoubtOverdue)
                || standing.attention.contains(&Flag::HandOffOverdue);
            if !standing.state.is_concluded() && !listed && !flagged {
                found.push(format!("INV-6: nobody will ask about {reference}"));
            }
        }
        let mut ids: Vec<_> = books.events.iter().filter_map(|it| it.evidence.as_ref()).collect();
        ids.sort_by_key(|evidence| evidence.id);
        if ids.windows(2).any(|pair| pair[0].id == pair[1].id) {
            found.push("INV-7: one message is two events".to_owned());
        }
        found
    }

    /// When all is over: the record says what the processor did.
    pub(crate) fn truth(disk: &Disk, bank: &Bank) -> Vec<String> {
        let books = &disk.durable;
        let mut found = Vec::new();
        for reference in books.hand_offs.keys() {
            let standing = books.standing(*reference).unwrap();
            let verdicts = bank.accounts.get(reference).map_or(&[][..], |known| &known.verdicts);
            let state = standing.state;
            let right = match verdicts.iter().max() {
                // A mark that a lying disk lost cannot be asked about.
                Some(_) if disk.lied && state == State::Lapsed => true,
                Some(Verdict::Accepted) => state == State::Accepted,
                Some(_) => verdicts.iter().any(|verdict| verdict.word() == state.word()),
                // Never finished, or never arrived.
                None => {
                    let refused = state == State::Declined && bank.refusals.contains_key(reference);
                    !standing.attention.is_empty() || state == State::Lapsed || refused
                }
            };
            if !right {
                found.push(format!("I-8: {reference} is {} and was {verdicts:?}", state.word()));
            }
        }
        if !books.chain_holds() {
            found.push("the chain does not hold".to_owned());
        }
        if format!("{:?}", books.events).contains("anary") {
            found.push("INV-8: somebody's name is in the record".to_owned());
        }
        found
    }
}

fn has(books: &Books, event: EventId) -> bool {
    let known = books.events.iter().filter_map(|known| known.evidence.as_ref());
    known.filter(|evidence| evidence.id == event).count() == 1
}
