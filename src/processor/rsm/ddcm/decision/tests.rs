use super::super::tests::{answer, at, ddcm};
use super::super::{Answers, CollectionOrder, MandateOrder, Which};
use super::*;
use proptest::prelude::*;

const ACCEPTED: &str = "<mandate><status>SUCCESS</status><ddRefNo>AB123456</ddRefNo>\
    <clientRef>R1</clientRef><errors/></mandate>";

fn failed(reference: &str, codes: &[&str]) -> String {
    let error = |code| format!("<error><code>{code}</code><detail>canary</detail></error>");
    let errors = codes.iter().map(error).collect::<Vec<_>>().concat();
    format!(
        "<mandate><errors>{errors}</errors><clientRef>{reference}</clientRef><ddRefNo/>\
         <status>FAIL</status></mandate>"
    )
}

fn content(counts: [usize; 3], records: &str) -> String {
    let [all, good, bad] = counts;
    let status = if good > 0 { "SUCCESS" } else { "FAIL" };
    format!(
        "<status>{status}</status><summary><totalSubmitted>{all}</totalSubmitted>\
         <totalSuccessful>{good}</totalSuccessful><totalFailed>{bad}</totalFailed></summary>\
         <mandates>{records}</mandates>"
    )
}

/// What cancelling these mandates came to.
fn decide_all(references: &[&str], content: &str) -> Result<Vec<Decision>, Failure> {
    let ddcm = ddcm(Answers::Strict);
    let orders: Vec<_> =
        references.iter().map(|client_ref| MandateOrder::Cancel { client_ref }).collect();
    ddcm.hear(ddcm.set_mandates(&orders, at(7)).unwrap(), &answer(content))
}

fn codes(numbers: &[&str]) -> Codes {
    Codes::new(numbers.iter().map(|number| super::super::Code::parse(number)))
}

fn accepted() -> Decision {
    Decision::Accepted { dd_ref_no: Some("AB123456".into()) }
}

#[test]
fn each_record_is_decided_by_itself_in_any_order() {
    let records = [
        failed("R4", &["1002"]),
        failed("R2", &["2131", "2231"]),
        ACCEPTED.to_owned(),
        failed("R3", &["2211"]),
        failed("R5", &[]),
    ];
    let decided =
        decide_all(&["R1", "R2", "R3", "R4", "R5"], &content([5, 1, 4], &records.concat()));
    let expected = vec![
        accepted(),
        Decision::Refused(codes(&["2131", "2231"])),
        Decision::NotSent(codes(&["2211"])),
        Decision::InDoubt(Doubt::Codes(codes(&["1002"]))),
        Decision::InDoubt(Doubt::Contradictory),
    ];
    assert_eq!(decided, Ok(expected));
}

#[test]
fn a_success_with_errors_is_a_doubt() {
    let both = ACCEPTED.replace("<errors/>", "<errors><error><code>2131</code></error></errors>");
    let decided = decide_all(&["R1"], &content([1, 1, 0], &both));
    assert_eq!(decided, Ok(vec![Decision::InDoubt(Doubt::Contradictory)]));
}

#[test]
fn an_answer_about_anything_else_settles_nothing() {
    let other = ACCEPTED.replace("R1", "R2");
    let extra = format!("{ACCEPTED}{other}");
    let one = content([1, 1, 0], ACCEPTED);
    for (references, content, doubt) in [
        (&["R1"][..], content([1, 1, 0], &other), Doubt::OtherReference),
        (&["R1"], content([1, 1, 0], &ACCEPTED.replace("R1", "r1")), Doubt::OtherReference),
        (&["R1"], content([2, 2, 0], &extra), Doubt::Contradictory),
        (&["R1", "R2"], one.clone(), Doubt::Contradictory),
        (&["R1", "R2"], content([2, 2, 0], &ACCEPTED.repeat(2)), Doubt::Contradictory),
        (&["R1"], content([1, 0, 1], ACCEPTED), Doubt::Contradictory),
        (&["R1"], content([0, 0, 0], ""), Doubt::Contradictory),
        (&["R1"], one.replace(">1<", ">one<"), Doubt::Contradictory),
        (&["R1"], one.replace("mandates", "collections"), Doubt::Element("mandates")),
        (&["R1"], one.replace("</summary>", "</summary><summary/>"), Doubt::Element("summary")),
        (
            &["R1"],
            one.replace("</clientRef>", "</clientRef><clientRef>R1</clientRef>"),
            Doubt::Element("clientRef"),
        ),
        (&["R1"], "<status>SUCCESS</status><errors/>".into(), Doubt::Contradictory),
        (&["R1"], "<status>FAIL</status>".into(), Doubt::Contradictory),
        (&["R1"], "<status>FAIL</status><errors/>".into(), Doubt::Contradictory),
    ] {
        assert_eq!(decide_all(references, &content), Err(doubt.into()), "{content}");
    }
}

