//! Table E on the wire, the way to the processor: with whom we talk at all, and what we never follow.

use super::answers::{OVERDUE, told};
use super::house::House;
use super::rsm::GOOD_ACCOUNT;
use super::standin::{Issuer, Show, StandIn, self_signed};
use almoner::config::Document;
use std::net::TcpListener;

const NOW: [i32; 2] = [2020, 2120];

/// The handshake fails, so not one byte of the request leaves us.
async fn never_sent(show: Show, authorities: &str) {
    let server = StandIn::start(show).await;
    let house = server.house(authorities).await;
    house.is_not_sent().await;
    // Nothing is left to be asked about, either.
    house.later(OVERDUE);
    tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
    let (connections, requests) = server.heard();
    assert_eq!((connections, requests.len()), (1, 0), "tried once, and nothing was said");
}

#[tokio::test]
async fn a_server_that_can_be_trusted_is_spoken_to() {
    let issuer = Issuer::new();
    let server = StandIn::start(issuer.server("localhost", NOW)).await;
    let house = server.house(&issuer.pem()).await;
    let reference = house.joined(GOOD_ACCOUNT).await;
    assert_eq!((house.set_mandates(), house.mandates(reference)), (1, 1));
}

#[tokio::test]
async fn e_1_a_certificate_that_has_ended() {
    let issuer = Issuer::new();
    never_sent(issuer.server("localhost", [2019, 2020]), &issuer.pem()).await;
}

#[tokio::test]
async fn e_1_a_certificate_that_has_not_begun() {
    let issuer = Issuer::new();
    never_sent(issuer.server("localhost", [2119, 2120]), &issuer.pem()).await;
}

#[tokio::test]
async fn e_2_a_certificate_for_another_name_of_the_same_authority() {
    let issuer = Issuer::new();
    never_sent(issuer.server("rsm5.rsmsecure.com", NOW), &issuer.pem()).await;
}

#[tokio::test]
async fn e_3_a_server_that_vouches_for_itself() {
    never_sent(self_signed("localhost", NOW), "").await;
}

#[tokio::test]
async fn e_3_a_certificate_of_another_authority() {
    never_sent(Issuer::new().server("localhost", NOW), &Issuer::new().pem()).await;
}

/// A server hello of TLS 1.1, and one of TLS 1.2 with a suite that was not offered.
#[tokio::test]
async fn e_4_old_versions_and_weak_suites() {
    for minor in [2, 3] {
        let hello = [vec![3, minor], vec![7; 32], vec![0, 0x00, 0x2f, 0]].concat();
        let length = u8::try_from(hello.len()).unwrap();
        let record = [vec![22, 3, minor, 0, length + 4, 2, 0, 0, length], hello].concat();
        never_sent(Show::Bytes(record), "").await;
    }
}

/// Sent once, answered with something that is no answer, and resolved by asking.
async fn not_followed(server: &StandIn, house: &House, reason: &str) {
    let (reference, back) = house.is_in_doubt().await;
    told(reference, "order_in_doubt", reason);
    let (_, requests) = server.heard();
    assert_eq!(requests.len(), 1, "{requests:?}");
    assert!(requests[0].contains("setMandates"));
    let head = requests[0].split("\r\n\r\n").next().unwrap().to_ascii_lowercase();
    assert!(!head.contains("accept-encoding"), "{head}");
    assert_eq!(house.set_mandates(), 0, "the body came a second way");
    house.is_asked_and_never_sent_again(reference).await;
    house.later(OVERDUE);
    house.becomes(reference, "lapsed").await;
    assert!(house.get(&back).await.body.contains("Nothing will be taken from your account."));
    let (_, requests) = server.heard();
    assert_eq!(requests.iter().filter(|it| it.contains("setMandates")).count(), 1);
    assert_eq!((house.set_mandates(), house.mandates(reference)), (0, 0));
}

