//! The fields a form may hold. Those of an account and of a card stand on the second page, where that
//! is ours, and nowhere else.

use crate::http::page::Look;

/// All fields, those of a card first.
const FIELDS: &[&str] = &[
    #[cfg(feature = "card-api")]
    "card_number",
    #[cfg(feature = "card-api")]
    "card_expiry",
    #[cfg(feature = "card-api")]
    "card_cvc",
    #[cfg(feature = "card-api")]
    "card_holder",
    "client_token",
    "again",
    "amount",
    "other_amount",
    "frequency",
    "method",
    "plan",
    "appeal",
    "gift_aid",
    "merchant_reference",
    "return_url",
    "title",
    "first_name",
    "last_name",
    "email",
    "phone",
    "line1",
    "line2",
    "line3",
    "town",
    "county",
    "postcode",
    "country",
    "step",
    "account_name",
    "sort_code",
    "account_number",
    "account_holder",
    "start_date",
];

/// How many of them are a card's.
const OF_CARD: usize = if cfg!(feature = "card-api") { 4 } else { 0 };

/// The fields that are read: a card's only where cards are taken here (security.md, P-1).
pub(super) fn known(look: &Look) -> &'static [&'static str] {
    if look.cards_here { FIELDS } else { without_card() }
}

fn without_card() -> &'static [&'static str] {
    FIELDS.get(OF_CARD..).unwrap_or_default()
}

/// Whether a field is a card's.
pub(super) fn is_of_card(name: &str) -> bool {
    FIELDS.iter().take(OF_CARD).any(|field| *field == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p_1_a_card_s_fields_are_known_only_where_cards_are_taken() {
        assert_eq!(FIELDS.len().checked_sub(without_card().len()), Some(OF_CARD));
        assert!(!without_card().iter().any(|name| is_of_card(name) || name.starts_with("card")));
        #[cfg(feature = "card-api")]
        assert_eq!(FIELDS.get(..OF_CARD), Some(crate::payment::Card::FIELDS.as_slice()));
    }
}
