//! The form, shown again: what was typed is kept, each mistake is told by its field, and a token
//! that is too young, too old or unknown costs the supporter nothing but another click.

use super::answer::{Answer, hidden, typed};
use super::house::House;
use super::samples::{gift, membership, with_changes};
use super::visitor::handed;

const KEPT: [(&str, &str); 7] = [
    ("first_name", "Canaryfirst"),
    ("last_name", "Canarylast"),
    ("email", "canary.mail@example.org"),
    ("phone", "+44 808 157 0192"),
    ("line1", "1 Canarystreet"),
    ("town", "Canarytown"),
    ("postcode", "CN1 9RY"),
];

fn keeps_what_was_typed(page: &Answer) {
    for (name, value) in KEPT {
        assert_eq!(typed(&page.body, name).as_deref(), Some(value), "{name}");
    }
    assert!(page.body.contains("<option value=\"Ms\" selected>"), "the title");
    assert!(page.body.contains("<option value=\"GB\" selected>"), "the country");
    for (name, value) in [("amount", "25.00"), ("frequency", "once"), ("method", "card")] {
        assert!(chosen(&page.body, name, value), "{name}");
    }
    assert!(
        page.body
            .split("name=\"gift_aid\"")
            .nth(1)
            .unwrap()
            .split('>')
            .next()
            .unwrap()
            .contains(" checked")
    );
    assert_eq!(hidden(&page.body, "appeal"), "XMAS26");
}

fn chosen(page: &str, name: &str, value: &str) -> bool {
    let inputs = page.split("<input ").map(|input| input.split('>').next().unwrap());
    let mut fits = inputs.filter(|input| {
        input.contains(&format!("name=\"{name}\"")) && input.contains(&format!("value=\"{value}\""))
    });
    fits.next().is_some_and(|input| input.ends_with("checked"))
}

#[tokio::test]
async fn g_6_a_form_sent_sooner_than_a_person_can() {
    let house = House::new().await;
    let token = hidden(&house.get("/donate").await.body, "client_token");
    let page = house.donate_with(&token, &[]).await;
    assert_eq!(page.status, 403);
    assert!(page.body.contains("That was very quick."));
    keeps_what_was_typed(&page);
    assert_eq!(hidden(&page.body, "client_token"), token, "it only has to grow older");
    house.later(3);
    assert_eq!(house.donate_with(&token, &[]).await.status, 200);
}

#[tokio::test]
async fn a_form_that_was_open_for_too_long() {
    let house = House::new().await;
    let token = house.token("/donate").await;
    house.later(30 * 60);
    let page = house.donate_with(&token, &[]).await;
    assert_eq!(page.status, 403);
    assert!(page.body.contains("This page was open for a long time."));
    keeps_what_was_typed(&page);
    let fresh = hidden(&page.body, "client_token");
    assert_ne!(fresh, token);
    house.later(3);
    assert_eq!(house.donate_with(&fresh, &[]).await.status, 200);
    assert_eq!(house.recorded().await.0, 1);
}

#[tokio::test]
async fn f_1_a_form_whose_token_is_unknown_or_used() {
    let house = House::new().await;
    let page = house.donate_with("x", &[]).await;
    assert_eq!(page.status, 403);
    keeps_what_was_typed(&page);
    house.later(3);
    let token = hidden(&page.body, "client_token");
    let (first, _) = handed(&house.donate_with(&token, &[]).await);
    let page = house.donate_with(&token, &[("amount", "10.00")]).await;
    assert_eq!(page.status, 403);
    assert!(chosen(&page.body, "amount", "10.00"));
    house.later(3);
    let fresh = hidden(&page.body, "client_token");
    let (second, _) = handed(&house.donate_with(&fresh, &[("amount", "10.00")]).await);
    assert_ne!(first, second);
}

/// Every message stands by its field and is led to by the summary; nothing else is blamed.
#[tokio::test]
async fn messages_are_tied_to_their_fields() {
    let house = House::new().await;
    let token = house.token("/donate").await;
    let mistakes = [
        ("title", ""),
        ("first_name", "a\tb"),
        ("email", "not an address"),
        ("phone", "call me"),
        ("line1", ""),
        ("postcode", "!"),
        ("country", "UK0"),
        ("other_amount", "ten"),
        ("amount", "other"),
        ("frequency", "often"),
        ("method", "cash"),
    ];
    let page = house.donate_with(&token, &mistakes).await;
    assert_eq!(page.status, 422);
    let blamed = page.wrong_fields();
    for field in [
        "title",
        "first_name",
        "email",
        "phone",
        "line1",
        "postcode",
        "country",
        "other_amount",
        "frequency",
        "method",
    ] {
        assert!(blamed.iter().any(|blamed| blamed == field), "{field}: {blamed:?}");
        let message = format!("id=\"e-{field}\"");
        assert_eq!(page.body.matches(&message).count(), 1, "{field}: one message");
        assert!(page.body.contains(&format!("id=\"f-{field}\"")), "{field}: where the link leads");
        let tied = page.body.split("aria-describedby=\"").skip(1);
        let tied = tied.filter(|rest| {
            rest.split('"').next().unwrap().split(' ').any(|id| id == format!("e-{field}"))
        });
        assert_eq!(tied.count(), 1, "{field}: tied to its field");
    }
    assert!(!blamed.iter().any(|field| ["last_name", "town", "amount"].contains(&field.as_str())));
    assert!(page.body.contains("<title>Error: "));
    assert!(page.body.contains("role=\"alert\""));
    assert_eq!(typed(&page.body, "email").as_deref(), Some("not an address"), "kept, to be mended");
    assert_eq!(typed(&page.body, "other_amount").as_deref(), Some("ten"));
    assert_eq!(hidden(&page.body, "client_token"), token);
    assert_eq!(house.donate_with(&token, &[]).await.status, 200);
}

