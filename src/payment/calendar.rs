//! The working days of English banks: Monday to Friday but for the bank holidays of England and Wales
//! (rsm-protocol.md, 9.1). Of a year that is not listed nothing is said: it is not without holidays.

use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};
use std::collections::BTreeSet;
use std::ops::RangeInclusive;

/// How far ahead a first collection may lie, in months (rsm-protocol.md, 7.8).
pub const FURTHEST_START_MONTHS: i32 = 13;

/// The working days that the processor itself needs before a first collection (rsm-protocol.md, 7.8).
pub const LEAST_NOTICE_DAYS: u16 = 5;

/// What a whole year's list holds at least.
const HOLIDAYS_A_YEAR: usize = 8;

/// The bank holidays of whole years.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    holidays: BTreeSet<Date>,
    years: RangeInclusive<i16>,
}

/// Why a text is no calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCalendar {
    /// Not the format that gov.uk publishes.
    #[error(
        "line {line}, column {column}: this is not the list of bank holidays that gov.uk publishes; \
         download https://www.gov.uk/bank-holidays.json anew"
    )]
    Format {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
    },
    /// No holidays at all.
    #[error(
        "england-and-wales lists no bank holidays; download https://www.gov.uk/bank-holidays.json anew"
    )]
    Empty,
    /// A year that can only be listed in part.
    #[error(
        "{year} lists {listed} bank holidays, and every year has 8 or more; \
         add those that are missing or take the year out"
    )]
    Incomplete {
        /// The year.
        year: i16,
        /// How many days it lists.
        listed: usize,
    },
}

/// A year whose bank holidays are not listed: nothing can be said about its days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the bank holidays of {year} are not listed; download https://www.gov.uk/bank-holidays.json anew, \
     or add that year to the list"
)]
pub struct Unlisted {
    /// The year.
    pub year: i16,
}

/// Why there is no day to start on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoStart {
    /// The calendar ends too soon.
    #[error(transparent)]
    Unlisted(#[from] Unlisted),
    /// None of the days within 13 months will do.
    #[error(
        "no day within 13 months can be the first collection: ask for fewer working days ahead"
    )]
    TooFar,
    /// No day of a month is among those that are preferred.
    #[error("the preferred days of the month must be from 1 to 31, and at least one")]
    NoDay,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Listed {
    england_and_wales: Division,
}

#[derive(serde::Deserialize)]
struct Division {
    events: Vec<Event>,
}

#[derive(serde::Deserialize)]
struct Event {
    date: Date,
}

impl Calendar {
    /// Reads the list that gov.uk publishes as JSON; other divisions than England and Wales are ignored.
    pub fn parse(text: &str) -> Result<Self, BadCalendar> {
        // The reader's own words would repeat what it read.
        let listed: Listed = serde_json::from_str(text)
            .map_err(|error| BadCalendar::Format { line: error.line(), column: error.column() })?;
        let holidays: BTreeSet<Date> =
            listed.england_and_wales.events.iter().map(|event| event.date).collect();
        let (first, last) = holidays.first().zip(holidays.last()).ok_or(BadCalendar::Empty)?;
        let years = first.year()..=last.year();
        for year in years.clone() {
            let listed = holidays.iter().filter(|day| day.year() == year).count();
            if listed < HOLIDAYS_A_YEAR {
                return Err(BadCalendar::Incomplete { year, listed });
            }
        }
        Ok(Self { holidays, years })
    }

    /// The years that are known, the last of which `check` should warn of in good time.
    #[must_use]
    pub fn years(&self) -> RangeInclusive<i16> {
        self.years.clone()
    }

    /// Whether the holidays of this day's year are known.
    #[must_use]
    pub fn covers(&self, day: Date) -> bool {
        self.years.contains(&day.year())
    }

    /// Whether banks work on this day.
    pub fn is_working_day(&self, day: Date) -> Result<bool, Unlisted> {
        if !self.covers(day) {
            return Err(Unlisted { year: day.year() });
        }
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        Ok(!weekend && !self.holidays.contains(&day))
    }

