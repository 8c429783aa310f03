//! The gift that is measured: 25 pounds by card.

use almoner::payment::{Amount, Asked, Dialect, Frequency, Kind, Method, Mode};
use iso_currency::Currency;

pub(crate) fn asked() -> Asked {
    Asked {
        kind: Kind::Donate,
        method: Method::Card,
        dialect: Dialect::Signed,
        mode: Mode::Test,
        amount: Amount::new(2500, Currency::GBP).unwrap(),
        frequency: Frequency::Once,
        plan: None,
        appeal: None,
        gift_aid: true,
        merchant_reference: None,
    }
}
