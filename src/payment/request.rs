//! What was asked for: the part of a hand-off that may be kept (gateway.md, sections 3 and 5).

use super::amount::Amount;

/// A closed list of words: the same spelling in forms, JSON, the ledger and on the wire.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$item_doc:meta])* $item:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$item_doc])* $item),+ }

        impl $name {
            /// Every value, in the order of rank.
            pub const ALL: &'static [Self] = &[$(Self::$item),+];

            /// The word used in forms, JSON, the ledger and on the wire.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$item => $word),+ }
            }

            /// The value of exactly this word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$item),)+ _ => None }
            }
        }
    };
}
pub(crate) use words;

words! {
    /// To give money, or to become a member.
    Kind {
        /// A gift.
        Donate = "donate",
        /// A membership under a plan.
        Join = "join",
    }
}
words! {
    /// How the supporter pays.
    Method {
        /// By card.
        Card = "card",
        /// By Direct Debit.
        DirectDebit = "direct_debit",
    }
}
words! {
    /// How often the supporter pays.
    Frequency {
        /// One payment.
        Once = "once",
        /// Every month.
        Monthly = "monthly",
        /// Every three months.
        Quarterly = "quarterly",
        /// Every six months.
        HalfYearly = "half-yearly",
        /// Every year.
        Yearly = "yearly",
    }
}
words! {
    /// Real money, or the processor's test system.
    Mode {
        /// The processor's test system.
        Test = "test",
        /// Real money.
        Live = "live",
    }
}
words! {
    /// How the processor speaks (gateway.md, section 1).
    Dialect {
        /// gateway.md, section 6.
        Signed = "signed",
        /// RSM's own formats (rsm-protocol.md).
        Rsm2000 = "rsm2000",
    }
}

/// A plan's or an appeal's code: 1 to 40 of `A-Z a-z 0-9 _ -`, and nothing that could be a card number.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Code(String);

impl Code {
    /// `None` unless the text is such a code.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = !text.is_empty()
            && text.len() <= 40
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
            && !looks_like_card_number(text);
        fits.then(|| Self(text.to_owned()))
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The charity's own reference, echoed in outcomes: 1 to 64 of `A-Z a-z 0-9 . _ : / # -`, so that
/// no e-mail address or name with spaces fits, and nothing that could be a card number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MerchantReference(String);

impl MerchantReference {
    /// `None` unless the text is such a reference.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = !text.is_empty()
            && text.len() <= 64
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._:/#-".contains(&b))
            && !looks_like_card_number(text);
        fits.then(|| Self(text.to_owned()))
    }

    /// The reference.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a text holds 12 to 19 digits in a row, separators apart, that pass the Luhn check
/// (gateway.md, section 3: such a value is refused wherever it might be kept).
#[must_use]
pub fn looks_like_card_number(text: &str) -> bool {
    text.split(|c: char| c.is_ascii_alphabetic() || !c.is_ascii()).any(|run| {
        let digits: Vec<u32> = run.chars().filter_map(|c| c.to_digit(10)).collect();
        (12..=19).contains(&digits.len()) && luhn(&digits)
    })
}

/// Whether a processor's own text holds a card number: 13 to 19 digits in a row, or four by four with
/// dashes, that begin as cards do and pass the Luhn check. Numbers of its own transactions are long too:
/// whatever else is joined by a letter, a point or a colon is one.
#[must_use]
pub fn holds_card_number(text: &str) -> bool {
    let is_card = |run: &str| {
        let digits: Vec<u32> = run.chars().filter_map(|c| c.to_digit(10)).collect();
        let begins = digits.first().is_some_and(|first| (2..=6).contains(first));
        begins && (13..=19).contains(&digits.len()) && luhn(&digits)
    };
    let groups: Vec<&str> = text.split('-').collect();
    let by_four = groups.len() == 4 && groups.iter().all(|group| group.len() == 4);
    text.split(|c: char| !c.is_ascii_digit()).any(is_card) || (by_four && is_card(text))
}

/// The Luhn check: ISO/IEC 7812-1, annex B.
pub(crate) fn luhn(digits: &[u32]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2 == 1, *digit) {
            (false, digit) => digit,
            (true, digit) => digit
                .saturating_mul(2)
                .checked_sub(9)
                .filter(|_| digit > 4)
                .unwrap_or(digit.saturating_mul(2)),
        })
        .sum();
    sum.is_multiple_of(10)
}

/// All of a request that is kept: no name, no address, no card or bank detail has a place here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Donate or join.
    pub kind: Kind,
    /// Card or Direct Debit.
    pub method: Method,
    /// How the processor is spoken to.
    pub dialect: Dialect,
    /// Test system or real money.
    pub mode: Mode,
    /// The sum of one payment.
    pub amount: Amount,
    /// How often.
    pub frequency: Frequency,
    /// The plan joined.
    pub plan: Option<Code>,
    /// The appeal given to.
    pub appeal: Option<Code>,
    /// Whether the supporter made the Gift Aid declaration.
    pub gift_aid: bool,
    /// The charity's own reference.
    pub merchant_reference: Option<MerchantReference>,
}

/// How a sum divides into what was bought and what was given, in minor units: only a gift may carry
/// Gift Aid (rsm-protocol.md, 9.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// What was bought: a membership's price.
    pub goods: i64,
    /// What was given.
    pub gift: i64,
}

impl Asked {
    /// A donation is a gift, and so is a subscription on which Gift Aid is claimed; any other
    /// membership is bought.
    #[must_use]
    pub const fn parts(&self) -> Parts {
        match (self.kind, self.gift_aid) {
            (Kind::Donate, _) | (Kind::Join, true) => Parts { goods: 0, gift: self.amount.minor() },
            (Kind::Join, false) => Parts { goods: self.amount.minor(), gift: 0 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p_2_a_processors_text_holds_a_card_number_or_one_of_its_own() {
        for card in
            ["4242424242424242", "code:4000056655665556", "5555-5555-5555-4444", "x378282246310005"]
        {
            assert!(holds_card_number(card), "{card}");
        }
        for theirs in
            ["T1795681355:13", "T-4711", "4242424242424241", "17956813551300000", "2026.11.26", ""]
        {
            assert!(!holds_card_number(theirs), "{theirs}");
        }
    }

    #[test]
    fn finds_card_numbers_however_they_are_grouped() {
        for text in [
            "4111111111111111",
            "4111-1111-1111-1111",
            "x4111111111111111x",
            "4111 1111 1111 1111",
            "378282246310005",
        ] {
            assert!(looks_like_card_number(text), "{text}");
        }
        for text in ["4111111111111112", "41111111111", "XMAS-2026", "20261123100000"] {
            assert!(!looks_like_card_number(text), "{text}");
        }
    }

    #[test]
    fn codes_and_references_hold_no_person() {
        for text in ["", "a b", "pat@example.org", "4111111111111111", "é", &"x".repeat(41)] {
            assert_eq!(Code::parse(text), None, "{text}");
        }
        for text in ["", "Pat Example", "pat@example.org", "4111-1111-1111-1111", &"x".repeat(65)] {
            assert_eq!(MerchantReference::parse(text), None, "{text}");
        }
        assert!(Code::parse("XMAS_26").is_some());
        assert!(MerchantReference::parse("crm/2026#41:7").is_some());
    }
}
