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
use database::Server;
use plan::{Engine, Plan};
use round::{Round, Shared, Verdict};
use stage::Ground;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use tokio::task::JoinSet;
use verdict::{Fault, History};

mod caller;
mod database;
mod disk;
mod gateway;
mod mock;
mod plan;
#[path = "../proxy/port.rs"]
mod port;
#[path = "../proxy/proxy.rs"]
mod proxy;
mod record;
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
    /// The ledgers.
    #[arg(long, value_enum, default_value_t = Engine::Both)]
    ledger: Engine,
    /// Another binary than the one that is built beside this.
    #[arg(long)]
    binary: Option<PathBuf>,
    /// How many rounds are played side by side: each waits more than it works.
    #[arg(long, default_value_t = 4)]
    at_once: usize,
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
    if let Some(binary) = arguments.binary.clone() {
        stage::choose(binary);
    }
    almoner::way_out::install_provider();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async { run(&arguments).await })
}

async fn run(arguments: &Arguments) -> ExitCode {
    let began = std::time::Instant::now();
    let folder = arguments.folder.join(uuid::Uuid::new_v4().to_string());
    let ground = Arc::new(Ground::prepare(&folder.join("ground")));
    let rounds = arguments.round.map_or(0..arguments.rounds, |round| round..round + 1);
    let work = Arc::new(Work {
        rounds: Mutex::new(rounds),
        folder: folder.clone(),
        seed: arguments.seed,
        engine: arguments.ledger,
        sums: Mutex::default(),
    });
    let mut lanes = JoinSet::new();
    for lane in 0..arguments.at_once {
        let (work, ground) = (Arc::clone(&work), Arc::clone(&ground));
        lanes.spawn(async move { work.lane(&ground, lane).await });
    }
    while let Some(lane) = lanes.join_next().await {
        lane.unwrap();
    }
    let sums = work.sums.lock().unwrap();
    if sums.faults.is_empty() {
        std::fs::remove_dir_all(&folder).unwrap();
    }
    sums.print(arguments.seed, began.elapsed().as_secs());
    if sums.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The rounds that are left, and what came of the others.
struct Work {
    rounds: Mutex<Range<u64>>,
    folder: PathBuf,
    seed: u64,
    engine: Engine,
    sums: Mutex<Sums>,
}

impl Work {
    /// Plays rounds until none is left, one after another, with a database of its own.
    async fn lane(&self, ground: &Ground, lane: usize) {
        let mut server = None;
        loop {
            let Some(number) = self.rounds.lock().unwrap().next() else { return };
            let plan = Plan::of(number, self.engine);
            if plan.shared && server.is_none() {
                let folder = self.folder.join(format!("postgres-{lane}"));
                let starting = tokio::task::spawn_blocking(move || Server::start(&folder));
                server = Some(starting.await.unwrap());
            }
            let seed = self.seed.wrapping_add(number);
            let place = self.folder.join(format!("round-{number}"));
            let shared = Shared { ground, server: server.as_ref() };
            let verdict = Round::begin(shared, place.clone(), plan, seed).await.play().await;
            keep_the_logs(&place, seed);
            self.sums.lock().unwrap().add(&verdict);
            tell(number, plan, &verdict);
            if verdict.findings.is_empty() {
                std::fs::remove_dir_all(&place).unwrap();
            } else {
                println!("  kept: {}", place.display());
                println!("  again: scripts/chaos --seed {} --round {number}", self.seed);
                keep(&place, &verdict.history);
            }
        }
    }
}

fn tell(number: u64, plan: Plan, verdict: &Verdict) {
    println!(
        "round {number:>4}  {:<42} {:>3} hand-offs, {:>3} charged, {} lives, {} in doubt{}",
        plan.words(),
        verdict.history.ledger.len(),
        verdict.history.charged(),
        verdict.lives,
        verdict.history.doubts(),
        if verdict.findings.is_empty() { "" } else { "  WRONG" },
    );
    for finding in verdict.findings.iter().take(10) {
        println!("  {finding}");
    }
}

/// Where `tests/leaks.rs` looks through every line.
fn keep_the_logs(place: &Path, seed: u64) {
    let evidence = Path::new(env!("CARGO_TARGET_TMPDIR")).join("evidence");
    std::fs::create_dir_all(&evidence).unwrap();
    for path in std::fs::read_dir(place).unwrap().map(|entry| entry.unwrap().path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with("gateway-") && name.ends_with(".log") {
            std::fs::copy(&path, evidence.join(format!("chaos-{seed}-{name}.jsonl"))).unwrap();
        }
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