#[test]
fn a_request_refused_as_a_whole_did_nothing_only_if_every_code_says_so() {
    let whole = |numbers: &[&str]| {
        let error = |number| format!("<error><code>{number}</code></error>");
        let errors = numbers.iter().map(error).collect::<Vec<_>>().concat();
        let content = format!("<status>FAIL</status><errors>{errors}</errors>");
        decide_all(&["R1"], &content).unwrap_err()
    };
    for refused in ["1001", "1004", "2002", "2013", "2014"] {
        assert_eq!(whole(&[refused]), Failure::Refused(codes(&[refused])));
    }
    for doubt in [&["1002"][..], &["1003"], &["1005"], &["1004", "1003"], &["9999"], &["x"]] {
        assert_eq!(whole(doubt), Doubt::Codes(codes(doubt)).into());
    }
    let odd = format!(
        "<status>FAIL</status><errors><error><code>1004</code></error></errors>\
        <mandates>{ACCEPTED}</mandates>"
    );
    assert_eq!(decide_all(&["R1"], &odd), Err(Doubt::Contradictory.into()));
}

#[test]
fn collections_are_decided_likewise() {
    let ddcm = ddcm(Answers::Strict);
    let which = Which {
        sun: "123456",
        client_ref: "R1",
        amount: crate::payment::Amount::new(1000, iso_currency::Currency::GBP).unwrap(),
        date: jiff::civil::date(2026, 3, 2),
        dd_ref_no: Some("AB123456"),
    };
    let order = CollectionOrder::Amend { to: which, amount: which.amount, date: which.date };
    let prepared = ddcm.set_collections(&[order], at(7)).unwrap();
    let sent = super::super::tests::request(&prepared);
    let expected = "<collections><collection><sun>123456</sun><clientRef>R1</clientRef>\
        <amount>10.00</amount><date>02/03/2026</date><ddRefNo>AB123456</ddRefNo>\
        <action>A</action><existingAmount>10.00</existingAmount>\
        <existingDate>02/03/2026</existingDate></collection></collections>";
    assert!(sent.contains(expected), "{sent}");
    let content = content([1, 1, 0], ACCEPTED).replace("mandate", "collection");
    assert_eq!(ddcm.hear(prepared, &answer(&content)), Ok(vec![accepted()]));
    for order in [CollectionOrder::New(which), CollectionOrder::Delete(which)] {
        let sent = super::super::tests::request(&ddcm.set_collections(&[order], at(7)).unwrap());
        assert!(!sent.contains("existing"), "{sent}");
    }
    let twice = [CollectionOrder::New(which), CollectionOrder::Delete(which)];
    assert_eq!(ddcm.set_collections(&twice, at(7)).unwrap_err(), Unfit::Repeated(1));
}

#[test]
fn what_became_of_a_request_is_its_own_answer_or_that_it_never_came() {
    let ddcm = ddcm(Answers::Strict);
    let asked = |content: &str| {
        let earlier = Signature::from_bytes([7; 32]);
        let prepared = ddcm.what_became_of_mandates(earlier, &["R1"], at(8)).unwrap();
        ddcm.hear(prepared, &answer(content))
    };
    assert_eq!(asked(&content([1, 1, 0], ACCEPTED)), Ok(Earlier::Answered(vec![accepted()])));
    assert_eq!(
        asked(&content([1, 0, 1], &failed("R1", &["2231"]))),
        Ok(Earlier::Answered(vec![Decision::Refused(codes(&["2231"]))]))
    );
    let whole = |number| {
        format!("<status>FAIL</status><errors><error><code>{number}</code></error></errors>")
    };
    assert_eq!(asked(&whole("2301")), Ok(Earlier::NotFound));
    // Each of these may be about the question and not about the earlier request.
    for number in ["2302", "2303", "2304", "1001", "1004", "1005", "2002", "2013", "2014"] {
        assert_eq!(asked(&whole(number)), Err(Doubt::Codes(codes(&[number])).into()));
    }
    assert_eq!(asked("<status>FAIL</status>"), Err(Doubt::Contradictory.into()));
    assert_eq!(asked("<status>SUCCESS</status><errors/>"), Err(Doubt::Contradictory.into()));
}

proptest! {
    #[test]
    fn no_answer_panics_or_accepts_what_was_not_asked(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "<status>SUCCESS</status>", "<status>FAIL</status>", "<summary>", "</summary>",
                "<totalSubmitted>1</totalSubmitted>", "<totalSuccessful>1</totalSuccessful>",
                "<totalFailed>0</totalFailed>", "<mandates>", "</mandates>", "<mandate>",
                "</mandate>", "<clientRef>R2</clientRef>", "<errors/>", "<ddRefNo>A</ddRefNo>",
            ]),
            0..16,
        )
    ) {
        prop_assert!(decide_all(&["R1"], &parts.concat()).is_err());
    }
}
