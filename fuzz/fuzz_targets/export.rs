//! Whatever our callers, the processor and the configuration may have written into a row: what is exported reads the
//! same, from CSV by this target's own hand and from JSON Lines, a spreadsheet finds no formula in it, and the file is
//! what its summary says. The first line is the sum, the others are the texts.
#![no_main]

use almoner::export::row::{COLUMNS, Cell, cells};
use almoner::export::{Days, Format, Summary, Writer};
use almoner::ledger::chain::Link;
use almoner::ledger::{Chained, Entry, HandOff};
use almoner::payment::{
    Amount, Asked, Code, Dialect, Frequency, Kind, MerchantReference, Method, Mode, ProcessorText,
    Reference, Standing, State,
};
use iso_currency::Currency;
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut lines = text.split('\n');
    let minor = lines.next().and_then(|line| line.parse().ok()).unwrap_or(2500);
    let Ok(amount) = Amount::new(minor, Currency::GBP) else { return };
    let mut next = || lines.next().unwrap_or_default();
    let asked = Asked {
        kind: Kind::Donate,
        method: Method::Card,
        dialect: Dialect::Signed,
        mode: Mode::Test,
        amount,
        frequency: Frequency::Once,
        plan: Code::parse(next()),
        appeal: Code::parse(next()),
        gift_aid: text.len() % 2 == 0,
        merchant_reference: MerchantReference::parse(next()),
    };
    let standing = Standing {
        state: State::Accepted,
        processor_reference: ProcessorText::parse(next()),
        code: ProcessorText::parse(next()),
        ..Standing::of(State::HandedOff)
    };
    let at = Timestamp::UNIX_EPOCH;
    let hand_off =
        HandOff { reference: Reference::at(at), opened_at: at, opened_as: State::HandedOff, asked };
    let entry = Entry { hand_off, standing, changed_at: at };
    let link = Link { instance: [0; 16], sequence: 1, hash: [7; 32] };
    let told = Chained { entry, settled_at: None, link };
    let expected = cells(&told);

    let csv = written(Format::Csv, &told);
    let rows = read(str::from_utf8(&csv).unwrap());
    assert_eq!(rows.len(), 2, "a head and a row");
    assert_eq!(rows[0], COLUMNS);
    assert_eq!(rows[1].len(), COLUMNS.len());
    for (cell, value) in rows[1].iter().zip(&expected) {
        assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell:?}");
        let bare = cell.strip_prefix('\'').unwrap_or(cell);
        match value {
            Cell::Text(text) => assert_eq!(bare, text),
            Cell::Words(words) => assert_eq!(cell, &words.join(" ")),
            Cell::Number(number) => assert_eq!(cell.parse(), Ok(*number)),
            Cell::Flag(flag) => assert_eq!(cell.parse(), Ok(*flag)),
            Cell::Nothing => assert_eq!(cell, ""),
        }
    }
    let lines = written(Format::Jsonl, &told);
    let row: serde_json::Map<_, _> = serde_json::from_slice(&lines).unwrap();
    assert_eq!(row.len(), COLUMNS.len());
    for (name, value) in COLUMNS.iter().zip(expected) {
        assert_eq!(row[*name], value.value(), "{name}");
    }
});

/// The file of one row, which its summary knows again, and not with one byte changed.
fn written(format: Format, told: &Chained) -> Vec<u8> {
    let mut writer = Writer::begin(format, Vec::new()).unwrap();
    writer.write(told).unwrap();
    let (mut bytes, written) = writer.finish().unwrap();
    let when = (Days::default(), Mode::Test, format);
    let summary = Summary::of(&written, when, &[], Timestamp::UNIX_EPOCH);
    assert!(summary.check(&bytes[..]).is_ok());
    let place = bytes.len() / 2;
    bytes[place] ^= 1;
    assert!(summary.check(&bytes[..]).is_err());
    bytes[place] ^= 1;
    bytes
}

/// RFC 4180, by hand.
fn read(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let (mut quoted, mut characters) = (false, text.chars().peekable());
    while let Some(character) = characters.next() {
        match (quoted, character) {
            (true, '"') if characters.peek() == Some(&'"') => cell.extend(characters.next()),
            (true, '"') => quoted = false,
            (true, other) => cell.push(other),
            (false, '"') if cell.is_empty() => quoted = true,
            (false, ',') => row.push(std::mem::take(&mut cell)),
            (false, '\r') => {
                assert_eq!(characters.next(), Some('\n'), "a line's end");
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            (false, other) => cell.push(other),
        }
    }
    assert!(row.is_empty() && cell.is_empty(), "the last line has an end");
    rows
}
