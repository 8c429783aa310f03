use super::super::cell::BacsCode;
use super::super::tests::{answer, at, ddcm};
use super::super::{Answers, BatchFilter, CollectionFilter, Doubt, Failure, MandateFilter, Pence};
use super::*;
use jiff::civil::date;
use proptest::prelude::*;

fn pounds(minor: i64) -> Option<Amount> {
    Amount::new(minor, iso_currency::Currency::GBP).ok()
}

fn mandate_report(content: &str) -> Result<Report<MandateRow>, Failure> {
    let ddcm = ddcm(Answers::Strict);
    let prepared = ddcm.mandate_report(&MandateFilter::default(), at(7)).unwrap();
    ddcm.hear(prepared, &answer(&format!("<status>SUCCESS</status><errors/>{content}")))
}

fn collection_report(content: &str) -> Report<CollectionRow> {
    let ddcm = ddcm(Answers::Strict);
    let prepared = ddcm.collection_report(&CollectionFilter::default(), at(7)).unwrap();
    let answer = answer(&format!("<status>SUCCESS</status><errors/>{content}"));
    ddcm.hear(prepared, &answer).unwrap()
}

const PENDING: &str = "<mandate><ddRefNo>AB123456</ddRefNo><clientRef>R1</clientRef>\
    <name>Canary</name><sortcode>089999</sortcode><account>66374958</account>\
    <postcode>TE1 2ST</postcode><amount>101</amount><startDate>2026-03-02</startDate>\
    <frequency>1</frequency><endDate></endDate><updated>2026-02-01 10:11:12</updated>\
    <status>PENDING</status><failReason></failReason></mandate>";

#[test]
fn a_mandate_by_the_manual_s_columns() {
    let report =
        format!("<noOfRecords>1</noOfRecords><mandates><number>1</number>{PENDING}</mandates>");
    let report = mandate_report(&report).unwrap();
    assert!(report.is_whole() && report.unreadable.is_empty());
    assert!(!format!("{report:?}").contains("Canary"));
    assert!(!format!("{report:?}").contains("66374958"));
    let [row] = &report.rows[..] else { panic!("one row") };
    assert_eq!(row.dd_ref_no.as_deref(), Some("AB123456"));
    assert_eq!(row.client_ref.as_deref(), Some("R1"));
    assert_eq!(row.status, Stated::Is(MandateState::Pending));
    assert_eq!(row.amount, pounds(10_100));
    assert_eq!(row.frequency, Stated::Is(Frequency::Monthly));
    assert_eq!((row.start_date, row.end_date), (Some(date(2026, 3, 2)), None));
    assert_eq!(row.updated, Some(date(2026, 2, 1).at(10, 11, 12, 0)));
    assert_eq!((row.fail_reason, row.created), (None, None));
}

#[test]
fn columns_that_a_charity_changed_and_several_rows_for_one_mandate() {
    let other = "<mandate><paymentReference>APPEAL7</paymentReference><extra><a>1</a></extra>\
        <status>FAILED</status><created>2026-01-05</created><frequency>Annually</frequency>\
        <failReason>5: No account</failReason><ddRefNo>AB123456</ddRefNo></mandate>";
    let report = mandate_report(&format!("<mandates>{PENDING}{other}</mandates>")).unwrap();
    assert!(report.rows.len() == 2 && !report.is_whole() && report.unreadable.is_empty());
    let row = &report.rows[1];
    assert_eq!(row.payment_reference.as_deref(), Some("APPEAL7"));
    assert_eq!(row.frequency, Stated::Is(Frequency::Yearly));
    assert_eq!(row.created, Some(date(2026, 1, 5).at(0, 0, 0, 0)));
    assert!(matches!(row.fail_reason, Some(Reason::Bacs(code)) if code.letter() == '5'));
    assert_eq!((row.amount, row.client_ref.clone()), (None, None));
}

#[test]
fn no_rows_is_a_report_and_a_failure_is_none() {
    for empty in ["<noOfRecords>0</noOfRecords><mandates/>", "<noOfRecords>0</noOfRecords>"] {
        let report = mandate_report(empty).unwrap();
        assert!(report.rows.is_empty() && report.is_whole());
    }
    let doubt = mandate_report("<noOfRecords>many</noOfRecords>").unwrap_err();
    assert_eq!(doubt, Doubt::Element("noOfRecords").into());
    let doubt = mandate_report("<mandates/><mandates/>").unwrap_err();
    assert_eq!(doubt, Doubt::Element("mandates").into());
}

#[test]
fn a_cell_that_cannot_be_read_is_named_and_spoils_no_other() {
    let row = "<mandate><ddRefNo>AB123456</ddRefNo><amount>1,000.00</amount>\
        <startDate>02/03/2026</startDate><endDate>0000-00-00</endDate><status>LIVE</status>\
        <status>LIVE</status><frequency>fortnightly</frequency></mandate>";
    let report = mandate_report(&format!("<mandates>{PENDING}{row}</mandates>")).unwrap();
    let columns: Vec<_> = report.unreadable.iter().map(|cell| (cell.row, cell.column)).collect();
    assert_eq!(columns, [(1, "status"), (1, "amount"), (1, "startDate")]);
    let row = &report.rows[1];
    assert_eq!(row.dd_ref_no.as_deref(), Some("AB123456"));
    assert_eq!((row.status, row.frequency), (Stated::Nothing, Stated::Unknown));
    let strange = mandate_report("<mandates><mandate><status>PAUSED</status></mandate></mandates>");
    assert_eq!(strange.unwrap().rows[0].status, Stated::Unknown);
}

