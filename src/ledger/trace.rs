//! What is asked of the processor later: by the mark of a request, and by its reports.

use crate::payment::request::words;
use jiff::Timestamp;

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
