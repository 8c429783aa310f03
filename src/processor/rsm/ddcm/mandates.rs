//! `setMandates`: new mandates, changed ones and cancelled ones (rsm-protocol.md, 7.5).

use super::decision::{self, Decision};
use super::failure::Unfit;
use super::field::{Alphabet, Rule, rule};
use super::paper::Paper;
use super::{Ddcm, Length, Prepared};
use crate::payment::{Amount, FieldError, Frequency};
use jiff::Timestamp;
use jiff::civil::Date;

/// What is to become of one mandate.
pub enum MandateOrder<'a> {
    /// A new one.
    New(MandateRecord<'a>),
    /// A change. RSM wants the whole record, the unchanged parts too.
    Amend(MandateRecord<'a>),
    /// A cancellation.
    Cancel {
        /// Our reference.
        client_ref: &'a str,
    },
}

/// A mandate, whole. Empty texts are left out.
pub struct MandateRecord<'a> {
    /// Our reference, up to 50 letters, digits and `. _ / -`.
    pub client_ref: &'a str,
    /// RSM's reference: for an amendment, or where the account does not number mandates itself.
    pub dd_ref_no: Option<&'a str>,
    /// Whose it is.
    pub holder: Holder<'a>,
    /// Where the money comes from.
    pub bank: Bank<'a>,
    /// How it repeats; without, money is taken by collections alone.
    pub repeat: Option<Repeat>,
    /// The account's own type of mandate.
    pub mandate_type: Option<&'a str>,
    /// Which charity of a group it is for.
    pub short_id: Option<&'a str>,
    /// Free reference that comes back in reports, up to 30.
    pub payment_ref: Option<&'a str>,
}

/// Who is written to.
#[derive(Default)]
pub struct Holder<'a> {
    /// A firm's name, up to 50.
    pub trading_name: &'a str,
    /// A person's name, up to 50.
    pub contact_name: &'a str,
    /// The address, each line up to 30.
    pub address: [&'a str; 3],
    /// The town, up to 30.
    pub town: &'a str,
    /// The postcode, up to 12.
    pub postcode: &'a str,
    /// The telephone number, up to 20.
    pub phone: &'a str,
    /// The e-mail address, up to 50.
    pub email: &'a str,
}

/// A bank account.
pub struct Bank<'a> {
    /// The name on it, up to 50.
    pub account_name: &'a str,
    /// 8 digits.
    pub account_number: &'a str,
    /// 6 digits, without hyphens.
    pub sort_code: &'a str,
}

/// How much is taken, how often, and from when to when.
#[derive(Clone, Copy, Debug)]
pub struct Repeat {
    /// In pounds.
    pub amount: Amount,
    /// Every 1, 3, 6 or 12 months.
    pub frequency: Frequency,
    /// The first collection.
    pub start: Date,
    /// No collection after it.
    pub end: Option<Date>,
}

pub(super) const CLIENT_REF: Rule = rule("clientRef", "reference", 50, Alphabet::Reference);
pub(super) const DD_REF_NO: Rule = rule("ddRefNo", "mandate_reference", 18, Alphabet::Reference);
pub(super) const MANDATE_TYPE: Rule = rule("mandateType", "mandate_type", 2, Alphabet::Reference);
pub(super) const SHORT_ID: Rule = rule("shortId", "short_id", 10, Alphabet::Reference);
pub(super) const PAYMENT_REF: Rule = rule("paymentRef", "payment_reference", 30, Alphabet::Spaced);
const TRADING_NAME: Rule = rule("tradingName", "trading_name", 50, Alphabet::Words);
const CONTACT_NAME: Rule = rule("contactName", "last_name", 50, Alphabet::Words);
const ADDRESS: [Rule; 3] = [
    rule("address1", "line1", 30, Alphabet::Words),
    rule("address2", "line2", 30, Alphabet::Words),
    rule("address3", "line3", 30, Alphabet::Words),
];
const TOWN: Rule = rule("town", "town", 30, Alphabet::Words);
const POSTCODE: Rule = rule("postcode", "postcode", 12, Alphabet::Spaced);
const PHONE: Rule = rule("phone", "phone", 20, Alphabet::Phone);
const EMAIL: Rule = rule("email", "email", 50, Alphabet::Email);
const ACCOUNT_NAME: Rule = rule("accountName", "account_name", 50, Alphabet::Account);
const ACCOUNT_NUMBER: Rule = rule("accountNumber", "account_number", 8, Alphabet::Digits(8));
const SORT_CODE: Rule = rule("sortCode", "sort_code", 6, Alphabet::Digits(6));

/// Room for one record: 22 elements' tags, and texts of some 600 characters of which any may be escaped.
pub(super) const ROOM: usize = 3600;

