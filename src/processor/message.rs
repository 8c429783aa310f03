//! What comes from the processor by itself: webhooks, and browsers that it sends back.

use crate::payment::request::words;
use crate::payment::{Dialect, Evidence, Parts, Reference};

words! {
    /// Which of our addresses a webhook came to.
    Door {
        /// The `signed` dialect's only one.
        Signed = "signed",
        /// RSM's for what was paid.
        Success = "success",
        /// RSM's for what was not.
        Failure = "failure",
    }
}

impl Door {
    /// The dialect that knocks here.
    #[must_use]
    pub const fn dialect(self) -> Dialect {
        match self {
            Self::Signed => Dialect::Signed,
            Self::Success | Self::Failure => Dialect::Rsm2000,
        }
    }
}

/// What a verified webhook says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The hand-off it names.
    pub reference: Reference,
    /// What it says of it.
    pub evidence: Evidence,
    /// How it says that the sum divides, where the dialect says.
    pub parts: Option<Parts>,
    /// Whether it names us, and not another of the processor's customers.
    pub ours: bool,
}

/// A verified webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// About a hand-off that could be ours.
    Notice(Notice),
    /// About a reference that was never one of ours.
    Foreign,
    /// About nothing.
    Empty,
}

/// What a supporter's browser says when it comes back. Nothing of it is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Returned {
    /// The hand-off it names.
    pub reference: Reference,
    /// Something helpful to say.
    pub remark: Option<Remark>,
}

words! {
    /// What the processor's page is said to have told the supporter.
    Remark {
        /// This payment was made or begun before.
        UsedBefore = "used-before",
        /// A contact detail was not taken.
        Contact = "contact",
        /// The supporter turned back.
        GivenUp = "given-up",
    }
}

/// The processor's headers that a dialect may look at.
pub type Headers = axum::http::HeaderMap;

/// Why a webhook was not believed. Each is a word in the log and a fixed, short answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Forged {
    /// No signature, or no id or time to sign.
    #[error("nosig")]
    Unsigned,
    /// No key made any of the signatures.
    #[error("badsig")]
    BadSignature,
    /// More signatures than are ever tried.
    #[error("toomany")]
    TooMany,
    /// The time is not plain digits.
    #[error("badts")]
    BadTimestamp,
    /// Authentic, and too old: a replay, or a clock that is wrong.
    #[error("stale")]
    Stale,
    /// Authentic, and from the future: a clock that is wrong.
    #[error("future")]
    Future,
    /// A header is given twice.
    #[error("dup_param")]
    Duplicated,
    /// Authentic, and not of the shape agreed.
    #[error("grammar")]
    Grammar,
}
