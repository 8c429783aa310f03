//! Whom we ask: what the processor is handed, what it may answer, and the choice of dialect.

use crate::ledger::{HandOff, Report, Trace};
use crate::payment::{Contact, Dialect, Evidence, FieldError, Method};
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use prometheus_client::metrics::histogram::Histogram;
use url::Url;
use zeroize::Zeroizing;

mod care;
pub mod client;
mod message;
mod order;
mod report;
pub mod rsm;
mod self_service;
pub mod signed;

pub use care::{Amendment, Change, NoChange, Objection, Verdict};
pub use message::{Door, Forged, Headers, Message, Notice, Remark, Returned};
use order::Dialects;
pub use order::{Debit, Instruction, Order, Reply, UNMARKED, Wanted};
pub use report::{Money, NoReport, Period, Reported, Row, Statement};
pub use self_service::{LinkNames, SelfService, SignedLink};

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
            Self::Signed(signed) => signed.way(method),
            Self::Rsm2000(rsm) => rsm.way(method),
        }
    }

    /// The origin that a browser may be sent to after an order by card (3-D Secure).
    #[must_use]
    pub fn challenge_origin(&self) -> Option<String> {
        match self {
            Self::Signed(signed) => {
                signed.card_api.then(|| signed.base.origin().ascii_serialization())
            }
            Self::Rsm2000(_) => None,
        }
    }

    /// The order for what was asked for, signed and not yet sent, or everything that the processor
    /// would not take.
    pub fn order(&self, wanted: &Wanted<'_>, now: Timestamp) -> Result<Order, Vec<FieldError>> {
        let order = match (self, wanted.instruction) {
            (Self::Signed(signed), _) => Dialects::Signed(signed.order(wanted, now)?),
            (Self::Rsm2000(rsm), Instruction::Debit(debit)) => {
                let Wanted { hand_off, contact, .. } = wanted;
                Dialects::Rsm2000(rsm.order(hand_off, contact, debit, now)?)
            }
            // Its cards are typed on its own pages alone.
            #[cfg(feature = "card-api")]
            (Self::Rsm2000(_), Instruction::Card(_)) => return Err(vec![no_such_way()]),
        };
        Ok(Order(order))
    }

    /// Sends an order, once.
    pub async fn place(&self, order: Order, now: Timestamp) -> Reply {
        match (self, order.0) {
            (Self::Signed(signed), Dialects::Signed(order)) => signed.place(order, now).await,
            (Self::Rsm2000(rsm), Dialects::Rsm2000(order)) => rsm.place(order, now).await,
            (Self::Signed(_), Dialects::Rsm2000(_)) | (Self::Rsm2000(_), Dialects::Signed(_)) => {
                Reply::NotSent("not_set_up")
            }
        }
    }

    /// Asks what became of one hand-off, by what was written down before it was sent.
    pub async fn enquire(&self, hand_off: &HandOff, traces: &[Trace], now: Timestamp) -> Enquiry {
        match self {
            Self::Signed(signed) => signed.enquire(hand_off, traces, now).await,
            Self::Rsm2000(rsm) => rsm.enquire(hand_off, traces, now).await,
        }
    }

    /// How much longer it wants to be left alone, where it said so by Retry-After.
    #[must_use]
    pub fn wait(&self) -> Option<SignedDuration> {
        match self {
            Self::Signed(signed) => signed.client.wait(),
            Self::Rsm2000(rsm) => rsm.ddcm.as_ref()?.client.wait(),
        }
    }

    /// How often each secret that is shared with it was used, by its name in the configuration.
    #[must_use]
    pub fn uses(&self) -> Vec<(String, u64)> {
        match self {
            Self::Signed(signed) => {
                let mut uses = signed.signing.uses("processor_signing");
                uses.extend(signed.webhook.uses("processor_webhook"));
                uses
            }
            Self::Rsm2000(rsm) => {
                let mut uses = rsm.callbacks.secrets.uses("rsm2000_callback");
                let password = rsm.ddcm.as_ref().map(|ddcm| ddcm.password.uses().so_far());
                uses.extend(password.map(|uses| ("rsm2000_api".to_owned(), uses)));
                uses
            }
        }
    }

    /// How far ahead of its clock ours is, by its last answer; `None` where none said its time lately.
    #[must_use]
    pub fn clock_ahead(&self, now: Timestamp) -> Option<SignedDuration> {
        match self {
            Self::Signed(signed) => signed.client.clock_ahead(now),
            Self::Rsm2000(rsm) => rsm.ddcm.as_ref()?.client.clock_ahead(now),
        }
    }

    /// How long each exchange with it took; `None` where nothing is ever asked of it.
    #[must_use]
    pub fn took(&self) -> Option<Histogram> {
        match self {
            Self::Signed(signed) => Some(signed.client.took()),
            Self::Rsm2000(rsm) => rsm.ddcm.as_ref().map(|ddcm| ddcm.client.took()),
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

/// What is said where a method cannot be paid by in this way.
const fn no_such_way() -> FieldError {
    FieldError { field: "method", reason: "required", advice: "Choose how to pay" }
}
