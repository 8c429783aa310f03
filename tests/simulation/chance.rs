//! Chance: one seed decides everything that is left to it.

use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How often what goes wrong, in a thousand.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Odds {
    /// An instance dies at a step.
    pub(crate) crash: u32,
    /// Of the deaths, how many take the power of the disk along.
    pub(crate) power: u32,
    /// The ledger has no room for a call.
    pub(crate) busy: u32,
    /// An fsync fails: the instance must end, and may have written or not.
    pub(crate) fsync: u32,
    /// The disk says that it has written what it has not.
    pub(crate) lies: bool,
    /// No connection to the processor.
    pub(crate) refused: u32,
    /// A request gets lost on its way.
    pub(crate) request_lost: u32,
    /// The network delivers a request twice.
    pub(crate) request_twice: u32,
    /// An answer gets lost on its way.
    pub(crate) answer_lost: u32,
    /// An answer is not what was agreed.
    pub(crate) answer_strange: u32,
    /// An answer takes longer than anybody waits.
    pub(crate) answer_late: u32,
    /// A webhook gets lost on its way.
    pub(crate) notice_lost: u32,
    /// A webhook is sent again although it was taken.
    pub(crate) notice_twice: u32,
    /// The processor never sends a webhook.
    pub(crate) notice_never: u32,
    /// The processor sends a webhook that names another sum besides.
    pub(crate) notice_wrong: u32,
    /// A supporter does not wait for an answer.
    pub(crate) impatient: u32,
    /// A supporter submits twice.
    pub(crate) double: u32,
    /// An instance's clock jumps.
    pub(crate) jump: u32,
    /// Whether the processor charges again for a reference that it charged before.
    pub(crate) forgetful: bool,
}

pub(crate) struct Chance {
    rng: Mutex<fastrand::Rng>,
    pub(crate) odds: Odds,
    calm: AtomicBool,
}

impl Chance {
    /// A world in which every kind of fault is there or not, and more or less of it.
    pub(crate) fn of(seed: u64) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut some = |most: u32| if rng.bool() { rng.u32(1..=most) } else { 0 };
        let odds = Odds {
            crash: some(40),
            power: some(1000),
            busy: some(60),
            fsync: some(15),
            lies: some(10) == 1,
            refused: some(200),
            request_lost: some(200),
            request_twice: some(200),
            answer_lost: some(400),
            answer_strange: some(300),
            answer_late: some(200),
            notice_lost: some(500),
            notice_twice: some(500),
            notice_never: some(500),
            notice_wrong: some(200),
            impatient: some(300),
            double: some(500),
            jump: some(6),
            forgetful: some(3) == 1,
        };
        // A processor that forgets relies on us alone: the network may not double for us.
        let request_twice = if odds.forgetful { 0 } else { odds.request_twice };
        Self::with(seed, Odds { request_twice, ..odds })
    }

    pub(crate) fn with(seed: u64, odds: Odds) -> Self {
        // What the code under test leaves to chance by itself, such as the jitter of a wait.
        fastrand::seed(seed);
        let rng = Mutex::new(fastrand::Rng::with_seed(!seed));
        Self { rng, odds, calm: AtomicBool::new(false) }
    }

    /// From now on nothing goes wrong.
    pub(crate) fn calm_down(&self) {
        self.calm.store(true, Ordering::SeqCst);
    }

    pub(crate) fn is_calm(&self) -> bool {
        self.calm.load(Ordering::SeqCst)
    }

    /// Whether a fault of these odds happens now.
    pub(crate) fn strikes(&self, in_a_thousand: u32) -> bool {
        in_a_thousand > 0 && !self.is_calm() && self.below(1000) < in_a_thousand
    }

    pub(crate) fn coin(&self) -> bool {
        self.below(2) == 0
    }

    pub(crate) fn below(&self, end: u32) -> u32 {
        self.rng.lock().unwrap().u32(0..end)
    }

    pub(crate) fn millis(&self, range: Range<u64>) -> Duration {
        Duration::from_millis(self.rng.lock().unwrap().u64(range))
    }

    pub(crate) fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.rng.lock().unwrap().fill(&mut bytes);
        bytes
    }
}
