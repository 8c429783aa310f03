//! Whether a sort code and an account number can belong together, by Vocalink's modulus check
//! (rsm-protocol.md, 9.3). To pass proves nothing, to fail proves that one of them is mistyped. The
//! tables are Vocalink's: they are read when the service starts and never shipped.

use std::collections::BTreeMap;
use zeroize::{Zeroize, ZeroizeOnDrop};

mod row;
mod table;

pub use table::{BadTable, Fault, File};

use row::Row;

/// Six figures. They sort as the numbers do.
type SortCode = [u8; 6];

/// What is checked: `u` to `z` and `a` to `h` of the published method.
#[derive(Zeroize, ZeroizeOnDrop)]
struct Figures {
    sort_code: SortCode,
    account: [u8; 8],
}

/// What the check can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// They pass: perhaps an account has these numbers.
    Possible,
    /// They fail: no account has these numbers.
    Wrong,
    /// The sort code is in no table: nothing can be said, and nobody may be turned away for it.
    Unknown,
}

/// Vocalink's weights and substitutions.
#[derive(Debug)]
pub struct Tables {
    rows: Vec<Row>,
    substitutes: BTreeMap<SortCode, SortCode>,
}

impl Tables {
    /// Reads the texts of `valacdos.txt` and of `scsubtab.txt`, as Vocalink publishes them.
    pub fn parse(weights: &str, substitutions: &str) -> Result<Self, BadTable> {
        let rows = table::rows(weights)?;
        Ok(Self { rows, substitutes: table::substitutes(substitutions)? })
    }

    /// Checks six figures and six to eight; anything else is wrong.
    #[must_use]
    pub fn check(&self, sort_code: &str, account_number: &str) -> Verdict {
        let Some((sort_code, account)) = figures(sort_code, 6).zip(figures(account_number, 6))
        else {
            return Verdict::Wrong;
        };
        let figures = Figures { sort_code, account };
        let substitute = self.substitutes.get(&sort_code).copied().unwrap_or(sort_code);
        let passes = |row: &Row| row.passes(&figures, substitute);
        let rows = || self.rows.iter().filter(|row| row.covers(sort_code));
        if rows().next().is_none() {
            return Verdict::Unknown;
        }
        let one_suffices = rows().any(Row::is_one_of_two);
        let possible = if one_suffices { rows().any(passes) } else { rows().all(passes) };
        if possible { Verdict::Possible } else { Verdict::Wrong }
    }
}

impl Figures {
    /// The same account at another sort code.
    const fn at(&self, sort_code: SortCode) -> Self {
        Self { sort_code, account: self.account }
    }

    /// Without the last figure of the account, and with a 0 in front.
    fn without_last(&self) -> Self {
        let [rest @ .., _] = self.account;
        let mut moved = Self { sort_code: self.sort_code, account: [0; 8] };
        for (place, figure) in moved.account.iter_mut().skip(1).zip(rest) {
            *place = figure;
        }
        moved
    }
}

/// A text of at least `least` figures, with zeros in front where it is shorter than the whole.
fn figures<const WHOLE: usize>(text: &str, least: usize) -> Option<[u8; WHOLE]> {
    if !(least..=WHOLE).contains(&text.len()) {
        return None;
    }
    let mut figures = [0; WHOLE];
    for (figure, byte) in figures.iter_mut().rev().zip(text.bytes().rev()) {
        *figure = byte.checked_sub(b'0').filter(|figure| *figure <= 9)?;
    }
    Some(figures)
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
