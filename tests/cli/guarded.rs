//! Where the keys are while the service runs.

use super::closed::{begun, by_nobody, give_away, of};
use super::crash::deliver;
use super::place::{GIFT, Place, WEBHOOK_KEY, signal};
use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::process::Child;

/// A part of a process's memory.
struct Part {
    name: String,
    bytes: Vec<u8>,
    /// Whether it is locked, and left out of cores.
    guarded: bool,
}

/// All that the process may write to, by the system's account.
fn memory(child: &Child) -> Vec<Part> {
    let memory = File::open(of(child, "mem")).unwrap();
    let maps = fs::read_to_string(of(child, "smaps")).unwrap();
    let (mut parts, mut place) = (Vec::new(), None);
    for line in maps.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        if let Some((begins, ends)) = words[0].split_once('-') {
            let [begins, ends] = [begins, ends].map(|at| u64::from_str_radix(at, 16).unwrap());
            place = words[1].starts_with("rw").then(|| (begins..ends, line.to_owned()));
        } else if words[0] == "VmFlags:"
            && let Some((range, name)) = place.take()
        {
            let length = range.end.checked_sub(range.start).unwrap();
            let mut bytes = vec![0; usize::try_from(length).unwrap()];
            if memory.read_exact_at(&mut bytes, range.start).is_ok() {
                let guarded = ["lo", "dd"].iter().all(|flag| words.contains(flag));
                parts.push(Part { name, bytes, guarded });
            }
        }
    }
    parts
}

/// Where a secret stands: how often in memory that is locked and left out of cores, and where else.
fn found(parts: &[Part], secret: &[u8]) -> (usize, Vec<String>) {
    let (mut guarded, mut elsewhere) = (0_usize, Vec::new());
    for part in parts {
        let begins = part.bytes.iter().enumerate().filter(|(_, byte)| **byte == secret[0]);
        for (at, _) in begins.filter(|(at, _)| part.bytes[*at..].starts_with(secret)) {
            if part.guarded {
                guarded = guarded.saturating_add(1);
            } else {
                elsewhere.push(format!("{at} bytes into {}", part.name));
            }
        }
    }
    (guarded, elsewhere)
}

async fn give(place: &Place, key: &str) -> String {
    let request = place.client().post(place.url("/v1/handoffs")).bearer_auth(&place.api_key);
    let request = request.header("idempotency-key", key).header("content-type", "application/json");
    let answer = request.body(GIFT).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    let answer: serde_json::Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    answer["reference"].as_str().unwrap().to_owned()
}

/// The keys' files, and the forms in which HMAC uses them.
fn secrets(place: &Place) -> Vec<(String, Vec<u8>)> {
    let read = |name: &str| fs::read(place.file(name)).unwrap().trim_ascii().to_vec();
    let keys = [
        ("install", read("dev/install.key")),
        ("signing", read("dev/signing.key")),
        ("webhook", WEBHOOK_KEY.to_vec()),
    ];
    let padded = |(name, key): (&str, Vec<u8>)| {
        [("", 0), (", inner", 0x36), (", outer", 0x5c)].map(|(form, pad)| {
            (format!("{name}{form}"), key.iter().map(|byte| byte ^ pad).collect())
        })
    };
    keys.into_iter().flat_map(padded).collect()
}

#[tokio::test]
async fn m_7_m_5_keys_stand_in_locked_memory_that_no_core_holds_and_nowhere_else() {
    let place = Place::new();
    let mut service = place.serve();
    place.answers().await;
    for number in 0..40 {
        let reference = give(&place, &format!("where-keys-are-{number:06}")).await;
        assert_eq!(deliver(&place, &place.client(), &reference).await, Some(200));
    }
    let parts = memory(&service);
    for (name, secret) in secrets(&place) {
        let (guarded, elsewhere) = found(&parts, &secret);
        assert_eq!(elsewhere, Vec::<String>::new(), "{name}");
        assert_eq!(guarded > 0, !name.contains(','), "{name}: found {guarded} times");
    }
    signal(&service, "TERM");
    assert_eq!(service.wait().unwrap().code(), Some(0));
}

/// Where memory cannot be locked it works all the same, and one line says so.
#[tokio::test]
async fn m_7_without_locked_memory_it_says_so_once() {
    let place = Place::new();
    let binary = give_away(&place);
    let log = File::create(place.file("log")).unwrap();
    let mut command = by_nobody("prlimit");
    command.args(["--memlock=0:0", "--"]).arg(binary);
    command.args(["serve", "--config", &place.config()]).stderr(log);
    let mut service = begun(command, "almoner");
    place.answers().await;
    give(&place, "without-locked-memory").await;
    signal(&service, "TERM");
    assert_eq!(service.wait().unwrap().code(), Some(0));
    let log = fs::read_to_string(place.file("log")).unwrap();
    assert_eq!(log.matches("keys_not_locked").count(), 1, "{log}");
}
