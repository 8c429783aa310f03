//! The record by its chain: as it was at one moment, link by link, and against what was kept of it elsewhere.

use crate::instances::start;
use crate::purging::{settled, until};
use crate::samples::{at, conclude, hand_off, notice, opened};
use crate::server::database;
use almoner::export::{Days, Format, Reading, Writer};
use almoner::ledger::chain::{Link, START};
use almoner::ledger::{Chained, Chapter, Ledger, Place, There};
use almoner::payment::{Mode, Outcome, Reference, State};
use almoner::receipt::against::{NotTheSame, hold};
use jiff::SignedDuration;
use std::sync::Arc;

/// All of the record as it was then, in parts of two.
async fn all(ledger: &Arc<dyn Ledger>, heads: &[Link]) -> Vec<Chained> {
    let (mut chapter, mut found) = (
        Chapter { heads: heads.into(), after: [0; 16], before: [u8::MAX; 16], limit: 2 },
        Vec::new(),
    );
    loop {
        let leaf = ledger.chapter(chapter.clone()).await.unwrap();
        found.extend(leaf.hand_offs);
        match leaf.next {
            Some(last) => chapter.after = *last.as_bytes(),
            None => return found,
        }
    }
}

fn states(found: &[Chained]) -> Vec<State> {
    found.iter().map(|told| told.entry.standing.state).collect()
}

pub(crate) async fn a_chapter_is_the_record_of_one_moment(ledger: Arc<dyn Ledger>) {
    let mut references = Vec::new();
    for second in 0..5 {
        references.push(opened(&ledger, &hand_off(second)).await.hand_off.reference);
    }
    conclude(&ledger, references[0], &notice(1, Outcome::Declined)).await;
    // Heard of before it is there.
    let early = hand_off(5);
    conclude(&ledger, early.reference, &notice(1, Outcome::Accepted)).await;
    let then = ledger.heads().await.unwrap();
    let before = all(&ledger, &then).await;
    conclude(&ledger, references[0], &notice(2, Outcome::Accepted)).await;
    conclude(&ledger, references[3], &notice(2, Outcome::Cancelled)).await;
    opened(&ledger, &early).await;
    assert_eq!(all(&ledger, &then).await, before, "what came later is not in it");
    let listed: Vec<Reference> = before.iter().map(|it| it.entry.hand_off.reference).collect();
    assert_eq!(listed, references, "the oldest first");
    let [declined, others @ ..] = &states(&before)[..] else { panic!("nothing") };
    assert!(*declined == State::Declined && others == [State::HandedOff; 4]);
    assert_eq!((before[0].settled_at, before[1].settled_at), (Some(at(1)), None));
    let now = all(&ledger, &ledger.heads().await.unwrap()).await;
    assert_eq!(
        states(&now),
        [
            State::Accepted,
            State::HandedOff,
            State::HandedOff,
            State::Cancelled,
            State::HandedOff,
            State::Accepted
        ]
    );
    assert_eq!((now[0].settled_at, now[5].settled_at), (Some(at(2)), Some(at(5))));
    for told in &now {
        let reference = told.entry.hand_off.reference;
        assert_eq!(ledger.chained(reference).await.unwrap().as_ref(), Some(told));
        assert_eq!(ledger.find(reference).await.unwrap().as_ref(), Some(&told.entry));
        let newest = ledger.history(reference).await.unwrap().pop().unwrap();
        assert_eq!((told.link.sequence, told.link.hash), (newest.sequence, newest.hash));
    }
    assert_eq!(all(&ledger, &[]).await, [], "before there was anything");
}

pub(crate) async fn a_record_has_its_links_and_no_others(ledger: Arc<dyn Ledger>) {
    assert_eq!(ledger.heads().await.unwrap(), []);
    let reference = settled(&ledger, 0).await;
    let parked = hand_off(9).reference;
    assert_eq!(ledger.chained(parked).await.unwrap(), None);
    conclude(&ledger, parked, &notice(1, Outcome::Accepted)).await;
    assert_eq!(ledger.chained(parked).await.unwrap(), None, "only heard of");
    let heads = ledger.heads().await.unwrap();
    let [head] = heads[..] else { panic!("{heads:?}") };
    assert_eq!((head.sequence, head.hash), (3, ledger.verify().await.unwrap().head));
    let history = ledger.history(reference).await.unwrap();
    for event in &history {
        let there = ledger.there(head.instance, event.sequence).await.unwrap();
        assert_eq!(there, There::Hash(event.hash));
    }
    for (chain, sequence) in [(head.instance, 4), (head.instance, 0), ([0xEE; 16], 1)] {
        assert_eq!(ledger.there(chain, sequence).await.unwrap(), There::Nothing);
    }
}

