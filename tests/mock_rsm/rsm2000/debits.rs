//! RSM's hosted Direct Debit page.

use super::client::stage;
use almoner::mock_rsm::MandateState;

const PAGE: &str = "/demo/directdebit/dd.php";

#[tokio::test]
async fn an_account_typed_on_the_page_becomes_a_mandate() {
    let stage = stage();
    let change = [("donorref", "4711"), ("appealcode", "12_34"), ("repeat", "1"), ("uniqueid", "")];
    let page = stage.order(PAGE, &change).await;
    assert!(stage.get(&page).await.text().await.unwrap().contains("Sort code"));
    assert_eq!(stage.debit(&page, "12345678").await.status(), 422);
    stage.debit(&page, "00012346").await;
    assert!(stage.get(&page).await.text().await.unwrap().contains("That was declined"));
    stage.debit(&page, "00012345").await;
    let rows = stage.rsm().mandates("4711");
    assert_eq!(
        (rows.len(), rows[0].state, rows[0].payment_ref.as_str()),
        (1, MandateState::New, "12_34")
    );
    assert_eq!((rows[0].pence, rows[0].months), (Some(2500), Some(1)));
    assert!(stage.rsm().bank_is("4711", "sortCode", "123456"));
    let (to, fields) = stage.back(&page).await;
    assert_eq!(to, "https://give.example.org/back/debit");
    let fields: Vec<_> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    assert_eq!(fields, [("appealcode", "12_34"), ("amount", "25.00")]);
    stage.debit(&page, "00012345").await;
    assert_eq!(stage.rsm().mandates("4711").len(), 1, "once only");
    let second = stage.order(PAGE, &change).await;
    assert_eq!(stage.debit(&second, "00012345").await.status(), 422, "it is active");
    stage.receiver.settle(0).await;
}

#[tokio::test]
async fn given_up() {
    let stage = stage();
    let page = stage.order(PAGE, &[("appealcode", "7"), ("uniqueid", "")]).await;
    stage.post(&format!("{page}/cancel"), &[]).await;
    let (to, fields) = stage.back(&page).await;
    assert!(to.ends_with("/failure"));
    assert!(fields.contains(&("errors[0][code]".to_owned(), "3001".to_owned())));
    let by_account = stage.order(PAGE, &[("appealcode", "7"), ("uniqueid", "")]).await;
    stage.debit(&by_account, "00012350").await;
    assert!(stage.back(&by_account).await.0.ends_with("/failure"));
}
