//! What was collected, taken back and charged (rsm-protocol.md, 7.5). A statement is for
//! reconciling: a sum in it that cannot be read makes the whole unread. Names are not read.

use super::cell::{Cells, Pence, Reason, money};
use super::failure::Doubt;
use super::reply::Element;
use crate::payment::request::words;

/// The statement of one day's collections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollectionStatement {
    /// What was collected.
    pub collections: Vec<Line>,
    /// What that comes to.
    pub collected: Option<Pence>,
    /// How many were sent to the bank.
    pub items_sent: Option<u64>,
    /// What was taken back.
    pub reclaims: Vec<Line>,
    /// What that comes to.
    pub reclaimed: Option<Pence>,
    /// What was charged for.
    pub charges: Vec<Charged>,
    /// What it comes to.
    pub totals: Totals,
}

/// The statement of a month's charges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonthlyStatement {
    /// What was charged for.
    pub charges: Vec<Charged>,
    /// What it comes to.
    pub totals: Totals,
}

/// Money collected or taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// RSM's reference of the mandate.
    pub dd_ref_no: Option<String>,
    /// Our reference of the mandate.
    pub client_ref: Option<String>,
    /// Why it was taken back.
    pub reason: Option<Reason>,
    /// How much.
    pub amount: Option<Pence>,
    /// The mandate's payment reference.
    pub payment_reference: Option<String>,
}

words! {
    /// What RSM charges for.
    Charge {
        /// What is due before any charge.
        BalanceBeforeCharges = "balanceBeforeCharges",
        /// Mandates made and sent to the bank.
        MandateSetups = "mandateSetupsAndTransmissions",
        /// Mandates typed in by hand.
        AddMandateOnscreen = "addMandateOnscreen",
        /// Mandates changed and sent to the bank.
        MandateAmendments = "mandateAmendmentsAndTransmissions",
        /// Files of collections.
        CollectionFiles = "collectionFiles",
        /// Collections.
        CollectionItems = "collectionItems",
        /// Collections at the least charge.
        CollectionItemsAtMinimum = "collectionItemsAtMinCharge",
        /// Collections above a sum.
        MaximumSurcharge = "maxTransactionValueSurcharge",
        /// Collections below a sum.
        MinimumSurcharge = "minTransactionValueSurcharge",
        /// Collections returned unpaid.
        UnpaidDebits = "unpaidDds",
        /// Money taken back under the Direct Debit Guarantee.
        Indemnity = "indemnityCharge",
        /// Letters, as a statement of collections spells it.
        ConfirmationLetter = "confirmationLetter",
        /// Letters, as a monthly statement spells it.
        ConfirmationLetters = "confirmationLetters",
        /// E-mails.
        ConfirmationEmails = "confirmationEmails",
        /// The service.
        MonthlyService = "monthlyServiceCharge",
    }
}

/// One kind of charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charged {
    /// What for.
    pub charge: Charge,
    /// How many.
    pub number: Option<u64>,
    /// How much.
    pub amount: Option<Pence>,
}

/// What a statement comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// The charges.
    pub charges: Option<Pence>,
    /// VAT on them.
    pub vat: Option<Pence>,
    /// Both.
    pub charges_with_vat: Option<Pence>,
    /// What the charity is paid.
    pub payable: Option<Pence>,
}

pub(super) fn collection(content: Element<'_>) -> Result<CollectionStatement, Doubt> {
    let statement = content.need("collectionStatement")?;
    let (mut collected, mut items_sent) = (None, None);
    if let Some(total) = statement.one("collectionTotal")? {
        collected = money(total, "totalCollected")?;
        items_sent = count(total, "totalItemsSent")?;
    }
    let reclaimed = match statement.one("reclaimTotal")? {
        Some(total) => money(total, "totalReclaimed")?,
        None => None,
    };
    Ok(CollectionStatement {
        collections: lines(statement, "collections", "collection")?,
        collected,
        items_sent,
        reclaims: lines(statement, "reclaims", "reclaim")?,
        reclaimed,
        charges: charges(statement)?,
        totals: totals(statement)?,
    })
}

pub(super) fn monthly(content: Element<'_>) -> Result<MonthlyStatement, Doubt> {
    let statement = content.need("monthlyStatement")?;
    Ok(MonthlyStatement { charges: charges(statement)?, totals: totals(statement)? })
}

fn lines(
    statement: Element<'_>,
    many: &'static str,
    one: &'static str,
) -> Result<Vec<Line>, Doubt> {
    let found = statement.one(many)?.into_iter().flat_map(|about| about.many(one));
    found
        .map(|element| {
            let mut cells = Cells::of(element);
            let line = Line {
                dd_ref_no: cells.reference("ddRefNo"),
                client_ref: cells.reference("clientRef"),
                reason: cells.reason("reason"),
                amount: cells.pence("amount"),
                payment_reference: cells.reference("mandatePayRef"),
            };
            match cells.unreadable().first() {
                None => Ok(line),
                Some(column) => Err(Doubt::Element(column)),
            }
        })
        .collect()
}

/// The groups of charges; lists of single items are not read.
fn charges(statement: Element<'_>) -> Result<Vec<Charged>, Doubt> {
    let Some(charges) = statement.one("charges")? else { return Ok(Vec::new()) };
    let found = Charge::ALL.iter().map(|charge| {
        let Some(element) = charges.one(charge.word())? else { return Ok(None) };
        let amount = money(charges, charge.word())?;
        Ok(Some(Charged { charge: *charge, number: count(element, "number")?, amount }))
    });
    found.filter_map(Result::transpose).collect()
}

fn totals(statement: Element<'_>) -> Result<Totals, Doubt> {
    let Some(totals) = statement.one("totals")? else { return Ok(Totals::default()) };
    Ok(Totals {
        charges: money(totals, "totalCharges")?,
        vat: money(totals, "vat")?,
        charges_with_vat: money(totals, "totalChargesIncVat")?,
        payable: money(totals, "balancePayable")?,
    })
}

fn count(element: Element<'_>, name: &'static str) -> Result<Option<u64>, Doubt> {
    let mut cells = Cells::of(element);
    let count = cells.count(name);
    if cells.unreadable().is_empty() { Ok(count) } else { Err(Doubt::Element(name)) }
}

#[cfg(test)]
mod tests;
