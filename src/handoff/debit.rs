//! The terms of a Direct Debit set up on our own page: what the supporter must be told, when the
//! first collection can be, and whether an account can exist (rsm-protocol.md, 9.1 and 9.3).

use crate::payment::calendar::LEAST_NOTICE_DAYS;
use crate::payment::modulus::{Tables, Verdict};
use crate::payment::{Bank, Calendar, FieldError, NoStart};
use jiff::civil::Date;

/// How many first days are offered to choose from.
const MOST_STARTS: usize = 4;

/// What the charity has agreed with its sponsoring bank, and what it checks by.
#[derive(Debug)]
pub struct DebitTerms {
    /// Six figures that identify the charity to the banks.
    pub service_user_number: String,
    /// The name on bank statements.
    pub collecting_name: String,
    /// Working days between the notice and the first collection.
    pub advance_notice_days: u8,
    /// Days of the month on which is collected; any working day where there is none.
    pub collection_days: Vec<i8>,
    /// The Direct Debit Guarantee.
    pub guarantee: String,
    /// English working days.
    pub calendar: Calendar,
    /// Vocalink's tables, where they are at hand.
    pub tables: Option<Tables>,
}

impl DebitTerms {
    /// The days on which the first collection may be, the soonest first: one for each day of the
    /// month on which is collected.
    pub fn starts(&self, today: Date) -> Result<Vec<Date>, NoStart> {
        let notice = u16::from(self.advance_notice_days).max(LEAST_NOTICE_DAYS);
        let first = |days| self.calendar.earliest_start(today, notice, days);
        if self.collection_days.is_empty() {
            return first(None).map(|start| vec![start]);
        }
        let each = self.collection_days.iter().map(|day| first(Some(std::slice::from_ref(day))));
        let mut starts: Vec<Date> = each.collect::<Result<_, _>>()?;
        starts.sort_unstable();
        starts.dedup();
        starts.truncate(MOST_STARTS);
        Ok(starts)
    }

    /// The day that was chosen, if it is still one of those that may be; the soonest where none was.
    pub fn start(&self, chosen: &str, today: Date) -> Result<Date, FieldError> {
        let wrong = |reason, advice| FieldError { field: "start_date", reason, advice };
        let starts = self.starts(today).map_err(|why| {
            tracing::error!(event = "no_start", reason = %why);
            wrong("unavailable", "Pay by card, or come back later: no first day can be worked out")
        })?;
        let soonest = starts.first().copied();
        let start = if chosen.is_empty() {
            soonest
        } else {
            chosen.parse().ok().filter(|chosen| starts.contains(chosen))
        };
        start.ok_or_else(|| wrong("unknown", "Choose the day of the first collection again"))
    }

    /// Whether an account can have these numbers. A sort code in no table says nothing against it:
    /// the processor's own check decides.
    pub fn check(&self, bank: &Bank) -> Result<(), FieldError> {
        let Some(tables) = &self.tables else { return Ok(()) };
        match tables.check(bank.sort_code.reveal(), bank.account_number.reveal()) {
            Verdict::Possible => Ok(()),
            Verdict::Unknown => {
                tracing::warn!(event = "sort_code_in_no_table");
                Ok(())
            }
            Verdict::Wrong => Err(FieldError {
                field: "account_number",
                reason: "modulus",
                advice: "Check the sort code and account number: no account can have both",
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(days: &[i8]) -> DebitTerms {
        DebitTerms {
            service_user_number: "123456".into(),
            collecting_name: "Test".into(),
            advance_notice_days: 10,
            collection_days: days.to_vec(),
            guarantee: String::new(),
            calendar: Calendar::parse(include_str!("../../config/bank-holidays.json")).unwrap(),
            tables: None,
        }
    }

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn a_start_for_each_day_of_collection_after_the_notice() {
        let today = day("2026-11-23");
        assert_eq!(terms(&[]).starts(today).unwrap(), [day("2026-12-07")]);
        assert_eq!(
            terms(&[1, 15]).starts(today).unwrap(),
            [day("2026-12-15"), day("2027-01-04")],
            "the first of January is a holiday and then it is the weekend"
        );
    }

    #[test]
    fn only_an_offered_start_is_taken() {
        let (terms, today) = (terms(&[1, 15]), day("2026-11-23"));
        assert_eq!(terms.start("", today), Ok(day("2026-12-15")));
        assert_eq!(terms.start("2027-01-04", today), Ok(day("2027-01-04")));
        for wrong in ["2026-12-01", "2026-12-16", "tomorrow", "15/12/2026"] {
            assert_eq!(terms.start(wrong, today).unwrap_err().field, "start_date", "{wrong}");
        }
        assert!(terms.start("", day("2035-01-01")).is_err(), "beyond the calendar");
    }
}
