//! Any course of events, on the ledger and on a model of a few lines: they must agree.

use crate::samples::{at, hand_off};
use almoner::ledger::{Conclusion, HandOff, IdempotencyKey, Ledger, Opening, Page};
use almoner::payment::{
    Amount, EventId, Evidence, Fact, Mode, Outcome, ProcessorText, Reference, Source, State, judge,
};
use iso_currency::Currency;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const COURSES: usize = 60;
/// How many hand-offs one course is about.
const HAND_OFFS: usize = 4;

#[derive(Clone, Debug)]
enum Step {
    Open { which: usize, gift_aid: bool, key: Option<(u8, u8)>, due: i64 },
    Conclude { which: usize, evidence: Evidence },
    Claim { now: i64 },
    Reschedule { which: usize, due: Option<i64> },
}

fn any_evidence() -> impl Strategy<Value = Evidence> {
    let fact = prop_oneof![
        4 => select(Outcome::ALL).prop_map(Fact::Outcome),
        1 => select(almoner::payment::Development::ALL).prop_map(Fact::Development),
        1 => Just(Fact::Unrecognised),
        1 => select(vec![Fact::Overdue, Fact::NotFound, Fact::Pending]),
    ];
    (fact, 0_u8..6, 0_i64..4, 0_u8..2, 2499_i64..=2500, select(Source::ALL)).prop_map(
        |(fact, id, second, reference, minor, source)| Evidence {
            id: EventId([id; 16]),
            source,
            fact,
            amount: Amount::new(minor, Currency::GBP).ok(),
            mode: Some(Mode::Test),
            processor_reference: ProcessorText::parse(&format!("P{reference}")),
            code: None,
            occurred_at: at(second),
        },
    )
}

fn any_step() -> impl Strategy<Value = Step> {
    let which = 0..HAND_OFFS;
    let key = proptest::option::of((0_u8..2, 0_u8..2));
    prop_oneof![
        3 => (which.clone(), prop::bool::weighted(0.8), key, 0_i64..9)
            .prop_map(|(which, gift_aid, key, due)| Step::Open { which, gift_aid, key, due }),
        5 => (which.clone(), any_evidence())
            .prop_map(|(which, evidence)| Step::Conclude { which, evidence }),
        1 => (0_i64..12).prop_map(|now| Step::Claim { now }),
        1 => (which, proptest::option::of(0_i64..9))
            .prop_map(|(which, due)| Step::Reschedule { which, due }),
    ]
}

/// What a ledger is, without a disk.
#[derive(Default)]
struct Model {
    hand_offs: BTreeMap<Reference, HandOff>,
    evidence: BTreeMap<Reference, Vec<Evidence>>,
    keys: BTreeMap<[u8; 32], ([u8; 32], Reference)>,
    due: BTreeMap<Reference, i64>,
}

/// The outcome of an opening, by name and by the hand-off it is about.
type Told = (&'static str, Option<Reference>);

impl Model {
    fn state(&self, reference: Reference) -> Option<State> {
        let hand_off = self.hand_offs.get(&reference)?;
        let evidence = self.evidence.get(&reference).map_or(&[][..], Vec::as_slice);
        Some(judge(hand_off.opened_as, &hand_off.asked, evidence).state)
    }

    fn open(&mut self, hand_off: HandOff, key: Option<IdempotencyKey>, due: i64) -> Told {
        if let Some(key) = key
            && let Some((fingerprint, reference)) = self.keys.get(&key.key)
        {
            let same = *fingerprint == key.fingerprint;
            return if same { ("repeated", Some(*reference)) } else { ("conflicting", None) };
        }
        let reference = hand_off.reference;
        let told = match self.hand_offs.get(&reference) {
            Some(known) if known.asked == hand_off.asked => "repeated",
            Some(_) => return ("conflicting", None),
            None => {
                self.hand_offs.insert(reference, hand_off);
                if self.state(reference).is_some_and(|state| state.can_still_rise(State::HandedOff))
                {
                    self.due.insert(reference, due);
                }
                "opened"
            }
        };
        if let Some(key) = key {
            self.keys.insert(key.key, (key.fingerprint, reference));
        }
        (told, Some(reference))
    }

    fn conclude(&mut self, reference: Reference, evidence: &Evidence) -> &'static str {
        let known = self.evidence.entry(reference).or_default();
        if known.iter().any(|known| known.id == evidence.id) {
            return "repeated";
        }
        known.push(evidence.clone());
        match self.state(reference) {
            None => "parked",
            Some(state) => {
                if !state.can_still_rise(State::HandedOff) {
                    self.due.remove(&reference);
                }
                "recorded"
            }
        }
    }

    /// Leases all that is due far beyond the course's end.
    fn claim(&mut self, now: i64) -> BTreeSet<Reference> {
        let mut due: Vec<_> = self.due.iter_mut().filter(|(_, due)| **due <= now).collect();
        for (_, due) in &mut due {
            **due = 1000;
        }
        due.into_iter().map(|(reference, _)| *reference).collect()
    }
}

