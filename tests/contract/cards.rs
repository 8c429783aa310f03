//! The card page takes the form that the gateway makes; no payment is made.

use crate::environment::DemoCards;
use crate::pretend::Pretend;
use almoner::clock::Clock;
use almoner::keys::{Phrase, Phrases};
use almoner::ledger::HandOff;
use almoner::payment::{Asked, Contact, Dialect, Frequency, Kind, Method, Mode, Reference, State};
use almoner::processor::Processor;
use almoner::processor::rsm::{
    Callbacks, Canonical, CardPage, CardPageKind, Charset, Merchant, Rsm,
};
use iso_currency::Currency;
use url::Url;
use url::form_urlencoded::Serializer;

/// The form for 25 pounds, as a browser posts it.
fn form(url: &Url, campaign: &str, vendor_id: &str) -> String {
    let kind = if url.path().ends_with("Widget.php") {
        CardPageKind::Vendor
    } else {
        CardPageKind::Campaign
    };
    let rsm = Rsm {
        merchant: Merchant { vendor_id: vendor_id.into(), campaign: campaign.into() },
        currency: Currency::GBP,
        charset: Charset::Ascii,
        card: Some(CardPage { url: url.clone(), kind }),
        debit: None,
        ddcm: None,
        callbacks: Callbacks {
            canonical: Canonical::RawOrderDecodedOnce,
            secrets: Phrases { current: Phrase::new(b"none is needed here").unwrap(), next: None },
        },
    };
    let now = Clock::system().now();
    let hand_off = HandOff {
        reference: Reference::at(now),
        opened_at: now,
        opened_as: State::HandedOff,
        asked: Asked {
            kind: Kind::Donate,
            method: Method::Card,
            dialect: Dialect::Rsm2000,
            mode: Mode::Test,
            amount: crate::lodging::pounds(2500),
            frequency: Frequency::Once,
            plan: None,
            appeal: None,
            gift_aid: false,
            merchant_reference: None,
        },
    };
    let contact = Contact::check(|field| match field {
        "title" => "Ms",
        "first_name" => "Contract",
        "last_name" => "Test",
        "email" => "contract.test@example.org",
        "line1" => "1 High Street",
        "town" => "Bedford",
        "postcode" => "MK40 1AA",
        "country" => "GB",
        _ => "",
    });
    let processor = Processor::Rsm2000(Box::new(rsm));
    let redirect = processor.redirect(&hand_off, &contact.unwrap(), "", now).unwrap();
    let mut form = Serializer::new(String::new());
    for (name, value) in &redirect.fields {
        form.append_pair(name, value);
    }
    form.finish()
}

/// Posts it as a browser does and goes where it is sent; the page in the end.
async fn answered(browser: reqwest::ClientBuilder, url: &Url, form: String) {
    let browser = browser.https_only(true).build().unwrap();
    let posted = browser
        .post(url.clone())
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form);
    let answer = posted.send().await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.status());
    assert!(answer.text().await.unwrap().to_ascii_lowercase().contains("<form"));
}

fn browser(roots: Option<&[u8]>) -> reqwest::ClientBuilder {
    almoner::way_out::install_provider();
    let builder = reqwest::Client::builder();
    let Some(pem) = roots else { return builder };
    builder.tls_certs_only([reqwest::Certificate::from_pem(pem).unwrap()])
}

#[tokio::test]
async fn the_card_page_answers_our_form() {
    if let Some(demo) = DemoCards::named() {
        let form = form(&demo.url, &demo.campaign, &demo.vendor_id);
        return answered(browser(demo.roots.as_deref()), &demo.url, form).await;
    }
    let pretend = Pretend::start();
    for page in ["/demo/cpterminal/cpweb.php", "/demo/cpterminal/Widget.php"] {
        let url: Url = format!("{}{page}", pretend.origin).parse().unwrap();
        let browser = browser(Some(pretend.authority.as_bytes()));
        answered(browser, &url, form(&url, "3835.8965", "8953")).await;
    }
    let orders = pretend.mock.rsm2000().unwrap();
    assert_eq!(orders.orders().len(), 2);
    assert!(orders.orders().iter().all(|order| orders.charges(order) == 0));
}
