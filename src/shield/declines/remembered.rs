//! By which gate a hand-off came in.

use super::Gate;
use crate::payment::Reference;
use std::collections::{HashMap, VecDeque};

/// So many of the latest are remembered. What becomes of an older one counts nowhere.
const MOST: usize = 20_000;

/// Each hand-off's gate, and how often that had been paused.
#[derive(Debug, Default)]
pub(super) struct Remembered {
    gates: HashMap<Reference, (Gate, u32)>,
    order: VecDeque<Reference>,
}

impl Remembered {
    pub(super) fn note(&mut self, reference: Reference, gate: Gate, pauses: u32) {
        if self.gates.insert(reference, (gate, pauses)).is_some() {
            return;
        }
        self.order.push_back(reference);
        if self.order.len() > MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.gates.remove(&oldest);
        }
    }

    pub(super) fn forget(&mut self, reference: Reference) {
        self.gates.remove(&reference);
    }

    pub(super) fn find(&self, reference: Reference) -> Option<(Gate, u32)> {
        self.gates.get(&reference).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payment::Kind;
    use jiff::Timestamp;

    #[test]
    fn the_oldest_is_forgotten() {
        let mut remembered = Remembered::default();
        let gate = Gate::Form(Kind::Donate);
        let references: Vec<_> = (0..=MOST).map(|_| Reference::at(Timestamp::UNIX_EPOCH)).collect();
        for reference in &references {
            remembered.note(*reference, gate.clone(), 0);
            remembered.note(*reference, gate.clone(), 1);
        }
        assert_eq!(remembered.find(references[0]), None);
        assert_eq!(remembered.find(references[1]), Some((gate, 1)));
        assert_eq!(remembered.gates.len(), MOST);
    }
}
