//! The breaker against card testing: where nearly all cards are declined, somebody is trying stolen ones out,
//! from however many addresses (security.md, G-6). That form, or that program's key, then hands no card over for
//! a while; after it a few are let through on trial, and what becomes of them decides.
//!
//! What the processor concludes of hand-offs of this process is all that counts. What was handed over already
//! is never hindered: neither its return, nor its webhook, nor its form sent again. The clock is handed in.

use crate::payment::{Kind, Reference, State};
use jiff::{SignedDuration, Timestamp};
use lately::{Fate, Lately};
use remembered::Remembered;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

mod lately;
mod remembered;
mod terms;

pub use terms::DeclineTerms;

/// How many are let through on trial.
const TRIALS: u32 = 10;
/// How long it is waited for what becomes of them: some supporters leave.
const TRIAL_LASTS: SignedDuration = SignedDuration::from_mins(5);

/// Where a hand-off comes in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Gate {
    /// One of the two forms.
    Form(Kind),
    /// The API, by the name of the key.
    Program(Arc<str>),
}

impl Gate {
    /// A word for logs and metrics.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Form(kind) => kind.word(),
            Self::Program(_) => "api",
        }
    }
}

/// Cards are not handed over by this gate just now. Nothing was written and nothing was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nearly all cards were declined")]
pub struct Paused {
    /// When it may be worth trying.
    pub retry_after: SignedDuration,
}

/// The breaker of every gate. Copies are the same one.
#[derive(Clone, Debug)]
pub struct Declines {
    terms: Option<DeclineTerms>,
    state: Arc<Mutex<Gates>>,
}

#[derive(Debug, Default)]
struct Gates {
    gates: HashMap<Gate, Watch>,
    remembered: Remembered,
}

/// What is known of one gate.
#[derive(Debug, Default)]
struct Watch {
    phase: Phase,
    /// How often it was paused: what was handed over before a pause says nothing after it.
    pauses: u32,
}

#[derive(Debug)]
enum Phase {
    Flowing(Lately),
    Paused { since: Timestamp, until: Timestamp },
    Trying { since: Timestamp, admitted: u32, declined: u32, accepted: u32 },
}

impl Default for Phase {
    fn default() -> Self {
        Self::Flowing(Lately::default())
    }
}

impl Declines {
    /// On these terms; without any, nothing is counted and no gate is ever paused.
    #[must_use]
    pub fn new(terms: Option<DeclineTerms>) -> Self {
        Self { terms, state: Arc::default() }
    }

    /// Leave to hand a card over, or why not.
    pub fn admit(&self, gate: &Gate, reference: Reference, now: Timestamp) -> Result<(), Paused> {
        self.with(|terms, state| {
            let watch = state.gates.entry(gate.clone()).or_default();
            watch.look(gate, terms, now);
            if let Some(retry_after) = watch.wait(now) {
                return Err(Paused { retry_after });
            }
            if let Phase::Trying { admitted, .. } = &mut watch.phase {
                *admitted = admitted.saturating_add(1);
            }
            state.remembered.note(reference, gate.clone(), watch.pauses);
            Ok(())
        })
        .unwrap_or(Ok(()))
    }

    /// Why no card can be handed over by this gate now, if none can.
    pub fn look(&self, gate: &Gate, now: Timestamp) -> Result<(), Paused> {
        let wait = self.with(|terms, state| {
            let watch = state.gates.get_mut(gate)?;
            watch.look(gate, terms, now);
            watch.wait(now)
        });
        wait.flatten().map_or(Ok(()), |retry_after| Err(Paused { retry_after }))
    }

    /// Whether this gate hands cards over as they come: neither paused nor on trial.
    #[must_use]
    pub fn flows(&self, gate: &Gate, now: Timestamp) -> bool {
        let flows = self.with(|terms, state| {
            state.gates.get_mut(gate).is_none_or(|watch| {
                watch.look(gate, terms, now);
                matches!(watch.phase, Phase::Flowing(_))
            })
        });
        flows.unwrap_or(true)
    }

    /// How many gates of this word are paused or on trial.
    #[must_use]
    pub fn held(&self, word: &str, now: Timestamp) -> usize {
        let held = self.with(|terms, state| {
            let of_word = state.gates.iter_mut().filter(|(gate, _)| gate.word() == word);
            let looked = of_word.map(|(gate, watch)| {
                watch.look(gate, terms, now);
                usize::from(!matches!(watch.phase, Phase::Flowing(_)))
            });
            looked.sum()
        });
        held.unwrap_or(0)
    }

    /// The processor concluded something: a hand-off went from one state to another.
    pub fn concluded(&self, reference: Reference, before: State, after: State, now: Timestamp) {
        let fate = match after {
            State::Declined => Fate::Declined,
            State::Accepted => Fate::Accepted,
            State::HandedOff | State::InDoubt | State::Lapsed | State::Cancelled => return,
        };
        if before != after {
            self.count(reference, fate, now);
        }
    }

