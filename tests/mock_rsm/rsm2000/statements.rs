//! Batches and statements.

use super::client::{mandate, stage, stage_with};
use almoner::mock_rsm::Feature;

#[tokio::test]
async fn batches() {
    let stage = stage();
    let two = [
        mandate(&[("clientRef", "A-1"), ("email", "a@example.org")]),
        mandate(&[("clientRef", "A-2"), ("startDate", "30/01/2026")]),
    ];
    stage.ddcm("setMandates", &format!("<mandates>{}</mandates>", two.concat())).await;
    stage.rsm().advance_working_days(1);
    let range = "<startDate>01/01/2026</startDate><endDate>31/01/2026</endDate>";
    let none = stage.ddcm("mandateBatchReport", "<filters/>").await;
    assert_eq!(none.one("noOfRecords"), "0", "today's alone");
    let reply = stage.ddcm("mandateBatchReport", &format!("<filters>{range}</filters>")).await;
    assert!(reply.text.contains("<mandateBatch><created>2026-01-15 17:00:00</created><sun>123456</sun><vendorName>Mock Charity</vendorName><batchname>123456 MAN 20260115 2</batchname><total>2</total><success>2</success><fail>0</fail><createdby>"), "{}", reply.text);
    let letters = stage.ddcm("letterBatchReport", "<filters/>").await;
    assert_eq!(letters.all("total"), ["1"]);
    stage.rsm().advance_working_days(10);
    let reply = stage.ddcm("collectionBatchReport", &format!("<filters>{range}</filters>")).await;
    assert_eq!(reply.one("batchName"), "123456 COL 20260127_30 1 £10.00");
    assert!(reply.is_signed(), "with a pound sign");
    assert_eq!(
        (reply.one("collectDate"), reply.one("successAmount")),
        ("2026-01-30".into(), "10.00".into())
    );
}

#[tokio::test]
async fn statements() {
    let stage = stage();
    let three: String = [("A-1", "00012345"), ("A-2", "00012352"), ("A-3", "00012354")]
        .map(|(client_ref, number)| {
            mandate(&[
                ("clientRef", client_ref),
                ("accountNumber", number),
                ("startDate", "30/01/2026"),
            ])
        })
        .concat();
    stage.ddcm("setMandates", &format!("<mandates>{three}</mandates>")).await;
    let ask = async |filters: &str| {
        stage.ddcm("collectionStatement", &format!("<filters>{filters}</filters>")).await
    };
    let of_day = "<collectionDate>30/01/2026</collectionDate>";
    assert_eq!(ask("").await.codes(), [2291]);
    assert_eq!(ask("<collectionDate>x</collectionDate>").await.codes(), [2292]);
    assert_eq!(ask("<statementDate>x</statementDate>").await.codes(), [2293]);
    assert_eq!(ask(of_day).await.codes(), [2294]);
    stage.rsm().advance_working_days(14);
    assert_eq!(stage.rsm().today().to_string(), "2026-02-04");
    let reply = ask(of_day).await;
    assert_eq!(reply.one("totalCollected"), "30.00");
    assert_eq!(
        (reply.one("totalItemsSent"), reply.one("totalReclaimed")),
        ("3".into(), "10.00".into())
    );
    assert!(reply.text.contains("<reclaim><vendor>Mock Charity</vendor><ddRefNo>DD00000002</ddRefNo><clientRef>A-2</clientRef><name>Pat Example</name><reason>0: Refer to Payer</reason><amount>10.00</amount>"), "{}", reply.text);
    assert!(
        reply.text.contains("<balanceBeforeCharges><amount>20.00</amount></balanceBeforeCharges>")
    );
    assert!(reply.text.contains("<unpaidDds><number>1</number><amount>1.50</amount></unpaidDds>"));
    assert!(
        reply.text.contains("<balancePayable><amount>17.30</amount></balancePayable>"),
        "{}",
        reply.text
    );
    let same = ask("<statementDate>04/02/2026</statementDate>").await;
    assert_eq!(same.one("totalCollected"), "30.00");

    let month = async |text: &str| {
        let filters = format!("<filters><monthYear>{text}</monthYear></filters>");
        stage.ddcm("monthlyStatement", &filters).await
    };
    assert_eq!(month("").await.codes(), [2295]);
    assert_eq!(month("13/2026").await.codes(), [2295]);
    assert_eq!(month("12/2026").await.codes(), [2294]);
    let january = month("01/2026").await;
    assert!(
        january
            .text
            .contains("<collectionItems><number>3</number><amount>0.75</amount></collectionItems>"),
        "{}",
        january.text
    );
    let letters =
        "<confirmationLetters><number>3</number><amount>2.25</amount></confirmationLetters>";
    assert!(january.text.contains(letters), "{}", january.text);
    let none = stage_with(|own| {
        own.features.remove(&Feature::MonthlyStatements);
    });
    let filters = "<filters><monthYear>01/2026</monthYear></filters>";
    assert_eq!(none.ddcm("monthlyStatement", filters).await.codes(), [2296]);
}
