//! The record at a glance: counted by the engine as the one rule judges, whatever happened.

use crate::samples::{asked, at, conclude, developed, hand_off, notice, opened};
use almoner::ledger::{FLAGGED_SHOWN, HandOff, Ledger, Page, Stretch, Survey};
use almoner::payment::{
    Amount, Asked, Development, EventId, Evidence, Fact, Flag, Frequency, Kind, Method, Mode,
    Outcome, ProcessorText, Reference, Source, State,
};
use iso_currency::Currency;
use std::collections::BTreeMap;
use std::sync::Arc;

const ALL: (i64, i64) = (0, 100_000);

async fn survey(ledger: &Arc<dyn Ledger>, (from, until): (i64, i64)) -> Survey {
    let stretch = Stretch { mode: Mode::Test, from: at(from), until: at(until) };
    ledger.survey(stretch).await.unwrap()
}

/// What the groups say of each state: how many, and how much.
fn states(survey: &Survey) -> BTreeMap<State, (u64, u64)> {
    let mut states = BTreeMap::new();
    for group in &survey.groups {
        let (count, minor) = states.entry(group.state).or_insert((0, 0));
        *count += group.count;
        *minor += group.minor;
    }
    states
}

pub(crate) async fn an_empty_record_is_empty_at_a_glance(ledger: Arc<dyn Ledger>) {
    assert_eq!(survey(&ledger, ALL).await, Survey::default());
}

pub(crate) async fn only_what_was_opened_in_the_stretch_and_mode_counts(ledger: Arc<dyn Ledger>) {
    for second in [99, 100, 150, 199, 200] {
        opened(&ledger, &hand_off(second)).await;
    }
    let asked = Asked { mode: Mode::Live, ..asked() };
    opened(&ledger, &HandOff { asked, ..hand_off(151) }).await;
    let parked = Reference::at(at(152));
    conclude(&ledger, parked, &notice(9, Outcome::Accepted)).await;
    let found = survey(&ledger, (100, 200)).await;
    assert_eq!(states(&found), BTreeMap::from([(State::HandedOff, (3, 7500))]));
    assert_eq!((found.webhook_at, found.flagged), (None, 0), "an orphan is of no mode");
}

pub(crate) async fn groups_are_of_what_is_alike(ledger: Arc<dyn Ledger>) {
    let euros = Amount::new(700, Currency::EUR).unwrap();
    let other = Asked {
        kind: Kind::Donate,
        method: Method::Card,
        frequency: Frequency::Once,
        amount: euros,
        plan: None,
        ..asked()
    };
    for second in 0..3 {
        opened(&ledger, &hand_off(second)).await;
        let hand_off = HandOff { asked: other.clone(), ..hand_off(10 + second) };
        opened(&ledger, &hand_off).await;
    }
    let mut told: Vec<_> = survey(&ledger, ALL)
        .await
        .groups
        .iter()
        .map(|it| (it.kind, it.method, it.frequency, it.currency.code(), it.count, it.minor))
        .collect();
    told.sort_unstable();
    let (donations, memberships) = (
        (Kind::Donate, Method::Card, Frequency::Once, "EUR", 3, 2100),
        (Kind::Join, Method::DirectDebit, Frequency::HalfYearly, "GBP", 3, 7500),
    );
    assert_eq!(told, [donations, memberships]);
}

pub(crate) async fn developments_overdue_pages_and_webhooks_are_counted(ledger: Arc<dyn Ledger>) {
    let taken = opened(&ledger, &hand_off(0)).await.hand_off.reference;
    conclude(&ledger, taken, &notice(1, Outcome::Accepted)).await;
    for (id, what) in
        [(2, Development::Refunded), (3, Development::Refunded), (4, Development::ChargedBack)]
    {
        conclude(&ledger, taken, &developed(id, what)).await;
    }
    let elsewhere = Evidence {
        amount: Amount::new(1, Currency::EUR).ok(),
        ..developed(5, Development::MandateLive)
    };
    conclude(&ledger, taken, &elsewhere).await;
    let overdue = |id| Evidence {
        source: Source::Clock,
        fact: Fact::Overdue,
        amount: None,
        mode: None,
        ..notice(id, Outcome::Accepted)
    };
    for (second, id) in [(20, 20), (30, 30)] {
        let left = opened(&ledger, &hand_off(second)).await.hand_off.reference;
        conclude(&ledger, left, &overdue(id)).await;
        if second == 30 {
            conclude(&ledger, left, &notice(31, Outcome::Cancelled)).await;
        }
    }
    let found = survey(&ledger, ALL).await;
    let mut developments = found.developments.clone();
    developments.sort_unstable();
    assert_eq!(developments, [(Development::Refunded, 2), (Development::ChargedBack, 1)]);
    assert_eq!(found.unfinished, 1, "one of the two was heard of after all");
    assert_eq!(found.webhook_at, Some(at(41)), "recorded ten seconds after it happened");
}

