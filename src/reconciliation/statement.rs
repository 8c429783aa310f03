//! A statement against its own lines and against the report of its day.

use crate::payment::Amount;
use crate::payment::request::words;
use crate::processor::{Money, Row, Statement};
use jiff::ToSpan as _;
use jiff::civil::Date;

/// A statement is made on the third working day after the collections; after so many days of any
/// kind it is missing (rsm-protocol.md, 7.8).
const MADE_AFTER_DAYS: i64 = 10;

words! {
    /// What does not agree about a statement.
    Disagreement {
        /// It is not there, and should be.
        Missing = "missing",
        /// Its total is not the sum of its lines.
        Collected = "collected",
        /// It counts other items than it lists.
        Items = "items",
        /// What it says was taken back is not the sum of those lines.
        Reclaimed = "reclaimed",
        /// Its total is not what the report of that day comes to.
        Report = "report",
    }
}

/// A day's statement, looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stated {
    /// The day of the collections.
    pub day: Date,
    /// What it says was collected, in minor units; `None` where there is no statement.
    pub collected: Option<i64>,
    /// What the report says was paid on that day.
    pub paid: i64,
    /// What does not agree.
    pub disagreements: Vec<Disagreement>,
}

/// The days of a report on which money moved, so that there must be a statement.
#[must_use]
pub(super) fn days(rows: &[Row]) -> Vec<Date> {
    let moved = rows.iter().filter(|row| matches!(row.money, Some(Money::Paid | Money::Unpaid)));
    let mut days: Vec<Date> = moved.filter_map(|row| row.on).collect();
    days.sort_unstable();
    days.dedup();
    days
}

/// A statement beside the report's rows of its day. Whether what came back at once is in a statement's
/// total or was taken out of it, the manual leaves open; either will do.
#[must_use]
pub fn look(day: Date, statement: Option<&Statement>, rows: &[Row], today: Date) -> Stated {
    let of = |money| {
        let those = rows.iter().filter(|row| row.on == Some(day) && row.money == Some(money));
        sum(those.map(|row| row.amount.map(Amount::minor)))
    };
    let (paid, unpaid) = (of(Money::Paid), of(Money::Unpaid));
    let Some(statement) = statement else {
        let late = day.checked_add(MADE_AFTER_DAYS.days()).is_ok_and(|made| made < today);
        let disagreements = if late { vec![Disagreement::Missing] } else { Vec::new() };
        return Stated { day, collected: None, paid, disagreements };
    };
    let lines = sum(statement.collected.iter().copied());
    let back = sum(statement.reclaimed.iter().copied());
    let collected = statement.collected_total.unwrap_or(lines);
    let count = u64::try_from(statement.collected.len()).ok();
    let differs = [
        (Disagreement::Collected, collected != lines || has_gap(&statement.collected)),
        (Disagreement::Items, statement.items.is_some_and(|items| Some(items) != count)),
        (
            Disagreement::Reclaimed,
            statement.reclaimed_total.is_some_and(|total| total != back)
                || has_gap(&statement.reclaimed),
        ),
        (Disagreement::Report, collected != paid && collected != paid.saturating_add(unpaid)),
    ];
    let disagreements = differs.into_iter().filter_map(|(what, so)| so.then_some(what)).collect();
    Stated { day, collected: Some(collected), paid, disagreements }
}

fn has_gap(lines: &[Option<i64>]) -> bool {
    lines.iter().any(Option::is_none)
}

fn sum(sums: impl Iterator<Item = Option<i64>>) -> i64 {
    sums.flatten().fold(0, i64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;
    use iso_currency::Currency;

    const DAY: Date = Date::constant(2026, 3, 2);

    fn row(money: Money, minor: i64) -> Row {
        Row {
            reference: None,
            processor_reference: None,
            amount: Amount::new(minor, Currency::GBP).ok(),
            frequency: None,
            on: Some(DAY),
            word: "PAID",
            money: Some(money),
            lodged: None,
            development: None,
        }
    }

    fn statement() -> Statement {
        Statement {
            collected: vec![Some(400), Some(600)],
            collected_total: Some(1000),
            items: Some(2),
            reclaimed: vec![Some(600)],
            reclaimed_total: Some(600),
        }
    }

    fn found(statement: &Statement, rows: &[Row]) -> Vec<Disagreement> {
        look(DAY, Some(statement), rows, DAY).disagreements
    }

    #[test]
    fn totals_are_those_of_the_lines_and_of_the_report() {
        let both = [row(Money::Paid, 400), row(Money::Paid, 600)];
        let returned = [row(Money::Paid, 400), row(Money::Unpaid, 600)];
        let claimed = [row(Money::Paid, 400), row(Money::Paid, 600), row(Money::Reclaimed, 600)];
        for rows in [&both[..], &returned, &claimed] {
            assert_eq!(found(&statement(), rows), []);
        }
        let fewer = [row(Money::Paid, 400)];
        assert_eq!(found(&statement(), &fewer), [Disagreement::Report]);
        let other_day = Row { on: Some(Date::constant(2026, 3, 3)), ..row(Money::Paid, 600) };
        assert_eq!(found(&statement(), &[fewer[0].clone(), other_day]), [Disagreement::Report]);
    }

    #[test]
    fn each_disagreement_is_named() {
        let rows = [row(Money::Paid, 400), row(Money::Paid, 600)];
        for (changed, named) in [
            (
                Statement { collected_total: Some(999), ..statement() },
                &[Disagreement::Collected, Disagreement::Report][..],
            ),
            (Statement { items: Some(3), ..statement() }, &[Disagreement::Items]),
            (Statement { reclaimed_total: Some(1), ..statement() }, &[Disagreement::Reclaimed]),
            (
                Statement { reclaimed: vec![None], reclaimed_total: Some(0), ..statement() },
                &[Disagreement::Reclaimed],
            ),
        ] {
            assert_eq!(found(&changed, &rows), named);
        }
    }

    #[test]
    fn a_statement_is_missing_only_once_it_should_be_there() {
        let rows = [row(Money::Paid, 400)];
        let after = |days: i64| DAY.checked_add(days.days()).unwrap();
        assert_eq!(look(DAY, None, &rows, after(10)).disagreements, []);
        let late = look(DAY, None, &rows, after(11));
        assert_eq!((late.disagreements, late.paid), (vec![Disagreement::Missing], 400));
        assert_eq!(
            days(&[row(Money::Paid, 1), row(Money::Unpaid, 1), row(Money::Reclaimed, 1)]),
            [DAY]
        );
        assert_eq!(days(&[row(Money::Reclaimed, 1)]), []);
    }
}
