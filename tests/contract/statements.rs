//! Statements: none found, and one whose lines come to what it says.

use crate::account::Account;
use crate::environment::Need;
use almoner::processor::rsm::ddcm::{Failure, Line, Pence, StatementOf};
use jiff::ToSpan as _;
use jiff::civil::Date;

const FIRST: u16 = 10;

#[tokio::test]
async fn there_is_none_of_a_day_long_ago() {
    let account = Account::with(&[]).unwrap();
    let day = account.today() - 20.years();
    for of in [StatementOf::Collections(day), StatementOf::Made(day)] {
        let found = account.ask(|ddcm, at| ddcm.collection_statement(of, at)).await;
        let Err(Failure::Refused(codes)) = &found else { panic!("{found:?}") };
        assert!(codes.has(2294), "{codes}");
    }
}

#[tokio::test]
async fn its_lines_come_to_its_totals() {
    let Some(account) = Account::with(&[Need::Stated]) else { return };
    if let Some(day) = account.stated {
        return adds_up(&account, day).await;
    }
    let day = account.ahead(FIRST);
    account
        .lodged(day, async |_| {
            account.office().unwrap().advance_working_days(u32::from(FIRST) + 3);
            adds_up(&account, day).await;
        })
        .await;
}

async fn adds_up(account: &Account, day: Date) {
    let of = StatementOf::Collections(day);
    let statement = account.ask(|ddcm, at| ddcm.collection_statement(of, at)).await.unwrap();
    let sum = |lines: &[Line]| Pence(lines.iter().map(|line| line.amount.unwrap().0).sum());
    assert!(!statement.collections.is_empty(), "{statement:?}");
    assert_eq!(statement.collected, Some(sum(&statement.collections)), "{statement:?}");
    assert_eq!(statement.reclaimed.unwrap_or_default(), sum(&statement.reclaims), "{statement:?}");
    assert!(statement.totals.payable.is_some(), "{statement:?}");
}

#[tokio::test]
async fn a_month_s_charges_and_their_tax() {
    let Some(account) = Account::with(&[Need::Monthly]) else { return };
    let month = account.today().first_of_month();
    let asked = account.ask(|ddcm, at| ddcm.monthly_statement(month.year(), month.month(), at));
    let totals = asked.await.unwrap().totals;
    let sum = totals.charges.zip(totals.vat).map(|(charges, vat)| Pence(charges.0 + vat.0));
    assert_eq!(sum, totals.charges_with_vat, "{totals:?}");
}