/// Every way in which what is heard may not agree, and how it is judged.
pub(crate) async fn whatever_the_rule_flags_is_found_and_nothing_else(ledger: Arc<dyn Ledger>) {
    let sum = |minor| Amount::new(minor, Currency::GBP).ok();
    let with = |id, outcome, change: fn(&mut Evidence)| {
        let mut evidence = notice(id, outcome);
        change(&mut evidence);
        evidence
    };
    let other_id = |it: &mut Evidence| it.processor_reference = ProcessorText::parse("P-2");
    let cases: Vec<Vec<Evidence>> = vec![
        vec![notice(1, Outcome::Accepted)],
        vec![notice(1, Outcome::Declined), notice(2, Outcome::Accepted)],
        vec![notice(2, Outcome::Declined), notice(1, Outcome::Accepted)],
        vec![notice(1, Outcome::Lapsed), notice(2, Outcome::Accepted)],
        vec![notice(1, Outcome::Accepted), notice(2, Outcome::Accepted)],
        vec![notice(1, Outcome::Accepted), with(2, Outcome::Accepted, other_id)],
        vec![Evidence { amount: sum(1), ..notice(1, Outcome::Accepted) }],
        vec![Evidence { amount: None, ..notice(1, Outcome::Declined) }],
        vec![Evidence { mode: Some(Mode::Live), ..notice(1, Outcome::Accepted) }],
        vec![Evidence {
            amount: Amount::new(2500, Currency::EUR).ok(),
            ..developed(1, Development::Refunded)
        }],
        vec![notice(1, Outcome::Declined), developed(2, Development::CollectionPaid)],
        vec![notice(1, Outcome::Declined), developed(2, Development::MandateFailed)],
        vec![
            notice(1, Outcome::Cancelled),
            Evidence { fact: Fact::Unrecognised, ..notice(2, Outcome::Accepted) },
        ],
        vec![Evidence { fact: Fact::Unrecognised, ..notice(2, Outcome::Accepted) }],
        vec![
            notice(1, Outcome::Declined),
            Evidence { source: Source::Person, ..notice(2, Outcome::Accepted) },
        ],
    ];
    for opened_as in [State::HandedOff, State::InDoubt] {
        for (case, second) in cases.iter().zip(0_i64..) {
            let second = if opened_as == State::InDoubt { 1000 + second } else { second };
            let hand_off = HandOff { opened_as, ..hand_off(second) };
            let reference = opened(&ledger, &hand_off).await.hand_off.reference;
            for evidence in case {
                conclude(&ledger, reference, evidence).await;
            }
        }
    }
    let entries = ledger.list(Page { limit: 1000, ..Page::default() }).await.unwrap();
    let flagged: Vec<_> =
        entries.iter().filter(|entry| entry.standing.is_disputed()).cloned().collect();
    let found = survey(&ledger, ALL).await;
    assert!(flagged.len() > 15 && flagged.len() < entries.len() - 5, "{}", flagged.len());
    assert_eq!(usize::try_from(found.flagged), Ok(flagged.len()));
    assert_eq!(found.shown, flagged[..FLAGGED_SHOWN.min(flagged.len())]);
    let mut judged = BTreeMap::new();
    for entry in &entries {
        let (count, minor) = judged.entry(entry.standing.state).or_insert((0, 0));
        *count += 1;
        *minor += 2500;
    }
    assert_eq!(states(&found), judged);
    assert!(found.shown.iter().any(|entry| entry.standing.attention.contains(&Flag::Mismatch)));
}

/// More than are shown are still counted, and in chunks.
pub(crate) async fn many_that_are_flagged_are_counted_all(ledger: Arc<dyn Ledger>) {
    let wrong = |second: i64| Evidence {
        id: EventId([u8::try_from(second % 250).unwrap(); 16]),
        mode: Some(Mode::Live),
        ..notice(1, Outcome::Accepted)
    };
    let mut opening = tokio::task::JoinSet::new();
    for second in 0..300 {
        let ledger = Arc::clone(&ledger);
        opening.spawn(async move {
            let reference = opened(&ledger, &hand_off(second)).await.hand_off.reference;
            conclude(&ledger, reference, &wrong(second)).await;
        });
    }
    opening.join_all().await;
    let found = survey(&ledger, ALL).await;
    assert_eq!((found.flagged, found.shown.len()), (300, FLAGGED_SHOWN));
    assert!(found.shown.is_sorted_by(|one, next| one.hand_off.reference > next.hand_off.reference));
}
