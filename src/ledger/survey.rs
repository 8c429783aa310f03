//! The record at a glance: how many hand-offs of a stretch of time came to what. Counted by the engine, over an
//! index that begins with the time, so that a long record costs no more than a short one.

use super::row::{self, Cell, inconsistent};
use super::{Entry, LedgerError};
use crate::payment::{Development, Fact, Frequency, Kind, Method, Mode, State};
use async_trait::async_trait;
use iso_currency::Currency;
use jiff::Timestamp;

/// How many entries that a person must look at are told of one stretch; all are counted.
pub const FLAGGED_SHOWN: usize = 20;

/// What can be asked of every [`super::Ledger`] at a glance.
#[async_trait]
pub trait Surveyor {
    /// What became, until now, of the hand-offs that were opened within a stretch of time.
    async fn survey(&self, stretch: Stretch) -> Result<Survey, LedgerError>;
}

/// Hand-offs of one mode that were opened from a moment on and before another, to the millisecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Test system or real money.
    pub mode: Mode,
    /// From here on.
    pub from: Timestamp,
    /// Before this.
    pub until: Timestamp,
}

/// What became of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// Those that are alike, counted.
    pub groups: Vec<Group>,
    /// What happened after acceptance, and how often.
    pub developments: Vec<(Development, u64)>,
    /// Pages of the processor's that are overdue and were never finished.
    pub unfinished: u64,
    /// When the newest webhook about any of them was recorded.
    pub webhook_at: Option<Timestamp>,
    /// How many are mismatched or contradicted.
    pub flagged: u64,
    /// The newest [`FLAGGED_SHOWN`] of these, newest first.
    pub shown: Vec<Entry>,
}

/// Hand-offs that are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// Donate or join.
    pub kind: Kind,
    /// Card or Direct Debit.
    pub method: Method,
    /// How often is paid.
    pub frequency: Frequency,
    /// In which currency.
    pub currency: Currency,
    /// Where they stand.
    pub state: State,
    /// How many.
    pub count: u64,
    /// What one payment of each comes to, together, in minor units.
    pub minor: u64,
}

impl Stretch {
    /// The least reference of it, and the least one after it: a reference begins with its milliseconds.
    #[must_use]
    pub fn bounds(&self) -> [[u8; 16]; 2] {
        [self.from, self.until].map(|at| {
            let millis = u128::try_from(at.as_millisecond()).unwrap_or(0);
            millis.saturating_mul(1 << 80).to_be_bytes()
        })
    }
}

/// What one row of the count says: its group, the unfinished among it, its newest webhook.
pub(super) struct Counted {
    pub(super) group: Group,
    pub(super) unfinished: u64,
    pub(super) webhook_at: Option<Timestamp>,
}

impl Counted {
    /// From the columns kind, method, frequency, currency, rank, count, sum, unfinished, newest webhook. The
    /// rank is a state's place among [`State::ALL`]: an outcome only rises, so the greatest is where it stands.
    pub(super) fn of<'a>(cell: impl Fn(usize) -> Option<Cell<'a>>) -> Result<Self, LedgerError> {
        let wrong = |column| inconsistent("hand_off", column);
        let number = |place, column| {
            let number = cell(place).and_then(row::integer);
            number.and_then(|number| u64::try_from(number).ok()).ok_or(wrong(column))
        };
        let rank = usize::try_from(number(4, "state_after")?).ok();
        let group = Group {
            kind: cell(0).and_then(row::word(Kind::from_word)).ok_or(wrong("kind"))?,
            method: cell(1).and_then(row::word(Method::from_word)).ok_or(wrong("method"))?,
            frequency: cell(2)
                .and_then(row::word(Frequency::from_word))
                .ok_or(wrong("frequency"))?,
            currency: cell(3).and_then(row::currency).ok_or(wrong("currency"))?,
            state: rank
                .and_then(|rank| State::ALL.get(rank).copied())
                .ok_or(wrong("state_after"))?,
            count: number(5, "reference")?,
            minor: number(6, "amount")?,
        };
        let webhook_at = cell(8).and_then(row::instant);
        Ok(Self { group, unfinished: number(7, "fact")?, webhook_at })
    }
}

/// A development and how often it is recorded; from the columns fact and count.
pub(super) fn developed<'a>(
    cell: impl Fn(usize) -> Option<Cell<'a>>,
) -> Result<(Development, u64), LedgerError> {
    let fact = cell(0).and_then(row::word(Fact::from_word));
    let count = cell(1).and_then(row::integer).and_then(|count| u64::try_from(count).ok());
    match (fact, count) {
        (Some(Fact::Development(development)), Some(count)) => Ok((development, count)),
        _ => Err(inconsistent("event", "fact")),
    }
}

impl Survey {
    pub(super) fn of(counted: Vec<Counted>, developments: Vec<(Development, u64)>) -> Self {
        Self {
            unfinished: counted.iter().map(|it| it.unfinished).sum(),
            webhook_at: counted.iter().filter_map(|it| it.webhook_at).max(),
            groups: counted.into_iter().map(|it| it.group).collect(),
            developments,
            ..Self::default()
        }
    }

    /// Takes in one of which something does not agree, where the one rule says so: engines find what may not,
    /// newest first.
    pub(super) fn consider(&mut self, entry: Entry) {
        if entry.standing.is_disputed() {
            self.flagged = self.flagged.saturating_add(1);
            if self.shown.len() < FLAGGED_SHOWN {
                self.shown.push(entry);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payment::Reference;

    #[test]
    fn a_stretch_holds_what_was_made_in_it_and_nothing_beside() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let stretch = Stretch {
            mode: Mode::Test,
            from: at("2026-11-26T00:00:00Z"),
            until: at("2026-11-27T00:00:00Z"),
        };
        let [from, until] = stretch.bounds();
        for (made, within) in [
            ("2026-11-25T23:59:59.999Z", false),
            ("2026-11-26T00:00:00Z", true),
            ("2026-11-26T23:59:59.999Z", true),
            ("2026-11-27T00:00:00Z", false),
        ] {
            let bytes = *Reference::at(at(made)).as_bytes();
            assert_eq!(bytes >= from && bytes < until, within, "{made}");
        }
    }

    #[test]
    fn states_stand_in_the_order_in_which_they_rise() {
        assert!(State::ALL.is_sorted());
    }
}
