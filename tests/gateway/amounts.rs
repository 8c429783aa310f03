//! Table C: sums of money, by the form and by the API.

use super::doors::Doors;
use super::house::House;
use super::samples::{fresh, gift, request_with, with_changes};
use super::visitor::{created, handed};
use almoner::config::Currency;
use serde_json::json;

/// Neither field of the form takes this text for money, nor does the API, and it is blamed on the
/// field it stands in.
async fn no_money(doors: &Doors, text: &str) {
    for changes in [&[("amount", text)][..], &[("amount", "other"), ("other_amount", text)]] {
        let answer = doors.form(changes).await;
        assert_eq!(answer.status, 422, "{text:?}");
        let field = changes.last().unwrap().0;
        assert!(
            [vec![field.to_owned()], vec!["amount".to_owned()]].contains(&answer.wrong_fields())
        );
    }
    let answer = doors.api("/amount/value", text).await;
    assert_eq!((answer.status, answer.wrong_fields()), (422, vec!["/amount/value".to_owned()]));
}

/// The API's minor units are refused for this reason.
async fn no_minor_units(doors: &Doors, value: i64, reason: &str) {
    let answer = doors.api("/amount/value", value).await;
    assert_eq!((answer.status, answer.wrong_fields()), (422, vec!["/amount/value".to_owned()]));
    assert_eq!(answer.first_reason(), reason, "{value}");
}

fn currency(code: &str, minimum: &str, maximum: &str) -> Currency {
    Currency { code: code.into(), minimum: minimum.into(), maximum: maximum.into() }
}

/// A house whose forms are in this currency.
async fn house_of(currency: Currency, amount: &str) -> Doors {
    let house = House::with(|settings| {
        settings.currencies = vec![currency];
        settings.donate.amounts = vec![amount.to_owned()];
        settings.join.plans.clear();
    });
    Doors::of(house.await).await
}

#[tokio::test]
async fn c_1_less_than_nothing() {
    let doors = Doors::open().await;
    for text in ["-1.00", "-0.00", "-25", "\u{2212}1.00", "(25.00)"] {
        no_money(&doors, text).await;
    }
    for value in [-1, -2500, i64::MIN] {
        no_minor_units(&doors, value, "amount").await;
    }
    doors.nothing_is_kept().await;
}

#[tokio::test]
async fn c_2_nothing() {
    let doors = Doors::open().await;
    for text in ["0", "0.00", "00.00", "000"] {
        no_money(&doors, text).await;
    }
    no_minor_units(&doors, 0, "amount").await;
    doors.nothing_is_kept().await;
}

/// Whole pounds are taken, as supporters write them; pence come in twos.
#[tokio::test]
async fn c_3_decimals_that_do_not_fit() {
    let doors = Doors::open().await;
    for text in ["10.005", "10.5", "10.", ".50", "10.000", ".", "10.0.0", "10..00"] {
        no_money(&doors, text).await;
    }
    doors.nothing_is_kept().await;
    let answer = doors.form(&[("amount", "other"), ("other_amount", "10")]).await;
    assert!(handed(&answer).1.contains(&("amount".to_owned(), "1000".to_owned())));
}

#[tokio::test]
async fn c_4_a_plus_sign() {
    let doors = Doors::open().await;
    for text in ["+10.00", "+10", "10+"] {
        no_money(&doors, text).await;
    }
    doors.nothing_is_kept().await;
}

#[tokio::test]
async fn c_5_separators_of_thousands() {
    let doors = Doors::open().await;
    for text in
        ["1,000.00", "1.000,00", "1 000.00", "1_000.00", "1'000.00", "10,00", "1\u{202f}000"]
    {
        no_money(&doors, text).await;
    }
    doors.nothing_is_kept().await;
}

