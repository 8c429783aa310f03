//! What is done to a round: everything follows from its seed.

use super::gateway::Injection;
use super::proxy::{Harm, Weather};
use std::time::Duration;

/// The great trouble of a round; small ones come on top.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Trouble {
    /// Only the network and the processor are bad.
    BadNetwork,
    /// `kill -9` at random moments.
    Killed,
    /// `kill -9` at a random system call, life after life.
    KilledAtCall,
    /// `fdatasync` fails with EIO.
    SyncFails,
    /// `pwrite64` fails with ENOSPC for a while.
    NoSpace,
    /// The ledger is on a small disk, which somebody fills.
    FullDisk,
    /// `SIGSTOP`, and `SIGCONT` later.
    Stopped,
    /// The clock jumps ten minutes and an hour, both ways.
    ClockJumps,
    /// The processor turns every connection away for a while.
    ProcessorDown,
    /// The processor takes connections and says nothing.
    ProcessorSilent,
}

impl Trouble {
    pub(crate) const ALL: [Self; 10] = [
        Self::BadNetwork,
        Self::Killed,
        Self::KilledAtCall,
        Self::SyncFails,
        Self::NoSpace,
        Self::FullDisk,
        Self::Stopped,
        Self::ClockJumps,
        Self::ProcessorDown,
        Self::ProcessorSilent,
    ];

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::BadNetwork => "bad network",
            Self::Killed => "kill -9 at any moment",
            Self::KilledAtCall => "kill -9 at a system call",
            Self::SyncFails => "EIO from fdatasync",
            Self::NoSpace => "ENOSPC from pwrite64",
            Self::FullDisk => "full tmpfs",
            Self::Stopped => "SIGSTOP, SIGCONT",
            Self::ClockJumps => "clock jumps",
            Self::ProcessorDown => "processor down",
            Self::ProcessorSilent => "processor stopped",
        }
    }

    /// What is done to the first lives of the gateway's process.
    pub(crate) fn injections(self, chance: &mut fastrand::Rng) -> Vec<Injection> {
        match self {
            Self::KilledAtCall => {
                let lives = chance.usize(1..4);
                (0..lives).map(|_| Some(kill(chance))).collect()
            }
            Self::SyncFails => {
                vec![Some(format!("fdatasync:error=EIO:when={}", chance.u32(1..60)))]
            }
            Self::NoSpace => {
                let first = chance.u32(60..400);
                let last = first + chance.u32(0..60);
                vec![Some(format!("pwrite64:error=ENOSPC:when={first}..{last}"))]
            }
            Self::BadNetwork
            | Self::Killed
            | Self::FullDisk
            | Self::Stopped
            | Self::ClockJumps
            | Self::ProcessorDown
            | Self::ProcessorSilent => Vec::new(),
        }
    }
}

/// Death at a system call of the ledger, of a connection, or of anything that waits.
fn kill(chance: &mut fastrand::Rng) -> String {
    let calls: [(&str, u32); 8] = [
        ("pwrite64", 400),
        ("pwrite64", 400),
        ("fdatasync", 80),
        ("fdatasync", 80),
        ("sendto", 120),
        ("writev", 200),
        ("recvfrom", 300),
        ("epoll_wait", 500),
    ];
    let (call, most) = calls[chance.usize(0..calls.len())];
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

/// What the mock does wrong by itself: a fault, how often, and for how many milliseconds.
pub(crate) fn scripted(chance: &mut fastrand::Rng) -> Vec<(&'static str, u32, u64)> {
    const FAULTS: [&str; 8] = [
        "drop_webhook",
        "delay_webhook",
        "duplicate_webhook",
        "bad_signature",
        "enquiry_error",
        "enquiry_slow",
        "enquiry_garbage",
        "enquiry_other_reference",
    ];
    (0..chance.usize(0..5))
        .map(|_| (FAULTS[chance.usize(0..FAULTS.len())], chance.u32(1..4), chance.u64(50..900)))
        .collect()
}
