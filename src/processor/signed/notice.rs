//! From authentic bytes to what they say.

use super::Signed;
use crate::payment::{
    Amount, Development, EventId, Evidence, Fact, Mode, Outcome, ProcessorText, Reference, Source,
    amount,
};
use crate::processor::{Forged, Headers, Notice};
use jiff::Timestamp;
use serde::Deserialize;

/// A webhook's body. Fields that a later version adds are ignored; a field given twice is refused.
#[derive(Deserialize)]
struct Message {
    data: Statement,
}

/// What the processor states about a hand-off, in a webhook or in answer to an enquiry.
#[derive(Deserialize)]
pub(super) struct Statement {
    pub(super) reference: String,
    pub(super) state: String,
    amount: Option<i64>,
    currency: Option<String>,
    processor_reference: Option<String>,
    code: Option<String>,
    occurred_at: String,
    mode: Option<String>,
}

impl Signed {
    /// Verifies first, then reads.
    pub(crate) fn hear(
        &self,
        headers: &Headers,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Notice, Forged> {
        let id = self.authentic(headers, body, now)?;
        // serde_json looks at no string that it passes over (security.md, B-9).
        let text = std::str::from_utf8(body).ok().ok_or(Forged::Grammar)?;
        let message: Message = serde_json::from_str(text).ok().ok_or(Forged::Grammar)?;
        let reference = Reference::parse(&message.data.reference).ok_or(Forged::Grammar)?;
        let evidence =
            message.data.evidence(Source::Notice, &[id.as_bytes()]).ok_or(Forged::Grammar)?;
        Ok(Notice { reference, evidence, parts: None, ours: true })
    }
}

impl Statement {
    /// The evidence, whose id is that of `identity`; `None` where it cannot be told what it is about.
    /// A code or a reference that is not of our alphabet is left out: it decorates, it decides nothing.
    pub(super) fn evidence(&self, source: Source, identity: &[&[u8]]) -> Option<Evidence> {
        Some(Evidence {
            id: EventId::of(source, identity),
            source,
            fact: fact(&self.state)?,
            amount: self.sum(),
            mode: text(self.mode.as_deref(), Mode::from_word)?,
            processor_reference: self.processor_reference.as_deref().and_then(ProcessorText::heard),
            code: self.code.as_deref().and_then(ProcessorText::heard),
            occurred_at: moment(&self.occurred_at)?,
        })
    }

    /// The sum it names, if it is money: an outcome without one is a mismatch, never lost.
    fn sum(&self) -> Option<Amount> {
        let currency = amount::currency(self.currency.as_deref()?).ok()?;
        Amount::new(self.amount?, currency).ok()
    }

    /// What tells one answer to an enquiry from another: all that it says.
    pub(super) fn identity(&self) -> [String; 8] {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        [
            self.reference.clone(),
            self.state.clone(),
            self.occurred_at.clone(),
            text(&self.processor_reference),
            text(&self.currency),
            text(&self.mode),
            text(&self.code),
            self.amount.map(|amount| amount.to_string()).unwrap_or_default(),
        ]
    }
}

/// A state's word; an unknown one of the known alphabet is kept as such (security.md, A-17).
fn fact(word: &str) -> Option<Fact> {
    let plausible = !word.is_empty()
        && word.len() <= 32
        && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    plausible.then(|| {
        Outcome::from_word(word)
            .map(Fact::Outcome)
            .or_else(|| Development::from_word(word).map(Fact::Development))
            .unwrap_or(Fact::Unrecognised)
    })
}

/// An optional text: absent or empty is `Some(None)`, unreadable is `None`.
#[expect(clippy::option_option, reason = "absent and unreadable are two things")]
fn text<T>(text: Option<&str>, read: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
    match text {
        None | Some("") => Some(None),
        Some(text) => read(text).map(Some),
    }
}

/// RFC 3339, between 2000 and 2100, in whole microseconds (security.md, FM-72).
fn moment(text: &str) -> Option<Timestamp> {
    let at: Timestamp = text.parse().ok()?;
    let plausible = (946_684_800..4_102_444_800).contains(&at.as_second());
    plausible.then(|| Timestamp::from_microsecond(at.as_microsecond()).ok()).flatten()
}

#[cfg(test)]
mod tests;
