//! RSM's own calendar: a day that moves only when it is told to, and the days on which Bacs works.

use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday, date};
use std::collections::BTreeSet;

/// Which days are working days, and which day it is.
#[derive(Clone, Debug)]
pub(super) struct Calendar {
    today: Date,
    holidays: BTreeSet<Date>,
}

/// How far ahead a first collection may lie, in months (rsm-protocol.md, 7.8).
const FURTHEST_MONTHS: i32 = 13;

impl Calendar {
    pub(super) const fn new(today: Date, holidays: BTreeSet<Date>) -> Self {
        Self { today, holidays }
    }

    pub(super) const fn today(&self) -> Date {
        self.today
    }

    /// Moves on to the next working day.
    pub(super) fn advance(&mut self) -> Date {
        self.today = self.add(self.today, 1);
        self.today
    }

    /// The `count`th working day after `day`.
    pub(super) fn add(&self, day: Date, count: u32) -> Date {
        (0..count).fold(day, |day, _| self.this_or_next(next(day)))
    }

    /// The day, or the first working day after it.
    pub(super) fn this_or_next(&self, mut day: Date) -> Date {
        while !self.is_working(day) {
            day = next(day);
        }
        day
    }

    /// Whether `day` is at least `count` working days from today.
    pub(super) fn is_ahead(&self, day: Date, count: u32) -> bool {
        day >= self.add(self.today, count)
    }

    /// Whether `day` is later than 13 months from today.
    pub(super) fn is_too_far(&self, day: Date) -> bool {
        self.today.checked_add(FURTHEST_MONTHS.months()).is_ok_and(|furthest| day > furthest)
    }

    fn is_working(&self, day: Date) -> bool {
        !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
            && !self.holidays.contains(&day)
    }
}

/// The bank holidays of England and Wales that are announced, Saturdays and Sundays left out.
pub(super) fn bank_holidays() -> BTreeSet<Date> {
    BTreeSet::from(ANNOUNCED)
}

/// `day` moved by whole months; the last day of a month that is too short.
pub(super) fn months_after(day: Date, months: i32) -> Date {
    day.checked_add(months.months()).unwrap_or(Date::MAX)
}

/// `day` moved by whole days, working or not.
pub(super) fn days_after(day: Date, days: i32) -> Date {
    day.checked_add(days.days()).unwrap_or(Date::MAX)
}

fn next(day: Date) -> Date {
    days_after(day, 1)
}

const ANNOUNCED: [Date; 32] = [
    date(2025, 1, 1),
    date(2025, 4, 18),
    date(2025, 4, 21),
    date(2025, 5, 5),
    date(2025, 5, 26),
    date(2025, 8, 25),
    date(2025, 12, 25),
    date(2025, 12, 26),
    date(2026, 1, 1),
    date(2026, 4, 3),
    date(2026, 4, 6),
    date(2026, 5, 4),
    date(2026, 5, 25),
    date(2026, 8, 31),
    date(2026, 12, 25),
    date(2026, 12, 28),
    date(2027, 1, 1),
    date(2027, 3, 26),
    date(2027, 3, 29),
    date(2027, 5, 3),
    date(2027, 5, 31),
    date(2027, 8, 30),
    date(2027, 12, 27),
    date(2027, 12, 28),
    date(2028, 1, 3),
    date(2028, 4, 14),
    date(2028, 4, 17),
    date(2028, 5, 1),
    date(2028, 5, 29),
    date(2028, 8, 28),
    date(2028, 12, 25),
    date(2028, 12, 26),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn working_days_leave_out_weekends_and_bank_holidays() {
        let mut calendar = Calendar::new(date(2026, 12, 23), bank_holidays());
        assert_eq!(calendar.add(date(2026, 12, 23), 1), date(2026, 12, 24));
        assert_eq!(calendar.add(date(2026, 12, 23), 2), date(2026, 12, 29));
        assert_eq!(calendar.this_or_next(date(2027, 1, 1)), date(2027, 1, 4));
        assert!(calendar.is_ahead(date(2026, 12, 29), 2));
        assert!(!calendar.is_ahead(date(2026, 12, 28), 2));
        assert!(calendar.is_too_far(date(2028, 1, 24)) && !calendar.is_too_far(date(2028, 1, 23)));
        calendar.advance();
        assert_eq!(calendar.advance(), date(2026, 12, 29));
        assert_eq!(months_after(date(2026, 1, 31), 1), date(2026, 2, 28));
    }
}
