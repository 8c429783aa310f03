//! Reports: filters, order, rows, and the columns a vendor has chosen.

use super::client::{Reply, document, mandate, next_time, request, stage, stage_with};
use crate::stage::Stage;

async fn report(stage: &Stage, filters: &str) -> Reply {
    stage.ddcm("mandateReport", &format!("<filters>{filters}</filters>")).await
}

/// Three mandates of three days.
async fn three(stage: &Stage) {
    for (client_ref, name, postcode, amount) in [
        ("BB-1", "Ann Smith", "MK40 1AA", "9.00"),
        ("BB-2", "Bob Jones", "MK41 2BB", "10.00"),
        ("CC-3", "Cat Smith", "TE1 2ST", "100.00"),
    ] {
        let change = [
            ("clientRef", client_ref),
            ("contactName", name),
            ("postcode", postcode),
            ("amount", amount),
        ];
        let reply = stage.mandate(&change).await;
        assert_eq!(reply.codes(), [0_u16; 0]);
        stage.rsm().advance_working_days(1);
    }
}

#[tokio::test]
async fn filters() {
    let stage = stage();
    let empty = report(&stage, "").await;
    assert_eq!((empty.one("status"), empty.one("noOfRecords")), ("SUCCESS".into(), "0".into()));
    assert!(empty.text.contains("<errors/>") && empty.text.contains("<mandates/>"));
    three(&stage).await;
    for (filters, expected) in [
        ("<clientRef>bb</clientRef>", vec!["BB-1", "BB-2"]),
        ("<postcode>MK4</postcode><name>smith</name>", vec!["BB-1"]),
        ("<status>ALL</status><paymentRef>APPEAL</paymentRef>", vec!["BB-1", "BB-2", "CC-3"]),
        ("<status>PENDING</status>", vec![]),
        ("<startDate>16/01/2026</startDate><endDate>16/01/2026</endDate>", vec!["BB-2"]),
        ("<startDate>15/01/2026</startDate><endDate>16/01/26</endDate>", vec!["BB-1", "BB-2"]),
        ("<status>PENDING</status><clientRef>1</clientRef>", vec!["BB-1"]),
        ("<sortType>name</sortType><sortOrder>DESC</sortOrder>", vec!["CC-3", "BB-2", "BB-1"]),
        ("<sortType>amount</sortType>", vec!["BB-1", "BB-2", "CC-3"]),
        ("<sortOrder>DESC</sortOrder>", vec!["BB-1", "BB-2", "CC-3"]),
    ] {
        assert_eq!(report(&stage, filters).await.all("clientRef"), expected, "{filters}");
    }
    for (filters, code) in [
        ("<status>RAIN</status>", 2261),
        ("<sortType>rain</sortType>", 2262),
        ("<sortType>name</sortType><sortOrder>UP</sortOrder>", 2263),
        ("<startDate>16/01/2026</startDate>", 2221),
        ("<name>Smith</name><status>LIVE</status>", 1001),
    ] {
        assert_eq!(report(&stage, filters).await.codes(), [code], "{filters}");
    }
    stage.mandate(&[("clientRef", "DD-4")]).await;
    assert_eq!(
        report(&stage, "<status>NEW</status>").await.all("clientRef"),
        ["DD-4"],
        "changed today"
    );
}

#[tokio::test]
async fn a_row_as_the_manual_prints_it() {
    let stage = stage();
    let many: String =
        (0..30).map(|n| mandate(&[("clientRef", format!("M-{n:02}").as_str())])).collect();
    stage.ddcm("setMandates", &format!("<mandates>{many}</mandates>")).await;
    let reply = report(&stage, "<noOfRows>25</noOfRows>").await;
    assert!(reply.is_signed());
    let start = "<status>SUCCESS</status><errors/><noOfRecords>25</noOfRecords><mandates><number>1</number><mandate><ddRefNo>DD00000001</ddRefNo><clientRef>M-00</clientRef><name>Pat Example</name><sortcode>089999</sortcode><account>66374958</account><postcode/><amount>10.00</amount><startDate>2026-03-02</startDate><frequency>Monthly</frequency><endDate/><updated>2026-01-15</updated><status>NEW</status><failReason/></mandate>";
    assert!(reply.text.contains(start), "{}", reply.text);
    assert_eq!(report(&stage, "<noOfRows>7</noOfRows>").await.all("clientRef").len(), 20);
    assert_eq!(report(&stage, "").await.all("clientRef").len(), 30);
}