impl Ddcm {
    /// Up to [`super::BATCH`] mandates in one request, answered one by one in the same order.
    ///
    /// # Errors
    /// Which record cannot be sent, and which of its fields; nothing is lost or cut to make it fit.
    pub fn set_mandates(
        &self,
        orders: &[MandateOrder<'_>],
        at: Timestamp,
    ) -> Result<Prepared<Vec<Decision>>, Unfit> {
        let references: Vec<&str> = orders.iter().map(MandateOrder::reference).collect();
        let references = decision::distinct(&references)?;
        let room = orders.len().saturating_mul(ROOM);
        let mut paper = self.paper("setMandates", room);
        paper.open("mandates");
        for (record, order) in orders.iter().enumerate() {
            order.write(&mut paper);
            paper.errors().map_err(|fields| Unfit::Fields { record, fields })?;
        }
        paper.close("mandates");
        let length = Length::Records(orders.len());
        Ok(self.prepare(paper, at, length, move |reply| {
            decision::read(reply, decision::MANDATES, &references)
        }))
    }
}

impl MandateOrder<'_> {
    const fn reference(&self) -> &str {
        match self {
            Self::New(record) | Self::Amend(record) => record.client_ref,
            Self::Cancel { client_ref } => client_ref,
        }
    }

    fn write(&self, paper: &mut Paper) {
        paper.open("mandate");
        match self {
            Self::New(record) => record.write("N", paper),
            Self::Amend(record) => record.write("A", paper),
            Self::Cancel { client_ref } => {
                paper.need(&CLIENT_REF, client_ref);
                paper.leaf("action", "D");
            }
        }
        paper.close("mandate");
    }
}

impl MandateRecord<'_> {
    /// In the order that RSM's DTD enforces.
    fn write(&self, action: &str, paper: &mut Paper) {
        let holder = &self.holder;
        paper.put(&TRADING_NAME, Some(holder.trading_name));
        paper.put(&CONTACT_NAME, Some(holder.contact_name));
        for (rule, line) in ADDRESS.iter().zip(holder.address) {
            paper.put(rule, Some(line));
        }
        paper.put(&TOWN, Some(holder.town));
        paper.put(&POSTCODE, Some(holder.postcode));
        paper.put(&PHONE, Some(holder.phone));
        paper.put(&EMAIL, Some(holder.email));
        paper.need(&CLIENT_REF, self.client_ref);
        paper.need(&ACCOUNT_NAME, self.bank.account_name);
        paper.need(&ACCOUNT_NUMBER, self.bank.account_number);
        paper.need(&SORT_CODE, self.bank.sort_code);
        paper.leaf("action", action);
        paper.checked_if("ddRefNo", self.dd_ref_no.map(dd_ref_no));
        if let Some(repeat) = &self.repeat {
            paper.checked("amount", amount(repeat.amount, "amount"));
            paper.checked("frequency", frequency(repeat.frequency));
            paper.checked("startDate", date(repeat.start, "start_date"));
        }
        paper.put(&MANDATE_TYPE, self.mandate_type);
        paper.put(&SHORT_ID, self.short_id);
        if let Some((end, repeat)) = self.repeat.and_then(|repeat| Some((repeat.end?, repeat))) {
            paper.checked("endDate", end_date(end, repeat.start));
        }
        paper.put(&PAYMENT_REF, self.payment_ref);
    }
}

/// 6 to 18 characters of which 6 are capital letters or digits (rsm-protocol.md, 7.6).
pub(super) fn dd_ref_no(text: &str) -> Result<String, FieldError> {
    let fitted = DD_REF_NO.need(text)?;
    let solid = fitted.bytes().filter(|b| b.is_ascii_uppercase() || b.is_ascii_digit()).count();
    if solid >= 6 && !fitted.contains('_') {
        Ok((*fitted).clone())
    } else {
        Err(DD_REF_NO.wrong("malformed", "Use at least 6 capital letters or digits, and - . /"))
    }
}

/// Pounds with two decimals, at most 9 characters.
pub(super) fn amount(amount: Amount, field: &'static str) -> Result<String, FieldError> {
    let text = amount.decimal();
    if amount.currency() != iso_currency::Currency::GBP {
        let advice = "Choose pounds: Direct Debits are in pounds only";
        return Err(FieldError { field, reason: "currency", advice });
    }
    if text.len() > 9 {
        let advice = "Enter an amount of at most 999999.99";
        return Err(FieldError { field, reason: "too_much", advice });
    }
    Ok(text)
}

/// `DD/MM/YYYY`.
pub(super) fn date(date: Date, field: &'static str) -> Result<String, FieldError> {
    if (2000..=9999).contains(&date.year()) {
        Ok(format!("{:02}/{:02}/{:04}", date.day(), date.month(), date.year()))
    } else {
        let advice = "Enter a date of this century";
        Err(FieldError { field, reason: "out_of_range", advice })
    }
}

fn end_date(end: Date, start: Date) -> Result<String, FieldError> {
    if end > start {
        return date(end, "end_date");
    }
    let advice = "Choose a last date after the first";
    Err(FieldError { field: "end_date", reason: "out_of_range", advice })
}

fn frequency(frequency: Frequency) -> Result<String, FieldError> {
    let months = match frequency {
        Frequency::Monthly => "1",
        Frequency::Quarterly => "3",
        Frequency::HalfYearly => "6",
        Frequency::Yearly => "12",
        Frequency::Once => {
            let advice = "Choose monthly, quarterly, half-yearly or yearly";
            return Err(FieldError { field: "frequency", reason: "unknown", advice });
        }
    };
    Ok(months.to_owned())
}

#[cfg(test)]
mod tests;
