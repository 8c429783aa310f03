//! The whole record of a mandate, read from standard input and kept by nobody.

use crate::care::Amendment;
use crate::cli::Failure;
use crate::http::Trouble;
use crate::http::json::{self, AmountBody, BankBody, ContactBody};
use crate::payment::{Amount, Bank, Contact, FieldError, Frequency};
use anyhow::Context as _;
use jiff::civil::Date;
use serde::Deserialize;
use std::io::Read;
use zeroize::Zeroizing;

/// The most bytes of a record, and the most objects within one another.
const MOST_BYTES: usize = 16 * 1024;
const DEPTH: usize = 4;

/// What `--help` shows.
pub(super) const SAMPLE: &str = r#"The record, as one JSON object on standard input. The processor wants all of it, the unchanged parts too;
nothing of it is kept or shown. phone, line2, line3, county and end_date may be left out. A payment holiday
is a later start_date.

{
  "contact": {
    "title": "Ms", "first_name": "Pat", "last_name": "Example",
    "email": "pat@example.org", "phone": "01632 960 001",
    "address": { "line1": "1 High Street", "line2": "", "line3": "", "town": "Bedford",
                 "county": "", "postcode": "MK40 1AA", "country": "GB" }
  },
  "bank": { "account_name": "P EXAMPLE", "sort_code": "08-99-99", "account_number": "66374958" },
  "amount": { "value": 400, "currency": "GBP" },
  "frequency": "monthly",
  "start_date": "2027-03-01",
  "end_date": "2028-03-01"
}

value is in pence; frequency is monthly, quarterly, half-yearly or yearly."#;

/// The object.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordBody {
    contact: ContactBody,
    bank: BankBody,
    amount: AmountBody,
    frequency: String,
    start_date: String,
    end_date: Option<String>,
}