#[tokio::test]
async fn columns_of_the_vendor_s_own() {
    let columns = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
    let stage = stage_with(|own| {
        own.mandate_columns = columns(&["status", "created", "paymentReference", "clientRef"]);
        own.collection_columns = columns(&["payStatus", "clientRef", "dateDue"]);
    });
    three(&stage).await;
    let reply = report(&stage, "<clientRef>BB-1</clientRef>").await;
    assert!(reply.text.contains("<mandate><status>PENDING</status><created>2026-01-15</created><paymentReference>APPEAL7</paymentReference><clientRef>BB-1</clientRef></mandate>"), "{}", reply.text);
    stage.rsm().advance_working_days(60);
    let reply =
        stage.ddcm("collectionReport", "<filters><clientRef>BB-1</clientRef></filters>").await;
    assert!(reply.text.contains("<collection><payStatus>PAID</payStatus><clientRef>BB-1</clientRef><dateDue>2026-03-02</dateDue></collection>"), "{}", reply.text);
}

/// A request on lines of its own, signed without them, as a client in production sends it.
#[tokio::test]
async fn a_request_on_many_lines() {
    let stage = stage();
    let reply = stage.mandate(&[]).await;
    assert!(reply.all("errors").is_empty(), "none on a record that was taken");
    let filters =
        "<filters><startDate>01/01/2026</startDate><endDate>31/01/2026</endDate></filters>";
    let compact = document("mandateReport", &request("mandateReport", filters, next_time()));
    let (prolog, root) = compact.split_once("<ddcm>").unwrap();
    let lines = format!("<ddcm>{}", root.replace("><", ">\n    <"));
    let prolog = prolog.replace("?><", "?>\n<");
    let reply = stage.ddcm_raw(&format!("{prolog}\n{lines}")).await;
    assert_eq!((reply.one("noOfRecords"), reply.codes()), ("1".to_owned(), vec![]));
}

#[tokio::test]
async fn collections() {
    let stage = stage();
    stage.mandate(&[("accountNumber", "00012352"), ("startDate", "30/01/2026")]).await;
    stage.rsm().advance_working_days(35);
    let ask = async |filters: &str| {
        stage.ddcm("collectionReport", &format!("<filters>{filters}</filters>")).await
    };
    let all = ask("").await;
    assert_eq!(all.all("dateDue"), ["2026-01-30", "2026-03-02"]);
    let first = "<collection><dateDue>2026-01-30</dateDue><ddRefNo>DD00000001</ddRefNo><clientRef>DON-000123</clientRef><name>Pat Example</name><sortcode>089999</sortcode><account>00012352</account><amount>10.00</amount><repeat>Y</repeat><status>SUCCESS</status><failReason>0: Refer to Payer</failReason><payStatus>UNPAID</payStatus><paidAmount>0.00</paidAmount><collectionType>01</collectionType><mandatePayRef>APPEAL7</mandatePayRef></collection>";
    assert!(all.text.contains(first), "{}", all.text);
    for (filters, expected) in [
        ("<status>UNPAID</status>", vec!["2026-01-30", "2026-03-02"]),
        ("<status>PAID</status>", vec![]),
        ("<status>First collection</status>", vec!["2026-01-30"]),
        ("<status>Normal collection</status>", vec!["2026-03-02"]),
        ("<startDate>01/03/2026</startDate><endDate>31/03/2026</endDate>", vec!["2026-03-02"]),
        ("<sortType>date</sortType><sortOrder>DESC</sortOrder>", vec!["2026-03-02", "2026-01-30"]),
    ] {
        assert_eq!(ask(filters).await.all("dateDue"), expected, "{filters}");
    }
    assert_eq!(ask("<status>LIVE</status>").await.codes(), [2261]);
}
