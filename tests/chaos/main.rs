//! The real process under fire: `scripts/chaos`. Real processes, real TLS, real faults; in the end every
//! caller's answers, the processor's own books, its webhooks and our ledger are held against one
//! another, hand-off by hand-off.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    reason = "a test says what is wrong by failing"
)]

use clap::Parser;
use plan::Trouble;
use round::{Round, Verdict};
use stage::Ground;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use verdict::{Fault, History};

mod caller;
mod disk;
mod gateway;
mod mock;
mod plan;
#[path = "../proxy/proxy.rs"]
mod proxy;
mod round;
mod stage;
mod supporter;
mod verdict;

/// Sets real processes under fire and counts what went wrong.
#[derive(Parser)]
struct Arguments {
    /// How many rounds.
    #[arg(long, default_value_t = 10)]
    rounds: u64,
    /// What everything follows from; a round's own seed is this plus its number.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// This round alone, counted from 0.
    #[arg(long)]
    round: Option<u64>,
    /// Where the rounds' folders go; those that ended well are taken away.
    #[arg(long, default_value = concat!(env!("CARGO_TARGET_TMPDIR"), "/chaos"))]
    folder: PathBuf,
}

/// The sums of all rounds.
#[derive(Default)]
struct Sums {
    rounds: u64,
    hand_offs: usize,
    charged: usize,
    lives: u32,
    doubts: usize,
    faults: BTreeMap<Fault, u64>,
    harmed: BTreeMap<&'static str, u64>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    almoner::processor::client::install_provider();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async { run(&arguments).await })
}

async fn run(arguments: &Arguments) -> ExitCode {
    let began = std::time::Instant::now();
    let folder = arguments.folder.join(uuid::Uuid::new_v4().to_string());
    let ground = Ground::prepare(&folder.join("ground"));
    let mut sums = Sums::default();
    let rounds = arguments.round.map_or(0..arguments.rounds, |round| round..round + 1);
    let mut kept = 0;
    for number in rounds {
        let seed = arguments.seed.wrapping_add(number);
        let trouble = trouble(number);
        let place = folder.join(format!("round-{number}"));
        let verdict = Round::begin(&ground, place.clone(), trouble, seed).await.play().await;
        let bad = !verdict.findings.is_empty();
        sums.add(&verdict);
        tell(number, trouble, &verdict);
        if bad {
            println!(
                "  kept: {}; again: --seed {} --round {number}",
                place.display(),
                arguments.seed
            );
            keep(&place, &verdict.history);
            kept += 1;
        } else {
            std::fs::remove_dir_all(&place).unwrap();
        }
    }
    if kept == 0 {
        std::fs::remove_dir_all(&folder).unwrap();
    }
    sums.print(arguments.seed, began.elapsed().as_secs());
    if sums.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Every trouble has its turn.
fn trouble(number: u64) -> Trouble {
    let turn = usize::try_from(number).unwrap() % Trouble::ALL.len();
    Trouble::ALL[turn]
}

fn tell(number: u64, trouble: Trouble, verdict: &Verdict) {
    println!(
        "round {number:>4}  {:<26} {:>3} hand-offs, {:>3} charged, {} lives, {} in doubt{}",
        trouble.word(),
        verdict.history.ledger.len(),
        verdict.history.charged(),
        verdict.lives,
        verdict.history.doubts(),
        if verdict.findings.is_empty() { "" } else { "  WRONG" },
    );
    for finding in &verdict.findings {
        println!("  {finding}");
    }
}

/// Writes down what was seen, for whoever looks into it.
fn keep(place: &Path, history: &History) {
    std::fs::write(place.join("history.txt"), format!("{history:#?}\n")).unwrap();
}

impl Sums {
    fn add(&mut self, verdict: &Verdict) {
        self.rounds += 1;
        self.hand_offs += verdict.history.ledger.len();
        self.charged += verdict.history.charged();
        self.lives += verdict.lives;
        self.doubts += verdict.history.doubts();
        for finding in &verdict.findings {
            *self.faults.entry(finding.fault).or_default() += 1;
        }
        for (harm, count) in &verdict.harmed {
            *self.harmed.entry(harm).or_default() += count;
        }
    }

    fn print(&self, seed: u64, seconds: u64) {
        let of = |fault| self.faults.get(&fault).copied().unwrap_or(0);
        let harmed: Vec<String> =
            self.harmed.iter().map(|(harm, count)| format!("{harm} {count}")).collect();
        println!("connections harmed: {}", harmed.join(", "));
        println!("lives of the gateway: {}; seed {seed}; {seconds} s", self.lives);
        println!(
            "rounds {}, hand-offs {}, charged {}, still in doubt {}; charged twice {}, lost {}, wrong {}",
            self.rounds,
            self.hand_offs,
            self.charged,
            self.doubts,
            of(Fault::Twice),
            of(Fault::Lost),
            of(Fault::Wrong)
        );
    }
}
