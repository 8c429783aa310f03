//! From a form to an outcome, and from a program to an outcome.

use super::house::{House, hidden_fields};
use almoner::app::Ended;
use almoner::payment::Reference;

/// Posts what the hand-off page would post, pays with a test card, and gives where the browser goes.
async fn pay(house: &House, fields: &[(String, String)], card: &str) -> String {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(fields);
    let handed = house.client.post(format!("{}/handoff", house.mock.origin()));
    let handed = handed
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.finish())
        .send()
        .await
        .unwrap();
    assert_eq!(handed.status(), 303, "{}", handed.text().await.unwrap());
    let hosted =
        format!("{}{}", house.mock.origin(), handed.headers()["location"].to_str().unwrap());
    let card = [
        ("number", card),
        ("expiry", "12/30"),
        ("cvc", "123"),
        ("holder", "Canaryholder"),
        ("action", "pay"),
    ];
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(card);
    let paid = house
        .client
        .post(hosted)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.finish())
        .send()
        .await
        .unwrap();
    assert_eq!(paid.status(), 303, "{}", paid.text().await.unwrap());
    paid.headers()["location"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_gift_by_the_form_ends_in_a_truthful_page_and_one_charge() {
    let house = House::new().await;
    let page = house.donate(&[]).await;
    assert_eq!(page.status(), 200);
    let fields = hidden_fields(&page.text().await.unwrap());
    let reference = fields.iter().find(|(name, _)| name == "reference").unwrap();
    let reference = Reference::parse(&reference.1).unwrap();
    let back = pay(&house, &fields, "4242424242424242").await;
    assert!(back.starts_with(&house.url("/return/")), "{back}");
    let page = house.client.get(&back).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Your donation has been received."), "{page}");
    let outcome = house.outcome(reference).await;
    assert_eq!(
        (outcome["state"].as_str(), outcome["appeal"].as_str()),
        (Some("accepted"), Some("XMAS26"))
    );
    assert_eq!(house.mock.books().charges(&reference), 1);
    assert_eq!(house.stop().await, Ended::Drained);
}
