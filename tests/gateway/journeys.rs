//! From a form to an outcome, and from a program to an outcome.

use super::house::House;
use super::visitor::handed;
use almoner::app::Ended;

#[tokio::test]
async fn a_gift_by_the_form_ends_in_a_truthful_page_and_one_charge() {
    let house = House::new().await;
    let (reference, fields) = handed(&house.donate(&[]).await);
    let back = house.arrive(&fields).await.pay("4242424242424242").await;
    let page = house.back(&back).await;
    assert!(page.body.contains("Your donation has been received."), "{}", page.body);
    let outcome = house.outcome(reference).await;
    assert_eq!((&outcome["state"], &outcome["appeal"]), (&"accepted".into(), &"XMAS26".into()));
    assert_eq!(house.mock.books().charges(&reference), 1);
    assert_eq!(house.stop().await, Ended::Drained);
}