/// A card or account number has no field here: the form is refused whole and none of it comes back.
#[tokio::test]
async fn p_1_card_and_bank_fields_are_never_shown_again() {
    let house = House::new().await;
    let token = house.token("/donate").await;
    for field in [
        "card",
        "pan",
        "number",
        "cvc",
        "expiry",
        "holder",
        "account_name",
        "sort_code",
        "account_number",
    ] {
        let page = house.donate_with(&token, &[(field, "4929420573595709")]).await;
        assert_eq!(page.refusal(), (400, "unknown_key".into()), "{field}");
        assert!(!page.body.contains("49294205") && !page.body.contains("Canary"), "{field}");
    }
    for path in ["/donate", "/join"] {
        let page = house.get(path).await;
        for autocomplete in ["cc-number", "cc-csc", "cc-exp"] {
            assert!(!page.body.contains(autocomplete), "{path}");
        }
    }
}

/// What a link brings and does not fit is left out, so that no supporter is stopped by it.
#[tokio::test]
async fn links_fill_the_form_in() {
    let house = House::new().await;
    let page = house.get("/donate?appeal=SPRING&amount=2500").await;
    assert!(chosen(&page.body, "amount", "25.00"));
    assert_eq!(hidden(&page.body, "appeal"), "SPRING");
    let page = house.get("/donate?amount=1234").await;
    assert!(chosen(&page.body, "amount", "other"));
    assert_eq!(typed(&page.body, "other_amount").as_deref(), Some("12.34"));
    for query in [
        "amount=-1",
        "amount=1e3",
        "amount=99999999999999999999",
        "amount=",
        "appeal=a%20b",
        "appeal=4929420573595709",
        "appeal=%FF",
        "return_url=https://evil.example",
        "client_token=x",
        "email=pat@example.org",
    ] {
        let page = house.get(&format!("/donate?{query}")).await;
        assert_eq!(page.status, 200, "{query}");
        for foreign in ["4929", "evil", "pat@example.org", "name=\"appeal\"", "\u{FFFD}"] {
            assert!(!page.body.contains(foreign), "{query}");
        }
    }
    let page = house.get("/join?plan=family").await;
    assert!(chosen(&page.body, "plan", "family"));
}

/// A charity without plans has no join form, whoever asks.
#[tokio::test]
async fn no_plans_no_form() {
    let house = House::with(|settings| settings.join.plans.clear()).await;
    assert_eq!(house.get("/join").await.status, 404);
    let fields = with_changes(&membership("x"), &[]);
    assert_eq!(house.post_form("/join", &fields).await.status, 404);
    assert_eq!(house.post_form("/donate", &gift(&house.token("/donate").await)).await.status, 200);
}

/// What the supporter cannot see on the form cannot be mended there: it must not stand in the way.
#[tokio::test]
async fn a_bad_appeal_in_the_charitys_page_stops_nobody() {
    let house = House::new().await;
    let token = house.token("/donate").await;
    let bad = [("appeal", "Spring appeal!"), ("merchant_reference", "a b")];
    let page = house.donate_with(&token, &bad).await;
    assert_eq!(
        (page.status, page.wrong_fields()),
        (422, vec!["appeal".to_owned(), "merchant_reference".to_owned()])
    );
    let carried = super::answer::hidden_fields(&page.body);
    assert!(!carried.iter().any(|(name, _)| bad.iter().any(|(bad, _)| bad == name)), "{carried:?}");
    keeps_contact(&page);
    let sent_again = [("appeal", ""), ("merchant_reference", "")];
    assert_eq!(house.donate_with(&token, &sent_again).await.status, 200);
}

fn keeps_contact(page: &Answer) {
    for (name, value) in KEPT {
        assert_eq!(typed(&page.body, name).as_deref(), Some(value), "{name}");
    }
}
