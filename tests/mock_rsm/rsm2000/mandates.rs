//! `setMandates`: what is wrong with a record, each by its number; amendments and cancellations.

use super::client::{mandate, stage, stage_with};
use almoner::mock_rsm::{Feature, MandateState};

#[tokio::test]
async fn what_is_wrong_with_a_new_mandate() {
    let stage = stage();
    let long = "x".repeat(51);
    for (element, value, code) in [
        ("contactName", "P@t", 2031),
        ("address1", "1 High Street, a very long way from Bedford", 2041),
        ("phone", "0123 456", 2091),
        ("email", "pat.example.org", 2102),
        ("clientRef", "DON#1", 2111),
        ("accountName", "", 2122),
        ("accountName", &long, 2121),
        ("accountNumber", "", 2132),
        ("accountNumber", "1234567", 2133),
        ("accountNumber", "1234567x", 2134),
        ("sortCode", "", 2142),
        ("sortCode", "12345", 2143),
        ("sortCode", "12-34-56", 2144),
        ("action", "X", 2151),
        ("ddRefNo", "ABCDEF", 2162),
        ("amount", "", 2173),
        ("amount", "GBP5", 2171),
        ("amount", "0.00", 2172),
        ("frequency", "", 2187),
        ("frequency", "2", 2186),
        ("frequency", "m@ntly", 2181),
        ("startDate", "2026-03-02", 2191),
        ("startDate", "31/02/2026", 2192),
        ("startDate", "21/01/2026", 2193),
        ("startDate", "16/02/2027", 2194),
        ("endDate", "x", 2221),
        ("endDate", "02/03/2026", 2222),
        ("endDate", "31/02/2027", 2223),
        ("mandateType", "E", 2202),
        ("paymentRef", "APPEAL#7", 2311),
        ("accountNumber", "00012346", 2231),
    ] {
        let reply = stage.mandate(&[(element, value)]).await;
        assert_eq!(reply.codes(), [code], "{element} {value}");
        assert_eq!((reply.one("status"), reply.one("totalFailed")), ("FAIL".into(), "1".into()));
    }
    assert!(stage.rsm().mandates("DON-000123").is_empty());
    let reply = stage.mandate(&[("startDate", "22/01/26"), ("frequency", "6 Monthly")]).await;
    assert_eq!(reply.codes(), [0_u16; 0]);
    assert_eq!(reply.one("ddRefNo"), "DD00000001");
    assert_eq!(stage.mandate(&[]).await.codes(), [2112]);
    let plan = [("amount", ""), ("frequency", ""), ("startDate", ""), ("clientRef", "DON-2")];
    let reply = stage.mandate(&[&plan[..], &[("endDate", "02/03/2026")]].concat()).await;
    assert_eq!(reply.codes(), [2185]);
    assert_eq!(stage.mandate(&plan).await.codes(), [0_u16; 0]);
    assert!(stage.rsm().bank_is("DON-000123", "accountNumber", "66374958"));
    assert!(!stage.rsm().bank_is("DON-000123", "accountNumber", "66374959"));
}

#[tokio::test]
async fn what_a_vendor_has_switched_on() {
    let stage = stage_with(|own| {
        own.features.extend([Feature::AddressChecking, Feature::EmailMandatory]);
        own.features.remove(&Feature::AutoReference);
        own.features.remove(&Feature::Cancels);
        own.mandate_types = vec!["E".to_owned()];
        own.short_ids = vec!["North".to_owned()];
        own.most_pence = Some(5000);
        own.reference_length = Some(8);
    });
    let right = [
        ("address1", "1 High St"),
        ("town", "Bedford"),
        ("postcode", "TE1 2ST"),
        ("email", "pat@example.org"),
        ("ddRefNo", "ABCDEF01"),
        ("mandateType", "E"),
        ("shortId", "North"),
    ];
    for (element, value, code) in [
        ("address1", "", 2042),
        ("town", "", 2072),
        ("postcode", "", 2082),
        ("postcode", "ZZ9 9ZZ", 2241),
        ("email", "", 2102),
        ("ddRefNo", "", 2167),
        ("ddRefNo", "ABC", 2161),
        ("ddRefNo", "ABCDEF_1", 2163),
        ("ddRefNo", "abcdef01", 2164),
        ("ddRefNo", "ABCDEF012", 2165),
        ("mandateType", "", 2201),
        ("mandateType", "L", 2202),
        ("shortId", "", 2211),
        ("shortId", "South", 2212),
        ("amount", "50.01", 2174),
    ] {
        let reply = stage.mandate(&[&right[..], &[(element, value)]].concat()).await;
        assert_eq!(reply.codes(), [code], "{element} {value}");
    }
    assert_eq!(stage.mandate(&right).await.one("ddRefNo"), "ABCDEF01");
    let again = [&right[..], &[("clientRef", "DON-2")]].concat();
    assert_eq!(stage.mandate(&again).await.codes(), [2169]);
    stage.rsm().advance_working_days(5);
    let cancel = "<mandate><clientRef>DON-000123</clientRef><action>D</action></mandate>";
    let reply = stage.ddcm("setMandates", &format!("<mandates>{cancel}</mandates>")).await;
    assert_eq!(reply.codes(), [2152]);

    let once = stage_with(|own| {
        own.features.remove(&Feature::Repeating);
    });
    assert_eq!(once.mandate(&[]).await.codes(), [2182]);
    assert_eq!(once.mandate(&[("frequency", "")]).await.codes(), [2184]);
    let always = stage_with(|own| {
        own.features.insert(Feature::RepeatingCompulsory);
    });
    let none = [("amount", ""), ("frequency", ""), ("startDate", "")];
    assert_eq!(always.mandate(&none).await.codes(), [2183]);
}

