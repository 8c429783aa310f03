//! docs/fitting-in.md: what stands in its boxes is what is taken, and what goes in comes out again.

use super::care_command::almoner;
use super::house::House;
use super::samples::{Fields, encoded, gift, with_changes};
use super::visitor::{API_KEY, FORM, handed};
use super::{answer::Answer, events::telling};
use regex::Regex;
use serde_json::Value;
use std::collections::BTreeSet;

const GUIDE: &str = include_str!("../../docs/fitting-in.md");

/// Of a page of the charity's on another site, which is listed.
const CHARITY: [(&str, &str); 2] =
    [("origin", "https://www.charity.test"), ("sec-fetch-site", "cross-site")];

/// A box of the guide, by the name behind its language.
fn given(name: &str) -> &'static str {
    let (_, rest) = GUIDE.split_once(&format!("```html {name}\n")).unwrap();
    rest.split_once("```").unwrap().0
}

/// The names of a form's fields.
fn names(html: &str) -> BTreeSet<String> {
    let pattern = Regex::new(r#"name="([a-z0-9_]+)""#).unwrap();
    pattern.captures_iter(html).map(|found| found[1].to_owned()).collect()
}

/// What a browser would send: what the box itself holds, and what a supporter types.
fn filled_in(html: &str) -> Fields {
    let held = Regex::new(r#"<input type="hidden" name="([a-z_]+)" value="([^"]*)">"#).unwrap();
    let mut fields: Fields =
        held.captures_iter(html).map(|it| (it[1].to_owned(), it[2].to_owned())).collect();
    let chosen = Regex::new(r#"<select name="([a-z_]+)"><option value="([^"]+)">"#).unwrap();
    fields.extend(chosen.captures_iter(html).map(|it| (it[1].to_owned(), it[2].to_owned())));
    let names = names(html);
    let typed = gift("").into_iter().filter(|(name, _)| names.contains(name));
    for (name, value) in typed {
        if !fields.iter().any(|(known, _)| *known == name) {
            fields.push((name, value));
        }
    }
    fields
}

impl House {
    async fn posted_elsewhere(&self, path: &str, fields: &Fields) -> Answer {
        self.post(path, &[&[FORM][..], &CHARITY].concat(), encoded(fields)).await
    }
}

#[tokio::test]
async fn every_form_of_the_guide_is_taken_whole() {
    let house = House::new().await;
    for name in ["donate", "join"] {
        let html = given(name);
        assert!(html.contains(&format!("action=\"https://give.charity.example/{name}\"")));
        let fields = filled_in(html);
        let left: Vec<_> = names(html)
            .into_iter()
            .filter(|name| !fields.iter().any(|(given, _)| given == name))
            .collect();
        let optional = ["line2", "other_amount", "phone"];
        assert!(left.iter().all(|name| optional.contains(&name.as_str())), "{left:?}");
        handed(&house.posted_elsewhere(&format!("/{name}"), &fields).await);
        // Fields that a supporter may leave out are known all the same.
        let all: Vec<_> = left.iter().map(|name| (name.as_str(), "x")).collect();
        let answer =
            house.posted_elsewhere(&format!("/{name}"), &with_changes(&fields, &all)).await;
        assert!(matches!(answer.status, 200 | 422), "{}", answer.body);
    }
}

/// The page comes again as ours, to be gone on from: what was typed is kept, and what the page brought unseen.
#[tokio::test]
async fn mistakes_are_told_on_our_own_form() {
    let house = House::new().await;
    let fields = with_changes(&filled_in(given("donate")), &[("email", "nobody"), ("line1", "")]);
    let page = house.posted_elsewhere("/donate", &fields).await;
    assert_eq!((page.status, page.wrong_fields()), (422, vec!["email".into(), "line1".into()]));
    let again = super::answer::hidden_fields(&page.body);
    let kept = |name: &str| again.iter().find(|(given, _)| given == name).map(|it| it.1.as_str());
    assert_eq!(kept("appeal"), Some("XMAS26"));
    assert_eq!(kept("merchant_reference"), Some("web:spring-letter/4711"));
    house.later(5);
    let mended = with_changes(&fields, &[("email", "a@example.org"), ("line1", "1 High Street")]);
    let ours: Vec<_> = again.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let (reference, _) = handed(&house.post_form("/donate", &with_changes(&mended, &ours)).await);
    assert_eq!(house.outcome(reference).await["merchant_reference"], "web:spring-letter/4711");
}

/// Where no other site's form is taken, no other site's form needs the cookie.
#[tokio::test]
async fn where_all_forms_are_ours_the_cookie_goes_along_with_no_other() {
    let house = House::with(|settings| settings.public.form_origins.clear()).await;
    let page = house.donate(&[]).await;
    let attributes = page.header("set-cookie").split_once("; ").unwrap().1;
    assert_eq!(attributes, "HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=600");
    let refused = house.posted_elsewhere("/donate", &filled_in(given("donate"))).await;
    assert_eq!(refused.refusal(), (403, "csrf".into()));
    assert!(refused.body.contains("Please open our form") && refused.body.contains("/donate"));
    assert_eq!(house.recorded().await.0, 1);
}

/// From the charity's own page to its own books: its appeal and its reference are told wherever the guide says so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_charitys_own_words_go_in_and_come_out_again() {
    let (house, [crm]) = telling(["crm"]).await;
    let page = house.posted_elsewhere("/donate", &filled_in(given("donate"))).await;
    let (reference, fields) = handed(&page);
    let processor = |name: &str| fields.iter().find(|(given, _)| given == name).map(|it| &it.1);
    assert_eq!(processor("appeal").map(String::as_str), Some("XMAS26"));
    assert_eq!(processor("merchant_reference"), None);
    house.arrive(&fields).await.pay("4242424242424242").await;
    let outcome = house.becomes(reference, "accepted").await;
    let says = |told: &Value| {
        let words = ["appeal", "merchant_reference"].map(|name| told[name].as_str().unwrap());
        assert_eq!(words, ["XMAS26", "web:spring-letter/4711"], "{told}");
    };
    says(&outcome);
    let feed = house.items("").await;
    assert!(feed.len() >= 2);
    feed.iter().for_each(says);
    for heard in crm.hears(2).await {
        let told = heard.data();
        assert_eq!((&told["appeal"], &told["merchant_reference"]), (&Value::Null, &Value::Null));
        says(&house.read(told["reference"].as_str().unwrap(), API_KEY).await.json());
    }
    let (config, folder) = (house.write_settings(), tempfile::tempdir().unwrap());
    let at = |name: &str| folder.path().join(name).display().to_string();
    let [key, books, receipt] = [at("books.key"), at("books.csv"), at("receipt.json")];
    let text = reference.to_string();
    let with = ["--config", &config];
    for arguments in [
        &["keygen", "report", "--out", &key][..],
        &[&["outcomes", "export", "--out", &books], &with[..]].concat(),
        &[&["outcomes", "receipt", &text, "--key", &key, "--out", &receipt], &with[..]].concat(),
    ] {
        let (said, code) = almoner(arguments, "").await;
        assert_eq!(code, Some(0), "{said}");
    }
    let mut rows = csv::Reader::from_path(&books).unwrap();
    let names = rows.headers().unwrap().clone();
    let row = rows.records().next().unwrap().unwrap();
    let cell = |name: &str| &row[names.iter().position(|given| given == name).unwrap()];
    assert_eq!((cell("appeal"), cell("merchant_reference")), ("XMAS26", "web:spring-letter/4711"));
    let receipt: Value = serde_json::from_str(&std::fs::read_to_string(&receipt).unwrap()).unwrap();
    says(&receipt["receipt"]);
    let (listed, _) = almoner(&[&["outcomes", "list", "--json"], &with[..]].concat(), "").await;
    says(&serde_json::from_str(listed.lines().next().unwrap()).unwrap());
    house.stop().await;
}
