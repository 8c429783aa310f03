#![expect(
    clippy::arithmetic_side_effects,
    clippy::format_collect,
    reason = "sums and texts of a test are small"
)]

use super::super::ddcm::Answers;
use super::super::samples::{contact, hand_off, rsm};
use super::*;
use crate::keys::Phrase;
use crate::payment::{Amount, Bank, Frequency, Kind, Method};
use crate::processor::client::{Client, Reach};
use iso_currency::Currency;
use jiff::SignedDuration;
use jiff::civil::date;
use sha2::Sha256;
use std::sync::Arc;
use std::time::Duration;

const PASSWORD: &[u8] = b"1234567890";

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_767_225_600 + second).unwrap()
}

/// RSM with its API, at an address where nobody listens.
fn with_api() -> Rsm {
    let reach = Reach {
        roots: None,
        identity: None,
        connect_timeout: Duration::from_secs(1),
        total_timeout: Duration::from_secs(1),
        answer_bytes: 65_536,
        at_once: 1,
    };
    let ddcm = Ddcm {
        endpoint: "https://127.0.0.1:1/ddcm/ddcmApi.php".parse().unwrap(),
        username: "testuser".into(),
        password: Phrase::new(PASSWORD).unwrap(),
        client: Arc::new(Client::new(&reach).unwrap()),
        answers: Answers::Strict,
        report_bytes: 1_000_000,
    };
    Rsm { ddcm: Some(ddcm), ..rsm() }
}

fn amendment() -> Amendment {
    Amendment {
        contact: contact("", "").unwrap(),
        bank: Bank::check(|field| match field {
            "account_name" => "P EXAMPLE",
            "sort_code" => "089999",
            _ => "66374958",
        })
        .unwrap(),
        amount: Amount::new(500, Currency::GBP).unwrap(),
        frequency: Frequency::Monthly,
        start: date(2026, 3, 2),
        end: None,
    }
}

/// What RSM says of one record, sealed.
fn answer(reference: Reference, status: &str, codes: &[&str]) -> Vec<u8> {
    let good = usize::from(status == "SUCCESS");
    let errors: String = codes
        .iter()
        .map(|code| format!("<error><code>{code}</code><detail>Canary</detail></error>"))
        .collect();
    let response = format!(
        "<response><status>{status}</status><summary><totalSubmitted>1</totalSubmitted><totalSuccessful>{good}</totalSuccessful><totalFailed>{}</totalFailed></summary><mandates><mandate><status>{status}</status><ddRefNo>ABC123456</ddRefNo><clientRef>{reference}</clientRef><errors>{errors}</errors></mandate></mandates></response>",
        1 - good
    );
    let seal = Phrase::new(PASSWORD).unwrap().digest::<Sha256>(&[response.as_bytes()]);
    format!("<ddcm>{response}<signature>{}</signature></ddcm>", hex::encode(seal)).into_bytes()
}

fn heard(status: &str, codes: &[&str]) -> Verdict {
    let rsm = with_api();
    let reference = hand_off(Kind::Join, Method::DirectDebit).reference;
    let change = rsm.cancel(reference, at(1)).unwrap();
    let ddcm = rsm.ddcm.as_ref().unwrap();
    decided(ddcm.hear(change.prepared, &answer(reference, status, codes)).unwrap())
}

#[test]
fn a_change_is_made_refused_or_in_doubt() {
    assert_eq!(heard("SUCCESS", &[]), Verdict::Made);
    let Verdict::Refused(objections) = heard("FAIL", &["2166", "2193", "2152"]) else {
        panic!("refused")
    };
    assert_eq!(
        objections.iter().map(|it| (it.code, it.field)).collect::<Vec<_>>(),
        [(2166, Some("mandate_reference")), (2193, Some("start_date")), (2152, None)]
    );
    assert_eq!(objections[1].sentence, "The first date is fewer than 5 working days ahead.");
    for code in ["2112", "2169"] {
        assert!(matches!(heard("FAIL", &[code]), Verdict::Refused(_)), "{code}");
    }
    for codes in [&["1003"][..], &["9999"], &["2166", "1005"], &[]] {
        let verdict = heard("FAIL", codes);
        assert!(matches!(&verdict, Verdict::Undecided(_)), "{codes:?}");
        assert!(!format!("{verdict:?}").contains("Canary"));
    }
}

#[test]
fn each_change_has_a_mark_and_a_purpose_of_its_own() {
    let rsm = with_api();
    let hand_off = hand_off(Kind::Join, Method::DirectDebit);
    let theirs = ProcessorText::parse("ABC123456");
    let cancel = |second| rsm.cancel(hand_off.reference, at(second)).unwrap();
    assert_eq!(cancel(1).mark(), cancel(1).mark());
    assert_ne!(cancel(1).mark(), cancel(2).mark());
    assert_eq!(cancel(1).purpose(), Purpose::Cancel);
    let amend = |theirs| rsm.amend(&hand_off, theirs, &amendment(), at(1)).unwrap();
    assert_ne!(amend(theirs.as_ref()).mark(), amend(None).mark());
    assert_eq!(amend(None).purpose(), Purpose::Amend);
}

#[test]
fn what_rsm_would_not_take_is_named_and_nothing_is_made_without_its_api() {
    let hand_off = hand_off(Kind::Join, Method::DirectDebit);
    let wrong = Amendment {
        contact: contact("line1", "A first line that is longer than thirty").unwrap(),
        frequency: Frequency::Once,
        end: Some(date(2026, 3, 1)),
        ..amendment()
    };
    let Err(NoChange::Unfit(fields)) = with_api().amend(&hand_off, None, &wrong, at(1)) else {
        panic!("refused")
    };
    let fields: Vec<_> = fields.iter().map(|error| error.field).collect();
    assert_eq!(fields, ["line1", "frequency", "end_date"]);
    let no_api = rsm();
    assert!(matches!(no_api.cancel(hand_off.reference, at(1)), Err(NoChange::Impossible)));
    let amended = no_api.amend(&hand_off, None, &amendment(), at(1));
    assert!(matches!(amended, Err(NoChange::Impossible)));
}

#[tokio::test]
async fn where_nobody_listens_nothing_is_sent_and_a_question_has_no_answer() {
    let rsm = with_api();
    let reference = hand_off(Kind::Join, Method::DirectDebit).reference;
    let change = rsm.cancel(reference, at(1)).unwrap();
    let trace = Trace { mark: change.mark(), purpose: change.purpose(), at: at(1) };
    assert_eq!(rsm.change(change).await, Verdict::NotSent);
    let later = at(1).saturating_add(SignedDuration::from_hours(1)).unwrap();
    assert!(matches!(rsm.ask(reference, &trace, later).await, Verdict::Undecided(_)));
}
