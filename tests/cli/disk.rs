//! A disk that is full: at the ledger's birth, when a payment is begun, and when its charge is answered.

use super::check::{mock_settings, server_config};
use super::crash::deliver;
use super::place::{GIFT, Place, signal};
use super::trouble::{SmallDisk, give, give_until_refused, ready, recorded};
use almoner::clock::Clock;
use almoner::mock_rsm::{CallFault, Fault, MockRsm, WebhookFault};
use almoner::payment::Reference;
use serde_json::Value;
use std::fs;
use std::process::Child;
use std::time::{Duration, Instant};

/// How long the processor takes for a charge: the disk must be full before, and the caller still be waiting.
const SLOW: Duration = Duration::from_secs(20);

#[tokio::test]
async fn fm_15_fm_17_a_full_disk_takes_nothing_and_recovers_by_itself() {
    let place = Place::new();
    let disk = SmallDisk::below(&place);
    let mut service = place.serve();
    place.answers().await;
    let (_, first, _) = give(&place, "before-it-was-full", GIFT).await;
    let reference = first["reference"].as_str().unwrap();
    disk.fill();
    let (taken, key) = give_until_refused(&place, "full-disk").await;
    let (status, problem, retry) = give(&place, &key, GIFT).await;
    assert_eq!((status, retry.as_str()), (503, "60"), "{problem}");
    assert!(problem["detail"].as_str().unwrap().contains("Nothing was sent"), "{problem}");
    assert_eq!(ready(&place).await, 503);
    let client = place.client();
    assert_eq!(deliver(&place, &client, reference).await, Some(503), "it will come again");
    let shown = client.get(place.url(&format!("/v1/handoffs/{reference}")));
    let shown = shown.bearer_auth(&place.api_key).send().await.unwrap();
    assert_eq!(shown.status(), 200, "reading goes on");

    disk.empty();
    place.answers().await;
    assert_eq!(give(&place, &key, GIFT).await.0, 201, "nothing was left of the refused one");
    assert_eq!(deliver(&place, &client, reference).await, Some(200));
    signal(&service, "TERM");
    assert_eq!(service.wait().unwrap().code(), Some(0));
    assert_eq!(recorded(&place).len(), taken.len() + 2);
}

/// The disk fills up while a charge is under way: the caller is told that it is not known yet, never
/// that it failed; the answer is written once there is space, and after a death the processor is asked.
#[tokio::test]
async fn fm_16_a_disk_that_is_full_when_the_charge_is_answered() {
    for dies in [false, true] {
        let place = Place::new();
        let disk = SmallDisk::below(&place);
        let mock = paying(&place);
        let mut service = place.serve();
        place.answers().await;
        mock.faults().script(Fault::Call(CallFault::Slow(SLOW)), 1);
        mock.faults().script(Fault::Webhook(WebhookFault::Drop), 10);
        let body = with_card();
        let asked = give(&place, "while-it-fills-up", &body);
        let fills = async {
            for _ in 0..12_000 {
                if !mock.books().payments().is_empty() {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            let began = Instant::now();
            disk.fill_to_the_brim(&place).await;
            assert!(began.elapsed() < SLOW, "the answer must find it full: {:?}", began.elapsed());
        };
        let ((status, answer, _), ()) = tokio::join!(asked, fills);
        assert_eq!((status, answer["state"].as_str()), (201, Some("in_doubt")), "{answer}");
        let reference = answer["reference"].as_str().unwrap().to_owned();
        if dies {
            signal(&service, "KILL");
            service.wait().unwrap();
        }
        disk.empty();
        if dies {
            service = place.serve();
            place.answers().await;
        }
        becomes_accepted(&place, &reference).await;
        let charged = Reference::parse(&reference).unwrap();
        assert_eq!(mock.books().charges(&charged), 1);
        let log = fs::read_to_string(place.file("log")).unwrap();
        assert!(log.contains("answer_not_written"), "{log}");
        signal(&service, "TERM");
        assert_eq!(service.wait().unwrap().code(), Some(0));
        assert_eq!(recorded(&place).len(), 1);
        mock.shutdown().await;
    }
}

/// A processor that this place sends cards to.
pub(crate) fn paying(place: &Place) -> MockRsm {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    place.change("https://localhost:8444", &format!("https://localhost:{port}"));
    place.change("key_id = \"dev\"", "key_id = \"dev\"\ncard_api = true");
    place.change("[[join.plans]]", "[limits]\nupstream_timeout = \"30s\"\n\n[[join.plans]]");
    let secret = fs::read_to_string(place.file("dev/signing.key")).unwrap();
    let settings = mock_settings(place, port, secret.trim());
    MockRsm::start(settings, listener, server_config(place), Clock::system()).unwrap()
}

pub(crate) fn with_card() -> String {
    let mut gift: Value = serde_json::from_str(GIFT).unwrap();
    // A card that is good for three years more, whenever this runs.
    let year = Clock::system().now().strftime("%y").to_string().parse::<u8>().unwrap();
    gift["card"] = serde_json::json!({ "number": "4242424242424242",
        "expiry": format!("12/{}", year.saturating_add(3)), "cvc": "123", "holder": "Pat Example" });
    gift.to_string()
}

/// Within the time of the first question at the latest; the guard is generous.
async fn becomes_accepted(place: &Place, reference: &str) {
    for _ in 0..2400 {
        let shown = place.client().get(place.url(&format!("/v1/handoffs/{reference}")));
        if let Ok(shown) = shown.bearer_auth(&place.api_key).send().await {
            let shown: Value = serde_json::from_slice(&shown.bytes().await.unwrap()).unwrap();
            if shown["state"] == "accepted" {
                return;
            }
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("never accepted: {}", fs::read_to_string(place.file("log")).unwrap());
}

/// The disk is full while the ledger is made: nothing half made is left in its place, and once there is
/// space it is made.
#[tokio::test]
async fn fm_14_fm_15_a_disk_that_is_full_at_the_ledger_s_birth() {
    for size in [80, 120, 160, 200] {
        let place = Place::new();
        let disk = SmallDisk::below(&place);
        disk.remount(&format!("size={size}k"));
        let mut service = place.serve();
        // It starts, or it does not; what counts is what it leaves.
        for _ in 0..100 {
            if service.try_wait().unwrap().is_some() || ready(&place).await == 200 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        signal_if_alive(&mut service);
        disk.remount("size=8m");
        let mut service = place.serve();
        place.answers().await;
        assert_eq!(give(&place, "after-the-birth-1", GIFT).await.0, 201, "{size} KiB");
        signal(&service, "TERM");
        assert_eq!(service.wait().unwrap().code(), Some(0));
        assert_eq!(recorded(&place).len(), 1);
    }
}

fn signal_if_alive(service: &mut Child) {
    if service.try_wait().unwrap().is_none() {
        signal(service, "TERM");
        service.wait().unwrap();
    }
}
