//! The breaker and the door: no call is begun while the processor fails call after call, or while too
//! many are under way. Whoever is turned away was not written down and nothing was sent of theirs
//! (security.md, FM-50 and FM-51). Hosted pages never pass here.
//!
//! Closed, it counts failures in a row. Open, it refuses, and at intervals a question that concerns
//! nobody is asked ([`crate::processor::Processor::heartbeat`]). Once that is answered well, one call at a time is let
//! through until one goes well. The clock is handed in, so that a simulation can play it again.

use jiff::{SignedDuration, Timestamp};
use std::sync::{Arc, Mutex, PoisonError};

/// What whoever finds the house full is told to wait.
const CROWDED_WAIT: SignedDuration = SignedDuration::from_secs(10);

/// When it opens, and how long it waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerTerms {
    /// After how many failures in a row it opens.
    pub failures: u32,
    /// How long it stays open before the processor is tried, and between two tries.
    pub wait: SignedDuration,
    /// How many calls may be under way at once, those that wait for a turn among them.
    pub at_once: usize,
}

impl Default for BreakerTerms {
    fn default() -> Self {
        Self { failures: 5, wait: SignedDuration::from_secs(10), at_once: 64 }
    }
}

impl BreakerTerms {
    /// Until the processor is asked, and then as long again until a call may have shown that it is well.
    fn wait_of(&self, phase: Phase, now: Timestamp) -> Option<SignedDuration> {
        match phase {
            Phase::Open { until, .. } => {
                let left = until.duration_since(now).max(SignedDuration::ZERO);
                Some(left.min(self.wait).saturating_add(self.wait))
            }
            Phase::Trying { busy: true } => Some(self.wait),
            Phase::Trying { busy: false } | Phase::Closed { .. } => None,
        }
    }
}

/// How a call went, as far as the processor's health is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Went {
    /// It answered, whatever it answered.
    Well,
    /// It was not reached, takes nothing just now, or says nothing that can be believed.
    Failed,
    /// That says nothing about it.
    Unsaid,
}

/// Why no call may be begun. Nothing was written and nothing was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TurnedAway {
    /// The processor fails call after call.
    #[error("the processor cannot be reached")]
    Open {
        /// When it may be worth trying.
        retry_after: SignedDuration,
    },
    /// Too many calls are under way.
    #[error("too many calls are under way")]
    Crowded {
        /// When it may be worth trying.
        retry_after: SignedDuration,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Closed {
        failed: u32,
    },
    Open {
        since: Timestamp,
        until: Timestamp,
    },
    /// The processor answers again; one call at a time shows whether calls do.
    Trying {
        busy: bool,
    },
}

#[derive(Debug)]
struct State {
    phase: Phase,
    under_way: usize,
}

/// The breaker. Copies are the same one.
#[derive(Clone, Debug)]
pub struct Breaker {
    terms: BreakerTerms,
    state: Arc<Mutex<State>>,
}

/// Leave to make one call. Dropped without a word, it says nothing about the processor.
#[derive(Debug)]
pub struct Pass {
    breaker: Breaker,
    trial: bool,
}

impl Breaker {
    /// A closed one.
    #[must_use]
    pub fn new(terms: BreakerTerms) -> Self {
        let state = State { phase: Phase::Closed { failed: 0 }, under_way: 0 };
        Self { terms, state: Arc::new(Mutex::new(state)) }
    }

    /// Whether it refuses calls.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.with(|state| matches!(state.phase, Phase::Open { .. }))
    }

    /// How many calls are under way.
    #[must_use]
    pub fn under_way(&self) -> usize {
        self.with(|state| state.under_way)
    }

    /// Leave for one call, or why not.
    pub fn admit(&self, now: Timestamp) -> Result<Pass, TurnedAway> {
        let trial = self.with(|state| {
            if state.under_way >= self.terms.at_once {
                return Err(TurnedAway::Crowded { retry_after: CROWDED_WAIT });
            }
            let trial = match &mut state.phase {
                Phase::Closed { .. } => false,
                phase @ (Phase::Open { .. } | Phase::Trying { busy: true }) => {
                    let retry_after = self.terms.wait_of(*phase, now).unwrap_or(self.terms.wait);
                    return Err(TurnedAway::Open { retry_after });
                }
                Phase::Trying { busy } => {
                    *busy = true;
                    true
                }
            };
            state.under_way = state.under_way.saturating_add(1);
            Ok(trial)
        })?;
        Ok(Pass { breaker: self.clone(), trial })
    }

    /// How long it will refuse calls; none while it does not.
    #[must_use]
    pub fn wait(&self, now: Timestamp) -> Option<SignedDuration> {
        self.with(|state| self.terms.wait_of(state.phase, now))
    }

    /// Whether the processor should be asked now whether it is well. Where the clock was set back,
    /// it is.
    #[must_use]
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.with(|state| match state.phase {
            Phase::Open { since, until } => now >= until || now < since,
            Phase::Closed { .. } | Phase::Trying { .. } => false,
        })
    }

    /// It is: calls are tried, one at a time.
    pub fn is_well(&self) {
        self.with(|state| {
            if matches!(state.phase, Phase::Open { .. }) {
                state.phase = Phase::Trying { busy: false };
                tracing::info!(event = "breaker_trying");
            }
        });
    }

    /// It is not.
    pub fn is_unwell(&self, now: Timestamp) {
        let wait = self.terms.wait;
        self.with(|state| {
            if let Phase::Open { since, until } = &mut state.phase {
                (*since, *until) = ((*since).min(now), after(now, wait));
            }
        });
    }

    fn went(&self, pass: &Pass, went: Went, now: Timestamp) {
        let BreakerTerms { failures, wait, .. } = self.terms;
        self.with(|state| {
            let open = |wait| Phase::Open { since: now, until: after(now, wait) };
            let next = match (state.phase, went) {
                (Phase::Open { .. }, _) | (_, Went::Unsaid) => return,
                // One that began before the breaker opened says nothing about now.
                (Phase::Trying { .. }, _) if !pass.trial => return,
                (Phase::Closed { .. } | Phase::Trying { .. }, Went::Well) => {
                    Phase::Closed { failed: 0 }
                }
                (Phase::Trying { .. }, Went::Failed) => open(wait),
                (Phase::Closed { failed }, Went::Failed) => {
                    let failed = failed.saturating_add(1);
                    if failed >= failures { open(wait) } else { Phase::Closed { failed } }
                }
            };
            let (was, is) = (state.phase, next);
            state.phase = next;
            match (was, is) {
                (Phase::Trying { .. }, Phase::Closed { .. }) => {
                    tracing::info!(event = "breaker_closed");
                }
                (_, Phase::Open { until, .. }) => {
                    let wait = until.duration_since(now).as_secs();
                    tracing::error!(event = "breaker_opened", wait_seconds = wait);
                }
                (_, Phase::Closed { .. } | Phase::Trying { .. }) => {}
            }
        });
    }

    fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Pass {
    /// How the call went.
    pub fn tell(self, went: Went, now: Timestamp) {
        self.breaker.went(&self, went, now);
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.breaker.with(|state| {
            state.under_way = state.under_way.saturating_sub(1);
            if let (true, Phase::Trying { busy }) = (self.trial, &mut state.phase) {
                *busy = false;
            }
        });
    }
}

fn after(now: Timestamp, wait: SignedDuration) -> Timestamp {
    now.saturating_add(wait).unwrap_or(now)
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "numbers of the tests' own")]
mod tests;
