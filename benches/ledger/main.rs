//! Durable hand-offs a second, beside the engine itself doing the least that is as durable: rows of the
//! same size, committed in groups for all who wait. Both sides are measured in turn, in one run:
//! `scripts/bench ledger`. Files stand in the folder of the build, so that a real disk is measured.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a bench prints or fails")]
#![expect(clippy::arithmetic_side_effects, clippy::as_conversions, reason = "its sums are small")]

use almoner::clock::Clock;
use almoner::ledger::sqlite::{SqliteLedger, SqliteSettings};
use almoner::ledger::{HandOff, IdempotencyKey, Ledger, Opening};
use almoner::payment::{Reference, State};
use asked::asked;
use bare::Bare;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

#[path = "../shared/asked.rs"]
mod asked;
mod bare;
#[cfg(feature = "postgres")]
#[path = "../../tests/postgres/server.rs"]
mod server;

const CALLERS: [usize; 4] = [1, 16, 64, 256];

/// Who is measured.
#[derive(Clone)]
enum Side {
    /// The engine itself.
    Bare(Bare),
    /// Our record in it.
    Ours(Arc<dyn Ledger>),
}

/// What one measurement found.
#[derive(Clone, Copy)]
struct Found {
    /// Rows, or hand-offs, that were on disk in a second.
    rate: u128,
    /// Microseconds until the answer, for half of the callers.
    middle: u128,
    /// The same for all but one in a hundred.
    late: u128,
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let mut given = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let mut number = |default| given.next().map_or(default, |text| text.parse::<u64>().unwrap());
    let (rounds, lasts) = (number(3), Duration::from_millis(number(2000)));
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let ours = SqliteLedger::open(&folder.path().join("ledger.db"), SqliteSettings::default());
    let bare = Bare::sqlite(&folder.path().join("bare.db"));
    compare("SQLite", [Side::Bare(bare), Side::Ours(ours.unwrap())], rounds, lasts).await;
    #[cfg(feature = "postgres")]
    {
        let database = server::database().await;
        let ours = almoner::ledger::postgres::PostgresLedger::open(database.settings()).await;
        let bare = Bare::postgres(database.keeper().await).await;
        compare("PostgreSQL", [Side::Bare(bare), Side::Ours(ours.unwrap())], rounds, lasts).await;
    }
}

/// One engine's table.
async fn compare(engine: &str, [bare, ours]: [Side; 2], rounds: u64, lasts: Duration) {
    println!(
        "\n{engine:12}{:>14}{:>14}{:>8}{:>10}{:>10}",
        "bare", "hand-offs", "ratio", "p50 ms", "p99 ms"
    );
    println!("{:12}{:>14}{:>14}", "callers", "a second", "a second");
    for side in [&bare, &ours] {
        measure(side, 64, Duration::from_millis(500)).await;
    }
    for callers in CALLERS {
        let mut found = Vec::new();
        for _ in 0..rounds {
            let peer = measure(&bare, callers, lasts).await;
            found.push((peer, measure(&ours, callers, lasts).await));
        }
        // Each against its neighbour of the same round; in hundredths.
        let ratio = middle(found.iter().map(|(bare, ours)| ours.rate * 100 / bare.rate.max(1)));
        let of = |value: fn(&Found) -> u128| middle(found.iter().map(|(_, ours)| value(ours)));
        println!(
            "{callers:<12}{:>14}{:>14}{:>8}{:>10}{:>10}",
            middle(found.iter().map(|(bare, _)| bare.rate)),
            of(|ours| ours.rate),
            format!("{}.{:02}", ratio / 100, ratio % 100),
            milliseconds(of(|ours| ours.middle)),
            milliseconds(of(|ours| ours.late)),
        );
    }
}

/// Has that many callers write one after another, each waiting for its answer.
async fn measure(side: &Side, callers: usize, lasts: Duration) -> Found {
    let over = Arc::new(AtomicBool::new(false));
    let mut at_work = JoinSet::new();
    let started = Instant::now();
    for _ in 0..callers {
        let (side, over) = (side.clone(), Arc::clone(&over));
        at_work.spawn(async move {
            let mut times = Vec::new();
            while !over.load(Ordering::Relaxed) {
                let began = Instant::now();
                side.write().await;
                times.push(began.elapsed().as_micros());
            }
            times
        });
    }
    tokio::time::sleep(lasts).await;
    over.store(true, Ordering::Relaxed);
    let mut times = at_work.join_all().await.concat();
    let took = started.elapsed().as_micros();
    times.sort_unstable();
    Found {
        rate: times.len() as u128 * 1_000_000 / took,
        middle: *times.get(times.len() / 2).unwrap(),
        late: *times.get(times.len() * 99 / 100).unwrap(),
    }
}

impl Side {
    async fn write(&self) {
        let hand_off = hand_off();
        match self {
            Self::Bare(bare) => bare.write(*hand_off.reference.as_bytes()).await,
            Self::Ours(ledger) => {
                let due_at = hand_off.opened_at;
                let key = key(hand_off.reference);
                let opening = ledger.open(hand_off, Some(key), due_at).await.unwrap();
                assert!(matches!(opening, Opening::Opened(_)));
            }
        }
    }
}

/// A hand-off as the API makes one.
fn hand_off() -> HandOff {
    let now = Clock::system().now();
    HandOff {
        reference: Reference::at(now),
        opened_at: now,
        opened_as: State::InDoubt,
        asked: asked(),
    }
}

/// Keyed hashes are spread as evenly as chance; so are these.
fn key(reference: Reference) -> IdempotencyKey {
    let hash = <sha2::Sha256 as sha2::Digest>::digest(reference.as_bytes()).into();
    IdempotencyKey { key: hash, fingerprint: hash, other: None }
}

fn middle(values: impl Iterator<Item = u128>) -> u128 {
    let mut values: Vec<_> = values.collect();
    values.sort_unstable();
    *values.get(values.len() / 2).unwrap()
}

fn milliseconds(microseconds: u128) -> String {
    format!("{}.{:02}", microseconds / 1000, microseconds % 1000 / 10)
}
