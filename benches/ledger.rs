//! How many durable rows a second the SQLite ledger takes and gives: `cargo bench --bench ledger`.
//! The file stands in the folder of the build, so that a real disk is measured.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a bench prints or fails")]
#![expect(clippy::arithmetic_side_effects, clippy::as_conversions, reason = "its sums are small")]

use almoner::clock::Clock;
use almoner::ledger::sqlite::{SqliteLedger, SqliteSettings};
use almoner::ledger::{HandOff, Ledger};
use almoner::payment::{
    Amount, Asked, Dialect, EventId, Evidence, Fact, Frequency, Kind, Method, Mode, Outcome,
    Reference, Source, State,
};
use iso_currency::Currency;
use std::future::Future;
use std::sync::Arc;
use std::time::Instant;
use tokio::task::JoinSet;

const CALLERS: usize = 64;
const CALLS: usize = 3000;
const ROUNDS: usize = 3;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let path = folder.path().join("ledger.db");
    let ledger = SqliteLedger::open(&path, SqliteSettings::default()).unwrap();
    for _ in 0..ROUNDS {
        let opened = measure("open", &ledger, Vec::new(), |ledger, _| async move {
            let hand_off = hand_off();
            let (reference, due_at) = (hand_off.reference, hand_off.opened_at);
            ledger.open(hand_off, None, due_at).await.unwrap();
            reference
        });
        let opened = opened.await;
        let concluded = measure("conclude", &ledger, opened, |ledger, reference| async move {
            let evidence = evidence(reference);
            let at = evidence.occurred_at;
            ledger.conclude(reference, evidence, at).await.unwrap();
            reference
        });
        let concluded = concluded.await;
        measure("find", &ledger, concluded, |ledger, reference| async move {
            ledger.find(reference).await.unwrap().unwrap();
            reference
        })
        .await;
    }
    let started = Instant::now();
    let verified = ledger.verify().await.unwrap();
    println!("verify: {} events in {} ms", verified.events, started.elapsed().as_millis());
    drop(ledger);
    let length = path.metadata().unwrap().len();
    let started = Instant::now();
    SqliteLedger::open(&path, SqliteSettings::default()).unwrap();
    println!("open {} MiB: {} ms", length >> 20, started.elapsed().as_millis());
}

/// Has every caller make its calls, on the references given where there are any.
async fn measure<F: Future<Output = Reference> + Send>(
    what: &str,
    ledger: &Arc<SqliteLedger>,
    references: Vec<Reference>,
    call: impl Fn(Arc<SqliteLedger>, Reference) -> F + Copy + Send + 'static,
) -> Vec<Reference> {
    let started = Instant::now();
    let mut callers = JoinSet::new();
    let mut references = references.into_iter();
    for _ in 0..CALLERS {
        let ledger = Arc::clone(ledger);
        let new = || Reference::at(Clock::system().now());
        let mine: Vec<_> = (0..CALLS).map(|_| references.next().unwrap_or_else(new)).collect();
        callers.spawn(async move {
            let mut done = Vec::new();
            for reference in mine {
                done.push(call(Arc::clone(&ledger), reference).await);
            }
            done
        });
    }
    let done = callers.join_all().await.concat();
    let rate = done.len() as u128 * 1_000_000 / started.elapsed().as_micros();
    println!("{what}: {rate} a second");
    done
}

fn hand_off() -> HandOff {
    let now = Clock::system().now();
    HandOff {
        reference: Reference::at(now),
        opened_at: now,
        opened_as: State::HandedOff,
        asked: Asked {
            kind: Kind::Donate,
            method: Method::Card,
            dialect: Dialect::Signed,
            mode: Mode::Test,
            amount: Amount::new(2500, Currency::GBP).unwrap(),
            frequency: Frequency::Once,
            plan: None,
            appeal: None,
            gift_aid: true,
            merchant_reference: None,
        },
    }
}

fn evidence(reference: Reference) -> Evidence {
    let [first, ..] = *reference.as_bytes();
    Evidence {
        id: EventId([!first; 16]),
        source: Source::Notice,
        fact: Fact::Outcome(Outcome::Accepted),
        amount: Some(hand_off().asked.amount),
        mode: None,
        processor_reference: None,
        code: None,
        occurred_at: Clock::system().now(),
    }
}
