//! What an amended mandate must keep to, so that the processor need not be asked in vain
//! (rsm-protocol.md, 7.8, 9.1 and 9.3).

use super::NotSent;
use crate::payment::modulus::{Tables, Verdict};
use crate::payment::{Calendar, FieldError};
use crate::processor::Amendment;
use jiff::civil::Date;

/// When collections may begin, and which accounts there can be.
#[derive(Debug)]
pub struct StartRule {
    /// English working days.
    pub calendar: Calendar,
    /// Working days between today and the first collection.
    pub notice_days: u16,
    /// Days of the month on which is collected; any working day where there is none.
    pub collection_days: Vec<i8>,
    /// Vocalink's tables, where they are at hand.
    pub tables: Option<Tables>,
}

impl StartRule {
    pub(super) fn check(&self, amendment: &Amendment, today: Date) -> Result<(), NotSent> {
        let Amendment { bank, start, end, .. } = amendment;
        let mut wrong = Vec::new();
        if !self.calendar.may_start(*start, today, self.notice_days, &self.collection_days)? {
            wrong.push(FieldError {
                field: "start_date",
                reason: "out_of_range",
                advice: "Choose a working day on which you collect, after the advance notice and within 13 months",
            });
        }
        if end.is_some_and(|end| end <= *start) {
            let advice = "Choose a last date after the first";
            wrong.push(FieldError { field: "end_date", reason: "out_of_range", advice });
        }
        let tables = self.tables.as_ref();
        let verdict =
            tables.map(|it| it.check(bank.sort_code.reveal(), bank.account_number.reveal()));
        match verdict {
            Some(Verdict::Wrong) => wrong.push(FieldError {
                field: "account_number",
                reason: "modulus",
                advice: "Check the sort code and account number: no account can have both",
            }),
            Some(Verdict::Unknown) => tracing::warn!(event = "sort_code_in_no_table"),
            Some(Verdict::Possible) | None => {}
        }
        if wrong.is_empty() { Ok(()) } else { Err(NotSent::Unfit(wrong)) }
    }
}
