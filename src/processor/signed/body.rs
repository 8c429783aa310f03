//! What an order says, as JSON, in memory of exactly its size that is wiped: a buffer that grows
//! leaves its old place unwiped (security.md, M-2).

use crate::payment::{Code, Contact, Private};
use crate::processor::{Instruction, Wanted};
use serde::Serialize;
use std::io::{self, Write};
use zeroize::Zeroizing;

#[derive(Serialize)]
struct OrderBody<'a> {
    merchant: &'a str,
    reference: String,
    kind: &'static str,
    amount: i64,
    currency: &'static str,
    frequency: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    appeal: Option<&'a str>,
    gift_aid: bool,
    return_url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_date: Option<String>,
    contact: ContactBody<'a>,
    #[cfg(feature = "card-api")]
    #[serde(skip_serializing_if = "Option::is_none")]
    card: Option<CardBody<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bank: Option<BankBody<'a>>,
}

#[derive(Serialize)]
struct ContactBody<'a> {
    title: &'a str,
    first_name: &'a str,
    last_name: &'a str,
    email: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<&'a str>,
    address: AddressBody<'a>,
}

#[derive(Serialize)]
struct AddressBody<'a> {
    line1: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line2: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line3: Option<&'a str>,
    town: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    county: Option<&'a str>,
    postcode: &'a str,
    country: &'a str,
}

#[cfg(feature = "card-api")]
#[derive(Serialize)]
struct CardBody<'a> {
    number: &'a str,
    expiry: &'a str,
    cvc: &'a str,
    holder: &'a str,
}

#[derive(Serialize)]
struct BankBody<'a> {
    account_name: &'a str,
    sort_code: &'a str,
    account_number: &'a str,
}

/// The whole content; it is written twice, to be counted and to be kept.
pub(super) fn written(
    merchant: &str,
    wanted: &Wanted<'_>,
) -> Result<Zeroizing<Vec<u8>>, serde_json::Error> {
    let body = OrderBody::of(merchant, wanted);
    let mut size = Counter(0);
    serde_json::to_writer(&mut size, &body)?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(size.0));
    serde_json::to_writer(&mut *bytes, &body)?;
    Ok(bytes)
}

impl<'a> OrderBody<'a> {
    /// It borrows every private text and copies none.
    fn of(merchant: &'a str, wanted: &Wanted<'a>) -> Self {
        let Wanted { hand_off, contact, instruction, return_url } = *wanted;
        let asked = &hand_off.asked;
        let debit = match instruction {
            Instruction::Debit(debit) => Some(debit),
            #[cfg(feature = "card-api")]
            Instruction::Card(_) => None,
        };
        OrderBody {
            merchant,
            reference: hand_off.reference.to_string(),
            kind: asked.kind.word(),
            amount: asked.amount.minor(),
            currency: asked.amount.currency().code(),
            frequency: asked.frequency.word(),
            plan: asked.plan.as_ref().map(Code::as_str),
            appeal: asked.appeal.as_ref().map(Code::as_str),
            gift_aid: asked.gift_aid,
            return_url,
            start_date: debit.map(|debit| debit.start.to_string()),
            contact: ContactBody::of(contact),
            #[cfg(feature = "card-api")]
            card: match instruction {
                Instruction::Card(card) => Some(CardBody {
                    number: card.number.reveal(),
                    expiry: card.expiry.reveal(),
                    cvc: card.cvc.reveal(),
                    holder: card.holder.reveal(),
                }),
                Instruction::Debit(_) => None,
            },
            bank: debit.map(|debit| BankBody {
                account_name: debit.bank.account_name.reveal(),
                sort_code: debit.bank.sort_code.reveal(),
                account_number: debit.bank.account_number.reveal(),
            }),
        }
    }
}

impl<'a> ContactBody<'a> {
    fn of(contact: &'a Contact) -> Self {
        let optional = |text: &'a Option<Private>| text.as_ref().map(Private::reveal);
        Self {
            title: contact.title.reveal(),
            first_name: contact.first_name.reveal(),
            last_name: contact.last_name.reveal(),
            email: contact.email.reveal(),
            phone: optional(&contact.phone),
            address: AddressBody {
                line1: contact.line1.reveal(),
                line2: optional(&contact.line2),
                line3: optional(&contact.line3),
                town: contact.town.reveal(),
                county: optional(&contact.county),
                postcode: contact.postcode.reveal(),
                country: contact.country.reveal(),
            },
        }
    }
}

/// Counts what is written into it.
struct Counter(usize);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.saturating_add(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
