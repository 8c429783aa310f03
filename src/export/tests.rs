//! Rows, their sums, and files that were changed.

use super::row::{COLUMNS, Cell, cells};
use super::{Days, Differs, Format, Summary, Totals, Writer, Written};
use crate::ledger::chain::Link;
use crate::ledger::{Chained, Entry, HandOff};
use crate::payment::{
    Amount, Asked, Code, Development, Dialect, Frequency, Happening, Kind, MerchantReference,
    Method, Mode, ProcessorText, Reference, Standing, State,
};
use iso_currency::Currency;
use jiff::Timestamp;
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::io::Read as _;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn told(amount: Amount, state: State) -> Chained {
    let asked = Asked {
        kind: Kind::Donate,
        method: Method::Card,
        dialect: Dialect::Signed,
        mode: Mode::Live,
        amount,
        frequency: Frequency::Once,
        plan: None,
        appeal: None,
        gift_aid: false,
        merchant_reference: None,
    };
    let opened_at = at("2026-06-30T23:30:00.25Z");
    let mut bytes = [0xAA; 16];
    bytes[6] = 0x70;
    let reference = Reference::from_bytes(&bytes).unwrap();
    let hand_off = HandOff { reference, opened_at, opened_as: State::HandedOff, asked };
    let standing = Standing { state, ..Standing::of(State::HandedOff) };
    let entry = Entry { hand_off, standing, changed_at: opened_at };
    let link = Link { instance: [0; 16], sequence: 7, hash: [0xAB; 32] };
    Chained { entry, settled_at: None, link }
}

fn pounds(minor: i64) -> Amount {
    Amount::new(minor, Currency::GBP).unwrap()
}

/// One of everything.
fn full() -> Chained {
    let mut full = told(pounds(1250), State::Accepted);
    let asked = &mut full.entry.hand_off.asked;
    (asked.kind, asked.method) = (Kind::Join, Method::DirectDebit);
    (asked.frequency, asked.gift_aid) = (Frequency::Monthly, true);
    (asked.plan, asked.appeal) = (Code::parse("FRIEND"), Code::parse("-XMAS"));
    asked.merchant_reference = MerchantReference::parse("crm/1#2");
    let standing = &mut full.entry.standing;
    standing.processor_reference = ProcessorText::parse("T-1");
    standing.code = ProcessorText::parse("00");
    let development = |day: &str, what, amount| Happening {
        at: at(&format!("{day}T00:00:00Z")),
        what,
        amount,
        code: None,
    };
    standing.developments = vec![
        development("2026-07-10", Development::MandateLive, None),
        development("2026-08-01", Development::CollectionPaid, Some(pounds(1250))),
        development("2026-09-01", Development::CollectionPaid, Some(pounds(1250))),
        development("2026-09-04", Development::CollectionUnpaid, Some(pounds(1250))),
        development("2026-09-09", Development::ChargedBack, Some(pounds(1))),
    ];
    full.settled_at = Some(at("2026-12-01T12:00:00Z"));
    full
}

fn written(format: Format, rows: &[Chained]) -> (Vec<u8>, Written) {
    let mut writer = Writer::begin(format, Vec::new()).unwrap();
    for row in rows {
        writer.write(row).unwrap();
    }
    writer.finish().unwrap()
}

fn summary(format: Format, written: &Written) -> Summary {
    let heads = [Link { instance: [0; 16], sequence: 7, hash: [0xAB; 32] }];
    Summary::of(written, (Days::default(), Mode::Live, format), &heads, Timestamp::UNIX_EPOCH)
}

