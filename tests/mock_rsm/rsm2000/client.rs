//! A small client of RSM's: form posts, and DDCM documents signed by hand.

use crate::stage::{Stage, encode, location};
use almoner::clock::Clock;
use almoner::mock_rsm::{Rsm2000, Rsm2000Settings};
use sha1::Digest as _;
use std::sync::atomic::{AtomicI64, Ordering};

pub(crate) const SECRET: &str = "0123456789abcdef0123456789abcdef";
pub(crate) const PASSWORD: &str = "1234567890";
pub(crate) const API: &str = "/ddcm/ddcmApi.php";

/// A stage with RSM's side set up, on a Thursday.
pub(crate) fn stage() -> Stage {
    stage_with(|_| {})
}

pub(crate) fn stage_with(change: impl FnOnce(&mut Rsm2000Settings)) -> Stage {
    let clock = Clock::set_to("2026-01-15T10:00:00Z".parse().unwrap());
    Stage::with(clock, |settings| {
        let origin = settings.webhook_url.trim_end_matches("/webhooks/signed").to_owned();
        let mut own = Rsm2000Settings::new(&origin, PASSWORD.into(), SECRET.into());
        let back = "https://give.example.org/back";
        own.addresses.return_success = format!("{back}/success");
        own.addresses.return_failure = format!("{back}/failure");
        own.addresses.return_debit = format!("{back}/debit");
        change(&mut own);
        settings.rsm2000 = Some(own);
    })
}

/// A reply of DDCM.
pub(crate) struct Reply {
    pub(crate) text: String,
}

impl Reply {
    /// The text of every element of this name, in order.
    pub(crate) fn all(&self, name: &str) -> Vec<String> {
        let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
        let document = roxmltree::Document::parse_with_options(&self.text, options).unwrap();
        let found = document.descendants().filter(|node| node.has_tag_name(name));
        found.map(|node| node.text().unwrap_or_default().to_owned()).collect()
    }

    pub(crate) fn one(&self, name: &str) -> String {
        self.all(name).first().cloned().unwrap()
    }

    pub(crate) fn codes(&self) -> Vec<u16> {
        self.all("code").iter().map(|code| code.parse().unwrap()).collect()
    }

    /// Whether the reply's own signature fits its `<response>`, as it stands in the text.
    pub(crate) fn is_signed(&self) -> bool {
        let (_, inside) = self.text.split_once("<response>").unwrap();
        let (inside, _) = inside.split_once("</response>").unwrap();
        sign(&compact(&format!("<response>{inside}</response>"))) == self.one("signature")
    }
}

pub(crate) fn sign(request: &str) -> String {
    hex::encode(sha2::Sha256::digest(format!("{request}{PASSWORD}")))
}

/// Without what stands between tags.
fn compact(text: &str) -> String {
    let lines = text.split(['\r', '\n']);
    lines.map(|line| line.trim_start_matches('\t')).collect()
}

/// Empty elements as they are signed: `<a/>`.
fn shorten(body: &str) -> String {
    let names = ["filters", "clientRef", "amount", "monthYear"];
    names.iter().fold(body.to_owned(), |body, name| {
        body.replace(&format!("<{name}></{name}>"), &format!("<{name}/>"))
    })
}

pub(crate) fn request(command: &str, body: &str, timestamp: i64) -> String {
    format!(
        "<request><command>{command}</command><username>testuser</username>{body}<timestamp>{timestamp}</timestamp></request>"
    )
}

/// The whole document, in the manual's shape.
pub(crate) fn document(command: &str, request: &str) -> String {
    let signature = sign(request);
    format!(
        "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><!DOCTYPE ddcm SYSTEM \"apiDtd/{command}Request.dtd\"><ddcm>{request}<signature>{signature}</signature></ddcm>"
    )
}

/// A time of its own for every request.
pub(crate) fn next_time() -> i64 {
    static LAST: AtomicI64 = AtomicI64::new(1_767_225_600);
    LAST.fetch_add(1, Ordering::SeqCst)
}

pub(crate) fn wire(document: &str) -> String {
    encode([("xml".to_owned(), document.to_owned())])
}

