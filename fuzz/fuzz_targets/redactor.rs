//! Whatever comes into a line of the log: no card number, bank account, e-mail address or check value
//! that stands in it is written, whatever stands beside it, and a second look finds no more
//! (security.md, G-R1). The first ten bytes choose what is put into the text, and how it is written.
#![no_main]

use almoner::cli::log::redact::Redactor;
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};
use std::sync::OnceLock;

/// How many bytes choose.
const CHOICE: usize = 10;

fuzz_target!(|input: &[u8]| {
    let Some((choice, text)) = input.split_first_chunk::<CHOICE>() else { return };
    let Ok(text) = str::from_utf8(text) else { return };
    if let Ok(Value::Object(line)) = serde_json::from_str(text) {
        check(&look(line));
    }
    let within = |text: &str| {
        let line = Map::from_iter([("reason".to_owned(), text.into())]);
        look(line)["reason"].as_str().expect("a text stays one").to_owned()
    };
    within(text);

    let (planted, secret) = planted(*choice);
    let place = text.char_indices().map(|(place, _)| place).find(|it| *it >= choice[1].into());
    let (before, after) = text.split_at(place.unwrap_or(text.len()));
    // Figures and letters beside it would make it something else, a hash for one.
    let apart = |c: char| !c.is_ascii_alphanumeric() && !"_ -".contains(c);
    let stands_apart = before.chars().next_back().is_none_or(apart)
        && after.chars().next().is_none_or(apart)
        && !text.contains(&secret);
    if stands_apart {
        let written = within(&format!("{before}{planted}{after}"));
        assert!(!written.contains(&secret), "{planted:?} in {written:?}");
    }
});

/// The line as it is written: a second look at it changes nothing.
fn look(mut line: Map<String, Value>) -> Map<String, Value> {
    static REDACTOR: OnceLock<Redactor> = OnceLock::new();
    let redactor = REDACTOR.get_or_init(|| Redactor::new().unwrap());
    let before = line.clone();
    let found = redactor.blot(&mut line);
    assert!(line == before || !found.is_empty());
    let mut again = line.clone();
    redactor.blot(&mut again);
    assert_eq!(again, line);
    check(&line);
    line
}

/// No word of a line is a card number, and no domain follows an @, by this target's own hand.
fn check(line: &Map<String, Value>) {
    for value in line.values() {
        each_text(value, &mut |text| {
            for word in text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
                let figures = word.bytes().all(|byte| byte.is_ascii_digit());
                let is_card = figures && (13..=19).contains(&word.len()) && passes_luhn(word);
                assert!(!is_card, "{word} in {text:?}");
            }
            for domain in text.split('@').skip(1) {
                assert!(!is_domain(domain), "{text:?}");
            }
        });
    }
}

fn each_text(value: &Value, look: &mut impl FnMut(&str)) {
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::Number(number) => look(&number.to_string()),
        Value::String(text) => look(text),
        Value::Array(values) => values.iter().for_each(|value| each_text(value, look)),
        Value::Object(fields) => fields.values().for_each(|value| each_text(value, look)),
    }
}

/// Whether a text begins with labels and a last one of two letters or more.
fn is_domain(text: &str) -> bool {
    let label = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let mut rest = text;
    loop {
        let after = rest.trim_start_matches(label);
        let Some(next) = after.strip_prefix('.').filter(|_| after.len() < rest.len()) else {
            return false;
        };
        if next.bytes().take_while(u8::is_ascii_alphabetic).count() >= 2 {
            return true;
        }
        rest = next;
    }
}

fn passes_luhn(figures: &str) -> bool {
    let sum: u32 = figures
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, figure)| match u32::from(figure - b'0') * (1 + u32::from(place % 2 == 1)) {
            two @ 10.. => two - 9,
            one => one,
        })
        .sum();
    sum % 10 == 0
}

/// Something to put into a text, and what of it must not be written.
fn planted(choice: [u8; CHOICE]) -> (String, String) {
    let [kind, _, style, figures @ ..] = choice;
    let figures: String = (0_u8..18)
        .zip(figures.iter().cycle())
        .map(|(nth, byte)| char::from(b'0' + byte.wrapping_add(nth) % 10))
        .collect();
    let gap = ["", " ", "-"][usize::from(style % 3)];
    let whole = match kind % 4 {
        0 => {
            let first = &figures[..12 + usize::from(style / 3 % 7)];
            let passes = |last: &u8| passes_luhn(&format!("{first}{last}"));
            let card = format!("{first}{}", (0..10).find(passes).expect("one of ten passes"));
            let groups = card.as_bytes().chunks(4).map(|group| str::from_utf8(group).unwrap());
            groups.collect::<Vec<_>>().join(gap)
        }
        1 => {
            let sort_code = [&figures[..2], &figures[2..4], &figures[4..6]].join(gap);
            let between = [" ", ", ", "/", " - "][usize::from(style / 3 % 4)];
            format!("{sort_code}{between}{}", &figures[6..14])
        }
        2 => {
            let at = ["@", "%40"][usize::from(style % 2)];
            format!("{}.{}{at}e{}.example", &figures[..2], &figures[2..3], &figures[3..6])
        }
        _ => {
            let name = ["cvc", "CVV2", "cardNumber", "sort_code"][usize::from(style % 4)];
            let equals = ["=", ": ", "\":\"", " = '"][usize::from(style / 4 % 4)];
            let value = format!("x{}x", &figures[..3]);
            return (format!("{name}{equals}{value}"), value);
        }
    };
    (whole.clone(), whole)
}
