//! Whatever comes as an answer of DDCM's: as it is, and as the content of a rightly signed document,
//! which no fuzzer finds by itself. The first byte chooses what was asked.
#![no_main]

use almoner::keys::Phrase;
use almoner::processor::client::{Client, Reach};
use almoner::processor::rsm::ddcm::{
    Answers, BatchFilter, CollectionFilter, Ddcm, Decision, Doubt, Earlier, Failure, MandateFilter,
    MandateOrder, Prepared, Signature, StatementOf,
};
use jiff::Timestamp;
use jiff::civil::date;
use libfuzzer_sys::fuzz_target;
use sha2::{Digest, Sha256};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

const PASSWORD: &[u8] = b"1234567890";
const REFERENCES: [&str; 2] = ["DON-000123", "DON-000124"];

fuzz_target!(|input: &[u8]| {
    let Some((choice, answer)) = input.split_first() else { return };
    let (ddcm, at) = (ddcm(), Timestamp::UNIX_EPOCH);
    let (mandates, collections) = (MandateFilter::default(), CollectionFilter::default());
    let earlier = Signature::from_bytes([7; 32]);
    match choice % 10 {
        0 => both(answer, || ddcm.heartbeat(at), |_| {}),
        1 => {
            let orders = REFERENCES.map(|client_ref| MandateOrder::Cancel { client_ref });
            both(answer, || ddcm.set_mandates(&orders, at).unwrap(), |it| fits(&it));
        }
        2 => {
            let ask = || ddcm.what_became_of_mandates(earlier, &REFERENCES, at).unwrap();
            both(answer, ask, |it| fits_earlier(&it));
        }
        3 => {
            let ask = || ddcm.what_became_of_collections(earlier, &REFERENCES, at).unwrap();
            both(answer, ask, |it| fits_earlier(&it));
        }
        4 => both(
            answer,
            || ddcm.mandate_report(&mandates, at).unwrap(),
            |report| {
                assert!(report.unreadable.iter().all(|cell| cell.row < report.rows.len()));
            },
        ),
        5 => both(
            answer,
            || ddcm.collection_report(&collections, at).unwrap(),
            |report| {
                assert!(report.unreadable.iter().all(|cell| cell.row < report.rows.len()));
            },
        ),
        6 => {
            both(answer, || ddcm.mandate_batch_report(&BatchFilter::default(), at).unwrap(), |_| {})
        }
        7 => {
            let ask = || ddcm.collection_batch_report(&BatchFilter::default(), at).unwrap();
            both(answer, ask, |_| {});
        }
        8 => {
            let of = StatementOf::Collections(date(2026, 3, 2));
            both(answer, || ddcm.collection_statement(of, at).unwrap(), |_| {});
        }
        _ => both(answer, || ddcm.monthly_statement(2026, 3, at).unwrap(), |_| {}),
    }
});

/// Every record that was asked about has one decision.
fn fits(decisions: &[Decision]) {
    assert_eq!(decisions.len(), REFERENCES.len());
}

fn fits_earlier(earlier: &Earlier) {
    if let Earlier::Answered(decisions) = earlier {
        fits(decisions);
    }
}

fn both<A>(answer: &[u8], ask: impl Fn() -> Prepared<A>, fits: impl Fn(A)) {
    let ddcm = ddcm();
    let alone = |bytes: &[u8]| ddcm.hear(ask(), bytes);
    if let Ok(believed) = alone(answer) {
        fits(believed);
    }
    let Ok(content) = str::from_utf8(answer) else { return };
    let response = format!("<response>{content}</response>");
    let seal = hex::encode(Sha256::digest([response.as_bytes(), PASSWORD].concat()));
    let document = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ddcm>{response}<signature>{seal}</signature></ddcm>"
    );
    let refused = match alone(document.as_bytes()) {
        Ok(believed) => return fits(believed),
        Err(failure) => failure,
    };
    let about_the_seal =
        matches!(refused, Failure::InDoubt(Doubt::WrongSignature(_) | Doubt::Unsigned(_)));
    // Content that closes the response itself is signed as something else than what is read.
    let closes = content.contains("</response") || content.contains("<signature");
    assert!(!about_the_seal || closes, "rightly signed and refused: {refused}");
    assert_ne!(refused, Failure::NotSent);
}

fn ddcm() -> &'static Ddcm {
    static DDCM: OnceLock<Ddcm> = OnceLock::new();
    DDCM.get_or_init(|| {
        let reach = Reach {
            roots: None,
            identity: None,
            connect_timeout: Duration::from_secs(1),
            total_timeout: Duration::from_secs(1),
            answer_bytes: 65_536,
            at_once: 1,
        };
        Ddcm {
            endpoint: "https://ddcm.example/ddcm/ddcmApi.php".parse().unwrap(),
            username: "testuser".into(),
            password: Phrase::new(PASSWORD).unwrap(),
            client: Arc::new(Client::new(&reach).unwrap()),
            answers: Answers::Strict,
            report_bytes: 1_000_000,
        }
    })
}
