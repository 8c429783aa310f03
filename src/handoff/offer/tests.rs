use super::*;

fn pounds(text: &str) -> Amount {
    Amount::parse(text, Currency::GBP).unwrap()
}

fn offer() -> Offer {
    let choices = Choices {
        methods: Method::ALL.to_vec(),
        frequencies: vec![Frequency::Once, Frequency::Monthly],
    };
    Offer {
        dialect: Dialect::Signed,
        mode: Mode::Test,
        currencies: vec![
            Taken { minimum: pounds("2"), maximum: pounds("10000") },
            Taken {
                minimum: Amount::parse("2", Currency::EUR).unwrap(),
                maximum: Amount::parse("10000", Currency::EUR).unwrap(),
            },
        ],
        donate: choices.clone(),
        join: choices,
        plans: vec![Plan {
            code: Code::parse("family").unwrap(),
            name: "Family".into(),
            description: String::new(),
            amount: pounds("48"),
            frequency: Frequency::Yearly,
            gift_aid: false,
        }],
    }
}

fn gift<'a>() -> Wish<'a> {
    Wish {
        kind: Kind::Donate,
        amount: Some(pounds("25")),
        method: "card",
        frequency: "once",
        plan: "",
        appeal: "XMAS",
        merchant_reference: "",
        gift_aid: true,
    }
}

fn reasons(wish: &Wish<'_>) -> Vec<(&'static str, &'static str)> {
    offer().check(wish).unwrap_err().into_iter().map(|e| (e.field, e.reason)).collect()
}

#[test]
fn a_gift_is_recorded_as_asked() {
    let asked = offer().check(&gift()).unwrap();
    assert_eq!(
        (asked.amount, asked.frequency, asked.gift_aid),
        (pounds("25"), Frequency::Once, true)
    );
    assert_eq!(asked.appeal, Code::parse("XMAS"));
}

#[test]
fn the_plan_s_price_and_term_win() {
    let wish = Wish {
        kind: Kind::Join,
        amount: Some(pounds("1")),
        frequency: "once",
        plan: "family",
        gift_aid: false,
        ..gift()
    };
    let asked = offer().check(&wish).unwrap();
    assert_eq!((asked.amount, asked.frequency), (pounds("48"), Frequency::Yearly));
}

#[test]
fn c_9_c_10_limits_and_currencies() {
    assert_eq!(reasons(&Wish { amount: Some(pounds("1.99")), ..gift() }), [("amount", "limit")]);
    assert_eq!(
        reasons(&Wish { amount: Some(pounds("10000.01")), ..gift() }),
        [("amount", "limit")]
    );
    assert_eq!(reasons(&Wish { amount: None, ..gift() }), [("amount", "required")]);
    let dollars = Amount::parse("25", Currency::USD).ok();
    assert_eq!(
        reasons(&Wish { amount: dollars, gift_aid: false, ..gift() }),
        [("currency", "currency")]
    );
}

#[test]
fn c_14_fields_that_contradict_each_other() {
    let euros = Amount::parse("25", Currency::EUR).ok();
    assert_eq!(reasons(&Wish { amount: euros, ..gift() }), [("gift_aid", "crossfield")]);
    assert_eq!(
        reasons(&Wish { kind: Kind::Join, plan: "family", ..gift() }),
        [("gift_aid", "crossfield")]
    );
    assert_eq!(reasons(&Wish { method: "direct_debit", ..gift() }), [("method", "crossfield")]);
    assert_eq!(reasons(&Wish { plan: "family", ..gift() }), [("plan", "crossfield")]);
}

#[test]
fn everything_wrong_is_said_at_once() {
    let wish = Wish {
        amount: None,
        method: "cheque",
        frequency: "daily",
        appeal: "4111111111111111",
        merchant_reference: "pat@example.org",
        ..gift()
    };
    let fields: Vec<_> = reasons(&wish).into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["amount", "method", "frequency", "appeal", "merchant_reference"]);
    assert_eq!(reasons(&Wish { kind: Kind::Join, ..gift() })[0], ("plan", "required"));
}
