//! One row of the weight table: for which sort codes, by which method, and what is exceptional.

use super::{Figures, SortCode};

/// One check for a range of sort codes.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) start: SortCode,
    pub(super) end: SortCode,
    pub(super) method: Method,
    /// For the figures of the sort code, `u` to `z`.
    pub(super) code_weights: [i16; 6],
    /// For the figures of the account number, `a` to `h`.
    pub(super) account_weights: [i16; 8],
    pub(super) exception: Exception,
}

/// How the products are summed and what the sum is divided by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Mod10,
    Mod11,
    /// The figures of the products are summed, not the products.
    DoubleAlternate,
}

/// The published exceptions, by their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exception {
    None,
    /// 1: as if the institution's number, 580149, stood in front.
    AddTwentySeven,
    /// 2: a euro account has weights of its own.
    SterlingOrEuro,
    /// 3: not where `c` is 6 or 9.
    UnlessSixOrNine,
    /// 4: the remainder is `gh`.
    RemainderIsLastTwo,
    /// 5: the sort code is substituted; the remainder makes a check figure.
    CheckFigure,
    /// 6: accounts in foreign currencies cannot be checked.
    UnlessForeign,
    /// 7: where `g` is 9, the sort code, `a` and `b` do not count.
    ShortIfNine,
    /// 8: as if the sort code were 090126.
    As090126,
    /// 9: as if the sort code were 309634, where euro accounts are held.
    As309634,
    /// 10: where `ab` is 09 or 99 and `g` is 9, the sort code, `a` and `b` do not count.
    EitherAndShortIfNines,
    /// 11, 12 and 13: one of the two rows suffices.
    Either,
    /// 14: without its last figure if need be.
    Perhaps7Figures,
}

impl Row {
    /// Whether the row is about this sort code.
    pub(super) fn covers(&self, sort_code: SortCode) -> bool {
        (self.start..=self.end).contains(&sort_code)
    }

    /// Whether it suffices that this row passes or the other one.
    pub(super) fn is_one_of_two(&self) -> bool {
        use Exception as E;
        match self.exception {
            E::SterlingOrEuro | E::As309634 | E::EitherAndShortIfNines | E::Either => true,
            E::None
            | E::AddTwentySeven
            | E::UnlessSixOrNine
            | E::RemainderIsLastTwo
            | E::CheckFigure
            | E::UnlessForeign
            | E::ShortIfNine
            | E::As090126
            | E::Perhaps7Figures => false,
        }
    }

    /// Whether the figures pass; `substitute` is what the substitution table has for their sort code.
    pub(super) fn passes(&self, figures: &Figures, substitute: SortCode) -> bool {
        use Exception as E;
        let passes = |figures: &Figures| self.remainder(figures) == 0;
        let [a, _, c, _, _, _, g, h] = figures.account;
        match self.exception {
            E::None
            | E::AddTwentySeven
            | E::SterlingOrEuro
            | E::ShortIfNine
            | E::EitherAndShortIfNines
            | E::Either => passes(figures),
            E::UnlessSixOrNine => matches!(c, 6 | 9) || passes(figures),
            E::UnlessForeign => (matches!(a, 4..=8) && g == h) || passes(figures),
            E::RemainderIsLastTwo => {
                let last_two = u16::from(g).saturating_mul(10).saturating_add(u16::from(h));
                self.remainder(figures) == last_two
            }
            E::CheckFigure => self.makes_check_figure(&figures.at(substitute)),
            E::As090126 => passes(&figures.at([0, 9, 0, 1, 2, 6])),
            E::As309634 => passes(&figures.at([3, 0, 9, 6, 3, 4])),
            E::Perhaps7Figures => {
                passes(figures) || (matches!(h, 0 | 1 | 9) && passes(&figures.without_last()))
            }
        }
    }

    /// Exception 5: with MOD11 the remainder makes `g`, otherwise `h`. Remainder 1 of MOD11 makes a 10,
    /// which no figure is.
    fn makes_check_figure(&self, figures: &Figures) -> bool {
        let [.., g, h] = figures.account;
        let remainder = self.remainder(figures);
        let (figure, wanted) = match self.method {
            Method::Mod11 => (g, 11_u16.saturating_sub(remainder) % 11),
            Method::Mod10 | Method::DoubleAlternate => (h, 10_u16.saturating_sub(remainder) % 10),
        };
        u16::from(figure) == wanted
    }

    /// What is left of the weighted sum.
    fn remainder(&self, figures: &Figures) -> u16 {
        let (code_weights, account_weights) = self.weights(figures);
        let of_code = code_weights.iter().zip(&figures.sort_code);
        let of_account = account_weights.iter().zip(&figures.account);
        let products = of_code
            .chain(of_account)
            .map(|(weight, figure)| i32::from(*weight).saturating_mul(i32::from(*figure)));
        let added = if self.exception == Exception::AddTwentySeven { 27 } else { 0 };
        let (sum, modulus): (i32, i32) = match self.method {
            Method::Mod10 => (products.sum(), 10),
            Method::Mod11 => (products.sum(), 11),
            Method::DoubleAlternate => (products.map(sum_of_figures).sum(), 10),
        };
        // The weights can be negative; the remainder never is.
        let left = sum.saturating_add(added).checked_rem_euclid(modulus);
        left.and_then(|left| u16::try_from(left).ok()).unwrap_or(u16::MAX)
    }

    /// The weights for this account.
    fn weights(&self, figures: &Figures) -> ([i16; 6], [i16; 8]) {
        use Exception as E;
        let [a, b, .., g, _] = figures.account;
        let short = match self.exception {
            E::SterlingOrEuro if a != 0 => {
                let euro = ([0, 0, 1, 2, 5, 3], [6, 4, 8, 7, 10, 9, 3, 1]);
                return if g == 9 { account_alone(euro.1) } else { euro };
            }
            E::ShortIfNine => g == 9,
            E::EitherAndShortIfNines => matches!(a, 0 | 9) && b == 9 && g == 9,
            E::None
            | E::AddTwentySeven
            | E::SterlingOrEuro
            | E::UnlessSixOrNine
            | E::RemainderIsLastTwo
            | E::CheckFigure
            | E::UnlessForeign
            | E::As090126
            | E::As309634
            | E::Either
            | E::Perhaps7Figures => false,
        };
        if short {
            account_alone(self.account_weights)
        } else {
            (self.code_weights, self.account_weights)
        }
    }
}

/// Nothing for `u` to `b`.
const fn account_alone(mut account: [i16; 8]) -> ([i16; 6], [i16; 8]) {
    account[0] = 0;
    account[1] = 0;
    ([0; 6], account)
}

fn sum_of_figures(product: i32) -> i32 {
    let (mut rest, mut sum) = (product, 0_i32);
    while rest != 0 {
        sum = sum.saturating_add(rest % 10);
        rest /= 10;
    }
    sum
}
