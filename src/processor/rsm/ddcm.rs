//! DDCM, RSM's XML interface for Direct Debits (rsm-protocol.md, section 7).
//!
//! A request is made and signed first, so that its [`Signature`], by which RSM can later be asked what
//! became of it, is written down before anything is sent. Sending consumes it: nothing is sent twice.

use crate::keys::Phrase;
use crate::processor::client::{Client, NoAnswer, Outgoing};
use bytes::Bytes;
use jiff::Timestamp;
use std::sync::Arc;
use url::Url;
use zeroize::Zeroizing;

mod batches;
mod cell;
mod collections;
mod decision;
mod errors;
mod failure;
mod field;
mod filter;
mod mandates;
mod paper;
mod prolog;
mod questions;
mod reply;
mod rows;
mod seal;
mod statement;

pub use batches::Batch;
pub use cell::{BacsCode, Pence, Reason, Stated};
pub use collections::{CollectionOrder, Which};
pub use decision::{Decision, Earlier};
pub use errors::{Code, Codes, Meaning};
pub use failure::{Doubt, Failure, Unfit};
pub use filter::{
    BatchFilter, CollectionFilter, CollectionsOf, Direction, MandateFilter, Page, Period, Sort,
    StatementOf,
};
pub use mandates::{Bank, Holder, MandateOrder, MandateRecord, Repeat};
pub use paper::{Command, Signature};
pub use reply::Answers;
pub use rows::{
    CollectionRow, CollectionState, CollectionType, MandateRow, MandateState, PayState, Report,
    Unreadable,
};
pub use statement::{Charge, Charged, CollectionStatement, Line, MonthlyStatement, Totals};

/// The most records that one request holds (rsm-protocol.md, 7.1: what a production client sends).
pub const BATCH: usize = 150;

/// RSM's Direct Debit API, and how we are known there.
#[derive(Debug)]
pub struct Ddcm {
    /// Its one address.
    pub endpoint: Url,
    /// The API user.
    pub username: String,
    /// The API password, which both sides sign with.
    pub password: Phrase,
    /// Reaches it. RSM takes up to minutes over a batch or a report, so let it be patient.
    pub client: Arc<Client>,
    /// What to do with answers whose signature cannot be verified for their characters' sake.
    pub answers: Answers,
    /// The most bytes of a report or a statement.
    pub report_bytes: usize,
}

/// A request, made and signed and not yet sent, that will be answered with an `A`.
pub struct Prepared<A> {
    signature: Signature,
    body: Zeroizing<Vec<u8>>,
    expected: Expected<A>,
}

/// What a request is to be answered with.
struct Expected<A> {
    command: Command,
    limits: prolog::Limits,
    read: Reader<A>,
}

/// Reads the answer to one request.
type Reader<A> = Box<dyn FnOnce(reply::Reply<'_>) -> Result<A, Failure> + Send + Sync>;

/// How long the answer to a request may be.
#[derive(Clone, Copy)]
enum Length {
    /// One answer for so many records.
    Records(usize),
    /// A report or a statement.
    Report,
}

/// What each record adds to the longest answer, in bytes: its references and some errors in words.
const BYTES_A_RECORD: usize = 2048;
/// The most elements of an answer about one record (security.md, table H).
const ELEMENTS: usize = 500;
/// What each further record adds.
const ELEMENTS_A_RECORD: usize = 64;
/// The fewest bytes that an element with something in it takes, so that a report's limit in bytes
/// is one in elements too.
const BYTES_AN_ELEMENT: usize = 8;

impl<A> Prepared<A> {
    /// What RSM can later be asked by. Keep it before sending.
    #[must_use]
    pub const fn signature(&self) -> Signature {
        self.signature
    }

    /// The command, for the log.
    #[must_use]
    pub const fn command(&self) -> Command {
        self.expected.command
    }
}

impl<A> std::fmt::Debug for Prepared<A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.command().name(), self.signature)
    }
}

impl Ddcm {
    /// Sends a request, once, and reads its answer.
    ///
    /// # Errors
    /// Says whether nothing was sent, nothing was done, or whether that cannot be told.
    pub async fn send<A>(&self, prepared: Prepared<A>) -> Result<A, Failure> {
        let Prepared { body, expected, .. } = prepared;
        let form = "application/x-www-form-urlencoded";
        let request = Outgoing::post(self.endpoint.clone(), form, Bytes::from_owner(body));
        let answer = self.client.send_within(request, expected.limits.bytes).await;
        let answer = answer.map_err(|why| match why {
            NoAnswer::NotSent => Failure::NotSent,
            NoAnswer::Lost => Doubt::Lost.into(),
            NoAnswer::TooLong => Doubt::TooLarge.into(),
        })?;
        if answer.status != 200 {
            return Err(Doubt::Status(answer.status).into());
        }
        self.read(expected, &answer.body, answer.date)
    }

    /// What a request would make of this answer.
    ///
    /// # Errors
    /// As [`Ddcm::send`], [`Failure::NotSent`] apart.
    pub fn hear<A>(&self, prepared: Prepared<A>, answer: &[u8]) -> Result<A, Failure> {
        self.read(prepared.expected, answer, None)
    }

    fn read<A>(
        &self,
        expected: Expected<A>,
        answer: &[u8],
        date: Option<Timestamp>,
    ) -> Result<A, Failure> {
        let Expected { command, limits, read } = expected;
        let judge = reply::Judge { password: &self.password, answers: self.answers, limits };
        reply::read(answer, judge, |reply| {
            if !reply.verified {
                tracing::warn!(event = "answer_unverified", command = command.name());
            }
            read(reply::Reply { date, ..reply })
        })
    }

    /// Begins a request, with room for `bytes` of parameters.
    fn paper(&self, command: &'static str, bytes: usize) -> paper::Paper {
        paper::Paper::new(Command(command), &self.username, bytes)
    }

    /// Ends a request at `at`, which RSM wants in whole seconds.
    fn prepare<A>(
        &self,
        paper: paper::Paper,
        at: Timestamp,
        length: Length,
        read: impl FnOnce(reply::Reply<'_>) -> Result<A, Failure> + Send + Sync + 'static,
    ) -> Prepared<A> {
        let command = paper.command();
        let signed = paper.sign(at.as_second(), &self.password);
        let limits = match length {
            Length::Records(records) => {
                let more = records.saturating_sub(1);
                prolog::Limits {
                    bytes: more
                        .saturating_mul(BYTES_A_RECORD)
                        .saturating_add(self.client.answer_bytes()),
                    elements: more.saturating_mul(ELEMENTS_A_RECORD).saturating_add(ELEMENTS),
                }
            }
            Length::Report => prolog::Limits {
                bytes: self.report_bytes,
                elements: self.report_bytes.div_euclid(BYTES_AN_ELEMENT),
            },
        };
        let (signature, body) = (signed.signature, signed.body);
        Prepared { signature, body, expected: Expected { command, limits, read: Box::new(read) } }
    }
}

#[cfg(test)]
mod tests;
