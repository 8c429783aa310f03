use super::*;
use proptest::prelude::*;

const TODAY: &str = "2026-11-26";

fn on(day: &str, changed: &str, value: &str) -> Result<Card, Vec<FieldError>> {
    let text = |field: &str| match field {
        name if name == changed => value,
        "card_number" => "4242 4242 4242 4242",
        "card_expiry" => "12/29",
        "card_cvc" => "123",
        "card_holder" => "Pat Example",
        _ => "",
    };
    Card::check(text, day.parse().unwrap())
}

fn with(changed: &str, value: &str) -> Result<Card, Vec<FieldError>> {
    on(TODAY, changed, value)
}

fn reason(changed: &str, value: &str) -> &'static str {
    let errors = with(changed, value).unwrap_err();
    assert_eq!(errors.iter().map(|e| e.field).collect::<Vec<_>>(), [changed], "{value}");
    assert!(!errors[0].advice.is_empty());
    errors[0].reason
}

#[test]
fn as_people_type_them() {
    for number in [
        "4242424242424242",
        " 4242-4242-4242-4242 ",
        "4242\u{A0}4242\u{2009}4242\u{2013}4242",
        "4242 4242 4242 4242",
    ] {
        assert_eq!(with("card_number", number).unwrap().number.reveal(), "4242424242424242");
    }
    for number in ["378282246310005", "6759649826438453", "6304000000000000", "4000000000000000006"]
    {
        assert_eq!(with("card_number", number).unwrap().number.reveal(), number);
    }
    for expiry in ["12/29", "12 / 29", "1229", "12-2029", "12/2029", "12 29", "122029", "12.29"] {
        assert_eq!(with("card_expiry", expiry).unwrap().expiry.reveal(), "12/29", "{expiry}");
    }
    assert_eq!(with("card_expiry", "3/27").unwrap().expiry.reveal(), "03/27");
    for cvc in ["123", "1234", " 007 "] {
        assert_eq!(with("card_cvc", cvc).unwrap().cvc.reveal(), cvc.trim());
    }
    for holder in ["Pat Example", "D\u{2019}Arcy-O'Neil", "王", "MR P EXAMPLE 2ND", "Nguyễn"] {
        assert_eq!(with("card_holder", holder).unwrap().holder.reveal(), holder);
    }
}

#[test]
fn what_no_card_has_is_refused() {
    for number in ["4242424242424241", "4242424242424224", "0000 0000 0000 001"] {
        assert_eq!(reason("card_number", number), "luhn", "{number}");
    }
    for number in
        ["42424242424", "42424242424242424242", "4242x4242", "４２４２", "--", "4242/4242"]
    {
        assert_eq!(reason("card_number", number), "malformed", "{number}");
    }
    for expiry in [
        "13/29", "00/29", "12", "12/", "/29", "12/029", "2029/12", "12/1999", "1/2/29", "dec 29",
        "12/2129",
    ] {
        assert_eq!(reason("card_expiry", expiry), "malformed", "{expiry}");
    }
    assert_eq!(reason("card_expiry", "10/26"), "expired");
    assert_eq!(reason("card_expiry", "12/47"), "too_far");
    for cvc in ["12", "12345", "12a", "１２３", "1 23"] {
        assert_eq!(reason("card_cvc", cvc), "malformed", "{cvc}");
    }
    for holder in ["4242 4242 4242 4242", "Pat 4242424242424242", "12", "--"] {
        assert_eq!(reason("card_holder", holder), "malformed", "{holder}");
    }
    for field in Card::FIELDS {
        assert_eq!(reason(field, "  "), "required");
        assert_eq!(reason(field, "1\0"), "ctrl_char");
        assert_eq!(reason(field, "1\u{202E}2"), "bidi");
        assert_eq!(reason(field, &"1".repeat(61)), "too_long");
    }
}

#[test]
fn a_card_is_good_until_its_month_is_over() {
    for (day, good) in [("2026-12-31", true), ("2027-01-01", false), ("2026-11-26", true)] {
        assert_eq!(on(day, "card_expiry", "12/26").is_ok(), good, "{day}");
    }
}

#[test]
fn all_that_is_wrong_is_said_at_once_and_nothing_is_printed() {
    assert_eq!(Card::check(|_| "", TODAY.parse().unwrap()).unwrap_err().len(), 4);
    let card = with("card_holder", "Canary").unwrap();
    let wrong = with("card_number", "4929420573595700").unwrap_err();
    let printed = format!("{card:?} {wrong:?} {:?}", with("card_cvc", "73999").unwrap_err());
    for private in ["Canary", "4242", "12/29", "123", "4929", "73999"] {
        assert!(!printed.contains(private), "{printed}");
    }
}

/// Figures with the one that makes the Luhn check pass.
fn made_good(mut figures: Vec<u32>) -> String {
    figures.push(0);
    let last = (0..10).find(|last| {
        *figures.last_mut().unwrap() = *last;
        luhn(&figures)
    });
    *figures.last_mut().unwrap() = last.unwrap();
    figures.iter().map(|figure| char::from_digit(*figure, 10).unwrap()).collect()
}

proptest! {
    #[test]
    fn whatever_is_accepted_has_the_right_shape(text in "[0-9 /-]{0,24}|.*") {
        if let Ok(card) = with("card_number", &text) {
            prop_assert!((12..=19).contains(&card.number.reveal().len()));
            prop_assert!(card.number.reveal().bytes().all(|b| b.is_ascii_digit()));
        }
        if let Ok(card) = with("card_expiry", &text) {
            prop_assert!(card.expiry.reveal().len() == 5);
        }
        if let Ok(card) = with("card_cvc", &text) {
            prop_assert!((3..=4).contains(&card.cvc.reveal().len()));
        }
    }

    #[test]
    fn every_good_number_is_taken_and_one_wrong_figure_is_found(
        figures in proptest::collection::vec(0_u32..10, 11..=18),
        place in 0_usize..19,
        by in 1_u32..10,
        gap in 1_usize..6,
    ) {
        let good = made_good(figures);
        let spaced: Vec<&str> = good.as_bytes().chunks(gap).map(|part| std::str::from_utf8(part).unwrap()).collect();
        let spaced = spaced.join(" ");
        prop_assume!(spaced.len() <= 40);
        let card = with("card_number", &spaced).unwrap();
        prop_assert_eq!(card.number.reveal(), good.as_str());
        let mut wrong = good.into_bytes();
        let place = place % wrong.len();
        wrong[place] = b'0' + u8::try_from((u32::from(wrong[place] - b'0') + by) % 10).unwrap();
        let wrong = String::from_utf8(wrong).unwrap();
        prop_assert_eq!(reason("card_number", &wrong), "luhn");
    }

    #[test]
    fn an_expiry_of_the_next_years_is_written_as_it_was_meant(month in 1_i8..=12, year in 2027_i16..2046) {
        let (short, long) = (format!("{month:02}/{:02}", year % 100), format!("{month}/{year}"));
        for typed in [&long, &short] {
            let card = with("card_expiry", typed).unwrap();
            prop_assert_eq!(card.expiry.reveal(), short.as_str());
        }
    }
}
