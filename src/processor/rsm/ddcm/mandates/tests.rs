use super::super::tests::{at, ddcm, request};
use super::super::{Answers, BATCH};
use super::*;
use jiff::civil::date as day;
use proptest::prelude::*;

fn pounds(minor: i64) -> Amount {
    Amount::new(minor, iso_currency::Currency::GBP).unwrap()
}

fn monthly() -> Repeat {
    let start = day(2026, 3, 2);
    Repeat { amount: pounds(1050), frequency: Frequency::Monthly, start, end: None }
}

fn record(client_ref: &str) -> MandateRecord<'_> {
    MandateRecord {
        client_ref,
        dd_ref_no: None,
        holder: Holder::default(),
        bank: Bank { account_name: "P EXAMPLE", account_number: "66374958", sort_code: "089999" },
        repeat: Some(monthly()),
        mandate_type: None,
        short_id: None,
        payment_ref: None,
    }
}

fn made(orders: &[MandateOrder<'_>]) -> Result<String, Unfit> {
    ddcm(Answers::Strict).set_mandates(orders, at(7)).map(|prepared| request(&prepared))
}

/// The fields that are wrong with one record, and why.
fn wrong(record: MandateRecord<'_>) -> Vec<(&'static str, &'static str)> {
    match made(&[MandateOrder::New(record)]) {
        Err(Unfit::Fields { record: 0, fields }) => {
            fields.iter().map(|error| (error.field, error.reason)).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_element_stands_in_the_order_of_the_manual() {
    let end = Some(day(2027, 3, 2));
    let whole = MandateRecord {
        dd_ref_no: Some("ABC-123456"),
        holder: Holder {
            trading_name: "Firm & Co",
            contact_name: "Zo\u{eb} <Ng>",
            address: ["1 High St", "", "Hamlet"],
            town: "Bedford",
            postcode: "TE1 2ST",
            phone: "(01632) 960 001",
            email: "pat@example.org",
        },
        repeat: Some(Repeat { end, frequency: Frequency::Yearly, ..monthly() }),
        mandate_type: Some("E"),
        short_id: Some("S1"),
        payment_ref: Some("APPEAL 7"),
        ..record("BB1234_654321-0001")
    };
    let expected = "<mandate><tradingName>Firm &amp; Co</tradingName>\
        <contactName>Zoe &lt;Ng&gt;</contactName><address1>1 High St</address1>\
        <address3>Hamlet</address3><town>Bedford</town><postcode>TE1 2ST</postcode>\
        <phone>(01632)960001</phone><email>pat@example.org</email>\
        <clientRef>BB1234_654321-0001</clientRef><accountName>P EXAMPLE</accountName>\
        <accountNumber>66374958</accountNumber><sortCode>089999</sortCode><action>A</action>\
        <ddRefNo>ABC-123456</ddRefNo><amount>10.50</amount><frequency>12</frequency>\
        <startDate>02/03/2026</startDate><mandateType>E</mandateType><shortId>S1</shortId>\
        <endDate>02/03/2027</endDate><paymentRef>APPEAL 7</paymentRef></mandate>";
    let request = made(&[MandateOrder::Amend(whole)]).unwrap();
    assert!(request.contains(&format!("<mandates>{expected}</mandates>")), "{request}");
    let bare = made(&[MandateOrder::New(MandateRecord { repeat: None, ..record("R1") })]).unwrap();
    assert!(bare.contains("<action>N</action></mandate>"), "{bare}");
}

#[test]
fn every_field_that_does_not_fit_is_named_and_none_is_shown() {
    let bank =
        Bank { account_name: "P * CANARY", account_number: "1234567", sort_code: "08-99-99" };
    let holder = Holder { email: "canary", phone: "canary", ..Holder::default() };
    let bad = MandateRecord { bank, holder, dd_ref_no: Some("abc123"), ..record("a b") };
    assert_eq!(
        wrong(bad),
        [
            ("phone", "malformed"),
            ("email", "malformed"),
            ("reference", "malformed"),
            ("account_name", "malformed"),
            ("account_number", "malformed"),
            ("sort_code", "malformed"),
            ("mandate_reference", "malformed"),
        ]
    );
    let empty = Bank { account_name: " ", account_number: "", sort_code: "" };
    let missing = wrong(MandateRecord { bank: empty, ..record("R1") });
    assert_eq!(missing, ["account_name", "account_number", "sort_code"].map(|f| (f, "required")));
    let holder = Holder { town: "canary", address: ["\u{E000}", "", ""], ..Holder::default() };
    let orders = [MandateOrder::New(record("R1")), {
        MandateOrder::New(MandateRecord { holder, ..record("R2") })
    }];
    let unfit = made(&orders).unwrap_err();
    assert_eq!(unfit.to_string(), "record 1 has fields that cannot be sent: line1 (not_latin)");
}

#[test]
fn money_dates_and_frequency_are_checked() {
    let with = |repeat| wrong(MandateRecord { repeat: Some(repeat), ..record("R1") });
    let euros = Amount::new(1000, iso_currency::Currency::EUR).unwrap();
    assert_eq!(with(Repeat { amount: euros, ..monthly() }), [("amount", "currency")]);
    let most = pounds(99_999_999);
    assert!(
        made(&[MandateOrder::New(MandateRecord {
            repeat: Some(Repeat { amount: most, ..monthly() }),
            ..record("R1")
        })])
        .is_ok()
    );
    assert_eq!(with(Repeat { amount: pounds(100_000_000), ..monthly() }), [("amount", "too_much")]);
    assert_eq!(
        with(Repeat { frequency: Frequency::Once, ..monthly() }),
        [("frequency", "unknown")]
    );
    let start = day(-1, 1, 1);
    assert_eq!(with(Repeat { start, ..monthly() }), [("start_date", "out_of_range")]);
    let end = Some(monthly().start);
    assert_eq!(with(Repeat { end, ..monthly() }), [("end_date", "out_of_range")]);
}

#[test]
fn a_batch_has_its_bounds_and_no_reference_twice() {
    let references: Vec<String> = (0..=BATCH).map(|n| format!("R{n}")).collect();
    let cancels = |references: &[String]| {
        let orders: Vec<_> =
            references.iter().map(|client_ref| MandateOrder::Cancel { client_ref }).collect();
        made(&orders)
    };
    assert!(cancels(&references[..BATCH]).is_ok());
    assert_eq!(cancels(&references), Err(Unfit::TooMany));
    assert_eq!(cancels(&[]), Err(Unfit::Empty));
    assert_eq!(cancels(&["R1".into(), "R2".into(), " R1".into()]), Err(Unfit::Repeated(2)));
}

#[test]
fn the_longest_batch_fits_the_room_made_for_it() {
    let longest = "&".repeat(50);
    let (line, post) = ("&".repeat(30), "T".repeat(12));
    let holder = || Holder {
        trading_name: &longest,
        contact_name: &longest,
        address: [&line; 3],
        town: &line,
        postcode: &post,
        phone: "01234567890123456789",
        email: "&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&@&&&&&&.&&&",
    };
    let bank = || Bank { account_name: &longest, ..record("").bank };
    let repeat = Some(Repeat { end: Some(day(2027, 1, 1)), ..monthly() });
    let reference = "R".repeat(50);
    let payment = "P".repeat(30);
    let whole = MandateRecord {
        dd_ref_no: Some("ABCDEFGHIJKLMNOPQR"),
        holder: holder(),
        bank: bank(),
        repeat,
        mandate_type: Some("EE"),
        short_id: Some("1234567890"),
        payment_ref: Some(&payment),
        client_ref: &reference,
    };
    let request = made(&[MandateOrder::New(whole)]).unwrap();
    assert!(request.len() < ROOM, "{}", request.len());
}

proptest! {
    #[test]
    fn any_name_is_sent_whole_or_refused(name in "\\PC{1,25}") {
        let holder = Holder { contact_name: &name, ..Holder::default() };
        if let Ok(text) = made(&[MandateOrder::New(MandateRecord { holder, ..record("R1") })]) {
            prop_assert!(text.is_ascii());
            let document = roxmltree::Document::parse(&text).unwrap();
            let sent = document.descendants().find(|node| node.has_tag_name("contactName"));
            let sent = sent.and_then(|node| node.text()).unwrap_or_default();
            prop_assert_eq!(sent.is_empty(), name.trim_matches(' ').is_empty());
            if name.is_ascii() {
                prop_assert_eq!(sent, name.trim_matches(' '));
            }
        }
    }
}
