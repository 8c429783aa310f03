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
#[path = "gateway/answer.rs"]
mod answer;
#[path = "leaks/database.rs"]
mod database;
#[expect(dead_code, reason = "the gateway's tests use the rest")]
#[path = "gateway/evidence.rs"]
mod evidence;
#[expect(dead_code, reason = "the gateway's tests use the rest")]
#[path = "gateway/house.rs"]
mod house;
#[path = "postgres/house.rs"]
mod house_on_postgres;
#[path = "leaks/logged.rs"]
mod logged;
#[cfg(feature = "card-api")]
#[expect(dead_code, reason = "the gateway's tests use the rest")]
#[path = "gateway/message.rs"]
mod message;
#[cfg(feature = "card-api")]
#[path = "leaks/panics.rs"]
mod panics;
#[cfg(feature = "card-api")]
#[expect(dead_code, reason = "the gateway's tests use the rest")]
#[path = "gateway/paying.rs"]
mod paying;
#[cfg(feature = "card-api")]
#[expect(dead_code, reason = "the gateway's tests use the rest")]
#[path = "gateway/rsm.rs"]
mod rsm;
#[expect(dead_code, reason = "the gateway's tests use the rest")]
#[path = "gateway/samples.rs"]
mod samples;
#[path = "leaks/schema.rs"]
mod schema;
#[path = "postgres/server.rs"]
mod server;
#[cfg(feature = "card-api")]
#[expect(dead_code, reason = "the gateway's tests use the rest")]
#[path = "gateway/supporter.rs"]
mod supporter;
#[expect(dead_code, reason = "the gateway's tests use the rest")]
#[path = "gateway/visitor.rs"]
mod visitor;

use almoner::cli::prove::forms::{Hits, Needles, forms};
#[cfg(feature = "card-api")]
use almoner::mock_rsm::{CallFault, Fault};
use evidence::evidence;
use house::House;
#[cfg(feature = "card-api")]
use paying::{ASKING_CARD, DECLINED_CARD, GOOD_CARD, charge, confirmed};
use samples::{encoded, gift, request};
use std::path::Path;
#[cfg(feature = "card-api")]
use std::time::Duration;

/// A number that passes every check and that the mock does not know.
#[cfg(feature = "card-api")]
const CANARY_CARD: &str = "4929420573595709";

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
    let ledger = house.ledger_file();
    house.stop().await;
    assert!(ledger.exists());
    let found = search(&evidence());
    assert_eq!(found, Vec::<String>::new());
    logged::assert_clean(&evidence());
}

/// The roads of a card that is typed here: taken, declined, refused, asked about by the bank, wrong, too
/// slow, lost, given up, and answered with nonsense; by the form and by the API.
#[cfg(feature = "card-api")]
#[tokio::test]
async fn p_2_p_4_no_card_is_left_anywhere() {
    let house = House::by_api_with(|settings| {
        settings.limits.upstream_timeout = almoner::config::Span::seconds(1);
    })
    .await;
    for number in [GOOD_CARD, DECLINED_CARD, ASKING_CARD, CANARY_CARD] {
        house.pay_with(number).await;
        house.charge(number, &samples::fresh()).await;
    }
    let page = house.paying(&[]).await;
    for (field, value) in [
        ("card_number", "4929420573595708"),
        ("card_cvc", "QXZCVC739"),
        ("card_expiry", CANARY_CARD),
        ("card_holder", CANARY_CARD),
        ("first_name", CANARY_CARD),
        ("client_token", CANARY_CARD),
        ("surprise", CANARY_CARD),
    ] {
        let fields = samples::with_changes(&confirmed(&page, CANARY_CARD), &[(field, value)]);
        let answer = house.post_form("/donate", &fields).await;
        let asked_for = ["first_name", "client_token"].contains(&field);
        assert!(answer.status >= 400 && (asked_for || !answer.body.contains("492942057359")));
        let mut body = charge(CANARY_CARD);
        body["card"][field.strip_prefix("card_").unwrap_or(field)] = value.into();
        let answer = house.create(&body, &samples::fresh()).await;
        assert!((400..500).contains(&answer.status), "{}", answer.body);
    }
    let late = Duration::from_secs(2);
    for fault in [
        CallFault::LostRequest,
        CallFault::LostReply,
        CallFault::Slow(late),
        CallFault::Html,
        CallFault::Redirect,
        CallFault::Status(500),
        CallFault::OtherReference,
    ] {
        for number in [GOOD_CARD, CANARY_CARD] {
            house.mock.faults().script(Fault::Call(fault), 1);
            house.pay_with(number).await;
        }
        house.mock.faults().clear();
    }
    // Whoever hangs up in the middle of it.
    house.mock.faults().script(Fault::Call(CallFault::Late(Duration::from_millis(500))), 1);
    let fields = confirmed(&house.paying(&[]).await, CANARY_CARD);
    let given_up = house.post_form("/donate", &fields);
    tokio::time::timeout(Duration::from_millis(100), given_up).await.ok();
    let metrics = house.operations("/metrics").await;
    assert_eq!(metrics.status, 200);
    house.stop().await;
    assert_eq!(search(&evidence()), Vec::<String>::new());
}

