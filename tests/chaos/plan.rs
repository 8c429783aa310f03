//! What is done to a round: everything follows from its number and its seed.

use super::gateway::Injection;
use super::proxy::{Harm, Weather};
use clap::ValueEnum;
use std::time::Duration;

/// Which ledgers are set under fire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
    Both,
}

/// One round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) trouble: Trouble,
    /// Whether the gateway calls the processor itself, with cards and accounts.
    pub(crate) direct: bool,
    /// Whether two instances share a PostgreSQL; else one has a file.
    pub(crate) shared: bool,
}

/// The great trouble of a round; small ones come on top.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Trouble {
    /// Only the network and the processor are bad.
    BadNetwork,
    /// `kill -9` at random moments.
    Killed,
    /// `kill -9` at a random system call, life after life.
    KilledAtCall,
    /// `SIGSTOP`, and `SIGCONT` later.
    Stopped,
    /// The clock jumps ten minutes and an hour, both ways.
    ClockJumps,
    /// The processor turns every connection away for a while.
    ProcessorDown,
    /// The processor takes connections and says nothing.
    ProcessorSilent,
    /// `fdatasync` fails with EIO.
    SyncFails,
    /// `pwrite64` fails with ENOSPC for a while.
    NoSpace,
    /// The ledger is on a small disk, which somebody fills.
    FullDisk,
    /// PostgreSQL dies and comes up again.
    DatabaseDies,
    /// Connections to PostgreSQL are harmed, in the middle of commits too.
    DatabaseCut,
}

use Trouble::{
    BadNetwork, ClockJumps, DatabaseCut, DatabaseDies, FullDisk, Killed, KilledAtCall, NoSpace,
    ProcessorDown, ProcessorSilent, Stopped, SyncFails,
};

/// What can befall one instance with a file.
const ALONE: [Trouble; 10] = [
    Killed,
    KilledAtCall,
    BadNetwork,
    SyncFails,
    NoSpace,
    FullDisk,
    Stopped,
    ClockJumps,
    ProcessorDown,
    ProcessorSilent,
];
/// What can befall two instances and their database.
const TOGETHER: [Trouble; 9] = [
    Killed,
    DatabaseDies,
    KilledAtCall,
    DatabaseCut,
    BadNetwork,
    Stopped,
    ClockJumps,
    ProcessorDown,
    ProcessorSilent,
];

impl Plan {
    /// Every trouble has its turn, by either way, on either ledger.
    pub(crate) fn of(number: u64, engine: Engine) -> Self {
        let number = usize::try_from(number).unwrap();
        let (shared, turn) = match engine {
            Engine::Sqlite => (false, number),
            Engine::Postgres => (true, number),
            Engine::Both => (number % 2 == 1, number >> 1),
        };
        let troubles: &[Trouble] = if shared { &TOGETHER } else { &ALONE };
        let trouble = troubles[turn % troubles.len()];
        // Cards by API first: most can go wrong there.
        let direct = (turn + turn.div_euclid(troubles.len())) % 2 == 0;
        Self { trouble, direct, shared }
    }

    pub(crate) fn words(self) -> String {
        let way = if self.direct { "API" } else { "page" };
        let ledger = if self.shared { "PostgreSQL" } else { "SQLite" };
        format!("{ledger:<10} {way:<4} {}", self.trouble.word())
    }

    /// What is done to the first lives of the gateway's process.
    pub(crate) fn injections(self, chance: &mut fastrand::Rng) -> Vec<Injection> {
        match self.trouble {
            KilledAtCall => {
                let lives = chance.usize(1..4);
                (0..lives).map(|_| Some(kill(chance, self))).collect()
            }
            SyncFails => vec![Some(format!("fdatasync:error=EIO:when={}", chance.u32(1..60)))],
            NoSpace => {
                let first = chance.u32(60..400);
                let last = first + chance.u32(0..60);
                vec![Some(format!("pwrite64:error=ENOSPC:when={first}..{last}"))]
            }
            BadNetwork | Killed | Stopped | ClockJumps | ProcessorDown | ProcessorSilent
            | FullDisk | DatabaseDies | DatabaseCut => Vec::new(),
        }
    }
}

