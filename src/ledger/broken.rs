//! What is said of a record that does not prove whole: where it breaks, and what to do about it.

use super::LedgerError;
use crate::payment::Reference;
use std::fmt;

/// What to do where a row is not what was written.
const KEEP: &str = "it was changed, but not by Almoner: stop the service, keep the ledger as it is for \
    whoever looks into it, and restore a backup that proves whole: docs/ledgers.md";

/// The first link of a chain that does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Break {
    /// Whose chain, where there are several.
    pub chain: Option<[u8; 16]>,
    /// The event's place in it; 0 for the chain's beginning.
    pub sequence: i64,
    /// The hand-off that the event is about, where that is known.
    pub reference: Option<Reference>,
    /// What does not fit.
    pub what: &'static str,
    /// What to do about it.
    pub then: &'static str,
}

impl Break {
    /// A link that was changed.
    #[must_use]
    pub const fn at(sequence: i64, what: &'static str) -> Self {
        Self { chain: None, sequence, reference: None, what, then: KEEP }
    }

    /// The same, of an event of this hand-off.
    #[must_use]
    pub const fn about(self, reference: Reference) -> Self {
        Self { reference: Some(reference), ..self }
    }

    /// The same, in one chain of several.
    #[must_use]
    pub const fn of_chain(self, chain: [u8; 16]) -> Self {
        Self { chain: Some(chain), ..self }
    }
}

impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the ledger's chain ")?;
        if let Some(chain) = self.chain {
            write!(f, "{} ", hex::encode(chain))?;
        }
        write!(f, "breaks at event {}", self.sequence)?;
        if let Some(reference) = self.reference {
            write!(f, " of hand-off {reference}")?;
        }
        write!(f, ": {}; {}", self.what, self.then)
    }
}

impl From<Break> for LedgerError {
    fn from(found: Break) -> Self {
        Self::Broken(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_where_it_breaks_and_what_to_do() {
        let reference = Reference::from_bytes(&[0x70; 16]).unwrap();
        let found = Break::at(7, "an event is missing").about(reference).of_chain([0xAB; 16]);
        let told = LedgerError::from(found).to_string();
        let name = "ab".repeat(16);
        assert!(
            told.starts_with(&format!("the ledger's chain {name} breaks at event 7 of hand-off "))
        );
        assert!(
            told.contains("an event is missing; it was changed, but not by Almoner: stop"),
            "{told}"
        );
        let alone = LedgerError::from(Break::at(7, "an event is missing")).to_string();
        assert!(alone.starts_with("the ledger's chain breaks at event 7: an event"), "{alone}");
    }
}