    /// The `count`th working day after a day; the day itself where `count` is 0.
    pub fn add_working_days(&self, day: Date, count: u16) -> Result<Date, Unlisted> {
        (0..count).try_fold(day, |day, _| self.this_or_next(next(day)?))
    }

    /// How many working days come after `from`, up to and with `to`: 0 where `to` is not later.
    pub fn working_days_between(&self, from: Date, to: Date) -> Result<u32, Unlisted> {
        let (mut day, mut count) = (from, 0_u32);
        while day < to {
            day = next(day)?;
            count = count.saturating_add(u32::from(self.is_working_day(day)?));
        }
        Ok(count)
    }

    /// The first day for a first collection: at least `at_least` working days after `today`, within
    /// 13 months, and where days of the month are preferred one of those, or the next working day
    /// after it. The 29th to 31st mean the last day of a month that is too short.
    pub fn earliest_start(
        &self,
        today: Date,
        at_least: u16,
        preferred: Option<&[i8]>,
    ) -> Result<Date, NoStart> {
        let earliest = self.this_or_next(self.add_working_days(today, at_least)?)?;
        let start = match preferred {
            None => earliest,
            Some(days) => self.preferred_start(earliest, days)?,
        };
        let furthest = today.checked_add(FURTHEST_START_MONTHS.months());
        if furthest.is_ok_and(|furthest| start <= furthest) {
            Ok(start)
        } else {
            Err(NoStart::TooFar)
        }
    }

    /// Whether a first collection may be on a day that was freely chosen: a working day at least
    /// `at_least` working days after `today`, within 13 months, and where days of the month are
    /// preferred one of those, or the next working day after it.
    pub fn may_start(
        &self,
        start: Date,
        today: Date,
        at_least: u16,
        preferred: &[i8],
    ) -> Result<bool, NoStart> {
        let earliest = self.this_or_next(self.add_working_days(today, at_least)?)?;
        let furthest = today.checked_add(FURTHEST_START_MONTHS.months());
        if start < earliest || furthest.is_ok_and(|furthest| start > furthest) {
            return Ok(false);
        }
        Ok(self.is_working_day(start)?
            && (preferred.is_empty() || self.preferred_start(start, preferred)? == start))
    }

    /// The first preferred day that, moved to a working day, is not before `earliest`.
    fn preferred_start(&self, earliest: Date, days: &[i8]) -> Result<Date, NoStart> {
        if days.is_empty() || days.iter().any(|day| !(1..=31).contains(day)) {
            return Err(NoStart::NoDay);
        }
        // A day late in the month before may move into this one.
        let before = earliest.first_of_month().yesterday().unwrap_or(earliest).first_of_month();
        let mut starts = BTreeSet::new();
        for months in 0..3 {
            let Ok(month) = before.checked_add(months.months()) else { continue };
            for day in days {
                let day = Date::new(month.year(), month.month(), *day.min(&month.days_in_month()));
                starts.extend(day.ok());
            }
        }
        // A day of an unlisted year before `earliest` is passed over: the start may be later, never sooner.
        let mut moved = starts.into_iter().filter_map(|day| match self.this_or_next(day) {
            Ok(day) => (day >= earliest).then_some(Ok(day)),
            Err(unlisted) => (day >= earliest).then_some(Err(unlisted)),
        });
        Ok(moved.next().ok_or(NoStart::TooFar)??)
    }

    /// The day, or the first working day after it.
    fn this_or_next(&self, mut day: Date) -> Result<Date, Unlisted> {
        while !self.is_working_day(day)? {
            day = next(day)?;
        }
        Ok(day)
    }
}

fn next(day: Date) -> Result<Date, Unlisted> {
    day.tomorrow().ok().ok_or(Unlisted { year: day.year() })
}

#[cfg(test)]
mod tests;
