//! What RSM decided about each record of a request (rsm-protocol.md, 7.4 and 7.5): each is decided by
//! itself, and only an answer that fits the request in every part decides anything.

use super::errors::{Codes, Meaning};
use super::failure::{Doubt, Failure, Unfit};
use super::reply::{self, Element, Reply};
use super::{BATCH, Ddcm, Length, Prepared, Signature};
use jiff::Timestamp;
use std::collections::HashMap;

/// What became of one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// RSM took it in.
    Accepted {
        /// RSM's own reference of the mandate, where it gives one.
        dd_ref_no: Option<String>,
    },
    /// Nothing was done, for no fault of the record: see [`Meaning::NotSent`].
    NotSent(Codes),
    /// Nothing was done, because of what the record says.
    Refused(Codes),
    /// It cannot be told.
    InDoubt(Doubt),
}

/// What became of an earlier request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Earlier {
    /// RSM had it, and answered it thus, record by record.
    Answered(Vec<Decision>),
    /// RSM knows no request with that signature (2301): it did not arrive, or not yet. Only one that
    /// is older than it can possibly be under way may be taken for lost.
    NotFound,
}

/// The names of the elements that hold the records.
#[derive(Clone, Copy)]
pub(super) struct Names {
    many: &'static str,
    one: &'static str,
}

pub(super) const MANDATES: Names = Names { many: "mandates", one: "mandate" };
pub(super) const COLLECTIONS: Names = Names { many: "collections", one: "collection" };

impl Ddcm {
    /// What became of an earlier [`Ddcm::set_mandates`], by its signature and the references of its
    /// records in their order.
    ///
    /// # Errors
    /// No reference, too many, or one given twice.
    pub fn what_became_of_mandates(
        &self,
        earlier: Signature,
        references: &[&str],
        at: Timestamp,
    ) -> Result<Prepared<Earlier>, Unfit> {
        self.what_became(earlier, references, MANDATES, at)
    }

    /// The same for an earlier [`Ddcm::set_collections`].
    ///
    /// # Errors
    /// As [`Ddcm::what_became_of_mandates`].
    pub fn what_became_of_collections(
        &self,
        earlier: Signature,
        references: &[&str],
        at: Timestamp,
    ) -> Result<Prepared<Earlier>, Unfit> {
        self.what_became(earlier, references, COLLECTIONS, at)
    }

    fn what_became(
        &self,
        earlier: Signature,
        references: &[&str],
        names: Names,
        at: Timestamp,
    ) -> Result<Prepared<Earlier>, Unfit> {
        let references = distinct(references)?;
        let mut paper = self.paper("responseStatusCheck", 128);
        paper.leaf("previousSignature", &earlier.to_string());
        let length = Length::Records(references.len());
        Ok(self.prepare(paper, at, length, move |reply| {
            if reply.content.one("summary")?.is_none() {
                return not_found(reply);
            }
            read(reply, names, &references).map(Earlier::Answered)
        }))
    }
}

/// An answer without decisions. A code of a whole request may be this question's as well as the
/// earlier request's, so all but 2301 decide nothing about the latter.
fn not_found(reply: Reply<'_>) -> Result<Earlier, Failure> {
    let codes = reply.content.codes()?;
    if reply.content.succeeded()? || codes.is_empty() {
        return Err(Doubt::Contradictory.into());
    }
    if codes.iter().all(|code| code.number() == 2301) {
        return Ok(Earlier::NotFound);
    }
    Err(Doubt::Codes(codes).into())
}

/// The references of a request's records, if RSM's answer can be told apart by them.
pub(super) fn distinct(references: &[&str]) -> Result<Vec<String>, Unfit> {
    if references.is_empty() {
        return Err(Unfit::Empty);
    }
    if references.len() > BATCH {
        return Err(Unfit::TooMany);
    }
    let mut seen = std::collections::HashSet::new();
    let twice = references.iter().position(|reference| !seen.insert(reference.trim_matches(' ')));
    if let Some(record) = twice {
        return Err(Unfit::Repeated(record));
    }
    Ok(references.iter().map(|reference| reference.trim_matches(' ').to_owned()).collect())
}

/// Every record's decision, in the order of the request.
pub(super) fn read(
    reply: Reply<'_>,
    names: Names,
    references: &[String],
) -> Result<Vec<Decision>, Failure> {
    let content = reply.content;
    let succeeded = content.succeeded()?;
    let codes = content.codes()?;
    let Some(summary) = content.one("summary")? else {
        // No summary: the request failed as a whole, if RSM says so and says why.
        let whole = !succeeded && !codes.is_empty() && content.one(names.many)?.is_none();
        return Err(if whole { reply::refused(codes) } else { Doubt::Contradictory.into() });
    };
    if !codes.is_empty() {
        return Err(Doubt::Contradictory.into());
    }
    let (mut decisions, mut tally) = (HashMap::new(), Tally::default());
    for record in content.need(names.many)?.many(names.one) {
        let reference = record.value("clientRef")?;
        if decisions.insert(reference, decide(record, &mut tally)?).is_some() {
            return Err(Doubt::Contradictory.into());
        }
    }
    if !tally.agrees_with(summary, references.len())? {
        return Err(Doubt::Contradictory.into());
    }
    let ordered: Option<Vec<Decision>> =
        references.iter().map(|reference| decisions.remove(reference.as_str())).collect();
    ordered.ok_or_else(|| Doubt::OtherReference.into())
}

/// How many of each there were.
#[derive(Default)]
struct Tally {
    successful: usize,
    failed: usize,
}

impl Tally {
    fn agrees_with(&self, summary: Element<'_>, asked: usize) -> Result<bool, Doubt> {
        let all = self.successful.saturating_add(self.failed);
        let told = |name| summary.value(name).map(str::parse::<usize>);
        Ok(told("totalSubmitted")? == Ok(all)
            && told("totalSuccessful")? == Ok(self.successful)
            && told("totalFailed")? == Ok(self.failed)
            && all == asked)
    }
}

fn decide(record: Element<'_>, tally: &mut Tally) -> Result<Decision, Doubt> {
    let codes = record.codes()?;
    if record.succeeded()? {
        tally.successful = tally.successful.saturating_add(1);
        if !codes.is_empty() {
            return Ok(Decision::InDoubt(Doubt::Contradictory));
        }
        let dd_ref_no = Some(record.value("ddRefNo")?).filter(|text| !text.is_empty());
        return Ok(Decision::Accepted { dd_ref_no: dd_ref_no.map(str::to_owned) });
    }
    tally.failed = tally.failed.saturating_add(1);
    if codes.is_empty() {
        return Ok(Decision::InDoubt(Doubt::Contradictory));
    }
    Ok(match codes.meaning() {
        Meaning::NotSent => Decision::NotSent(codes),
        Meaning::Refused => Decision::Refused(codes),
        Meaning::InDoubt => Decision::InDoubt(Doubt::Codes(codes)),
    })
}

#[cfg(test)]
mod tests;