/// What finance's own programs rely on: no column goes, moves or means something else.
#[test]
fn the_columns_are_those_of_every_version() {
    let (csv, _) = written(Format::Csv, &[full(), told(pounds(5), State::HandedOff)]);
    let csv = String::from_utf8(csv).unwrap();
    let lines: Vec<&str> = csv.split("\r\n").collect();
    let reference = full().entry.hand_off.reference;
    let (chain, hash) = ("00".repeat(16), "ab".repeat(32));
    assert_eq!(
        lines,
        [
            "reference,state,kind,method,frequency,mode,dialect,currency,amount_minor,amount,plan,appeal,gift_aid,\
             merchant_reference,processor_reference,code,attention,opened_at_utc,opened_at_london,settled_at_utc,\
             settled_at_london,changed_at_utc,changed_at_london,latest_development,collected_minor,collected,\
             unpaid_minor,unpaid,refunded_minor,refunded,charged_back_minor,charged_back,chain,sequence,hash"
                .to_owned(),
            format!(
                "{reference},accepted,join,direct_debit,monthly,live,signed,GBP,1250,12.50,FRIEND,'-XMAS,true,crm/1#2,T-1,\
                 00,,2026-06-30T23:30:00.25Z,2026-07-01T00:30:00+01:00,2026-12-01T12:00:00Z,2026-12-01T12:00:00+00:00,\
                 2026-06-30T23:30:00.25Z,2026-07-01T00:30:00+01:00,charged_back,2500,25.00,1250,12.50,0,0.00,1,0.01,\
                 {chain},7,{hash}"
            ),
            format!(
                "{reference},handed_off,donate,card,once,live,signed,GBP,5,0.05,,,false,,,,,2026-06-30T23:30:00.25Z,\
                 2026-07-01T00:30:00+01:00,,,2026-06-30T23:30:00.25Z,2026-07-01T00:30:00+01:00,,0,0.00,0,0.00,0,0.00,0,\
                 0.00,{chain},7,{hash}"
            ),
            String::new(),
        ]
    );
    let (jsonl, _) = written(Format::Jsonl, &[full()]);
    let row: serde_json::Value = serde_json::from_slice(&jsonl).unwrap();
    assert_eq!(row.as_object().unwrap().len(), COLUMNS.len());
    assert_eq!((&row["amount_minor"], &row["amount"]), (&1250.into(), &"12.50".into()));
    assert_eq!((&row["appeal"], &row["gift_aid"]), (&"-XMAS".into(), &true.into()));
    assert_eq!((&row["attention"], &row["sequence"]), (&serde_json::json!([]), &7.into()));
}

#[test]
fn the_page_tells_every_column() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/exports.md"));
    let page = page.unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
    let names = rows.flat_map(|row| row.split(" | ").next().unwrap().split("`, `"));
    let told: Vec<&str> = names.map(|name| name.trim_end_matches('`')).collect();
    assert_eq!(told, COLUMNS);
}

#[test]
fn f_12_what_a_spreadsheet_would_reckon_with_is_a_text() {
    for begins in ["=1+1", "+1", "-1", "@SUM(1)", "\t1", "\r1"] {
        assert_eq!(Cell::Text(begins.to_owned()).shown(), format!("'{begins}"));
        assert_eq!(Cell::Text(begins.to_owned()).value(), begins, "a program is told as it is");
    }
    for plain in ["A-1", "#1", "'=1", "1=1", ""] {
        assert_eq!(Cell::Text(plain.to_owned()).shown(), plain);
    }
}

#[test]
fn sums_have_the_currency_s_decimals() {
    let yen = Amount::new(500, Currency::JPY).unwrap();
    let dinars = Amount::new(1500, Currency::KWD).unwrap();
    for (amount, decimal, nought) in [(yen, "500", "0"), (dinars, "1.500", "0.000")] {
        let row = cells(&told(amount, State::Accepted));
        let cell = |name| row[COLUMNS.iter().position(|column| *column == name).unwrap()].shown();
        assert_eq!([cell("amount"), cell("refunded")], [decimal, nought]);
    }
}