/// What was written down of the record elsewhere is found in it, and not in another.
pub(crate) async fn a_record_is_held_against_what_was_written_down_of_it(ledger: Arc<dyn Ledger>) {
    for second in 0..3 {
        settled(&ledger, second).await;
    }
    let heads = ledger.heads().await.unwrap();
    let kept: Vec<Place> = heads.iter().map(Place::from).collect();
    let now = at(100);
    let later = now.saturating_add(SignedDuration::from_hours(24 * 31)).unwrap();
    settled(&ledger, 90).await;
    assert_eq!(hold(&*ledger, &kept, (now, now)).await.unwrap().links, 1);
    let changed = |change: fn(&mut Place)| {
        let mut kept = kept.clone();
        change(&mut kept[0]);
        kept
    };
    let cut = hold(&*ledger, &changed(|it| it.sequence = 99), (now, now)).await.unwrap_err();
    assert!(cut.to_string().contains("its end was cut off"), "{cut}");
    let another = changed(|it| it.hash = hex::encode(START));
    let another = hold(&*ledger, &another, (now, now)).await.unwrap_err();
    assert!(another.to_string().contains("made anew"), "{another}");
    let none = changed(|it| it.hash.truncate(2));
    assert!(matches!(hold(&*ledger, &none, (now, now)).await, Err(NotTheSame::NoLink)));
    let first = changed(|it| it.sequence = 1);
    // All of the first three go: the last link of what went is still known.
    ledger.purge(until(40)).await.unwrap();
    assert_eq!(hold(&*ledger, &kept, (now, later)).await.unwrap().links, 1);
    let young = hold(&*ledger, &kept, (now, now)).await.unwrap_err();
    assert!(young.to_string().contains("somebody else took it away"), "{young}");
    let purged = hold(&*ledger, &first, (now, later)).await.unwrap();
    assert_eq!((purged.links, purged.purged), (0, 1));
    let taken = hold(&*ledger, &first, (now, now)).await.unwrap_err();
    assert!(taken.to_string().contains("somebody else took it away"), "{taken}");
}

/// More than one part, and between the parts the service goes on.
pub(crate) async fn an_export_while_the_service_writes_is_of_one_moment(ledger: Arc<dyn Ledger>) {
    let mut references = Vec::new();
    for second in 0..300 {
        references.push(opened(&ledger, &hand_off(second)).await.hand_off.reference);
    }
    conclude(&ledger, references[299], &notice(1, Outcome::Declined)).await;
    let begin = || Reading::begin(Arc::clone(&ledger), Days::default(), Mode::Test);
    let mut reading = begin().await.unwrap();
    let heads = reading.heads().to_vec();
    let mut writer = Writer::begin(Format::Csv, Vec::new()).unwrap();
    let mut parts = 0_u8;
    while let Some(part) = reading.next().await.unwrap() {
        parts += 1;
        for row in &part {
            writer.write(row).unwrap();
        }
        // The last row, which is in a part to come, and one more.
        conclude(&ledger, references[299], &notice(1 + parts, Outcome::Accepted)).await;
        opened(&ledger, &hand_off(400 + i64::from(parts))).await;
    }
    let (bytes, written) = writer.finish().unwrap();
    assert_eq!((parts, written.totals.rows()), (2, 300));
    let told = written.totals.told();
    assert_eq!(
        told.iter().map(|it| (&*it.state, it.count, it.amount_minor)).collect::<Vec<_>>(),
        [("handed_off", 299, 747_500), ("declined", 1, 2500)]
    );
    assert_eq!(std::str::from_utf8(&bytes).unwrap().lines().count(), 301);
    assert_eq!(heads.first().map(|head| head.sequence), Some(301), "as the record was then");
    let (_, again) = begin().await.unwrap().write(Format::Csv, Vec::new(), |_| ()).await.unwrap();
    assert_eq!(again.totals.rows(), 302, "and the next one has it all");
}

pub(crate) async fn an_export_is_of_its_days_and_its_mode(ledger: Arc<dyn Ledger>) {
    // The first second is 11:06:40 in London on 2026-11-18.
    for second in [0, 46_399, 46_400, 90_000] {
        opened(&ledger, &hand_off(second)).await;
    }
    for (from, to, mode, rows) in [
        (None, None, Mode::Test, 4),
        (None, None, Mode::Live, 0),
        (Some("2026-11-18"), Some("2026-11-18"), Mode::Test, 2),
        (Some("2026-11-19"), None, Mode::Test, 2),
        (None, Some("2026-11-17"), Mode::Test, 0),
        (Some("2026-12-18"), Some("2026-12-20"), Mode::Test, 0),
    ] {
        let day = |text: Option<&str>| text.map(|text| text.parse().unwrap());
        let days = Days { from: day(from), to: day(to) };
        let mut reading = Reading::begin(Arc::clone(&ledger), days, mode).await.unwrap();
        let (_, written) = reading.write(Format::Jsonl, Vec::new(), |_| ()).await.unwrap();
        assert_eq!(written.totals.rows(), rows, "{from:?} {to:?} {mode:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_instances_have_a_head_each_and_a_chapter_is_of_all() {
    let database = database().await;
    let [one, other] = [start(&database).await, start(&database).await];
    let reference = opened(&one, &hand_off(0)).await.hand_off.reference;
    conclude(&other, reference, &notice(1, Outcome::Declined)).await;
    let heads = one.heads().await.unwrap();
    assert_eq!(heads.len(), 2);
    assert_eq!(almoner::ledger::chain::joint(&heads), one.verify().await.unwrap().head);
    conclude(&one, reference, &notice(2, Outcome::Cancelled)).await;
    conclude(&other, reference, &notice(3, Outcome::Accepted)).await;
    let then = all(&other, &heads).await;
    assert_eq!(states(&then), [State::Declined]);
    assert!(heads.contains(&then[0].link), "by the other's chain");
    let places: Vec<Place> = heads.iter().map(Place::from).collect();
    assert_eq!(hold(&*one, &places, (at(1), at(1))).await.unwrap().links, 2);
}
