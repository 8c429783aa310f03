//! RSM's own formats (rsm-protocol.md): its hosted pages, its call-backs and its Direct Debit API.

use crate::keys::Phrases;
use crate::payment::{Frequency, Method};
use crate::processor::{Heartbeat, Way};
use iso_currency::Currency;
use jiff::Timestamp;

mod back;
mod callback;
mod card;
mod care;
mod charset;
pub mod ddcm;
mod fields;
mod hosted;
mod identity;
mod lodge;
mod record;
mod reports;
#[cfg(test)]
mod samples;

pub use care::Change;
pub use charset::Charset;
pub use hosted::{AppealCode, CardPage, CardPageKind, DebitPage, Repeat};
pub use identity::Canonical;
pub use lodge::{MandateTerms, Order};

/// A processor that speaks as RSM does.
#[derive(Debug)]
pub struct Rsm {
    /// Our names with it.
    pub merchant: Merchant,
    /// The one currency of the account; RSM's forms do not name any.
    pub currency: Currency,
    /// The character set its hosted pages read.
    pub charset: Charset,
    /// The card page, where cards are taken.
    pub card: Option<CardPage>,
    /// How Direct Debits are set up, where they are.
    pub debit: Option<Debit>,
    /// Its Direct Debit API, where we may use it.
    pub ddcm: Option<ddcm::Ddcm>,
    /// How its call-backs are verified.
    pub callbacks: Callbacks,
}

/// Our names with RSM: the numbers of its forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merchant {
    /// The vendor number.
    pub vendor_id: String,
    /// Two numbers joined by a full stop.
    pub campaign: String,
}

/// How Direct Debits are set up.
#[derive(Debug)]
pub enum Debit {
    /// On RSM's own page.
    Page(DebitPage),
    /// On our own, through RSM's API.
    Api(MandateTerms),
}

/// How call-backs are verified.
#[derive(Debug)]
pub struct Callbacks {
    /// What is hashed.
    pub canonical: Canonical,
    /// The secret, and the next one.
    pub secrets: Phrases,
}

impl Rsm {
    const fn debit_page(&self) -> Option<&DebitPage> {
        match &self.debit {
            Some(Debit::Page(page)) => Some(page),
            Some(Debit::Api(_)) | None => None,
        }
    }

    /// How a method is handed over.
    pub(super) const fn way(&self, method: Method) -> Way {
        match (method, &self.debit) {
            (Method::DirectDebit, Some(Debit::Api(_))) => Way::Api,
            (Method::Card, _) | (Method::DirectDebit, Some(Debit::Page(_)) | None) => Way::Hosted,
        }
    }

    /// Whether the API knows us.
    pub(crate) async fn heartbeat(&self, now: Timestamp) -> Heartbeat {
        let Some(ddcm) = &self.ddcm else { return Heartbeat::Unasked };
        ddcm.check(now).await
    }
}

impl Merchant {
    /// Whether a message that names a vendor or a campaign names ours.
    fn is_named_by(&self, vendor_id: Option<&str>, campaign: Option<&str>) -> bool {
        vendor_id.is_none_or(|named| named == self.vendor_id)
            && campaign.is_none_or(|named| named == self.campaign)
    }
}

/// The months between two payments; a single payment has none and is sent as one month.
const fn months(frequency: Frequency) -> u8 {
    match frequency {
        Frequency::Once | Frequency::Monthly => 1,
        Frequency::Quarterly => 3,
        Frequency::HalfYearly => 6,
        Frequency::Yearly => 12,
    }
}
