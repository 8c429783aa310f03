//! A ledger that has grown against one that is empty: how long an insert, a webhook and a look-up take, as
//! ratios; how long the proof, a backup and a start take. `scripts/bench growth` runs it.
//!
//! The file is filled through the real ledger, in large groups, so that its rows and its chain are those
//! of a service; it is kept in target/growth, and the next run goes on from there.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a bench prints or fails")]
#![expect(clippy::arithmetic_side_effects, reason = "its sums are small")]
#![expect(clippy::float_arithmetic, clippy::disallowed_types, reason = "ratios of times")]
#![expect(clippy::indexing_slicing, reason = "a bench prints or fails")]

use almoner::ledger::sqlite::{Copy, SqliteLedger, SqliteSettings};
use almoner::ledger::{HandOff, Ledger};
use almoner::payment::{
    Amount, EventId, Evidence, Fact, Mode, Outcome, ProcessorText, Reference, Source, State,
};
use asked::asked;
use clap::Parser;
use iso_currency::Currency;
use jiff::Timestamp;
use rusqlite::Connection;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use uuid::Uuid;

#[path = "shared/asked.rs"]
mod asked;

/// A hand-off every 22 seconds: ten million in seven years, from 2019-07-01 on.
const BEGINS: i64 = 1_561_939_200;
const APART: i64 = 22;
/// How many fill the file at once, and how many are measured at once.
const FILLING: usize = 4096;
const CALLERS: usize = 16;
const KINDS: [&str; 4] = ["insert", "webhook", "look-up, new", "look-up, any"];

/// Measures a ledger of so many hand-offs beside an empty one.
#[derive(Parser)]
struct Options {
    /// How many hand-offs the file is to hold.
    #[arg(long, default_value_t = 1_000_000)]
    hand_offs: i64,
    /// After how many minutes filling stops; the next run goes on.
    #[arg(long, default_value_t = 7)]
    minutes: u64,
    /// How often each ledger is measured, in turn.
    #[arg(long, default_value_t = 7)]
    rounds: usize,
    /// How many calls of each kind a caller makes in a round.
    #[arg(long, default_value_t = 250)]
    calls: usize,
    /// Only fill the file.
    #[arg(long)]
    fill: bool,
    /// Neither prove nor copy the file: both read all of it.
    #[arg(long)]
    quick: bool,
    /// As `cargo bench` says it.
    #[arg(long, hide = true)]
    bench: bool,
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let options = Options::parse();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("growth");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("growth.db");
    let held = fill(&file, &options).await;
    if held < options.hand_offs {
        println!("{held} hand-offs so far: run it again to go on");
        return;
    }
    let bytes = file.metadata().unwrap().len();
    println!(
        "{held} hand-offs, {} MiB, {} bytes each",
        bytes >> 20,
        bytes / held.max(1).cast_unsigned()
    );
    if options.fill {
        return;
    }
    compare(&folder, &file, &options).await;
    let began = Instant::now();
    let ledger = SqliteLedger::open(&file, SqliteSettings::default()).unwrap();
    ledger.ready().await.unwrap();
    println!("start to first write: {} ms", began.elapsed().as_millis());
    drop(ledger);
    if options.quick {
        return;
    }
    let began = Instant::now();
    let copy = folder.join("backup.db");
    std::fs::remove_file(&copy).ok();
    let copied = Copy::of(&file, &copy, |_| {}).unwrap();
    println!("backup: {:.1} s", began.elapsed().as_secs_f64());
    let began = Instant::now();
    let verified = copied.verify().await.unwrap();
    println!("proof of {} events: {:.1} s", verified.events, began.elapsed().as_secs_f64());
}

/// Fills the file up, and says how many hand-offs it holds.
async fn fill(file: &Path, options: &Options) -> i64 {
    let settings = SqliteSettings {
        write_wait: Duration::from_mins(10),
        queue: 4 * FILLING,
        batch: FILLING,
        ..SqliteSettings::default()
    };
    let ledger = SqliteLedger::open(file, settings).unwrap();
    let held = count(file);
    let next = Arc::new(AtomicI64::new(held));
    let (wanted, began) = (options.hand_offs, Instant::now());
    let ends = began + Duration::from_mins(options.minutes);
    let mut callers = JoinSet::new();
    for _ in 0..FILLING {
        let (ledger, next) = (Arc::clone(&ledger), Arc::clone(&next));
        callers.spawn(async move {
            while Instant::now() < ends {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= wanted {
                    return;
                }
                let second = BEGINS + number * APART;
                let reference = insert(&*ledger, second).await;
                hear(&*ledger, reference, second + 60).await;
            }
        });
    }
    callers.join_all().await;
    drop(ledger);
    let now = count(file);
    if now > held {
        let seconds = began.elapsed().as_secs_f64();
        println!("{} hand-offs and their outcomes written in {seconds:.0} s", now - held);
    }
    now
}

fn count(file: &Path) -> i64 {
    let raw = Connection::open(file).unwrap();
    raw.query_row("SELECT count(*) FROM hand_off", (), |row| row.get(0)).unwrap()
}

