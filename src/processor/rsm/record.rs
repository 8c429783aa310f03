//! A mandate's whole record, as new ones and amended ones are sent (rsm-protocol.md, 7.5).

use super::MandateTerms;
use super::ddcm::{self, Holder, MandateRecord, Repeat};
use crate::ledger::HandOff;
use crate::payment::{self, Bank, Contact, Private};
use zeroize::Zeroizing;

/// What a record is made of.
pub(super) struct Parts<'a> {
    pub(super) hand_off: &'a HandOff,
    pub(super) contact: &'a Contact,
    pub(super) bank: &'a Bank,
    pub(super) repeat: Repeat,
    /// What each account asks of every mandate, where we know it.
    pub(super) terms: Option<&'a MandateTerms>,
}

/// The texts of a record that are put together, kept while it borrows them.
pub(super) struct Texts {
    pub(super) reference: String,
    name: Zeroizing<String>,
}

impl<'a> Parts<'a> {
    pub(super) fn texts(&self) -> Texts {
        let reference = self.hand_off.reference.to_string();
        Texts { reference, name: full_name(self.contact) }
    }

    pub(super) fn record(&self, texts: &'a Texts, dd_ref_no: Option<&'a str>) -> MandateRecord<'a> {
        let Self { hand_off, contact, bank, repeat, terms } = self;
        MandateRecord {
            client_ref: &texts.reference,
            dd_ref_no,
            holder: Holder {
                trading_name: "",
                contact_name: &texts.name,
                address: [
                    contact.line1.reveal(),
                    optional(contact.line2.as_ref()),
                    optional(contact.line3.as_ref()),
                ],
                town: contact.town.reveal(),
                postcode: contact.postcode.reveal(),
                phone: optional(contact.phone.as_ref()),
                email: contact.email.reveal(),
            },
            bank: ddcm::Bank {
                account_name: bank.account_name.reveal(),
                account_number: bank.account_number.reveal(),
                sort_code: bank.sort_code.reveal(),
            },
            repeat: Some(*repeat),
            mandate_type: terms.and_then(|terms| terms.mandate_type.as_deref()),
            short_id: terms.and_then(|terms| terms.short_id.as_deref()),
            payment_ref: hand_off.asked.appeal.as_ref().map(payment::Code::as_str),
        }
    }
}

fn optional(text: Option<&Private>) -> &str {
    text.map_or("", Private::reveal)
}

fn full_name(contact: &Contact) -> Zeroizing<String> {
    let parts = [&contact.title, &contact.first_name, &contact.last_name].map(Private::reveal);
    let room = parts.iter().map(|part| part.len().saturating_add(1)).sum();
    let mut name = Zeroizing::new(String::with_capacity(room));
    for part in parts {
        if !name.is_empty() {
            name.push(' ');
        }
        name.push_str(part);
    }
    name
}