#[tokio::test]
async fn each_record_is_judged_by_itself() {
    for (partly, expected) in [(false, "SUCCESS"), (true, "FAIL")] {
        let stage = stage_with(|own| {
            if partly {
                own.features.insert(Feature::PartialIsFail);
            }
        });
        let records = [
            mandate(&[("clientRef", "A-1")]),
            mandate(&[("clientRef", "A-2"), ("sortCode", "1")]),
            mandate(&[("clientRef", "A-3")]),
            mandate(&[("clientRef", "A-3")]),
        ];
        let body = format!("<mandates>{}</mandates>", records.concat());
        let reply = stage.ddcm("setMandates", &body).await;
        assert_eq!(reply.all("status"), [expected, "SUCCESS", "FAIL", "FAIL", "FAIL"]);
        assert_eq!(reply.codes(), [2143, 2114, 2114]);
        assert_eq!(
            (reply.one("totalSubmitted"), reply.one("totalSuccessful")),
            ("4".into(), "1".into())
        );
        assert_eq!(reply.all("clientRef"), ["A-1", "A-2", "A-3", "A-3"]);
        assert_eq!(stage.rsm().mandates("A-1").len(), 1);
    }
}

#[tokio::test]
async fn amendments_and_cancellations() {
    let stage = stage();
    let amend = |change: &[(&str, &str)]| {
        let change = [&[("action", "A")][..], change].concat();
        format!("<mandates>{}</mandates>", mandate(&change))
    };
    let order = |action: &str| {
        format!(
            "<mandates><mandate><clientRef>DON-000123</clientRef><action>{action}</action></mandate></mandates>"
        )
    };
    let now = || stage.rsm().mandates("DON-000123")[0].state;
    assert_eq!(stage.ddcm("setMandates", &amend(&[])).await.codes(), [2166]);
    let reference = stage.mandate(&[]).await.one("ddRefNo");
    assert_eq!(stage.ddcm("setMandates", &amend(&[])).await.codes(), [2166], "not yet live");
    assert_eq!(stage.ddcm("setMandates", &order("D")).await.codes(), [2166]);
    stage.rsm().advance_working_days(5);
    assert_eq!(now(), MandateState::Live);

    let other = amend(&[("ddRefNo", &reference), ("clientRef", "DON-9")]);
    assert_eq!(stage.ddcm("setMandates", &other).await.codes(), [2115]);
    let holiday = amend(&[("startDate", "01/06/2026"), ("ddRefNo", &reference)]);
    assert_eq!(stage.ddcm("setMandates", &holiday).await.codes(), [0_u16; 0]);
    assert_eq!(now(), MandateState::Live, "a payment holiday");
    assert_eq!(stage.rsm().mandates("DON-000123")[0].start.unwrap().to_string(), "2026-06-01");

    let moved = amend(&[("startDate", "01/06/2026"), ("accountNumber", "00012345")]);
    assert_eq!(stage.ddcm("setMandates", &moved).await.codes(), [0_u16; 0]);
    assert_eq!(now(), MandateState::Amend);
    let rows = stage.ddcm("mandateReport", "<filters/>").await;
    assert_eq!(rows.all("status"), ["SUCCESS", "AMEND", "CANCELLED"], "two rows of one reference");
    assert_eq!(rows.all("ddRefNo"), [reference.as_str(), &reference]);
    stage.rsm().advance_working_days(5);
    assert_eq!(now(), MandateState::Live);

    assert_eq!(stage.ddcm("setMandates", &order("D")).await.codes(), [0_u16; 0]);
    assert_eq!(now(), MandateState::Cancel);
    stage.rsm().advance_working_days(1);
    assert_eq!(now(), MandateState::Cancelled);
    let back = amend(&[("startDate", "01/07/2026"), ("accountNumber", "00012345")]);
    assert_eq!(stage.ddcm("setMandates", &back).await.codes(), [0_u16; 0]);
    assert_eq!(now(), MandateState::Amend, "reinstated");
}
