//! Why there is no answer to build on: nothing left us, RSM turned the request away, or we cannot
//! tell. A doubt never repeats what was received.

use super::errors::{Code, Codes};
use crate::payment::FieldError;

/// How a request failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Not one byte left us: the same may be asked again.
    #[error("nothing was sent: the processor could not be reached")]
    NotSent,
    /// RSM refused the request as a whole, and did nothing. [`Codes::meaning`] is never
    /// [`super::Meaning::InDoubt`] here; it says whether our settings or the data are to blame.
    #[error("the processor refused the whole request, with code {0}")]
    Refused(Codes),
    /// Something may have been done: ask what became of it, never send it again. To a mere question
    /// it means that there is no answer.
    #[error("in doubt: {0}")]
    InDoubt(#[from] Doubt),
}

/// Why an answer settles nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Doubt {
    /// It did not come whole, in time and within its size.
    #[error("no whole answer came in time; ask what became of the request")]
    Lost,
    /// HTTP's status is not 200.
    #[error("the answer has HTTP status {0}; check the endpoint")]
    Status(u16),
    /// Its bytes are not those of the character set it declares, or that is none of ours.
    #[error("the answer is not in ISO-8859-1 or UTF-8 as it declares; tell the processor")]
    Charset,
    /// Its DOCTYPE declares something, or names what is neither RSM's nor a path.
    #[error("the answer's DOCTYPE is not the mere name of a DTD; check the endpoint")]
    Doctype,
    /// Deeper or of more elements than any answer has.
    #[error("the answer is larger than any answer to this request can be; tell the processor")]
    TooLarge,
    /// Not well-formed: cut off, HTML, or with markup that RSM does not use.
    #[error(
        "the answer is not a whole document of the processor's; ask what became of the request"
    )]
    Malformed,
    /// It is not signed; the code it claims is a hint for the operator and nothing more.
    #[error("the answer is not signed{}; check the API user and password", hint(*.0))]
    Unsigned(Option<Code>),
    /// Its signature is not made with our password; the code likewise.
    #[error("the answer's signature is wrong{}; check the API password", hint(*.0))]
    WrongSignature(Option<Code>),
    /// This element is missing, doubled, or says what it cannot say.
    #[error("the answer's element {0} is not as agreed; tell the processor")]
    Element(&'static str),
    /// It speaks of something that we did not ask about, or not of all that we asked about.
    #[error("the answer is about another reference; ask what became of the request")]
    OtherReference,
    /// Its parts disagree.
    #[error("the answer contradicts itself; ask what became of the request")]
    Contradictory,
    /// RSM itself gives a code that settles nothing.
    #[error("the processor answered with code {0}; ask what became of the request")]
    Codes(Codes),
}

fn hint(claimed: Option<Code>) -> String {
    claimed.map(|code| format!(" and claims code {}", code.number())).unwrap_or_default()
}

/// Why a request was not made. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// There is nothing in it.
    #[error("nothing was asked for: name at least one record")]
    Empty,
    /// More than [`super::BATCH`] records.
    #[error("more than 150 records: send them in several requests")]
    TooMany,
    /// Two records under one reference, counted from 0: RSM's answer could not be told apart.
    #[error("record {0} has the reference of an earlier one: send it in a request of its own")]
    Repeated(usize),
    /// Fields that do not fit, of the record counted from 0.
    #[error("record {record} has fields that cannot be sent: {}", names(.fields))]
    Fields {
        /// Which record.
        record: usize,
        /// What is wrong with it.
        fields: Vec<FieldError>,
    },
}

fn names(fields: &[FieldError]) -> String {
    let named: Vec<String> =
        fields.iter().map(|error| format!("{} ({})", error.field, error.reason)).collect();
    named.join(", ")
}
