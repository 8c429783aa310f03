//! Who has the last word on a request that waits: its caller, who may give up, or whoever serves it.

use std::sync::atomic::{AtomicU8, Ordering};

/// Where a request is.
#[derive(Default)]
pub(super) struct Stage(AtomicU8);

impl Stage {
    const WAITING: u8 = 0;
    const STARTED: u8 = 1;
    const ABANDONED: u8 = 2;

    /// Whether its caller has not given up yet.
    pub(super) fn is_wanted(&self) -> bool {
        self.0.load(Ordering::SeqCst) == Self::WAITING
    }

    /// Takes it up; from here on the caller waits for the answer. `false` where it gave up.
    pub(super) fn start(&self) -> bool {
        self.leave_waiting_for(Self::STARTED)
    }

    /// Gives up; it will never be taken up. `false` where it was.
    pub(super) fn abandon(&self) -> bool {
        self.leave_waiting_for(Self::ABANDONED)
    }

    fn leave_waiting_for(&self, next: u8) -> bool {
        self.0.compare_exchange(Self::WAITING, next, Ordering::SeqCst, Ordering::SeqCst).is_ok()
    }
}