impl Trouble {
    const fn word(self) -> &'static str {
        match self {
            BadNetwork => "bad network",
            Killed => "kill -9 at any moment",
            KilledAtCall => "kill -9 at a system call",
            Stopped => "SIGSTOP, SIGCONT",
            ClockJumps => "clock jumps",
            ProcessorDown => "processor down",
            ProcessorSilent => "processor stopped",
            SyncFails => "EIO from fdatasync",
            NoSpace => "ENOSPC from pwrite64",
            FullDisk => "full tmpfs",
            DatabaseDies => "PostgreSQL dies",
            DatabaseCut => "connections to PostgreSQL",
        }
    }
}

/// Death at a system call of the ledger, of a connection, or of anything that waits.
fn kill(chance: &mut fastrand::Rng, plan: Plan) -> String {
    const CALLS: [(&str, u32); 8] = [
        ("pwrite64", 400),
        ("pwrite64", 400),
        ("fdatasync", 80),
        ("fdatasync", 80),
        ("sendto", 120),
        ("writev", 200),
        ("recvfrom", 300),
        ("epoll_wait", 500),
    ];
    // A ledger elsewhere has no disk here.
    let from = if plan.shared { 4 } else { 0 };
    let (call, most) = CALLS[chance.usize(from..CALLS.len())];
    format!("{call}:signal=KILL:when={}", chance.u32(1..most))
}

/// Small harms on the way between callers and the gateway, and the processor and the gateway.
pub(crate) fn drizzle() -> Weather {
    vec![
        (20, |_| Harm::CutAtOnce),
        (30, |chance| Harm::Reset(chance.usize(0..3000))),
        (30, |chance| Harm::CutRequest(chance.usize(0..3000))),
        (80, |_| Harm::LoseAnswer),
        (60, |chance| Harm::CutAnswer(chance.usize(0..6000))),
        (60, |chance| Harm::Delay(Duration::from_millis(chance.u64(1..120)))),
        (10, |chance| Harm::BlackHole(Duration::from_millis(chance.u64(200..1500)))),
        (30, |_| Harm::Duplicate),
    ]
}

/// Harms on the way to the database, whose connections live long: cut after so many bytes.
pub(crate) fn cuts() -> Weather {
    vec![
        (300, |chance| Harm::Reset(chance.usize(0..60_000))),
        (300, |chance| Harm::CutRequest(chance.usize(0..60_000))),
        (300, |chance| Harm::CutAnswer(chance.usize(0..60_000))),
    ]
}

/// What the mock does wrong by itself: a fault, how often, and for how many milliseconds.
pub(crate) fn scripted(chance: &mut fastrand::Rng, plan: Plan) -> Vec<(&'static str, u32, u64)> {
    const FAULTS: [&str; 26] = [
        "drop_webhook",
        "delay_webhook",
        "duplicate_webhook",
        "bad_signature",
        "enquiry_error",
        "enquiry_slow",
        "enquiry_garbage",
        "enquiry_other_reference",
        "call_lost_request",
        "call_late",
        "call_not_processed_429",
        "call_not_processed_503",
        "call_400",
        "call_500",
        "call_503",
        "call_html",
        "call_redirect",
        "call_lost_reply",
        "call_slow",
        "call_truncated",
        "call_dripping",
        "call_other_reference",
        "call_other_amount",
        "call_malformed",
        "call_webhook_first",
        "call_twice",
    ];
    let (most, kinds) = if plan.direct { (9, FAULTS.len()) } else { (5, 8) };
    (0..chance.usize(0..most))
        .map(|_| (FAULTS[chance.usize(0..kinds)], chance.u32(1..4), chance.u64(50..900)))
        .collect()
}
