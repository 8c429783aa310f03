//! What the log says of alarms: once when one is raised, with what is likely behind it, and once when all are over.

use super::*;
use serde_json::Value;
use std::io::Write;
use std::sync::Arc;

const TERMS: AlarmTerms = AlarmTerms {
    silent_hand_offs: 7,
    silent_within: SignedDuration::from_hours(24),
    webhooks_refused: 3,
    mode: Mode::Live,
};

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What is logged when these are found one after another.
fn logged(course: &[[bool; 4]]) -> Vec<Value> {
    let kept = Kept::default();
    let writer = kept.clone();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::with_default(subscriber, || {
        let alarms = Alarms::new(TERMS);
        for found in course {
            alarms.note(*found, Timestamp::UNIX_EPOCH);
        }
    });
    let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

const NONE: [bool; 4] = [false; 4];

/// Each alone, by its name.
fn each() -> [(&'static str, [bool; 4]); 4] {
    [
        ("webhooks_silent", [true, false, false, false]),
        ("webhooks_not_verified", [false, true, false, false]),
        ("webhooks_mistimed", [false, false, true, false]),
        ("wrong_environment", [false, false, false, true]),
    ]
}

fn raised(found: [bool; 4]) -> Raised {
    Alarms::new(TERMS).note(found, Timestamp::UNIX_EPOCH)
}

/// Whoever is woken by the one finds the same words in the other.
#[test]
fn alarms_are_called_as_the_rules_call_them() {
    let rules = include_str!("../../../config/monitoring/alerts.yml");
    for (name, found) in each() {
        let told = raised(found).each().next().unwrap().0.told;
        let rule = rules.split(&format!("{{alarm=\"{name}\"}}")).nth(1).unwrap();
        assert!(rule.split("- alert").next().unwrap().contains(&format!("'{told}'")), "{name}");
    }
}

#[test]
fn each_is_said_once_with_its_cause_and_its_remedy_and_when_it_is_over() {
    for (name, found) in each() {
        let by_name = raised(found).by_name();
        assert!(by_name.iter().all(|(other, is)| is.is_some() == (*other == name)), "{name}");
        let lines = logged(&[found, found, NONE, NONE, found]);
        let told: Vec<_> = lines.iter().map(|line| line["event"].as_str().unwrap()).collect();
        assert_eq!(told, [name, "alarms_over", name]);
        assert_eq!((&lines[0]["level"], &lines[1]["level"]), (&"ERROR".into(), &"INFO".into()));
        for words in ["reason", "advice"] {
            assert!(lines[0][words].as_str().unwrap().len() > 30, "{}", lines[0]);
        }
        let counted = (name == "webhooks_silent").then(|| 7.into());
        assert_eq!(lines[0].get("hand_offs"), counted.as_ref());
    }
}

#[test]
fn one_that_comes_beside_another_is_said_and_nothing_is_over_before_all_are() {
    let [(_, silent), .., (_, wrong)] = each();
    let both = [true, false, false, true];
    let lines = logged(&[silent, both, wrong, both, NONE]);
    let told: Vec<_> = lines.iter().map(|line| line["event"].as_str().unwrap()).collect();
    let expected = ["webhooks_silent", "wrong_environment", "webhooks_silent", "alarms_over"];
    assert_eq!(told, expected);
    assert_eq!(logged(&[NONE]), Vec::<Value>::new());
}

#[test]
fn each_is_raised_since_it_was_first_found_and_anew_after_it_was_over() {
    let alarms = Alarms::new(TERMS);
    let at = |second| Timestamp::from_second(second).unwrap();
    let since = |found, second| alarms.note(found, at(second)).by_name().map(|(_, since)| since);
    let [(_, silent), .., (_, wrong)] = each();
    let both = [true, false, false, true];
    assert_eq!(since(silent, 60), [Some(at(60)), None, None, None]);
    assert_eq!(since(both, 120), [Some(at(60)), None, None, Some(at(120))]);
    assert_eq!(since(wrong, 180), [None, None, None, Some(at(120))]);
    assert_eq!(since(both, 240), [Some(at(240)), None, None, Some(at(120))]);
}

#[test]
fn only_what_a_processor_sends_counts() {
    let alarms = Alarms::new(TERMS);
    let counts =
        || [&alarms.not_verified, &alarms.mistimed].map(|count| count.load(Ordering::Relaxed));
    for why in [Forged::Unsigned, Forged::TooMany, Forged::BadTimestamp, Forged::Grammar] {
        alarms.refused(why);
    }
    alarms.refused(Forged::Duplicated);
    assert_eq!(counts(), [0, 0]);
    for why in [Forged::BadSignature, Forged::Stale, Forged::Future, Forged::BadSignature] {
        alarms.refused(why);
    }
    assert_eq!(counts(), [2, 2]);
    alarms.believed(Some(Mode::Test));
    assert_eq!(counts(), [0, 0]);
    assert!(alarms.wrong_mode.load(Ordering::Relaxed));
    alarms.believed(None);
    assert!(alarms.wrong_mode.load(Ordering::Relaxed), "who names no mode says nothing of it");
    alarms.believed(Some(Mode::Live));
    assert!(!alarms.wrong_mode.load(Ordering::Relaxed));
}