#[tokio::test]
async fn c_6_numbers_that_programs_write() {
    let doors = Doors::open().await;
    for text in ["1e3", "0x10", "0b11", "Infinity", "NaN", "inf", "1e-2", "£25", "25GBP", "25p"] {
        no_money(&doors, text).await;
    }
    doors.nothing_is_kept().await;
}

#[tokio::test]
async fn c_7_digits_of_other_scripts_and_spaces() {
    let doors = Doors::open().await;
    for text in [
        "١٠",
        "１０.００",
        "१०",
        " 10.00",
        "10.00 ",
        "\u{a0}10.00",
        "10.00\u{a0}",
        "10\u{200b}",
        "1\u{0}0",
    ] {
        no_money(&doors, text).await;
    }
    doors.nothing_is_kept().await;
}

#[tokio::test]
async fn c_8_sums_that_overflow() {
    let doors = Doors::open().await;
    let endless = "9".repeat(400);
    for text in
        ["21474836.48", "42949672.96", "92233720368547758.08", "184467440737095516.16", &endless]
    {
        no_money(&doors, text).await;
    }
    no_minor_units(&doors, 2_147_483_648, "limit").await;
    for value in [i64::MAX, 1_000_000_000_000_000, 92_233_720_368_547_758] {
        no_minor_units(&doors, value, "amount").await;
    }
    doors.nothing_is_kept().await;
}

#[tokio::test]
async fn c_9_beyond_the_limits() {
    let doors = Doors::open().await;
    for text in ["1.99", "0.01", "10000.01", "999999.99"] {
        no_money(&doors, text).await;
    }
    for value in [1, 199, 1_000_001] {
        no_minor_units(&doors, value, "limit").await;
    }
    doors.nothing_is_kept().await;
    for (text, minor) in [("2.00", 200), ("10000.00", 1_000_000)] {
        assert_eq!(doors.house.donate(&[("amount", text)]).await.status, 200, "{text}");
        assert_eq!(doors.api("/amount/value", minor).await.status, 201, "{minor}");
    }
}

#[tokio::test]
async fn c_10_currencies_that_are_not_offered() {
    let doors = Doors::open().await;
    for code in ["gbp", "GBP ", " GBP", "XXX", "826", "EUR", "", "GB", "GBPX", "ＧＢＰ", "XAU"] {
        let answer = doors.api("/amount/currency", code).await;
        assert_eq!(answer.status, 422, "{code}");
        assert_eq!(answer.wrong_fields()[0], "/amount/currency", "{code}");
        assert_eq!(answer.first_reason(), "currency", "{code}");
    }
    let answer = doors.form_and("currency=EUR").await;
    assert_eq!(answer.refusal(), (400, "unknown_key".into()), "a form has its currency");
    doors.nothing_is_kept().await;
}

#[tokio::test]
async fn c_11_a_currency_without_decimals() {
    let doors = house_of(currency("JPY", "100", "1000000"), "1000").await;
    for text in ["1000.00", "1000.0", "10.00"] {
        no_money(&doors, text).await;
    }
    let yen = json!({ "value": 1000, "currency": "JPY" });
    let gift = [("amount", "other"), ("other_amount", "1000"), ("gift_aid", "")];
    let (_, fields) = handed(&doors.form(&gift).await);
    assert!(fields.contains(&("amount".into(), "1000".into())));
    assert!(fields.contains(&("currency".into(), "JPY".into())));
    let mut request = request_with("/amount", yen.clone());
    request["gift_aid"] = json!(false);
    assert_eq!(doors.house.try_create(&request).await.status, 201);
    let sterling = Doors::open().await;
    assert_eq!(sterling.api("/amount", yen).await.wrong_fields()[0], "/amount/currency");
}

