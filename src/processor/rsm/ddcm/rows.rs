//! The rows of the mandate and collection reports (rsm-protocol.md, 7.5 and 7.6). A charity can have
//! columns taken out, put in and put in another order, so each is read by its name and may be absent.
//! Names, sort codes and account numbers are not read at all.

use super::cell::{Cells, Reason, Stated, frequency};
use super::failure::Doubt;
use super::reply::Element;
use crate::payment::request::words;
use crate::payment::{Amount, Frequency};
use jiff::civil::{Date, DateTime};

/// A report. No rows is a report too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report<R> {
    /// The rows, in RSM's order.
    pub rows: Vec<R>,
    /// How many there are, as RSM counts.
    pub stated: Option<u64>,
    /// Cells that held what they cannot hold, and are empty in their rows.
    pub unreadable: Vec<Unreadable>,
}

/// A cell that held what it cannot hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The row, counted from 0.
    pub row: usize,
    /// The column's name on the wire.
    pub column: &'static str,
}

words! {
    /// The state of a mandate (rsm-protocol.md, 7.6).
    MandateState {
        /// Waiting to go to the bank.
        New = "NEW",
        /// Gone to the bank, for 5 working days.
        Pending = "PENDING",
        /// In force.
        Live = "LIVE",
        /// Rejected by the bank.
        Failed = "FAILED",
        /// Changed, and waiting to go to the bank.
        Amend = "AMEND",
        /// To be sent to the bank again.
        Resubmit = "RESUBMIT",
        /// Its cancellation is on its way to the bank.
        Cancel = "CANCEL",
        /// Cancelled; can be reinstated for 28 days.
        Cancelled = "CANCELLED",
        /// Inactive for good.
        Deleted = "DELETED",
    }
}
words! {
    /// What became of a collection on its way to the bank.
    CollectionState {
        /// Waiting to go.
        New = "NEW",
        /// Gone.
        Success = "SUCCESS",
        /// Not sent.
        Failed = "FAILED",
    }
}
words! {
    /// What became of a collection's money.
    PayState {
        /// Paid, as far as is known today: it can come back later.
        Paid = "PAID",
        /// Returned unpaid.
        Unpaid = "UNPAID",
    }
}
words! {
    /// What kind of collection it is: Bacs' transaction codes, or the manual's words.
    CollectionType {
        /// The first of its mandate (01).
        First = "first",
        /// One like any other (17).
        Regular = "regular",
        /// Presented again (18).
        Again = "again",
        /// The last of its mandate (19).
        Last = "last",
        /// Money taken back under the Direct Debit Guarantee.
        Indemnity = "indemnity",
    }
}

/// A mandate, or a part of its history: one reference may have several rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MandateRow {
    /// RSM's reference.
    pub dd_ref_no: Option<String>,
    /// Our reference.
    pub client_ref: Option<String>,
    /// Its state.
    pub status: Stated<MandateState>,
    /// What is taken each time; none for a mandate that does not repeat.
    pub amount: Option<Amount>,
    /// How often.
    pub frequency: Stated<Frequency>,
    /// The first collection.
    pub start_date: Option<Date>,
    /// The last.
    pub end_date: Option<Date>,
    /// When the row was last changed, in the processor's local time.
    pub updated: Option<DateTime>,
    /// When it was made, likewise.
    pub created: Option<DateTime>,
    /// Why it failed.
    pub fail_reason: Option<Reason>,
    /// The payment reference it was made with.
    pub payment_reference: Option<String>,
    /// The account's own type of mandate.
    pub mandate_type: Option<String>,
    /// Which charity of a group.
    pub short_id: Option<String>,
}

