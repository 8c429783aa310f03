//! What is asked of the processor later: by the mark of a request, and by its reports.

use crate::payment::Reference;
use crate::payment::request::words;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

words! {
    /// What a request to the processor was to change.
    Purpose {
        /// To set up what was asked for.
        Lodge = "lodge",
        /// To change a mandate.
        Amend = "amend",
        /// To end a mandate.
        Cancel = "cancel",
    }
}
words! {
    /// The processor's reports that are read again and again.
    Report {
        /// What became of mandates.
        Mandates = "mandates",
        /// What became of collections.
        Collections = "collections",
    }
}

/// What the processor can later be asked by about a request whose answer was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trace {
    /// The request's own mark: for RSM its signature (rsm-protocol.md, 7.5).
    pub mark: [u8; 32],
    /// What the request was to change.
    pub purpose: Purpose,
    /// When it was about to be sent.
    pub at: Timestamp,
}

impl Trace {
    /// Not a request: it forbids the first one. Whoever takes a hand-off for never sent writes it
    /// before looking for a mark once more, and whoever is about to send looks for it after writing
    /// the mark. So at least one of the two sees the other, whatever their clocks say and however
    /// long either was held up (security.md, INV-10).
    #[must_use]
    pub fn forbidding(reference: Reference, at: Timestamp) -> Self {
        Self { mark: forbidden(reference), purpose: Purpose::Cancel, at }
    }

    /// Whether it forbids the sending of this hand-off.
    #[must_use]
    pub fn forbids(&self, reference: Reference) -> bool {
        self.purpose == Purpose::Cancel && self.mark == forbidden(reference)
    }
}

fn forbidden(reference: Reference) -> [u8; 32] {
    Sha256::new_with_prefix("almoner-never-sent-v1")
        .chain_update(reference.as_bytes())
        .finalize()
        .into()
}