/// Measures both in turn, and prints the medians over the rounds.
async fn compare(folder: &Path, file: &Path, options: &Options) {
    let mut ratios: Vec<[Vec<f64>; 2]> = vec![Default::default(); KINDS.len()];
    let mut seen: Vec<[Vec<f64>; 4]> = vec![Default::default(); KINDS.len()];
    for round in 0..options.rounds {
        let empty = folder.join(format!("empty-{round}.db"));
        remove(&empty);
        let small = measure(&empty, options.calls).await;
        remove(&empty);
        let large = measure(file, options.calls).await;
        for (kind, (small, large)) in small.into_iter().zip(large).enumerate() {
            let [small, large] = [small, large].map(|times| [at(&times, 50), at(&times, 99)]);
            for place in 0..2 {
                ratios[kind][place].push(large[place] / small[place]);
                seen[kind][place].push(small[place]);
                seen[kind][place + 2].push(large[place]);
            }
        }
    }
    println!("{CALLERS} callers, {} rounds, microseconds", options.rounds);
    println!(
        "{:14}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}",
        "", "empty p50", "p99", "large p50", "p99", "ratio p50", "p99"
    );
    for (kind, name) in KINDS.iter().enumerate() {
        let [a, b, c, d] = seen[kind].each_ref().map(|all| median(all));
        let [p50, p99] = ratios[kind].each_ref().map(|all| median(all));
        println!("{name:14}{a:9.0}{b:9.0}{c:9.0}{d:9.0}{p50:9.2}{p99:9.2}");
    }
}

/// How long each call of each kind took, in microseconds.
async fn measure(file: &Path, calls: usize) -> Vec<Vec<f64>> {
    let ledger = SqliteLedger::open(file, SqliteSettings::default()).unwrap();
    let begins = newest(file).map_or(BEGINS, |reference| reference.made_at().as_second() + 1);
    let place = Arc::new(AtomicI64::new(begins));
    let insert = |ledger: Arc<SqliteLedger>, _| {
        let place = Arc::clone(&place);
        async move { insert(&*ledger, place.fetch_add(1, Ordering::Relaxed)).await }
    };
    let (new, inserts) = timed(&ledger, vec![None; CALLERS * calls], insert).await;
    let (_, webhooks) = timed(&ledger, new.clone(), async |ledger, reference| {
        hear(&*ledger, reference.unwrap(), begins).await
    })
    .await;
    let find = async |ledger: Arc<SqliteLedger>, reference: Option<Reference>| {
        ledger.find(reference.unwrap()).await.unwrap().unwrap().hand_off.reference
    };
    let (_, of_new) = timed(&ledger, new, find).await;
    let (_, of_any) = timed(&ledger, any(file, CALLERS * calls), find).await;
    vec![inserts, webhooks, of_new, of_any]
}

/// Has every caller make its part of the calls.
async fn timed<F>(
    ledger: &Arc<SqliteLedger>,
    references: Vec<Option<Reference>>,
    call: impl Fn(Arc<SqliteLedger>, Option<Reference>) -> F,
) -> (Vec<Option<Reference>>, Vec<f64>)
where
    F: Future<Output = Reference>,
{
    let part = references.len() / CALLERS;
    let call = &call;
    let callers = references.chunks(part).map(|mine| async move {
        let mut done = Vec::new();
        for reference in mine {
            let began = Instant::now();
            let about = call(Arc::clone(ledger), *reference).await;
            done.push((Some(about), began.elapsed().as_secs_f64() * 1e6));
        }
        done
    });
    futures_util::future::join_all(callers).await.concat().into_iter().unzip()
}

async fn insert(ledger: &dyn Ledger, second: i64) -> Reference {
    let at = Timestamp::from_second(second).unwrap();
    let reference = Reference::at(at);
    let hand_off =
        HandOff { reference, opened_at: at, opened_as: State::HandedOff, asked: asked() };
    ledger.open(hand_off, None, at).await.unwrap();
    reference
}

/// An acceptance, with ids of its own.
async fn hear(ledger: &dyn Ledger, reference: Reference, second: i64) -> Reference {
    let at = Timestamp::from_second(second).unwrap();
    let id = Uuid::new_v4();
    let evidence = Evidence {
        id: EventId(*id.as_bytes()),
        source: Source::Notice,
        fact: Fact::Outcome(Outcome::Accepted),
        amount: Some(Amount::new(2500, Currency::GBP).unwrap()),
        mode: Some(Mode::Test),
        processor_reference: ProcessorText::parse(&id.simple().to_string()),
        code: ProcessorText::parse("00"),
        occurred_at: at,
    };
    ledger.conclude(reference, evidence, at).await.unwrap();
    reference
}

fn newest(file: &Path) -> Option<Reference> {
    let raw = Connection::open(file).unwrap();
    let sql = "SELECT reference FROM hand_off ORDER BY reference DESC LIMIT 1";
    raw.query_row(sql, (), |row| row.get::<_, [u8; 16]>(0))
        .ok()
        .and_then(|it| Reference::from_bytes(&it))
}

/// References from all over the file.
fn any(file: &Path, count: usize) -> Vec<Option<Reference>> {
    let raw = Connection::open(file).unwrap();
    let last = raw.query_row("SELECT max(sequence) FROM event", (), |row| row.get(0)).unwrap();
    let mut look = raw.prepare("SELECT reference FROM event WHERE sequence = ?1").unwrap();
    let mut drawn = || {
        let lot = i64::try_from(Uuid::new_v4().as_u128() >> 72).unwrap();
        let found = look.query_row([1 + lot.rem_euclid(last)], |row| row.get::<_, [u8; 16]>(0));
        Reference::from_bytes(&found.unwrap())
    };
    (0..count).map(|_| drawn()).collect()
}

fn remove(file: &Path) {
    for end in ["", "-wal", "-shm", ".lock"] {
        std::fs::remove_file(format!("{}{end}", file.display())).ok();
    }
}

fn at(times: &[f64], percent: usize) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[(sorted.len() - 1) * percent / 100]
}

fn median(all: &[f64]) -> f64 {
    at(all, 50)
}