/// A collection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollectionRow {
    /// When it is or was due.
    pub date_due: Option<Date>,
    /// RSM's reference of its mandate.
    pub dd_ref_no: Option<String>,
    /// Our reference of its mandate.
    pub client_ref: Option<String>,
    /// What is to be taken.
    pub amount: Option<Amount>,
    /// What became of it on its way to the bank.
    pub status: Stated<CollectionState>,
    /// What became of the money.
    pub pay_status: Stated<PayState>,
    /// What was taken; nothing where that is nought.
    pub paid_amount: Option<Amount>,
    /// Why it came back.
    pub fail_reason: Option<Reason>,
    /// What kind it is.
    pub collection_type: Stated<CollectionType>,
    /// The mandate's payment reference when the collection was made.
    pub payment_reference: Option<String>,
    /// The account's own type of mandate.
    pub mandate_type: Option<String>,
    /// Which charity of a group.
    pub short_id: Option<String>,
}

impl<R> Report<R> {
    /// Whether there are as many rows as RSM says there are.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.stated.is_some_and(|stated| usize::try_from(stated) == Ok(self.rows.len()))
    }
}

pub(super) fn mandates(content: Element<'_>) -> Result<Report<MandateRow>, Doubt> {
    report(content, ("mandates", "mandate"), mandate)
}

pub(super) fn collections(content: Element<'_>) -> Result<Report<CollectionRow>, Doubt> {
    report(content, ("collections", "collection"), collection)
}

/// Every row of a report; `names` are of the element about them and of each.
pub(super) fn report<R>(
    content: Element<'_>,
    names: (&'static str, &'static str),
    read: impl Fn(&mut Cells<'_>) -> R,
) -> Result<Report<R>, Doubt> {
    let stated = content.value("noOfRecords")?.trim();
    let stated = match stated {
        "" => None,
        digits => Some(digits.parse().ok().ok_or(Doubt::Element("noOfRecords"))?),
    };
    let (mut rows, mut unreadable) = (Vec::new(), Vec::new());
    let found = content.one(names.0)?.into_iter().flat_map(|about| about.many(names.1));
    for (row, element) in found.enumerate() {
        let mut cells = Cells::of(element);
        rows.push(read(&mut cells));
        let columns = cells.unreadable().into_iter();
        unreadable.extend(columns.map(|column| Unreadable { row, column }));
    }
    Ok(Report { rows, stated, unreadable })
}

fn mandate(cells: &mut Cells<'_>) -> MandateRow {
    MandateRow {
        dd_ref_no: cells.reference("ddRefNo"),
        client_ref: cells.reference("clientRef"),
        status: cells.word("status", MandateState::from_word),
        amount: cells.amount("amount"),
        frequency: cells.word("frequency", frequency),
        start_date: cells.date("startDate"),
        end_date: cells.date("endDate"),
        updated: cells.time("updated"),
        created: cells.time("created"),
        fail_reason: cells.reason("failReason"),
        // One name is proven in production, the other is the one it is sent by.
        payment_reference: cells
            .reference("paymentReference")
            .or_else(|| cells.reference("paymentRef")),
        mandate_type: cells.reference("mandateType"),
        short_id: cells.reference("shortId"),
    }
}

fn collection(cells: &mut Cells<'_>) -> CollectionRow {
    CollectionRow {
        date_due: cells.date("dateDue"),
        dd_ref_no: cells.reference("ddRefNo"),
        client_ref: cells.reference("clientRef"),
        amount: cells.amount("amount"),
        status: cells.word("status", CollectionState::from_word),
        pay_status: cells.word("payStatus", PayState::from_word),
        paid_amount: cells.amount("paidAmount"),
        fail_reason: cells.reason("failReason"),
        collection_type: cells.word("collectionType", collection_type),
        payment_reference: cells.reference("mandatePayRef"),
        mandate_type: cells.reference("mandateType"),
        short_id: cells.reference("shortId"),
    }
}

fn collection_type(text: &str) -> Option<CollectionType> {
    match text {
        "01" | "1" => Some(CollectionType::First),
        "17" => Some(CollectionType::Regular),
        "18" => Some(CollectionType::Again),
        "19" => Some(CollectionType::Last),
        words => CollectionType::from_word(&words.to_ascii_lowercase()),
    }
}

#[cfg(test)]
mod tests;
