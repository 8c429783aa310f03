//! The hand-off to RSM's hosted pages (rsm-protocol.md, 2 and 6): a plain form that the supporter's
//! browser posts. Nothing in it is signed, so whatever comes back is compared with the hand-off.

use super::fields::{self, Field, Page};
use super::{Merchant, Rsm};
use crate::ledger::HandOff;
use crate::payment::request::words;
use crate::payment::{Amount, Asked, Code, Contact, FieldError, Method};
use crate::processor::Redirect;
use url::Url;
use zeroize::Zeroizing;

/// RSM's card page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardPage {
    /// Its address.
    pub url: Url,
    /// Which of the two it is.
    pub kind: CardPageKind,
}

words! {
    /// RSM has two card pages that know a charity by different names.
    CardPageKind {
        /// `cpweb.php`, by campaign.
        Campaign = "cpweb",
        /// `Widget.php`, by vendor id.
        Vendor = "widget",
    }
}

/// RSM's Direct Debit page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DebitPage {
    /// Its address.
    pub url: Url,
    /// What its `appealcode` carries.
    pub appeal_code: AppealCode,
    /// What its `repeat` means.
    pub repeat: Repeat,
}

words! {
    /// What `appealcode` carries: the page returns it, and nothing else that is known for certain.
    AppealCode {
        /// Our reference, so that a returning supporter is known.
        Reference = "reference",
        /// The charity's own appeal; who returns is then known only where RSM returns `donorref` too.
        Appeal = "appeal",
    }
}
words! {
    /// `repeat` was seen as `1` alone: RSM does not say which of the two it means (rsm-protocol.md, 2.1).
    Repeat {
        /// `1` for any regular payment.
        Flag = "flag",
        /// The months between two payments.
        Months = "months",
    }
}

impl Rsm {
    /// The form for the hosted page of the method asked for, or what that page would not take.
    pub(crate) fn redirect(
        &self,
        hand_off: &HandOff,
        contact: &Contact,
    ) -> Result<Redirect, Vec<FieldError>> {
        let (url, fields) = match hand_off.asked.method {
            Method::Card => {
                let page = self.card.as_ref().ok_or_else(unoffered)?;
                (&page.url, self.card_fields(page, hand_off, contact)?)
            }
            Method::DirectDebit => {
                let page = self.debit_page().ok_or_else(unoffered)?;
                (&page.url, self.debit_fields(page, hand_off, contact)?)
            }
        };
        Ok(Redirect { url: url.clone(), fields, charset: self.charset.label() })
    }

    fn card_fields(
        &self,
        page: &CardPage,
        hand_off: &HandOff,
        contact: &Contact,
    ) -> Result<Vec<Field>, Vec<FieldError>> {
        let asked = &hand_off.asked;
        let Merchant { vendor_id, campaign } = &self.merchant;
        let mut plain = match page.kind {
            CardPageKind::Campaign => vec![("campaign", campaign.clone())],
            CardPageKind::Vendor => vec![("vendorid", vendor_id.clone())],
        };
        plain.push(("uniqueid", hand_off.reference.to_string()));
        plain.extend(sums(asked));
        plain.push(("appealcode", code(asked.appeal.as_ref())));
        plain.push(("giftaid", if asked.gift_aid { "Y" } else { "N" }.to_owned()));
        let mut fields = written(plain);
        fields.extend(fields::contact(Page::Card, contact, self.charset)?);
        Ok(fields)
    }

    fn debit_fields(
        &self,
        page: &DebitPage,
        hand_off: &HandOff,
        contact: &Contact,
    ) -> Result<Vec<Field>, Vec<FieldError>> {
        let asked = &hand_off.asked;
        let reference = hand_off.reference.to_string();
        let mut fields = written(vec![("campaign", self.merchant.campaign.clone())]);
        let personal = fields::contact(Page::Debit, contact, self.charset)?;
        fields.push(("accountholder", holder(&personal)));
        fields.extend(personal);
        let mut plain = sums(asked);
        plain.push(("purchasedesc", code(asked.plan.as_ref())));
        plain.push((
            "repeat",
            match page.repeat {
                Repeat::Flag => "1".to_owned(),
                Repeat::Months => super::months(asked.frequency).to_string(),
            },
        ));
        plain.push(("donorref", reference.clone()));
        plain.push((
            "appealcode",
            match page.appeal_code {
                AppealCode::Reference => reference,
                AppealCode::Appeal => code(asked.appeal.as_ref()),
            },
        ));
        fields.extend(written(plain));
        Ok(fields)
    }
}

/// What is given and what is bought, each in pounds; a part of nought is left out.
fn sums(asked: &Asked) -> Vec<(&'static str, String)> {
    let parts = asked.parts();
    [("donationfix", parts.gift), ("purchasefix", parts.goods)]
        .into_iter()
        .filter_map(|(name, minor)| {
            Some((name, Amount::new(minor, asked.amount.currency()).ok()?.decimal()))
        })
        .collect()
}

fn code(code: Option<&Code>) -> String {
    code.map(|code| code.as_str().to_owned()).unwrap_or_default()
}

/// Fields with a value.
fn written(plain: Vec<(&'static str, String)>) -> Vec<Field> {
    let filled = plain.into_iter().filter(|(_, value)| !value.is_empty());
    filled.map(|(name, value)| (name, Zeroizing::new(value))).collect()
}

/// The account's holder is taken to be who fills the form in; RSM's page lets them correct it.
fn holder(personal: &[Field]) -> Zeroizing<String> {
    let part = |name: &str| {
        personal.iter().find(|(given, _)| *given == name).map_or("", |(_, value)| value.as_str())
    };
    let parts = [part("firstname"), " ", part("surname")];
    let mut holder =
        Zeroizing::new(String::with_capacity(parts.iter().map(|part| part.len()).sum()));
    for part in parts {
        holder.push_str(part);
    }
    holder
}

/// Configuration offers only methods that have a page.
fn unoffered() -> Vec<FieldError> {
    vec![FieldError { field: "method", reason: "required", advice: "Choose how to pay" }]
}

#[cfg(test)]
mod tests;