impl Stage {
    pub(crate) fn rsm(&self) -> Rsm2000 {
        self.mock.rsm2000().unwrap()
    }

    /// Sends a well-formed request.
    pub(crate) async fn ddcm(&self, command: &str, body: &str) -> Reply {
        let body = &shorten(body);
        self.ddcm_raw(&document(command, &request(command, body, next_time()))).await
    }

    pub(crate) async fn ddcm_raw(&self, document: &str) -> Reply {
        let answer = self.post_raw(API, wire(document)).await;
        assert_eq!(answer.status(), 200);
        let bytes = answer.bytes().await.unwrap();
        Reply { text: bytes.iter().copied().map(char::from).collect() }
    }

    /// One mandate with some elements changed; an empty one is left out.
    pub(crate) async fn mandate(&self, change: &[(&str, &str)]) -> Reply {
        self.ddcm("setMandates", &format!("<mandates>{}</mandates>", mandate(change))).await
    }

    /// Hands an order over and brings the address of RSM's page.
    pub(crate) async fn order(&self, path: &str, change: &[(&str, &str)]) -> String {
        let fields = fields(change);
        let fields: Vec<_> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        location(&self.post(path, &fields).await)
    }

    /// The hidden fields that the browser would post, and where.
    pub(crate) async fn back(&self, page: &str) -> (String, Vec<(String, String)>) {
        let answer = self.get(page).await;
        assert_eq!(answer.status(), 200);
        hidden(&answer.text().await.unwrap())
    }
}

pub(crate) fn hidden(page: &str) -> (String, Vec<(String, String)>) {
    let between = |text: &str, start: &str, end: &str| {
        text.split_once(start).unwrap().1.split_once(end).unwrap().0.to_owned()
    };
    let inputs = page.split("<input type=\"hidden\"").skip(1);
    let fields = inputs.map(|input| {
        (between(input, "name=\"", "\""), between(input, "value=\"", "\"").replace("&amp;", "&"))
    });
    (between(page, "<form method=\"post\" action=\"", "\""), fields.collect())
}

/// The fields of an order for the widget.
pub(crate) fn fields(change: &[(&str, &str)]) -> Vec<(String, String)> {
    let usual = [
        ("vendorid", "8953"),
        ("campaign", "3835.8965"),
        ("uniqueid", "100017"),
        ("donationfix", "5.00"),
        ("purchasefix", "20.00"),
        ("giftaid", "Y"),
        ("title", "Mr"),
        ("firstname", "Pat"),
        ("surname", "O'Neil"),
        ("address1", "1 High St"),
        ("town", "Bedford"),
        ("postcode", "TE1 2ST"),
        ("country", "GBR"),
        ("email", "pat@example.org"),
        ("accountholder", "Mr P ONeil"),
    ];
    with(&usual, change)
}

/// A record of `setMandates`, in the manual's order.
pub(crate) fn mandate(change: &[(&str, &str)]) -> String {
    let usual = [
        ("contactName", "Pat Example"),
        ("address1", ""),
        ("town", ""),
        ("postcode", ""),
        ("phone", ""),
        ("email", ""),
        ("clientRef", "DON-000123"),
        ("accountName", "P EXAMPLE"),
        ("accountNumber", "66374958"),
        ("sortCode", "089999"),
        ("action", "N"),
        ("ddRefNo", ""),
        ("amount", "10.00"),
        ("frequency", "1"),
        ("startDate", "02/03/2026"),
        ("mandateType", ""),
        ("shortId", ""),
        ("endDate", ""),
        ("paymentRef", "APPEAL7"),
    ];
    let given = with(&usual, change);
    let filled = given.iter().filter(|(_, value)| !value.is_empty());
    let inside: Vec<_> = filled.map(|(name, value)| format!("<{name}>{value}</{name}>")).collect();
    format!("<mandate>{}</mandate>", inside.concat())
}

fn with(usual: &[(&str, &str)], change: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> =
        usual.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    for (name, value) in change {
        match fields.iter_mut().find(|(known, _)| known == name) {
            Some(field) => (*value).clone_into(&mut field.1),
            None => fields.push(((*name).to_owned(), (*value).to_owned())),
        }
    }
    fields
}
