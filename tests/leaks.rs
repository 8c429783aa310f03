//! Canary data sent down every road, then looked for in everything that is left: ledgers, logs,
//! metrics and answers of this test and of every test that ran before it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test says what is wrong by failing"
)]

#[expect(dead_code, reason = "the gateway's tests use the rest")]
#[path = "gateway/house.rs"]
mod house;

use base64::Engine as _;
use house::{House, evidence, gift, keep, request, with_changes};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest as _, Sha256};
use std::path::Path;

/// Sent as contact data by the tests of the gateway, and as card and bank data below.
const CANARIES: [&str; 12] = [
    "Canaryfirst",
    "Canarylast",
    "canary.mail@example.org",
    "1 Canarystreet",
    "Canarytown",
    "CN1 9RY",
    "+44 808 157 0192",
    "4929420573595709",
    "QXZCVC739",
    "Canaryholder",
    "20-47-61",
    "70872490",
];

#[tokio::test]
async fn no_personal_or_financial_datum_is_left_anywhere() {
    let house = House::new().await;
    walk_every_road(&house).await;
    let folder = house.folder.clone();
    house.stop().await;
    assert!(folder.join("ledger.db").exists());
    let found = search(&evidence());
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn the_search_finds_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    for (place, canary) in CANARIES.iter().enumerate() {
        for (form, bytes) in forms(canary).into_iter().enumerate() {
            let content = [b"before ".as_slice(), &bytes, b" after"].concat();
            std::fs::write(folder.path().join(format!("{place}-{form}")), content).unwrap();
        }
    }
    let planted = CANARIES.len() * forms("x").len();
    let hit: std::collections::HashSet<_> = search(folder.path())
        .into_iter()
        .map(|hit| hit.split(" in ").nth(1).unwrap().to_owned())
        .collect();
    assert_eq!(hit.len(), planted);
}

async fn walk_every_road(house: &House) {
    assert_eq!(house.donate(&[]).await.status(), 200);
    assert_eq!(
        house.donate(&[("email", "no address"), ("amount", "4929420573595709")]).await.status(),
        422
    );
    let card = [
        ("pan", "4929420573595709"),
        ("cvc", "QXZCVC739"),
        ("holder", "Canaryholder"),
        ("sort_code", "20-47-61"),
        ("account_number", "70872490"),
    ];
    for field in card {
        let refused = house.donate(&[field]).await;
        assert_eq!(refused.status(), 400);
        keep("answers.txt", &refused.bytes().await.unwrap());
    }
    for field in ["appeal", "merchant_reference", "plan"] {
        for value in ["4929420573595709", "canary.mail@example.org"] {
            assert_eq!(house.donate(&[(field, value)]).await.status(), 422);
        }
    }
    refused_by_the_api(house).await;
    house.handed_off().await;
    strangers(house).await;
}

async fn refused_by_the_api(house: &House) {
    let mut with_card = request();
    with_card["card"] = serde_json::json!({ "number": "4929420573595709", "cvc": "QXZCVC739", "holder": "Canaryholder" });
    let mut with_bank = request();
    with_bank["bank"] =
        serde_json::json!({ "sort_code": "20-47-61", "account_number": "70872490" });
    let mut misplaced = request();
    misplaced["appeal"] = "canary.mail@example.org".into();
    misplaced["merchant_reference"] = "4929420573595709".into();
    misplaced["amount"]["currency"] = "Canaryfirst".into();
    let mut mistyped = request();
    mistyped["amount"]["value"] = "Canarylast".into();
    for (place, body) in [with_card, with_bank, misplaced, mistyped].iter().enumerate() {
        let refused = house.create(body, &format!("leaks-{place:012}")).await;
        assert!(refused.status().is_client_error());
        keep("answers.txt", &refused.bytes().await.unwrap());
    }
}

/// What nobody vouches for: links, forged webhooks, forms from elsewhere.
async fn strangers(house: &House) {
    let query =
        "/donate?first_name=Canaryfirst&pan=4929420573595709&appeal=canary.mail@example.org";
    keep(
        "answers.txt",
        &house.client.get(house.url(query)).send().await.unwrap().bytes().await.unwrap(),
    );
    let lost = house
        .client
        .get(house.url("/return/Canaryfirst"))
        .header("user-agent", "4929420573595709")
        .send()
        .await
        .unwrap();
    keep("answers.txt", &lost.bytes().await.unwrap());
    let forged = house
        .webhook(
            &[
                ("webhook-id", "Canaryfirst"),
                ("webhook-timestamp", "1"),
                ("webhook-signature", "v1,x"),
            ],
            "{\"Canarylast\":1}",
        )
        .await;
    assert_eq!(forged.status(), 401);
    keep("answers.txt", &forged.bytes().await.unwrap());
    let cross = house
        .client
        .post(house.url("/donate"))
        .header("sec-fetch-site", "cross-site")
        .header("content-type", "application/x-www-form-urlencoded");
    let fields = with_changes(&gift("x"), &[]);
    let body: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)))
        .collect();
    let refused = cross.body(body.join("&")).send().await.unwrap();
    assert_eq!(refused.status(), 403);
    keep("answers.txt", &refused.bytes().await.unwrap());
}

/// Every file below the folder that holds a canary, in any of its forms.
fn search(folder: &Path) -> Vec<String> {
    let needles: Vec<(&str, Vec<u8>)> = CANARIES
        .iter()
        .flat_map(|canary| forms(canary).into_iter().map(move |form| (*canary, form)))
        .collect();
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let content = std::fs::read(&path).unwrap();
            for (canary, needle) in &needles {
                if content.windows(needle.len()).any(|window| window == needle) {
                    found.push(format!("{canary} in {}", path.display()));
                }
            }
        }
    }
    found
}

/// How a datum may look when it has leaked.
fn forms(canary: &str) -> Vec<Vec<u8>> {
    let bytes = canary.as_bytes();
    let mut forms = vec![
        bytes.to_vec(),
        utf8_percent_encode(canary, NON_ALPHANUMERIC).to_string().into_bytes(),
        canary.replace(' ', "+").into_bytes(),
        hex::encode(bytes).into_bytes(),
        hex::encode(Sha256::digest(bytes)).into_bytes(),
        Sha256::digest(bytes).to_vec(),
        canary.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        bytes.iter().rev().copied().collect(),
    ];
    // Base64 at the three alignments, without the characters that its neighbours share.
    for before in 0..3 {
        let padded = [&b"xxx"[..before], bytes].concat();
        let encoded = base64::engine::general_purpose::STANDARD_NO_PAD.encode(padded);
        forms
            .push(encoded.as_bytes()[before + usize::from(before > 0)..encoded.len() - 1].to_vec());
    }
    forms
}
