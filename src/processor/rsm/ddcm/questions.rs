//! The questions, which change nothing: the heartbeat, the reports and the statements
//! (rsm-protocol.md, 7.5).

use super::batches::{self, Batch};
use super::failure::{Failure, Unfit};
use super::filter::{BatchFilter, CollectionFilter, Filters, MandateFilter, ROOM, StatementOf};
use super::reply::{Element, Reply};
use super::rows::{self, CollectionRow, MandateRow, Report};
use super::statement::{self, CollectionStatement, MonthlyStatement};
use super::{Ddcm, Doubt, Length, Prepared};
use crate::payment::FieldError;
use crate::processor::Heartbeat;
use crate::processor::client::NoAnswer;
use jiff::Timestamp;

impl Ddcm {
    /// Whether RSM knows us; answered with its own time, where HTTP gives one. Two within one second
    /// are the same request, which RSM refuses (1005).
    #[must_use]
    pub fn heartbeat(&self, at: Timestamp) -> Prepared<Option<Timestamp>> {
        let paper = self.paper("heartbeat", 0);
        self.prepare(paper, at, Length::Records(1), |reply: Reply<'_>| {
            reply.answered().map(|_| reply.date)
        })
    }

    /// Sends a heartbeat and says how RSM is. That it had one this second already (1005) is an
    /// answer too. RSM cannot sign for a user or a password that it does not know, so an answer with
    /// a wrong signature is taken for a refusal.
    pub async fn check(&self, now: Timestamp) -> Heartbeat {
        match self.send(self.heartbeat(now)).await {
            Ok(date) => Heartbeat::Well { date },
            Err(Failure::NotSent) => Heartbeat::Unreachable(NoAnswer::NotSent),
            Err(Failure::Refused(_)) => Heartbeat::Refused,
            Err(Failure::InDoubt(doubt)) => judge(&doubt),
        }
    }

    /// Mandates, of which one may have several rows: its history.
    ///
    /// # Errors
    /// Which of the filters cannot be sent.
    pub fn mandate_report(
        &self,
        filter: &MandateFilter<'_>,
        at: Timestamp,
    ) -> Result<Prepared<Report<MandateRow>>, Unfit> {
        self.ask("mandateReport", filter, at, rows::mandates)
    }

    /// Collections.
    ///
    /// # Errors
    /// As [`Ddcm::mandate_report`].
    pub fn collection_report(
        &self,
        filter: &CollectionFilter<'_>,
        at: Timestamp,
    ) -> Result<Prepared<Report<CollectionRow>>, Unfit> {
        self.ask("collectionReport", filter, at, rows::collections)
    }

    /// The batches in which mandates went to the bank.
    ///
    /// # Errors
    /// As [`Ddcm::mandate_report`].
    pub fn mandate_batch_report(
        &self,
        filter: &BatchFilter,
        at: Timestamp,
    ) -> Result<Prepared<Report<Batch>>, Unfit> {
        self.ask("mandateBatchReport", filter, at, batches::of_mandates)
    }

    /// The batches in which collections went to the bank.
    ///
    /// # Errors
    /// As [`Ddcm::mandate_report`].
    pub fn collection_batch_report(
        &self,
        filter: &BatchFilter,
        at: Timestamp,
    ) -> Result<Prepared<Report<Batch>>, Unfit> {
        self.ask("collectionBatchReport", filter, at, batches::of_collections)
    }

    /// The batches of letters; the filter's period is not sent, for RSM has none here.
    ///
    /// # Errors
    /// As [`Ddcm::mandate_report`].
    pub fn letter_batch_report(
        &self,
        filter: &BatchFilter,
        at: Timestamp,
    ) -> Result<Prepared<Report<Batch>>, Unfit> {
        self.ask("letterBatchReport", &filter.page, at, batches::of_letters)
    }

    /// What was collected, reclaimed and charged.
    ///
    /// # Errors
    /// A date that cannot be sent.
    pub fn collection_statement(
        &self,
        of: StatementOf,
        at: Timestamp,
    ) -> Result<Prepared<CollectionStatement>, Unfit> {
        self.ask("collectionStatement", &of, at, statement::collection)
    }

    /// What was charged in a month of 1 to 12.
    ///
    /// # Errors
    /// A year or month that there is not.
    pub fn monthly_statement(
        &self,
        year: i16,
        month: i8,
        at: Timestamp,
    ) -> Result<Prepared<MonthlyStatement>, Unfit> {
        self.ask("monthlyStatement", &Month { year, month }, at, statement::monthly)
    }

    fn ask<A: 'static>(
        &self,
        command: &'static str,
        filters: &impl Filters,
        at: Timestamp,
        read: fn(Element<'_>) -> Result<A, Doubt>,
    ) -> Result<Prepared<A>, Unfit> {
        let mut paper = self.paper(command, ROOM);
        filters.enclosed(&mut paper)?;
        Ok(self.prepare(paper, at, Length::Report, move |reply: Reply<'_>| {
            read(reply.answered()?).map_err(Failure::from)
        }))
    }
}

fn judge(doubt: &Doubt) -> Heartbeat {
    match doubt {
        Doubt::Codes(codes) if codes.has(1005) => Heartbeat::Well { date: None },
        Doubt::Lost => Heartbeat::Unreachable(NoAnswer::Lost),
        Doubt::Unsigned(_) | Doubt::WrongSignature(_) => Heartbeat::Refused,
        Doubt::Codes(_)
        | Doubt::Status(_)
        | Doubt::Charset
        | Doubt::Doctype
        | Doubt::TooLarge
        | Doubt::Malformed
        | Doubt::Element(_)
        | Doubt::OtherReference
        | Doubt::Contradictory => Heartbeat::Strange,
    }
}

struct Month {
    year: i16,
    month: i8,
}

impl Filters for Month {
    fn write(&self, paper: &mut super::paper::Paper) {
        let known = (1..=12).contains(&self.month) && (2000..=9999).contains(&self.year);
        let advice = "Ask for a month from 1 to 12 of a year of this century";
        let wrong = FieldError { field: "month", reason: "out_of_range", advice };
        let text = if known { Ok(format!("{:02}/{}", self.month, self.year)) } else { Err(wrong) };
        paper.checked("monthYear", text);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{at, ddcm};
    use super::super::{Answers, Code, Codes};
    use super::*;

    #[test]
    fn a_doubtful_heartbeat_is_judged_by_its_reason() {
        let codes = |code| Doubt::Codes(Codes::new(std::iter::once(Code::parse(code))));
        for (doubt, heartbeat) in [
            (codes("1005"), Heartbeat::Well { date: None }),
            (codes("1003"), Heartbeat::Strange),
            (Doubt::WrongSignature(None), Heartbeat::Refused),
            (Doubt::Unsigned(None), Heartbeat::Refused),
            (Doubt::Lost, Heartbeat::Unreachable(NoAnswer::Lost)),
            (Doubt::Malformed, Heartbeat::Strange),
        ] {
            assert_eq!(judge(&doubt), heartbeat);
        }
    }

    #[tokio::test]
    async fn where_nobody_listens_rsm_is_unreachable() {
        let mut ddcm = ddcm(Answers::Strict);
        ddcm.endpoint = "https://127.0.0.1:1/ddcm/ddcmApi.php".parse().unwrap();
        assert_eq!(ddcm.check(at(7)).await, Heartbeat::Unreachable(NoAnswer::NotSent));
    }
}
