//! Whom we ask: what the processor is handed, what it may answer, and the choice of dialect.

use crate::ledger::{HandOff, Report, Trace};
use crate::payment::request::words;
use crate::payment::{Contact, Dialect, Evidence, FieldError, Method, Parts, Reference};
use bytes::Bytes;
use jiff::Timestamp;
use url::Url;
use zeroize::Zeroizing;

mod care;
pub mod client;
mod order;
mod report;
pub mod rsm;
pub mod signed;

pub use care::{Amendment, Change, NoChange, Objection, Verdict};
pub use order::{Instruction, Order, Reply};
pub use report::{NoReport, Period, Reported, Row};

/// How a payment is handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// On a page of the processor's.
    Hosted,
    /// By a call of ours to its API.
    Api,
}

/// A form that the supporter's browser posts to the processor.
pub struct Redirect {
    /// Where to.
    pub url: Url,
    /// Its fields, in order. They hold contact data: shown once, then wiped.
    pub fields: Vec<(&'static str, Zeroizing<String>)>,
    /// The character set that the processor reads it in.
    pub charset: &'static str,
}

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

/// What the processor answered to a question. A question is never a request to pay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Enquiry {
    /// It knows an outcome.
    Known(Evidence),
    /// The supporter has not finished.
    Pending,
    /// It never heard of the reference.
    Unknown,
    /// There is no way to ask about this hand-off.
    Impossible,
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
    /// It has nothing that could be asked.
    Unasked,
}

/// The processor, in the dialect it speaks.
#[derive(Debug)]
pub enum Processor {
    /// gateway.md, section 6.
    Signed(Box<signed::Signed>),
    /// rsm-protocol.md.
    Rsm2000(Box<rsm::Rsm>),
}

impl Processor {
    /// How it speaks.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        match self {
            Self::Signed(_) => Dialect::Signed,
            Self::Rsm2000(_) => Dialect::Rsm2000,
        }
    }

    /// What the supporter's browser is to post, or everything that the processor would not take.
    pub fn redirect(
        &self,
        hand_off: &HandOff,
        contact: &Contact,
        return_url: &str,
        now: Timestamp,
    ) -> Result<Redirect, Vec<FieldError>> {
        match self {
            Self::Signed(signed) => Ok(signed.redirect(hand_off, contact, return_url, now)),
            Self::Rsm2000(rsm) => rsm.redirect(hand_off, contact),
        }
    }

    /// Verifies a webhook's raw bytes, then reads them.
    pub fn hear(
        &self,
        door: Door,
        headers: &Headers,
        body: &Bytes,
        now: Timestamp,
    ) -> Result<Message, Forged> {
        match self {
            Self::Signed(signed) => signed.hear(headers, body, now).map(Message::Notice),
            Self::Rsm2000(rsm) => rsm.hear(door, body, now),
        }
    }

    /// What a browser that came back to an address of the dialect's own says; `None` where it
    /// names no reference.
    #[must_use]
    pub fn returned(&self, fields: &[u8]) -> Option<Returned> {
        match self {
            Self::Signed(_) => None,
            Self::Rsm2000(_) => rsm::Rsm::returned(fields),
        }
    }

    /// How a method is handed over.
    #[must_use]
    pub const fn way(&self, method: Method) -> Way {
        match self {
            Self::Signed(_) => Way::Hosted,
            Self::Rsm2000(rsm) => rsm.way(method),
        }
    }

    /// The order for what was asked for, signed and not yet sent, or everything that the processor
    /// would not take.
    pub fn order(
        &self,
        hand_off: &HandOff,
        contact: &Contact,
        instruction: &Instruction,
        now: Timestamp,
    ) -> Result<Order, Vec<FieldError>> {
        match self {
            Self::Signed(_) => Err(Vec::new()),
            Self::Rsm2000(rsm) => rsm.order(hand_off, contact, instruction, now).map(Order),
        }
    }

    /// Sends an order, once.
    pub async fn place(&self, order: Order, now: Timestamp) -> Reply {
        match self {
            Self::Signed(_) => Reply::NotSent("not_set_up"),
            Self::Rsm2000(rsm) => rsm.place(order.0, now).await,
        }
    }

    /// Asks what became of one hand-off, by what was written down before it was sent.
    pub async fn enquire(&self, hand_off: &HandOff, traces: &[Trace], now: Timestamp) -> Enquiry {
        match self {
            Self::Signed(signed) => {
                signed.enquire(hand_off.reference, hand_off.asked.method, now).await
            }
            Self::Rsm2000(rsm) => rsm.enquire(hand_off, traces, now).await,
        }
    }

    /// What the processor reports of a period.
    pub async fn report(
        &self,
        report: Report,
        period: Period,
        now: Timestamp,
    ) -> Result<Reported, NoReport> {
        match self {
            Self::Signed(_) => Err(NoReport::Impossible),
            Self::Rsm2000(rsm) => rsm.report(report, period, now).await,
        }
    }

    /// Whether the processor can be reached and knows our signature.
    pub async fn heartbeat(&self, now: Timestamp) -> Heartbeat {
        match self {
            Self::Signed(signed) => signed.heartbeat(now).await,
            Self::Rsm2000(rsm) => rsm.heartbeat(now).await,
        }
    }
}
