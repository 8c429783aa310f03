//! `setCollections`.

use super::client::{Reply, stage, stage_with};
use crate::stage::Stage;
use almoner::mock_rsm::{Money, Sending};

const SUN: (&str, &str) = ("sun", "123456");

async fn collect(stage: &Stage, change: &[(&str, &str)]) -> Reply {
    let usual = [
        SUN,
        ("clientRef", "DON-000123"),
        ("amount", "15.00"),
        ("date", "30/01/2026"),
        ("ddRefNo", ""),
        ("action", ""),
        ("existingAmount", ""),
        ("existingDate", ""),
    ];
    let inside: Vec<String> = usual
        .iter()
        .map(|(name, value)| {
            let given = change.iter().find(|(known, _)| known == name);
            (name, given.map_or(*value, |(_, value)| *value))
        })
        .filter(|(name, value)| {
            !value.is_empty() || ["sun", "clientRef", "amount", "date"].contains(name)
        })
        .map(|(name, value)| format!("<{name}>{value}</{name}>"))
        .collect();
    let body = format!("<collections><collection>{}</collection></collections>", inside.concat());
    stage.ddcm("setCollections", &body).await
}

/// A mandate without a plan, live on 22 January.
async fn live(stage: &Stage) {
    stage.mandate(&[("amount", ""), ("frequency", ""), ("startDate", "")]).await;
    stage.rsm().advance_working_days(5);
}

#[tokio::test]
async fn made_changed_and_taken_back() {
    let stage = stage_with(|own| own.most_pence_a_day = Some(4000));
    live(&stage).await;
    for (change, code) in [
        (vec![("sun", "12345")], 2251),
        (vec![("sun", "654321")], 2252),
        (vec![("clientRef", "DON-9")], 2166),
        (vec![("clientRef", "")], 2113),
        (vec![("clientRef", "DON-9"), ("ddRefNo", "DD00000001")], 2115),
        (vec![("amount", "")], 2173),
        (vec![("amount", "x")], 2171),
        (vec![("amount", "40.01")], 2175),
        (vec![("date", "31/01/2026")], 2195),
        (vec![("date", "x")], 2195),
        (vec![("date", "26/01/2026")], 2196),
        (vec![("action", "X")], 2151),
        (vec![("action", "D")], 2155),
        (vec![("action", "A")], 2271),
        (vec![("action", "A"), ("existingAmount", "x")], 2272),
        (vec![("action", "A"), ("existingAmount", "1"), ("existingDate", "31/02/26")], 2281),
        (vec![("action", "A"), ("existingAmount", "1"), ("existingDate", "x")], 2282),
        (vec![("action", "A"), ("existingAmount", "1"), ("existingDate", "30/01/26")], 2155),
    ] {
        let unknown = code == 2113;
        let reply = collect(&stage, &change).await;
        assert_eq!(reply.codes()[0], code, "{change:?}");
        assert!(unknown || reply.codes().len() == 1, "{change:?}");
    }
    let reply = collect(&stage, &[]).await;
    assert_eq!((reply.codes(), reply.one("ddRefNo")), (vec![], "DD00000001".to_owned()));
    let moved = [
        ("action", "A"),
        ("amount", "20.00"),
        ("date", "02/02/2026"),
        ("existingAmount", "15"),
        ("existingDate", "30/01/2026"),
    ];
    assert_eq!(collect(&stage, &moved).await.codes(), [0_u16; 0]);
    let rows = stage.rsm().collections("DON-000123");
    assert_eq!(
        (rows.len(), rows[0].pence, rows[0].due.to_string().as_str()),
        (1, 2000, "2026-02-02")
    );
    let back = [("action", "D"), ("amount", "20.00"), ("date", "02/02/2026")];
    assert_eq!(collect(&stage, &back).await.codes(), [0_u16; 0]);
    assert!(stage.rsm().collections("DON-000123").is_empty());
}

#[tokio::test]
async fn what_was_sent_stays() {
    let stage = stage();
    live(&stage).await;
    collect(&stage, &[]).await;
    stage.rsm().advance_working_days(5);
    let delete = [("action", "D")];
    assert_eq!(collect(&stage, &delete).await.codes(), [2153]);
    let change = [
        ("action", "A"),
        ("date", "10/02/2026"),
        ("existingAmount", "15.00"),
        ("existingDate", "30/01/2026"),
    ];
    assert_eq!(collect(&stage, &change).await.codes(), [2154]);
    stage.rsm().advance_working_days(1);
    assert_eq!(stage.rsm().collections("DON-000123")[0].money, Money::Paid);
}

#[tokio::test]
async fn on_the_day_the_mandate_goes_live_and_never_without_one() {
    let stage = stage();
    stage.mandate(&[]).await;
    assert_eq!(collect(&stage, &[("date", "21/01/2026")]).await.codes(), [2197]);
    assert_eq!(collect(&stage, &[("date", "22/01/2026")]).await.codes(), [0_u16; 0]);
    stage.rsm().advance_working_days(3);
    assert_eq!(stage.rsm().collections("DON-000123")[0].sending, Sending::Success);
    stage.rsm().advance_working_days(2);
    assert_eq!(stage.rsm().collections("DON-000123")[0].money, Money::Paid);

    let cancelled = self::stage();
    live(&cancelled).await;
    collect(&cancelled, &[]).await;
    let reference = cancelled.rsm().mandates("DON-000123")[0].reference.clone();
    cancelled.rsm().end_mandate(&reference, "1: Instruction cancelled by payer");
    cancelled.rsm().advance_working_days(10);
    let row = cancelled.rsm().collections("DON-000123")[0].clone();
    assert_eq!((row.sending, row.fail_reason.as_str()), (Sending::Failed, "Mandate not live"));
}
