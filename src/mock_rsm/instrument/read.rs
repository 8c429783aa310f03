//! From what was typed to a [`Script`], or to what is wrong with each field.

use super::{Script, TEST_ACCOUNTS, TEST_CARDS, audit};
use crate::mock_rsm::form::Form;
use crate::payment::FieldError;
use crate::payment::request::looks_like_card_number;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use zeroize::Zeroizing;

/// Reads `number`, `expiry`, `cvc` and `holder`.
pub(in crate::mock_rsm) fn read_card(
    form: &Form,
    now: Timestamp,
) -> Result<Script, Vec<FieldError>> {
    let number = digits(form.get("number"));
    let known = TEST_CARDS
        .iter()
        .find(|card| number.as_deref().is_some_and(|typed| *typed == *digits_of(card.number)));
    let known = known
        .map(|card| card.script)
        .or_else(|| number.as_deref().and_then(|typed| audit::card(typed)));
    let number = known.ok_or_else(|| match &number {
        None => error("number", "malformed", "Enter the card number, digits only"),
        Some(typed) if typed.is_empty() => error("number", "required", "Enter the card number"),
        Some(typed) if looks_like_card_number(typed) => error(
            "number",
            "not_a_test_card",
            "Use one of the test cards listed on this page: real cards are never taken",
        ),
        Some(_) => {
            error("number", "malformed", "Check the card number: a digit is missing or mistyped")
        }
    });
    let cvc = form.get("cvc");
    let cvc_fits = (3..=4).contains(&cvc.len()) && cvc.bytes().all(|byte| byte.is_ascii_digit());
    all(
        number,
        [
            expiry(form.get("expiry"), now),
            cvc_fits.then_some(()).ok_or(error(
                "cvc",
                "malformed",
                "Enter the security code, the 3 or 4 digits on the card",
            )),
            holder(form.get("holder"), error("holder", "malformed", "Enter the name on the card")),
        ],
    )
}

/// Reads `account_name`, `sort_code` and `account_number`.
pub(in crate::mock_rsm) fn read_account(form: &Form) -> Result<Script, Vec<FieldError>> {
    let number =
        digits(form.get("account_number")).filter(|number| (6..=8).contains(&number.len()));
    let known = TEST_ACCOUNTS
        .iter()
        .find(|account| number.as_deref().is_some_and(|typed| *typed == account.number));
    let known = known
        .map(|account| account.script)
        .or_else(|| number.as_deref().and_then(|typed| audit::account(typed)));
    let number = known.ok_or_else(|| match number {
        None => error("account_number", "malformed", "Enter the account number, 8 digits"),
        Some(_) => error(
            "account_number",
            "not_a_test_account",
            "Use one of the test accounts listed on this page: real accounts are never taken",
        ),
    });
    let sort_code = digits(form.get("sort_code")).is_some_and(|code| code.len() == 6);
    all(
        number,
        [
            holder(
                form.get("account_name"),
                error("account_name", "malformed", "Enter the name on the account"),
            ),
            sort_code.then_some(()).ok_or(error(
                "sort_code",
                "malformed",
                "Enter the sort code, 6 digits",
            )),
            Ok(()),
        ],
    )
}

/// The digits of a number typed in groups; `None` where anything else is among them.
fn digits(text: &str) -> Option<Zeroizing<String>> {
    let plain = text.len() <= 30
        && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b' ' || byte == b'-');
    plain.then(|| digits_of(text))
}

fn digits_of(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.chars().filter(char::is_ascii_digit).collect())
}

/// `MM/YY`, this month or later.
fn expiry(text: &str, now: Timestamp) -> Result<(), FieldError> {
    let malformed =
        error("expiry", "malformed", "Enter the expiry date as month and year, like 04/29");
    let compact: String = text.chars().filter(|c| *c != ' ').collect();
    let (month, year) = compact.split_once('/').ok_or(malformed)?;
    let two_digits = |text: &str| {
        (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| text.parse::<i16>().ok())
            .flatten()
    };
    let month = two_digits(month).filter(|month| (1..=12).contains(month)).ok_or(malformed)?;
    let year = two_digits(year).ok_or(malformed)?.saturating_add(2000);
    let today = TimeZone::UTC.to_datetime(now);
    let valid = (year, month) >= (today.year(), i16::from(today.month()));
    valid.then_some(()).ok_or(error("expiry", "expired", "Use a card that has not expired"))
}

fn holder(text: &str, wrong: FieldError) -> Result<(), FieldError> {
    let fits = !text.trim().is_empty()
        && text.chars().count() <= 100
        && !text.chars().any(char::is_control);
    fits.then_some(()).ok_or(wrong)
}

/// The fields of both forms, in their order.
const ORDER: [&str; 7] =
    ["number", "expiry", "cvc", "holder", "account_name", "sort_code", "account_number"];

/// The script, or every error in the order of the form.
fn all(
    script: Result<Script, FieldError>,
    others: [Result<(), FieldError>; 3],
) -> Result<Script, Vec<FieldError>> {
    let mut errors: Vec<FieldError> =
        script.err().into_iter().chain(others.into_iter().filter_map(Result::err)).collect();
    errors.sort_by_key(|error| ORDER.iter().position(|field| *field == error.field));
    match script {
        Ok(script) if errors.is_empty() => Ok(script),
        Ok(_) | Err(_) => Err(errors),
    }
}

const fn error(field: &'static str, reason: &'static str, advice: &'static str) -> FieldError {
    FieldError { field, reason, advice }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(changed: &str, value: &str) -> Result<Script, Vec<&'static str>> {
        let body = [
            ("number", "4242+4242+4242+4242"),
            ("expiry", "11%2F26"),
            ("cvc", "123"),
            ("holder", "Pat"),
        ]
        .map(|(name, usual)| format!("{name}={}", if name == changed { value } else { usual }))
        .join("&");
        let form = Form::read(body.as_bytes()).unwrap();
        read_card(&form, "2026-11-30T23:00:00Z".parse().unwrap())
            .map_err(|errors| errors.iter().map(|error| error.reason).collect())
    }

    #[test]
    fn cards() {
        assert_eq!(card("", ""), Ok(super::super::TAKEN));
        assert_eq!(card("number", "4000-0000-0000-0044"), Ok(Script::Challenge));
        assert_eq!(card("expiry", "12+/+29"), Ok(super::super::TAKEN));
        for (field, value, reason) in [
            ("number", "", "required"),
            ("number", "4242424242424241", "malformed"),
            ("number", "4111111111111111", "not_a_test_card"),
            ("number", "4242x", "malformed"),
            ("expiry", "10%2F26", "expired"),
            ("expiry", "13%2F29", "malformed"),
            ("expiry", "%2B1%2F29", "malformed"),
            ("cvc", "12", "malformed"),
            ("cvc", "12345", "malformed"),
            ("holder", "+", "malformed"),
            ("holder", "a%00b", "malformed"),
        ] {
            assert_eq!(card(field, value), Err(vec![reason]), "{field} {value}");
        }
    }

    #[test]
    fn accounts() {
        let read = |body: &str| read_account(&Form::read(body.as_bytes()).unwrap());
        assert_eq!(
            read("account_name=Pat&sort_code=12-34-56&account_number=00012346"),
            Ok(Script::Decline("account_refused"))
        );
        let errors = read("account_name=&sort_code=12&account_number=12345678").unwrap_err();
        let named: Vec<_> = errors.iter().map(|error| (error.field, error.reason)).collect();
        assert_eq!(
            named,
            [
                ("account_name", "malformed"),
                ("sort_code", "malformed"),
                ("account_number", "not_a_test_account")
            ]
        );
    }
}