#[tokio::test]
async fn e_12_another_address_is_never_gone_to() {
    let plain = TcpListener::bind("127.0.0.1:0").unwrap();
    plain.set_nonblocking(true).unwrap();
    let plainly = format!("http://localhost:{}/", plain.local_addr().unwrap().port());
    for (status, target) in [
        ("302 Found", ""),
        ("307 X", ""),
        ("308 X", ""),
        ("307 X", &plainly),
        ("302 Found", &plainly),
    ] {
        let issuer = Issuer::new();
        let server = StandIn::start(issuer.server("localhost", NOW)).await;
        let house = server.house(&issuer.pem()).await;
        // The mock itself, which would take it in gladly.
        let target = if target.is_empty() { server.mock() } else { target };
        server.answers(&format!("{status}\r\nlocation: {target}"), b"");
        not_followed(&server, &house, &format!("status {}", &status[..3])).await;
        assert!(plain.accept().is_err(), "nobody came by plain HTTP");
    }
}

/// 64 MB in 64 kB; what was never asked for is not unpacked.
#[tokio::test]
async fn e_10_a_compressed_answer_is_not_unpacked() {
    let head = hex::decode("1f8b0800000000000203edc13101000000c2a0f54f6d085fa0").unwrap();
    let tail = hex::decode("3e031cea38a700001000").unwrap();
    let member = [head, vec![0; 1016], tail].concat();
    let issuer = Issuer::new();
    let server = StandIn::start(issuer.server("localhost", NOW)).await;
    let house = server.house(&issuer.pem()).await;
    let bomb = member.repeat(62);
    assert!(bomb.len() < 65_536, "within the limit of an answer");
    server.answers("200 OK\r\ncontent-type: text/xml\r\ncontent-encoding: gzip", &bomb);
    not_followed(&server, &house, "the answer").await;
}

/// Whatever a supporter types stays text: refused by its field, or held by RSM letter by letter.
#[tokio::test]
async fn b_24_e_16_nothing_is_injected_into_a_request() {
    let (mut taken, mut refused) = (0, 0);
    for typed in [
        "O'Neil & Son",
        "Fish & </contactName><action>D</action>",
        "]]><!-- x",
        "&amp; &#60; %3C",
        "A\r\nX-Evil: 1",
        "A\u{2028}B",
    ] {
        let house = House::rsm().await;
        let page = house.instructing(&[("last_name", typed)]).await;
        let answer =
            if page.status == 200 { house.confirm(&page, GOOD_ACCOUNT).await } else { page };
        if answer.status != 303 {
            assert_eq!((answer.status, answer.wrong_fields()), (422, vec!["last_name".into()]));
            // By our own rules before anything is kept or sent, or by RSM's, as one declined hand-off.
            let (hand_offs, sent) = (house.recorded().await.0, house.set_mandates());
            assert!(sent <= 1 && hand_offs == i64::try_from(sent).unwrap(), "{typed}");
            refused += 1;
            continue;
        }
        let reference = house.reference_of(&answer).await;
        assert_eq!(house.outcome(reference).await["state"], "accepted", "{typed}");
        let name = format!("Ms Canaryfirst {typed}");
        let office = house.office();
        assert!(office.bank_is(&reference.to_string(), "contactName", &name), "{typed}");
        assert!(office.bank_is(&reference.to_string(), "address1", "1 Canarystreet"), "{typed}");
        assert_eq!((house.set_mandates(), house.mandates(reference)), (1, 1));
        taken += 1;
    }
    assert!(taken >= 1 && refused >= 2, "{taken} taken, {refused} refused");
}

#[test]
fn e_6_an_address_without_tls_is_refused_at_the_start() {
    for text in [include_str!("house.toml"), include_str!("house-rsm.toml")] {
        assert!(Document::given("house.toml", ported(text)).settings().is_ok());
        let ours = text.match_indices("https://localhost:@MOCK@");
        let places: Vec<usize> = ours.map(|(place, _)| place).collect();
        assert!(!places.is_empty());
        for place in places {
            let plain = text[place..].replacen("https", "http", 1);
            let text = ported(&format!("{}{plain}", &text[..place]));
            let error = Document::given("house.toml", text).settings().unwrap_err().to_string();
            assert!(error.contains("processor.") && error.contains("https"), "{error}");
        }
    }
}

fn ported(text: &str) -> String {
    text.replace("@GATEWAY@", "8443").replace("@MOCK@", "8444")
}
