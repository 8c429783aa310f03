//! What a browser brings from the charity's page (rsm-protocol.md, section 2): read, and every field
//! held against RSM's limits and character sets.

mod rule;

use super::form::LooseForm;
use super::pounds;
use super::settings::Rsm2000Settings;
use crate::payment::Private;
use rule::{RULES, is_email};

/// Which of RSM's pages was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entrance {
    /// `Widget.php`
    Widget,
    /// `cpweb.php`
    Full,
    /// `dd.php`
    Debit,
}

/// What is to be paid, and by whom.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) entrance: Entrance,
    /// Empty where the charity sent none.
    pub(super) uniqueid: String,
    /// Pence; `None` where the field was not sent.
    pub(super) purchase: Option<i64>,
    pub(super) donation: Option<i64>,
    pub(super) appeal: String,
    pub(super) donor_ref: String,
    /// Months between payments, of a Direct Debit.
    pub(super) months: Option<i32>,
    pub(super) contact: Vec<(&'static str, Private)>,
}

/// A numbered error as RSM tells it through the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CardError {
    pub(super) code: u16,
    pub(super) message: &'static str,
}

/// Known from RSM: 1014, 2000 to 2999 and 3001. The others are numbered by the mock.
pub(super) const REUSED: CardError = error(1014, "This unique id has been used before");
pub(super) const CANCELLED: CardError = error(3001, "Cancelled by the donor");
pub(super) const DECLINED: CardError = error(3002, "The payment was declined");
const UNKNOWN_VENDOR: CardError = error(1001, "Vendor or campaign not known");
const BAD_UNIQUEID: CardError = error(1012, "Unique id missing or malformed");
const BAD_AMOUNT: CardError = error(1021, "Amount missing or malformed");

/// The most characters of a unique id, appeal or donor reference here; RSM's own limit is not known.
const MOST_CODE: usize = 50;

impl Order {
    /// Reads a hand-off, and says everything that is wrong with it. Unknown fields are let pass.
    pub(super) fn read(
        entrance: Entrance,
        form: &LooseForm,
        settings: &Rsm2000Settings,
    ) -> (Self, Vec<CardError>) {
        let mut errors = Vec::new();
        let (field, agreed) = match entrance {
            Entrance::Widget => ("vendorid", &settings.vendor_id),
            Entrance::Full | Entrance::Debit => ("campaign", &settings.campaign),
        };
        if *form.text(field) != *agreed {
            errors.push(UNKNOWN_VENDOR);
        }
        let uniqueid = form.text("uniqueid").to_string();
        let needed = entrance == Entrance::Widget;
        if (needed || !uniqueid.is_empty()) && !is_code(&uniqueid, 2) {
            errors.push(BAD_UNIQUEID);
        }
        let sums = [part(form, "purchasefix"), part(form, "donationfix")];
        let [purchase, donation] = sums.map(Result::unwrap_or_default);
        let total = purchase.unwrap_or(0).saturating_add(donation.unwrap_or(0));
        if sums.iter().any(Result::is_err) || total <= 0 {
            errors.push(BAD_AMOUNT);
        }
        let contact = contact(entrance, form, &mut errors);
        let order = Self {
            entrance,
            uniqueid,
            purchase,
            donation,
            appeal: form.text("appealcode").chars().take(MOST_CODE).collect(),
            donor_ref: form.text("donorref").chars().take(MOST_CODE).collect(),
            months: months(&form.text("repeat")),
            contact,
        };
        (order, errors)
    }

    /// What is taken: both parts together, in pence.
    pub(super) fn total(&self) -> i64 {
        self.purchase.unwrap_or(0).saturating_add(self.donation.unwrap_or(0))
    }

    /// A contact field; an absent one is empty.
    pub(super) fn contact(&self, field: &str) -> &str {
        self.contact.iter().find(|(name, _)| *name == field).map_or("", |(_, value)| value.reveal())
    }
}

impl CardError {
    /// Whether RSM does not know whom to send the browser back to.
    pub(super) fn is_of_a_stranger(self) -> bool {
        self == UNKNOWN_VENDOR
    }
}

/// One of the two sums; an empty field is none.
fn part(form: &LooseForm, field: &str) -> Result<Option<i64>, ()> {
    let text = form.text(field);
    if text.is_empty() { Ok(None) } else { pounds::read(&text).map(Some).ok_or(()) }
}

