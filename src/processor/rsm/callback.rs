//! What an authentic call-back says (rsm-protocol.md, 4.1 and 8). Its field boundaries are not
//! proved by the signature (4.3), so every value read here has a closed grammar, and whoever
//! records it compares it with the hand-off.

use super::identity::{self, Parameter};
use super::{Rsm, card};
use crate::payment::{
    Amount, EventId, Evidence, Fact, Mode, Outcome, Parts, ProcessorText, Reference, Source,
};
use crate::processor::{Door, Forged, Message, Notice};
use iso_currency::Currency;
use jiff::Timestamp;

/// What is before 1973 in milliseconds is in seconds (rsm-protocol.md, 8).
const LEAST_MILLISECONDS: i64 = 100_000_000_000;

/// What is read of a call-back.
const COUNT: [&str; 15] = [
    "uniqueid",
    "purchase",
    "donation",
    "authAmount",
    "authCurrency",
    "currency",
    "vendorid",
    "campaign",
    "transId",
    "transStatus",
    "transTime",
    "baseStatus",
    "rawAuthCode",
    "testMode",
    "errors[0][code]",
];

impl Rsm {
    /// Verifies first, then reads.
    pub(crate) fn hear(&self, door: Door, body: &[u8], now: Timestamp) -> Result<Message, Forged> {
        let parameters =
            identity::authentic(body, self.callbacks.canonical, &self.callbacks.secrets)?;
        let said = Said(&parameters);
        // Records without an amount are sent at times and say nothing (rsm-protocol.md, 4).
        if said.text("purchase").is_none() && said.text("donation").is_none() {
            return Ok(Message::Empty);
        }
        let Some(reference) = said.text("uniqueid").and_then(Reference::parse) else {
            return Ok(Message::Foreign);
        };
        let parts = said.parts();
        let fact = said.fact(door)?;
        let evidence = Evidence {
            id: said.id(door),
            source: Source::Notice,
            fact,
            amount: parts.and_then(|parts| said.amount(parts, fact, self.currency)),
            mode: said.mode(),
            processor_reference: said.text("transId").and_then(ProcessorText::heard),
            code: said.code(),
            occurred_at: said.moment().unwrap_or(now),
        };
        let ours = self.merchant.is_named_by(said.text("vendorid"), said.text("campaign"))
            && !said.could_be_parted_otherwise();
        Ok(Message::Notice(Notice { reference, evidence, parts, ours }))
    }
}

/// The parameters of a call-back.
struct Said<'a>(&'a [Parameter]);

impl Said<'_> {
    /// The same however the message is spelt: encoded otherwise, or with the proof elsewhere.
    fn id(&self, door: Door) -> EventId {
        let mut pairs: Vec<&Parameter> = self.0.iter().collect();
        pairs.sort_unstable();
        let parts = pairs.into_iter().flat_map(|(name, value)| [name.as_slice(), value]);
        let parts: Vec<&[u8]> = std::iter::once(door.word().as_bytes()).chain(parts).collect();
        EventId::of(Source::Notice, &parts)
    }

    /// Whether a value holds what reads as further parameters of those that count. The same proof then stands for a
    /// message with other boundaries, and a supporter may have typed them (rsm-protocol.md, 4.3): it proves neither.
    fn could_be_parted_otherwise(&self) -> bool {
        let counts = |piece: &[u8]| {
            let name = piece.split(|byte| *byte == b'=').next().unwrap_or_default();
            name.len() < piece.len() && COUNT.iter().any(|count| count.as_bytes() == name)
        };
        self.0.iter().any(|(_, value)| value.split(|byte| *byte == b'&').skip(1).any(counts))
    }

    /// A value that is given and is text.
    fn text(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(given, _)| given == name.as_bytes())?;
        str::from_utf8(value).ok().filter(|value| !value.is_empty())
    }

    /// What was bought and what was given; nought where one of the two is not said. `None` where
    /// either is no money.
    fn parts(&self) -> Option<Parts> {
        let minor = |name| self.text(name).map_or(Some(0), pence);
        Some(Parts { goods: minor("purchase")?, gift: minor("donation")? })
    }

    /// The sum, where all that is said of it agrees.
    fn amount(&self, parts: Parts, fact: Fact, currency: Currency) -> Option<Amount> {
        let taken = fact == Fact::Outcome(Outcome::Accepted);
        let sum = parts.goods.checked_add(parts.gift)?;
        // Where nothing was authorised, nought is.
        let authorised = |text| pence(text) == Some(sum) || (pence(text) == Some(0) && !taken);
        let named = |name| self.text(name).is_none_or(|code| code == currency.code());
        let fits = self.text("authAmount").is_none_or(authorised)
            && named("authCurrency")
            && named("currency");
        fits.then(|| Amount::new(sum, currency).ok()).flatten()
    }

    /// Only what says in every way that it was taken is an acceptance. A word that is none of RSM's
    /// is kept as such (security.md, A-17); one that is no word at all is refused.
    fn fact(&self, door: Door) -> Result<Fact, Forged> {
        let word = |name| self.text(name).unwrap_or_default();
        let words = [word("baseStatus"), word("transStatus"), word("rawAuthCode")];
        let plausible =
            |word: &str| word.len() <= 32 && word.bytes().all(|b| b.is_ascii_alphanumeric());
        if !words.iter().all(|word| plausible(word)) {
            return Err(Forged::Grammar);
        }
        Ok(match (door, words) {
            (Door::Success, ["OK" | "SUCCESS", "Y" | "", "A" | ""]) => {
                Fact::Outcome(Outcome::Accepted)
            }
            (Door::Failure, ["FAIL" | "INVALID" | "", "C", _]) => Fact::Outcome(Outcome::Cancelled),
            (Door::Failure, ["FAIL" | "", "", ""]) if self.error() == Some(card::CANCELLED) => {
                Fact::Outcome(Outcome::Cancelled)
            }
            (Door::Failure, ["FAIL" | "INVALID", "N" | "", "D" | ""]) => {
                Fact::Outcome(Outcome::Declined)
            }
            _ => Fact::Unrecognised,
        })
    }

    /// 0 is real money, 100 is the test system.
    fn mode(&self) -> Option<Mode> {
        match self.text("testMode")? {
            "0" => Some(Mode::Live),
            _ => Some(Mode::Test),
        }
    }

    /// The first error, or else the overall result.
    fn code(&self) -> Option<ProcessorText> {
        let error = self.error().map(|code| code.to_string());
        error.as_deref().or_else(|| self.text("baseStatus")).and_then(ProcessorText::heard)
    }

    fn error(&self) -> Option<u16> {
        card::code(self.text("errors[0][code]")?)
    }

    fn moment(&self) -> Option<Timestamp> {
        let digits = self.text("transTime")?;
        let number: i64 =
            digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok()).flatten()?;
        let at = if number < LEAST_MILLISECONDS {
            Timestamp::from_second(number)
        } else {
            Timestamp::from_millisecond(number)
        };
        at.ok().filter(|at| (946_684_800..4_102_444_800).contains(&at.as_second()))
    }
}

/// Pounds with no or two decimals, in pence; nought is written too.
fn pence(text: &str) -> Option<i64> {
    if ["0", "0.00"].contains(&text) {
        return Some(0);
    }
    Amount::parse(text, Currency::GBP).ok().map(Amount::minor)
}

#[cfg(test)]
mod tests;
