//! Which rows of a report are wanted (rsm-protocol.md, 7.5).

use super::failure::Unfit;
use super::field::{Alphabet, Rule, rule};
use super::mandates::{self, CLIENT_REF, MANDATE_TYPE, PAYMENT_REF, SHORT_ID};
use super::paper::Paper;
use super::rows::MandateState;
use crate::payment::FieldError;
use crate::payment::request::words;
use jiff::civil::Date;

/// A first and a last day, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub first: Date,
    /// The last day.
    pub last: Date,
}

words! {
    /// Which way a report is sorted.
    Direction {
        /// From the lowest.
        Ascending = "ASC",
        /// From the highest.
        Descending = "DESC",
    }
}

/// By which of its columns a report is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// The column's name on the wire: letters.
    pub by: &'static str,
    /// Which way.
    pub direction: Direction,
}

/// How much of a report is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// RSM's own order, if not given.
    pub sort: Option<Sort>,
    /// At most so many rows: a multiple of 5, up to 9995, for RSM takes others for 20. All, if not given.
    pub rows: Option<u16>,
}

/// Which mandates are wanted. Texts match parts.
#[derive(Clone, Copy, Default)]
pub struct MandateFilter<'a> {
    /// In this state. Without a period RSM gives only those that changed today.
    pub status: Option<MandateState>,
    /// Made or changed within it.
    pub period: Option<Period>,
    /// RSM's reference.
    pub dd_ref_no: Option<&'a str>,
    /// Our reference.
    pub client_ref: Option<&'a str>,
    /// The supporter's postcode.
    pub postcode: Option<&'a str>,
    /// The supporter's name.
    pub name: Option<&'a str>,
    /// The reason of failure, as `0` or `1:`.
    pub reason: Option<&'a str>,
    /// The account's own type of mandate.
    pub mandate_type: Option<&'a str>,
    /// Which charity of a group.
    pub short_id: Option<&'a str>,
    /// The payment reference.
    pub payment_ref: Option<&'a str>,
    /// How much of it.
    pub page: Page,
}

words! {
    /// Which collections are wanted, by what became of them or by their kind.
    CollectionsOf {
        /// Not yet sent to the bank.
        New = "NEW",
        /// Sent to the bank.
        Success = "SUCCESS",
        /// Not sent to the bank.
        Failed = "FAILED",
        /// Paid.
        Paid = "PAID",
        /// Returned unpaid.
        Unpaid = "UNPAID",
        /// The first of a mandate.
        First = "First collection",
        /// Any but the first.
        Normal = "Normal collection",
    }
}

/// Which collections are wanted. Texts match parts.
#[derive(Clone, Copy, Default)]
pub struct CollectionFilter<'a> {
    /// What became of them.
    pub status: Option<CollectionsOf>,
    /// Due within it.
    pub period: Option<Period>,
    /// RSM's reference of their mandate.
    pub dd_ref_no: Option<&'a str>,
    /// Our reference of their mandate.
    pub client_ref: Option<&'a str>,
    /// The supporter's name.
    pub name: Option<&'a str>,
    /// How much of it.
    pub page: Page,
}

/// Which batches are wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct BatchFilter {
    /// Made within it; today, if not given. RSM's letters know no period.
    pub period: Option<Period>,
    /// How much of it.
    pub page: Page,
}

/// Which statement is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatementOf {
    /// That of the collections of this day.
    Collections(Date),
    /// That which was made on this day.
    Made(Date),
}

const POSTCODE: Rule = rule("postcode", "postcode", 12, Alphabet::Spaced);
const NAME: Rule = rule("name", "name", 100, Alphabet::Words);
const REASON: Rule = rule("reason", "reason", 50, Alphabet::Words);
const PART_OF_DD_REF_NO: Rule = rule("ddRefNo", "mandate_reference", 18, Alphabet::Reference);
const SORT_TYPE: Rule = rule("sortType", "sort", 30, Alphabet::Reference);

/// Room for all of a report's filters.
pub(super) const ROOM: usize = 2600;

/// A filter that can be written.
pub(super) trait Filters {
    fn write(&self, paper: &mut Paper);

    /// The whole element, which is there even where it is empty.
    fn enclosed(&self, paper: &mut Paper) -> Result<(), Unfit> {
        paper.enclosed("filters", |paper| self.write(paper));
        paper.errors().map_err(|fields| Unfit::Fields { record: 0, fields })
    }
}

impl Filters for MandateFilter<'_> {
    fn write(&self, paper: &mut Paper) {
        paper.known("status", self.status.map(MandateState::word));
        self.period.write(paper);
        paper.put(&PART_OF_DD_REF_NO, self.dd_ref_no);
        paper.put(&CLIENT_REF, self.client_ref);
        paper.put(&POSTCODE, self.postcode);
        paper.put(&NAME, self.name);
        paper.put(&REASON, self.reason);
        paper.put(&MANDATE_TYPE, self.mandate_type);
        paper.put(&SHORT_ID, self.short_id);
        paper.put(&PAYMENT_REF, self.payment_ref);
        self.page.write(paper);
    }
}

impl Filters for CollectionFilter<'_> {
    fn write(&self, paper: &mut Paper) {
        paper.known("status", self.status.map(CollectionsOf::word));
        self.period.write(paper);
        paper.put(&PART_OF_DD_REF_NO, self.dd_ref_no);
        paper.put(&CLIENT_REF, self.client_ref);
        paper.put(&NAME, self.name);
        self.page.write(paper);
    }
}

impl Filters for BatchFilter {
    fn write(&self, paper: &mut Paper) {
        self.period.write(paper);
        self.page.write(paper);
    }
}

impl Filters for StatementOf {
    fn write(&self, paper: &mut Paper) {
        match self {
            Self::Collections(day) => {
                paper.checked("collectionDate", mandates::date(*day, "collection_date"));
            }
            Self::Made(day) => {
                paper.checked("statementDate", mandates::date(*day, "statement_date"));
            }
        }
    }
}

impl Filters for Option<Period> {
    fn write(&self, paper: &mut Paper) {
        let Some(Period { first, last }) = self else { return };
        let ordered = mandates::date(*first, "period").and_then(|text| {
            let advice = "Choose a last day that is not before the first";
            let wrong = FieldError { field: "period", reason: "out_of_range", advice };
            if first <= last { Ok(text) } else { Err(wrong) }
        });
        paper.checked("startDate", ordered);
        paper.checked("endDate", mandates::date(*last, "period"));
    }
}

impl Filters for Page {
    fn write(&self, paper: &mut Paper) {
        if let Some(sort) = self.sort {
            paper.need(&SORT_TYPE, sort.by);
            paper.leaf("sortOrder", sort.direction.word());
        }
        if let Some(rows) = self.rows {
            let fits = (5..=9995).contains(&rows) && rows % 5 == 0;
            let advice = "Ask for a multiple of 5 rows, up to 9995";
            let wrong = FieldError { field: "rows", reason: "out_of_range", advice };
            paper.checked("noOfRows", if fits { Ok(rows.to_string()) } else { Err(wrong) });
        }
    }
}