pub(crate) async fn any_course_of_events_agrees_with_the_model(ledger: Arc<dyn Ledger>) {
    let course = proptest::collection::vec(any_step(), 1..40);
    let mut runner = TestRunner::default();
    for number in 0..COURSES {
        let steps = course.new_tree(&mut runner).unwrap().current();
        play(&ledger, number, steps).await;
    }
}

async fn play(ledger: &Arc<dyn Ledger>, number: usize, steps: Vec<Step>) {
    let course = u8::try_from(number).unwrap();
    let hand_offs: Vec<HandOff> = (0..HAND_OFFS).map(|_| hand_off(0)).collect();
    let mut model = Model::default();
    for step in steps.clone() {
        match step {
            Step::Open { which, gift_aid, key, due } => {
                let mut hand_off = hand_offs[which].clone();
                hand_off.asked.gift_aid = gift_aid;
                let key = key.map(|(key, fingerprint)| IdempotencyKey {
                    key: [course * 4 + key; 32],
                    fingerprint: [fingerprint; 32],
                    other: None,
                });
                let told = match ledger.open(hand_off.clone(), key, at(due)).await.unwrap() {
                    Opening::Opened(entry) => ("opened", Some(entry)),
                    Opening::Repeated(entry) => ("repeated", Some(entry)),
                    Opening::Conflicting => ("conflicting", None),
                };
                let told = (told.0, told.1.map(|entry| entry.hand_off.reference));
                assert_eq!(told, model.open(hand_off, key, due), "{steps:?}");
            }
            Step::Conclude { which, evidence } => {
                let reference = hand_offs[which].reference;
                let before = model.state(reference);
                let answer = ledger.conclude(reference, evidence.clone(), at(5)).await.unwrap();
                let told = model.conclude(reference, &evidence);
                match answer {
                    Conclusion::Recorded { before: was, after } => {
                        let states = (Some(was), Some(after.state), "recorded");
                        assert_eq!(states, (before, model.state(reference), told), "{steps:?}");
                    }
                    Conclusion::Repeated => assert_eq!(told, "repeated", "{steps:?}"),
                    Conclusion::Parked => assert_eq!(told, "parked", "{steps:?}"),
                }
            }
            Step::Claim { now } => {
                let claims = ledger.claim(at(now), at(1000), 1000).await.unwrap();
                let claims = claims.into_iter().map(|claim| claim.hand_off.reference).collect();
                assert_eq!(model.claim(now), claims, "{steps:?}");
            }
            Step::Reschedule { which, due } => {
                let reference = hand_offs[which].reference;
                ledger.reschedule(reference, due.map(at)).await.unwrap();
                match (due, model.due.get_mut(&reference)) {
                    (Some(due), Some(slot)) => *slot = due,
                    (None, Some(_)) => drop(model.due.remove(&reference)),
                    (_, None) => {}
                }
            }
        }
    }
    agree(ledger, &hand_offs, &model).await;
    // The next course must not meet this one's chases.
    ledger.claim(at(999), at(1_000_000), 1000).await.unwrap();
}

async fn agree(ledger: &Arc<dyn Ledger>, hand_offs: &[HandOff], model: &Model) {
    let page = Page { limit: usize::MAX, ..Page::default() };
    let listed = ledger.list(page).await.unwrap();
    for hand_off in hand_offs {
        let reference = hand_off.reference;
        let evidence = model.evidence.get(&reference).cloned().unwrap_or_default();
        let history = ledger.history(reference).await.unwrap();
        let kept: Vec<_> = history.iter().filter_map(|event| event.evidence.clone()).collect();
        assert_eq!(kept, evidence);
        let found = ledger.find(reference).await.unwrap();
        let expected = model.hand_offs.get(&reference).map(|hand_off| {
            (hand_off.clone(), judge(hand_off.opened_as, &hand_off.asked, &evidence))
        });
        let listed = listed.iter().find(|entry| entry.hand_off.reference == reference);
        assert_eq!(found.as_ref(), listed);
        assert_eq!(found.map(|entry| (entry.hand_off, entry.standing)), expected);
    }
}