#[test]
fn the_search_finds_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    for (place, canary) in CANARIES.iter().enumerate() {
        for (form, (_, bytes)) in forms(canary).into_iter().enumerate() {
            let content = [b"before ".as_slice(), &bytes, b" after"].concat();
            std::fs::write(folder.path().join(format!("{place}-{form}")), content).unwrap();
        }
    }
    let planted: usize = CANARIES.iter().map(|canary| forms(canary).len()).sum();
    let hit: std::collections::HashSet<_> = search(folder.path())
        .into_iter()
        .map(|hit| hit.split(" in ").nth(1).unwrap().to_owned())
        .collect();
    assert_eq!(hit.len(), planted);
}

async fn walk_every_road(house: &House) {
    assert_eq!(house.donate(&[]).await.status, 200);
    let wrong = [("email", "no address"), ("amount", "4929420573595709")];
    assert_eq!(house.donate(&wrong).await.status, 422);
    let card = [
        ("pan", "4929420573595709"),
        ("cvc", "QXZCVC739"),
        ("holder", "Canaryholder"),
        ("sort_code", "20-47-61"),
        ("account_number", "70872490"),
    ];
    for field in card {
        assert_eq!(house.donate(&[field]).await.status, 400);
    }
    for field in ["appeal", "merchant_reference", "plan"] {
        for value in ["4929420573595709", "canary.mail@example.org"] {
            assert_eq!(house.donate(&[(field, value)]).await.status, 422);
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
        assert!((400..500).contains(&refused.status));
    }
}

/// What nobody vouches for: links, forged webhooks, forms from elsewhere.
async fn strangers(house: &House) {
    let query = "first_name=Canaryfirst&pan=4929420573595709&appeal=canary.mail@example.org";
    assert_eq!(house.get(&format!("/donate?{query}")).await.status, 200);
    let lost = house.client.get(house.url("/return/Canaryfirst"));
    let lost = lost.header("user-agent", "4929420573595709").send().await.unwrap();
    assert_eq!(answer::Answer::of(lost).await.status, 404);
    let forged = [
        visitor::JSON,
        ("webhook-id", "Canaryfirst"),
        ("webhook-timestamp", "1"),
        ("webhook-signature", "v1,x"),
    ];
    let heard = house.post("/webhooks/signed", &forged, "{\"Canarylast\":1}").await;
    assert_eq!(heard.status, 401);
    let cross = [visitor::FORM, ("sec-fetch-site", "cross-site")];
    let refused = house.post("/donate", &cross, encoded(&gift("x"))).await;
    assert_eq!(refused.status, 403);
}

/// Every file below the folder that holds a canary, in any of its forms.
fn search(folder: &Path) -> Vec<String> {
    let needles = Needles::new(CANARIES.map(|canary| (canary, canary))).unwrap();
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            // A ledger's log goes with the last who has it open, beside this test too.
            let content = match std::fs::read(&path) {
                Err(gone) if gone.kind() == std::io::ErrorKind::NotFound => continue,
                read => read.unwrap(),
            };
            let mut hits = Hits::new();
            needles.search(&content, 0, &mut hits);
            let mut here: Vec<_> = hits
                .into_keys()
                .map(|(canary, _)| format!("{canary} in {}", path.display()))
                .collect();
            here.dedup();
            found.append(&mut here);
        }
    }
    found
}