/// Why a record cannot be used.
#[derive(Debug)]
pub(super) enum Unusable {
    /// It could not be read at all.
    Unread(Failure),
    /// What is wrong with it, by JSON pointer.
    Wrong(Vec<(String, &'static str)>),
}

/// Reads a record, and says everything that is wrong with it at once.
pub(super) fn read(from: impl Read) -> Result<Amendment, Unusable> {
    // At full size at once, so that growing leaves no copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MOST_BYTES.saturating_add(1)));
    let most = u64::try_from(MOST_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    from.take(most).read_to_end(&mut bytes).context("standard input").map_err(Unusable::Unread)?;
    if bytes.len() > MOST_BYTES {
        return Err(unread("the record is too long: send one JSON object, as --help shows"));
    }
    if bytes.trim_ascii().is_empty() {
        return Err(unread("there is no record on standard input: --help shows one"));
    }
    let body = json::read::<RecordBody>(&bytes, DEPTH).map_err(unusable)?;
    checked(&body).map_err(|errors| Unusable::Wrong(errors.iter().map(placed).collect()))
}

fn unread(text: &'static str) -> Unusable {
    Unusable::Unread(Failure::msg(text))
}

fn unusable(trouble: Trouble) -> Unusable {
    if trouble == Trouble::UnknownField {
        return unread("the record has a field that is not known: see --help");
    }
    if trouble == Trouble::DuplicateField {
        return unread("the record gives a field twice: give each once");
    }
    if let Trouble::Invalid(places) = trouble {
        let advised = places.into_iter().map(|(place, error)| (place, error.advice));
        return Unusable::Wrong(advised.collect());
    }
    unread("this is not one JSON object in UTF-8: --help shows one")
}

/// A field's place in the record, and what to do about it.
pub(super) fn placed(error: &FieldError) -> (String, &'static str) {
    (json::pointer(error.field), error.advice)
}

fn checked(body: &RecordBody) -> Result<Amendment, Vec<FieldError>> {
    let mut errors = Vec::new();
    let contact = Contact::check(|field| body.contact.text(field));
    let bank = Bank::check(|field| body.bank.text(field));
    let money = crate::payment::amount::currency(&body.amount.currency)
        .and_then(|currency| Amount::new(body.amount.value, currency));
    let wrong = |field, advice| FieldError { field, reason: "malformed", advice };
    let amount = money.map_err(|_why| {
        wrong("amount", "Give whole pence above nought and the currency, as --help shows")
    });
    let frequency = Frequency::from_word(&body.frequency)
        .filter(|frequency| *frequency != Frequency::Once)
        .ok_or(wrong("frequency", "Choose monthly, quarterly, half-yearly or yearly"));
    let day = |field, text: &str| {
        text.parse::<Date>()
            .ok()
            .filter(|_| text.len() == 10)
            .ok_or(wrong(field, "Write the day as 2027-03-01"))
    };
    let start = day("start_date", &body.start_date);
    let end = body.end_date.as_deref().map(|text| day("end_date", text)).transpose();
    let mut keep = |error: Vec<FieldError>| errors.extend(error);
    let contact = contact.map_err(&mut keep);
    let bank = bank.map_err(&mut keep);
    let mut keep = |error: FieldError| errors.push(error);
    let amount = amount.map_err(&mut keep);
    let frequency = frequency.map_err(&mut keep);
    let start = start.map_err(&mut keep);
    let end = end.map_err(&mut keep);
    match (contact, bank, amount, frequency, start, end) {
        (Ok(contact), Ok(bank), Ok(amount), Ok(frequency), Ok(start), Ok(end)) => {
            Ok(Amendment { contact, bank, amount, frequency, start, end })
        }
        (_, _, _, _, _, _) => Err(errors),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> &'static str {
        let (_, rest) = SAMPLE.split_once("\n\n").unwrap();
        rest.rsplit_once("\n\n").unwrap().0
    }

    fn wrong(text: &str) -> Vec<String> {
        match read(text.as_bytes()) {
            Err(Unusable::Wrong(places)) => places.into_iter().map(|(place, _)| place).collect(),
            Err(Unusable::Unread(failure)) => vec![failure.to_string()],
            Ok(_) => panic!("taken: {text}"),
        }
    }

    #[test]
    fn the_record_that_help_shows_is_taken() {
        let amendment = read(sample().as_bytes()).unwrap();
        assert_eq!(amendment.amount.minor(), 400);
        assert_eq!(amendment.bank.sort_code.reveal(), "089999");
        assert_eq!(amendment.start.to_string(), "2027-03-01");
        assert_eq!(amendment.end.unwrap().to_string(), "2028-03-01");
        let without = sample().replace(",\n  \"end_date\": \"2028-03-01\"", "");
        assert_eq!(read(without.as_bytes()).unwrap().end, None);
    }

    #[test]
    fn everything_that_is_wrong_is_said_by_place_and_no_value_is() {
        for (from, to, places) in [
            ("08-99-99", "canary", &["/bank/sort_code"][..]),
            ("\"monthly\"", "\"once\"", &["/frequency"]),
            ("2027-03-01", "01/03/2027", &["/start_date"]),
            ("2028-03-01", "2028-02-30", &["/end_date"]),
            ("400", "0", &["/amount/value"]),
            ("400", "4.00", &["/amount/value"]),
            ("\"GBP\"", "\"gbp\"", &["/amount/value"]),
            ("pat@example.org", "canary", &["/contact/email"]),
        ] {
            let text = sample().replacen(from, to, 1);
            assert_ne!(text, sample(), "{from}");
            assert_eq!(wrong(&text), places, "{to}");
        }
        let both = sample().replace("66374958", "x").replace("Bedford", "").replace("400", "-1");
        assert_eq!(
            wrong(&both),
            ["/contact/address/town", "/bank/account_number", "/amount/value"]
        );
    }

    #[test]
    fn what_is_no_record_is_refused_without_an_echo() {
        for (text, said) in [
            (String::new(), "there is no record"),
            (" \n".to_owned(), "there is no record"),
            ("canary".to_owned(), "not one JSON object"),
            ("[".repeat(10), "not one JSON object"),
            (format!("{} x", sample()), "not one JSON object"),
            (sample().replacen('{', "{\"canary\":1,", 1), "not known"),
            (sample().replacen('{', "{\"frequency\":\"monthly\",", 1), "twice"),
            (" ".repeat(MOST_BYTES + 1), "too long"),
        ] {
            let found = wrong(&text);
            assert!(found[0].contains(said) && !found[0].contains("canary"), "{found:?}");
        }
        assert_eq!(wrong("{}"), ["/contact"]);
    }
}