#[tokio::test]
async fn c_12_a_currency_with_three_decimals() {
    let doors = house_of(currency("KWD", "1.000", "500.000"), "5.000").await;
    for text in ["1.23", "1.2345", "1.2"] {
        no_money(&doors, text).await;
    }
    let gift = [("amount", "other"), ("other_amount", "1.234"), ("gift_aid", "")];
    let (reference, fields) = handed(&doors.form(&gift).await);
    assert!(fields.contains(&("amount".into(), "1234".into())));
    let outcome = doors.house.outcome(reference).await;
    assert_eq!(outcome["amount"], json!({ "value": 1234, "currency": "KWD" }));
}

/// A form's token vouches for currency and limits: it is worth nothing under others, and no token
/// lets a sum out of its limits.
#[tokio::test]
async fn c_13_a_token_for_other_terms() {
    let generous = House::with(|settings| settings.currencies[0].minimum = "1.00".into()).await;
    let foreign = generous.token("/donate").await;
    let doors = Doors::open().await;
    let answer = doors.house.donate_with(&foreign, &[("amount", "1.50")]).await;
    assert_eq!(answer.status, 403);
    assert!(answer.body.contains("has changed since you opened this page"), "{}", answer.body);
    assert_eq!(doors.form(&[("amount", "1.50")]).await.status, 422);
    doors.nothing_is_kept().await;
}

/// The price of a plan is the charity's, whatever the browser sends beside it.
#[tokio::test]
async fn c_13_the_price_of_a_plan_is_not_the_browsers() {
    let house = House::new().await;
    let token = house.token("/join").await;
    let cheaper = [("amount", "0.01"), ("other_amount", "0.01"), ("frequency", "yearly")];
    let fields = with_changes(&super::samples::membership(&token), &cheaper);
    let (reference, fields) = handed(&house.post_form("/join", &fields).await);
    assert!(fields.contains(&("amount".into(), "400".into())));
    let outcome = house.outcome(reference).await;
    assert_eq!(
        (&outcome["amount"]["value"], &outcome["frequency"]),
        (&json!(400), &json!("monthly"))
    );
    let mut request = request_with("/plan", json!("family"));
    request["kind"] = json!("join");
    let (reference, _) = created(&house.create(&request, &fresh()).await);
    assert_eq!(house.outcome(reference).await["amount"]["value"], json!(6000));
}

#[tokio::test]
async fn c_14_choices_that_contradict_each_other() {
    let house = House::with(|settings| {
        settings.join.plans[0].gift_aid = false;
        settings.currencies.push(currency("EUR", "2.00", "100.00"));
    });
    let doors = Doors::of(house.await).await;
    let two_sums = doors.form(&[("amount", "25.00"), ("other_amount", "50.00")]).await;
    assert_eq!((two_sums.status, two_sums.wrong_fields()), (422, vec!["other_amount".to_owned()]));
    let one_debit = doors.form(&[("method", "direct_debit")]).await;
    assert_eq!((one_debit.status, one_debit.wrong_fields()), (422, vec!["method".to_owned()]));
    let one_debit = doors.api("/method", "direct_debit").await;
    assert_eq!((one_debit.status, one_debit.first_reason()), (422, "crossfield".to_owned()));
    let planned = doors.api("/plan", "friend").await;
    assert_eq!(
        (planned.wrong_fields(), planned.first_reason()),
        (vec!["/plan".to_owned()], "crossfield".to_owned())
    );
    let foreign = doors.api("/amount", json!({ "value": 2500, "currency": "EUR" })).await;
    assert_eq!(foreign.wrong_fields(), ["/gift_aid"], "Gift Aid is for sterling");
    let token = doors.house.token("/join").await;
    let answer = doors.house.post_form("/join", &super::samples::membership(&token)).await;
    assert_eq!((answer.status, answer.wrong_fields()), (422, vec!["gift_aid".to_owned()]));
    doors.nothing_is_kept().await;
    let same_sum = gift(&doors.token);
    let same_sum = with_changes(&same_sum, &[("other_amount", "25")]);
    assert_eq!(doors.house.post_form("/donate", &same_sum).await.status, 200);
}
