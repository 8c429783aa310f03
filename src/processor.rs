//! Whom we ask: what the processor is handed, what it may answer, and the choice of dialect.

use crate::ledger::HandOff;
use crate::payment::{Contact, Evidence, Reference};
use bytes::Bytes;
use jiff::Timestamp;
use url::Url;
use zeroize::Zeroizing;

pub mod client;
pub mod rsm;
pub mod signed;

/// A form that the supporter's browser posts to the processor.
pub struct Redirect {
    /// Where to.
    pub url: Url,
    /// Its fields, in order. They hold contact data: shown once, then wiped.
    pub fields: Vec<(&'static str, Zeroizing<String>)>,
}

/// What a verified webhook says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The hand-off it names.
    pub reference: Reference,
    /// What it says of it.
    pub evidence: Evidence,
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

/// What the processor answered to a question. A question is never a request to pay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Enquiry {
    /// It knows an outcome.
    Known(Evidence),
    /// The supporter has not finished.
    Pending,
    /// It never heard of the reference.
    Unknown,
    /// No answer that can be trusted; the word says why.
    Unanswered(&'static str),
}

/// How the processor answered a question that costs nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heartbeat {
    /// It knows our signature.
    Well {
        /// Its own time, if it says.
        date: Option<Timestamp>,
    },
    /// It does not know our signature.
    Refused,
    /// It answers, but not as agreed.
    Strange,
    /// It does not answer.
    Unreachable(client::NoAnswer),
}

/// The processor, in the dialect it speaks.
#[derive(Debug)]
pub enum Processor {
    /// gateway.md, section 6.
    Signed(signed::Signed),
}

impl Processor {
    /// What the supporter's browser is to post.
    #[must_use]
    pub fn redirect(
        &self,
        hand_off: &HandOff,
        contact: &Contact,
        return_url: &str,
        now: Timestamp,
    ) -> Redirect {
        match self {
            Self::Signed(signed) => signed.redirect(hand_off, contact, return_url, now),
        }
    }

    /// Verifies a webhook's raw bytes, then reads them.
    pub fn hear(&self, headers: &Headers, body: &Bytes, now: Timestamp) -> Result<Notice, Forged> {
        match self {
            Self::Signed(signed) => signed.hear(headers, body, now),
        }
    }

    /// Asks what became of one hand-off.
    pub async fn enquire(&self, hand_off: &HandOff, now: Timestamp) -> Enquiry {
        match self {
            Self::Signed(signed) => {
                signed.enquire(hand_off.reference, hand_off.asked.method, now).await
            }
        }
    }

    /// Whether the processor can be reached and knows our signature.
    pub async fn heartbeat(&self, now: Timestamp) -> Heartbeat {
        match self {
            Self::Signed(signed) => signed.heartbeat(now).await,
        }
    }

    /// The origin that a page of ours may post to.
    #[must_use]
    pub fn origin(&self) -> String {
        match self {
            Self::Signed(signed) => signed.origin(),
        }
    }
}