#[test]
fn a_file_that_was_changed_is_not_what_was_exported() {
    for format in Format::ALL.iter().copied() {
        let (bytes, sums) = written(format, &[full(), told(pounds(5), State::Declined)]);
        let whole = summary(format, &sums);
        whole.check(&*bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        for (from, to) in [("12.50", "12.51"), ("accepted", "declined"), ("\n", "\n\n")] {
            let changed = text.replacen(from, to, 1);
            assert!(matches!(whole.check(changed.as_bytes()), Err(Differs::Bytes)), "{from}");
        }
        let longer = text.clone() + "more\n";
        assert!(matches!(whole.check(longer.as_bytes()), Err(Differs::Bytes)));
        let mut wrong = whole.clone();
        wrong.totals[0].amount_minor += 1;
        assert!(matches!(wrong.check(text.as_bytes()), Err(Differs::Totals)));
        let other = Summary { format: "xlsx".to_owned(), ..whole };
        assert!(matches!(other.check(text.as_bytes()), Err(Differs::Format)));
    }
}

/// A row of ours is short: one that goes on is none, even where a summary was made of it, and a file that never ends is not
/// read for ever.
#[test]
fn a_file_without_end_is_neither_kept_nor_read_through() {
    for format in Format::ALL.iter().copied() {
        let (bytes, sums) = written(format, &[full()]);
        let whole = summary(format, &sums);
        let text = String::from_utf8(bytes).unwrap();
        let with = |length: usize| {
            let longer = match format {
                Format::Csv => text.replacen("crm/1#2", &format!("\"{}\"", "\n".repeat(length)), 1),
                Format::Jsonl => text.replacen('{', &format!("{{{}", " ".repeat(length)), 1),
            };
            let sha256 = hex::encode(Sha256::digest(&longer));
            let bytes = longer.len().try_into().unwrap();
            Summary { bytes, sha256, ..whole.clone() }.check(longer.as_bytes())
        };
        with(30_000).unwrap();
        assert!(matches!(with(80_000), Err(Differs::Row(_))));
        let endless = text.as_bytes().chain(std::io::repeat(b'\n'));
        assert!(matches!(whole.check(endless), Err(Differs::Bytes)));
    }
}

#[test]
fn more_money_than_there_is_is_not_counted_wrong() {
    let mut totals = Totals::default();
    totals.add(Currency::GBP, State::Accepted, u64::MAX).unwrap();
    totals.add(Currency::GBP, State::Declined, 1).unwrap();
    assert!(totals.add(Currency::GBP, State::Accepted, 1).is_err());
}

proptest! {
    /// What the summary says is what whoever adds the rows up comes to.
    #[test]
    fn the_totals_are_the_sum_of_the_rows(
        rows in prop::collection::vec((1_i64..1_000_000_000_000, 0_usize..3, 0_usize..6), 0..40),
        format in prop::sample::select(Format::ALL.to_vec()),
    ) {
        let rows: Vec<Chained> = rows
            .into_iter()
            .map(|(minor, currency, state)| {
                let currency = [Currency::GBP, Currency::JPY, Currency::KWD][currency];
                told(Amount::new(minor, currency).unwrap(), State::ALL[state])
            })
            .collect();
        let (bytes, sums) = written(format, &rows);
        let mut own: BTreeMap<(String, String), (u64, i128)> = BTreeMap::new();
        let mut add = |currency: &str, state: &str, minor: &str| {
            let (count, sum) = own.entry((currency.to_owned(), state.to_owned())).or_default();
            *count = count.checked_add(1).unwrap();
            *sum = sum.checked_add(minor.parse().unwrap()).unwrap();
        };
        match format {
            Format::Csv => {
                for row in csv::Reader::from_reader(&*bytes).records().map(Result::unwrap) {
                    add(&row[7], &row[1], &row[8]);
                }
            }
            Format::Jsonl => {
                for line in std::str::from_utf8(&bytes).unwrap().lines() {
                    let row: serde_json::Value = serde_json::from_str(line).unwrap();
                    let text = |name: &str| row[name].as_str().unwrap();
                    add(text("currency"), text("state"), &row["amount_minor"].to_string());
                }
            }
        }
        let told: BTreeMap<_, _> = sums
            .totals
            .told()
            .into_iter()
            .map(|it| ((it.currency, it.state), (it.count, i128::from(it.amount_minor))))
            .collect();
        prop_assert_eq!(told, own);
        prop_assert_eq!(sums.totals.rows(), u64::try_from(rows.len()).unwrap());
        prop_assert!(summary(format, &sums).check(&*bytes).is_ok());
    }
}