/// `repeat` is taken for the months between payments.
fn months(text: &str) -> Option<i32> {
    text.parse().ok().filter(|months| [1, 3, 6, 12].contains(months))
}

fn contact(
    entrance: Entrance,
    form: &LooseForm,
    errors: &mut Vec<CardError>,
) -> Vec<(&'static str, Private)> {
    let mut contact = Vec::new();
    for rule in &RULES {
        let value = form.text(rule.field);
        if value.is_empty() {
            if rule.needed.contains(&entrance) {
                errors.push(rule.error);
            }
            continue;
        }
        let (least, most) = rule.length;
        let fits = (least..=most).contains(&value.chars().count());
        let odd_email = rule.field == "email" && !is_email(&value);
        if !fits || !value.chars().all(rule.allowed) || odd_email {
            errors.push(rule.error);
        }
        contact.push((rule.field, Private::new(&value)));
    }
    let gift_aid = form.text("giftaid");
    if entrance == Entrance::Widget && !["Y", "N"].contains(&gift_aid.as_str()) {
        errors.push(error(2013, "Gift Aid must be Y or N"));
    }
    contact.push(("giftaid", Private::new(&gift_aid)));
    contact
}

const fn error(code: u16, message: &'static str) -> CardError {
    CardError { code, message }
}

fn is_code(text: &str, least: usize) -> bool {
    (least..=MOST_CODE).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use secrecy::SecretString;

    const GOOD: [(&str, &str); 13] = [
        ("vendorid", "8953"),
        ("uniqueid", "100017"),
        ("donationfix", "5.00"),
        ("purchasefix", "20.00"),
        ("giftaid", "Y"),
        ("title", "mr"),
        ("firstname", "Pat"),
        ("surname", "O%27Neil"),
        ("address1", "1+High+St"),
        ("town", "Bedford"),
        ("postcode", "TE1+2ST"),
        ("country", "GBR"),
        ("email", "pat.o-neil@mail.example.org"),
    ];

    fn codes(field: &str, value: &str) -> Vec<u16> {
        let mut body = GOOD
            .map(|(name, usual)| format!("{name}={}", if name == field { value } else { usual }));
        if !GOOD.iter().any(|(name, _)| *name == field) {
            body[12] = format!("{}&{field}={value}", body[12]);
        }
        let secret = || SecretString::from("secret");
        let settings = Rsm2000Settings::new("https://localhost", secret(), secret());
        let form = LooseForm::read(body.join("&").as_bytes());
        let (_, errors) = Order::read(Entrance::Widget, &form, &settings);
        errors.iter().map(|error| error.code).collect()
    }

    #[test]
    fn limits_and_character_sets() {
        for (field, value) in [("step", "2"), ("surname", "Zo%EB"), ("surname", "Zo%C3%AB")] {
            assert_eq!(codes(field, value), [0_u16; 0], "{field}={value}");
        }
        for (field, value, code) in [
            ("vendorid", "1", 1001),
            ("uniqueid", "1", 1012),
            ("donationfix", "5.0", 1021),
            ("giftaid", "yes", 2013),
            ("title", "m", 2001),
            ("firstname", "Pat+Lee", 2002),
            ("surname", "Zo%C5%93", 2003),
            ("address1", "1", 2004),
            ("address2", "%3Cb%3E", 2005),
            ("town", "B%26d", 2007),
            ("postcode", "TE1", 2009),
            ("country", "GB", 2010),
            ("email", "pat%2Bgift@example.org", 2011),
            ("email", "pat..lee@example.org", 2011),
            ("email", "pat@example", 2011),
        ] {
            assert_eq!(codes(field, value), [code], "{field}={value}");
        }
    }

    proptest! {
        #[test]
        fn no_body_panics(body in proptest::collection::vec(any::<u8>(), 0..300)) {
            let secret = || SecretString::from("secret");
            let settings = Rsm2000Settings::new("https://localhost", secret(), secret());
            for entrance in [Entrance::Widget, Entrance::Full, Entrance::Debit] {
                let (order, errors) = Order::read(entrance, &LooseForm::read(&body), &settings);
                prop_assert!(!errors.is_empty() && order.total() >= 0);
            }
        }
    }
}
