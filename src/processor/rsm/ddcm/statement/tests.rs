use super::super::tests::{answer, at, ddcm};
use super::super::{Answers, Failure, StatementOf};
use super::*;

const CHARGES: &str = "<charges><balanceBeforeCharges><amount>30.00</amount></balanceBeforeCharges>\
    <collectionItems><number>3</number><amount>0.90</amount></collectionItems>\
    <unpaidDds><number>1</number><amount>1.5</amount></unpaidDds>\
    <ammendments><ammendment><name>Canary</name></ammendment></ammendments></charges>\
    <totals><totalCharges><amount>2.40</amount></totalCharges><vat><amount>0.48</amount></vat>\
    <totalChargesIncVat><amount>2.88</amount></totalChargesIncVat>\
    <balancePayable><amount>-7.12</amount></balancePayable></totals>";

const LINES: &str = "<header><vendor>Charity</vendor></header><collections>\
    <collection><vendor>Charity</vendor><ddRefNo>AB123456</ddRefNo><clientRef>R1</clientRef>\
    <name>Canary</name><reason/><amount>10.00</amount><mandatePayRef>A7</mandatePayRef></collection>\
    <collection><ddRefNo>AB123457</ddRefNo><amount>20.00</amount></collection></collections>\
    <collectionTotal><totalCollected>30.00</totalCollected><totalItemsSent>2</totalItemsSent>\
    </collectionTotal><reclaims><reclaim><ddRefNo>AB123450</ddRefNo><reason>1: Instruction \
    cancelled</reason><amount>5.00</amount></reclaim></reclaims>\
    <reclaimTotal><totalReclaimed>5.00</totalReclaimed></reclaimTotal>";

fn statement(inside: &str) -> Result<CollectionStatement, Failure> {
    let ddcm = ddcm(Answers::Strict);
    let of = StatementOf::Collections(jiff::civil::date(2026, 3, 2));
    let prepared = ddcm.collection_statement(of, at(7)).unwrap();
    let content = format!(
        "<status>SUCCESS</status><errors/><collectionStatement>{inside}</collectionStatement>"
    );
    ddcm.hear(prepared, &answer(&content))
}

fn charged() -> Vec<Charged> {
    [
        (Charge::BalanceBeforeCharges, None, 3000),
        (Charge::CollectionItems, Some(3), 90),
        (Charge::UnpaidDebits, Some(1), 150),
    ]
    .map(|(charge, number, pence)| Charged { charge, number, amount: Some(Pence(pence)) })
    .to_vec()
}

fn comes_to() -> Totals {
    let [charges, vat, charges_with_vat, payable] = [240, 48, 288, -712].map(|p| Some(Pence(p)));
    Totals { charges, vat, charges_with_vat, payable }
}

#[test]
fn a_statement_of_collections() {
    let statement = statement(&format!("{LINES}{CHARGES}")).unwrap();
    assert!(!format!("{statement:?}").contains("Canary"));
    let amounts: Vec<_> = statement.collections.iter().map(|line| line.amount).collect();
    assert_eq!(amounts, [Some(Pence(1000)), Some(Pence(2000))]);
    assert_eq!(statement.collections[0].client_ref.as_deref(), Some("R1"));
    assert_eq!(statement.collections[0].payment_reference.as_deref(), Some("A7"));
    assert_eq!((statement.collected, statement.items_sent), (Some(Pence(3000)), Some(2)));
    assert!(
        matches!(statement.reclaims[0].reason, Some(Reason::Bacs(code)) if code.letter() == '1')
    );
    assert_eq!(statement.reclaimed, Some(Pence(500)));
    assert_eq!((statement.charges, statement.totals), (charged(), comes_to()));
}

#[test]
fn a_statement_of_a_month() {
    let ddcm = ddcm(Answers::Strict);
    let prepared = ddcm.monthly_statement(2026, 3, at(7)).unwrap();
    let content =
        format!("<status>SUCCESS</status><errors/><monthlyStatement>{CHARGES}</monthlyStatement>");
    let heard = ddcm.hear(prepared, &answer(&content));
    assert_eq!(heard, Ok(MonthlyStatement { charges: charged(), totals: comes_to() }));
}

#[test]
fn a_sum_that_cannot_be_read_spoils_the_statement() {
    let whole = format!("{LINES}{CHARGES}");
    for (good, bad, element) in [
        ("30.00</totalCollected>", "thirty</totalCollected>", "totalCollected"),
        ("<amount>5.00</amount>", "<amount>5.00 DR</amount>", "amount"),
        ("<number>3</number>", "<number>-3</number>", "number"),
        ("<amount>-7.12</amount>", "<amount>(7.12)</amount>", "balancePayable"),
        ("</totals>", "</totals><totals/>", "totals"),
    ] {
        let changed = whole.replace(good, bad);
        assert_ne!(changed, whole);
        assert_eq!(statement(&changed), Err(Doubt::Element(element).into()), "{bad}");
    }
    assert_eq!(statement("").map(|statement| statement.totals), Ok(Totals::default()));
}