#[test]
fn a_collection_paid_and_one_returned() {
    let report = collection_report(
        "<noOfRecords>2</noOfRecords><collections>\
        <collection><dateDue>2026-03-02</dateDue><ddRefNo>AB123456</ddRefNo><clientRef>R1</clientRef>\
        <name>Canary</name><sortcode>089999</sortcode><account>66374958</account>\
        <amount>10.00</amount><repeat>Y</repeat><status>SUCCESS</status><failReason/>\
        <payStatus>PAID</payStatus><paidAmount>10.00</paidAmount>\
        <collectionType>17</collectionType><mandatePayRef>APPEAL7</mandatePayRef></collection>\
        <collection><amount>10.00</amount><status>SUCCESS</status><payStatus>UNPAID</payStatus>\
        <paidAmount>0.00</paidAmount><failReason>0: Refer to Payer</failReason>\
        <collectionType>First</collectionType></collection></collections>",
    );
    assert!(report.is_whole() && report.unreadable.is_empty());
    assert!(!format!("{report:?}").contains("Canary"));
    let [paid, unpaid] = &report.rows[..] else { panic!("two rows") };
    assert_eq!(paid.date_due, Some(date(2026, 3, 2)));
    assert_eq!(paid.pay_status, Stated::Is(PayState::Paid));
    assert_eq!((paid.amount, paid.paid_amount), (pounds(1000), pounds(1000)));
    assert_eq!(paid.collection_type, Stated::Is(CollectionType::Regular));
    assert_eq!(paid.payment_reference.as_deref(), Some("APPEAL7"));
    assert_eq!(unpaid.pay_status, Stated::Is(PayState::Unpaid));
    assert_eq!(unpaid.paid_amount, None);
    assert_eq!(unpaid.fail_reason.map(|reason| reason == Reason::Other), Some(false));
    assert_eq!(unpaid.collection_type, Stated::Is(CollectionType::First));
    assert_eq!(unpaid.fail_reason, Some(Reason::Bacs(BacsCode::of('0'))));
}

#[test]
fn batches_in_the_manual_s_two_spellings() {
    let ddcm = ddcm(Answers::Strict);
    let filter = BatchFilter::default();
    let content = |many: &str, one: &str, name: &str| {
        format!(
            "<status>SUCCESS</status><errors/><noOfRecords>1</noOfRecords><{many}><{one}>\
             <created>2013-01-08 10:00:00</created><sun>123456</sun><createdby>Canary</createdby>\
             <{name}>123456 COL 20130108_05 3 301.50</{name}><total>3</total><success>2</success>\
             <successAmount>200.50</successAmount><fail>1</fail><failAmount>101</failAmount>\
             <collectDate>2013-01-12</collectDate><sentdate></sentdate></{one}></{many}>"
        )
    };
    let heard = [
        (
            ddcm.mandate_batch_report(&filter, at(7)).unwrap(),
            content("mandateBatches", "mandateBatch", "batchname"),
        ),
        (
            ddcm.collection_batch_report(&filter, at(7)).unwrap(),
            content("collectionBatches", "collectionBatch", "batchName"),
        ),
        (
            ddcm.letter_batch_report(&filter, at(7)).unwrap(),
            content("letterBatches", "letterBatch", "batchname"),
        ),
    ]
    .map(|(prepared, content)| ddcm.hear(prepared, &answer(&content)).unwrap());
    for report in &heard {
        let [batch] = &report.rows[..] else { panic!("one batch") };
        assert_eq!(batch.name.as_deref(), Some("123456 COL 20130108_05 3 301.50"));
        assert_eq!((batch.total, batch.success, batch.fail), (Some(3), Some(2), Some(1)));
        assert_eq!(batch.success_amount, Some(Pence(20_050)));
        assert_eq!(batch.fail_amount, Some(Pence(10_100)));
        assert_eq!((batch.sent, batch.collect_date), (None, Some(date(2013, 1, 12))));
        assert!(!format!("{report:?}").contains("Canary"));
    }
}

proptest! {
    #[test]
    fn no_signed_cell_panics_or_is_lost_unsaid(text in "[ -%\'-;=?-~]{1,24}", column in 0_usize..6) {
        let column = ["amount", "startDate", "frequency", "updated", "failReason", "status"][column];
        let row = format!("<mandate><clientRef>R1</clientRef><{column}>{text}</{column}></mandate>");
        let report = mandate_report(&format!("<mandates>{row}</mandates>")).unwrap();
        let row = &report.rows[0];
        prop_assert_eq!(row.client_ref.as_deref(), Some("R1"));
        let read = row.amount.is_some()
            || row.start_date.is_some()
            || row.updated.is_some()
            || row.fail_reason.is_some()
            || row.frequency != Stated::Nothing
            || row.status != Stated::Nothing;
        let nothing = text.trim().trim_start_matches(['0', '.', '-']).is_empty();
        prop_assert!(read || nothing || report.unreadable.len() == 1);
    }
}
