//! What the rows come to, by currency and state.

use super::NotExported;
use crate::payment::{State, amount};
use iso_currency::Currency;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many rows of each currency and state, and their sums in minor units.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals(BTreeMap<(&'static str, State), (u64, u64)>);

/// One of them, as the summary writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Total {
    /// ISO 4217.
    pub currency: String,
    /// Its word.
    pub state: String,
    /// How many rows.
    pub count: u64,
    /// What their amounts come to, in minor units.
    pub amount_minor: u64,
    /// The same with the currency's decimals.
    pub amount: String,
}

impl Totals {
    /// One row more.
    pub fn add(&mut self, currency: Currency, state: State, minor: u64) -> Result<(), NotExported> {
        let (count, sum) = self.0.entry((currency.code(), state)).or_default();
        *count = count.saturating_add(1);
        *sum = sum.checked_add(minor).ok_or(NotExported::TooMuch)?;
        Ok(())
    }

    /// How many rows in all.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.0.values().fold(0, |sum, (count, _)| sum.saturating_add(*count))
    }

    /// Each, by currency and then by state from the weakest to the strongest.
    #[must_use]
    pub fn told(&self) -> Vec<Total> {
        let told = |((code, state), (count, minor)): (&(&str, State), &(u64, u64))| Total {
            currency: (*code).to_owned(),
            state: state.word().to_owned(),
            count: *count,
            amount_minor: *minor,
            amount: amount::currency(code)
                .map(|currency| amount::decimal(*minor, currency))
                .unwrap_or_default(),
        };
        self.0.iter().map(told).collect()
    }
}