    /// The processor answered a call with what became of its one card: whatever else is heard of it is of the same card.
    pub fn answered(&self, reference: Reference, before: State, after: State, now: Timestamp) {
        self.concluded(reference, before, after, now);
        if before != after {
            self.with(|_, state| state.remembered.forget(reference));
        }
    }

    /// The processor's page declined a further card of a hand-off that is declined already: one page takes several.
    pub fn declined_again(&self, reference: Reference, now: Timestamp) {
        self.count(reference, Fate::Declined, now);
    }

    fn count(&self, reference: Reference, fate: Fate, now: Timestamp) {
        self.with(|terms, state| {
            let (gate, pauses) = state.remembered.find(reference)?;
            let watch = state.gates.get_mut(&gate)?;
            watch.look(&gate, terms, now);
            if watch.pauses == pauses {
                watch.count(&gate, terms, fate, now);
            }
            Some(())
        });
    }

    /// `None` where it is off.
    fn with<T>(&self, look: impl FnOnce(&DeclineTerms, &mut Gates) -> T) -> Option<T> {
        let terms = self.terms.as_ref()?;
        Some(look(terms, &mut self.state.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl Watch {
    /// What time alone brings about: the end of a pause, and of a trial.
    fn look(&mut self, gate: &Gate, terms: &DeclineTerms, now: Timestamp) {
        match self.phase {
            // Where the clock was set back, the pause is over.
            Phase::Paused { since, until } if now >= until || now < since => {
                self.phase = Phase::Trying { since: now, admitted: 0, declined: 0, accepted: 0 };
                tracing::info!(event = "gate_trying", gate = gate.word(), trials = TRIALS);
            }
            Phase::Trying { since, admitted, declined, accepted }
                if now.duration_since(since).abs() >= TRIAL_LASTS =>
            {
                if terms.exceeds(declined, declined.saturating_add(accepted)) {
                    self.pause(gate, terms, (declined, accepted), now);
                } else if admitted > 0 && declined.saturating_add(accepted) == 0 {
                    // Trials that nobody pays must not open a gate.
                    self.phase =
                        Phase::Trying { since: now, admitted: 0, declined: 0, accepted: 0 };
                } else {
                    self.flow(gate);
                }
            }
            Phase::Flowing(_) | Phase::Paused { .. } | Phase::Trying { .. } => {}
        }
    }

    /// How long no card is let through; none where one is.
    fn wait(&self, now: Timestamp) -> Option<SignedDuration> {
        match self.phase {
            Phase::Paused { until, .. } => Some(until.duration_since(now)),
            Phase::Trying { since, admitted, .. } if admitted >= TRIALS => {
                Some(TRIAL_LASTS.saturating_sub(now.duration_since(since)))
            }
            Phase::Flowing(_) | Phase::Trying { .. } => None,
        }
    }

    fn count(&mut self, gate: &Gate, terms: &DeclineTerms, fate: Fate, now: Timestamp) {
        match &mut self.phase {
            Phase::Flowing(lately) => {
                let (declined, accepted) = lately.count(fate, now, terms.within);
                let many = declined > terms.declines;
                if many && terms.exceeds(declined, declined.saturating_add(accepted)) {
                    self.pause(gate, terms, (declined, accepted), now);
                }
            }
            Phase::Trying { declined, accepted, .. } => {
                let counted = match fate {
                    Fate::Declined => &mut *declined,
                    Fate::Accepted => &mut *accepted,
                };
                *counted = counted.saturating_add(1);
                let (declined, accepted) = (*declined, *accepted);
                if terms.exceeds(declined, TRIALS) {
                    self.pause(gate, terms, (declined, accepted), now);
                } else if !terms.exceeds(TRIALS.saturating_sub(accepted), TRIALS) {
                    self.flow(gate);
                }
            }
            Phase::Paused { .. } => {}
        }
    }

    fn pause(
        &mut self,
        gate: &Gate,
        terms: &DeclineTerms,
        (declined, accepted): (u32, u32),
        now: Timestamp,
    ) {
        let until = now.saturating_add(terms.pause).unwrap_or(now);
        self.phase = Phase::Paused { since: now, until };
        self.pauses = self.pauses.wrapping_add(1);
        let wait_seconds = terms.pause.as_secs();
        let key = if let Gate::Program(name) = gate { name } else { "" };
        let advice = "see docs/shield.md: look at what is declined, and tell the processor";
        tracing::error!(
            event = "gate_paused",
            gate = gate.word(),
            key,
            declined,
            accepted,
            wait_seconds,
            advice
        );
    }

    fn flow(&mut self, gate: &Gate) {
        self.phase = Phase::default();
        tracing::info!(event = "gate_open", gate = gate.word());
    }
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "numbers of the tests' own")]
mod tests;
