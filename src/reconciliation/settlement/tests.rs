//! Statements of several processors' making, and what is said of one that cannot be read.

use super::{BadStatement, Decimal, Kind, Mapping, Words, read};
use crate::payment::Reference;
use iso_currency::Currency;
use proptest::prelude::*;

fn mapping() -> Mapping {
    let own = |text: &str| text.to_owned();
    Mapping {
        reference: Some(own("Order")),
        processor_reference: Some(own("Transaction")),
        amount: own("Gross"),
        currency: Some(own("Currency")),
        otherwise: Currency::GBP,
        date: own("Date"),
        date_format: own("%d/%m/%Y"),
        kind: Some(Words {
            column: own("Type"),
            payments: vec![own("Sale")],
            refunds: vec![own("Refund"), own("Chargeback")],
            ignored: vec![own("Fee")],
        }),
        decimal: Decimal::Point,
        separator: b',',
        lines_before: 0,
    }
}

const HEAD: &str = "Date,Type,Order,Transaction,Name,Currency,Gross\n";
const OURS: &str = "01M84J9X89EXR96ABP88GNY1SG";

fn statement(lines: &str) -> Vec<u8> {
    format!("{HEAD}{lines}").into_bytes()
}

#[test]
fn a_statement_is_read_by_its_columns_alone() {
    let lines = format!(
        "26/11/2026,Sale,{OURS},T-1,\"Example, Pat\",GBP,\"1,025.00\"\n\
         26/11/2026,Fee,,,,GBP,nothing\n\
         27/11/2026,Chargeback,{OURS},T-2,Pat,GBP,-5.00\n\
         28/11/2026,Sale,another shop's,4242424242424242,Pat,JPY,500\n"
    );
    let found = read(&statement(&lines), &mapping()).unwrap();
    assert_eq!(found.ignored, 1);
    let told: Vec<_> = found
        .lines
        .iter()
        .map(|line| (line.number, line.kind, line.amount.minor(), line.on.to_string()))
        .collect();
    assert_eq!(
        told,
        [
            (2, Kind::Payment, 102_500, "2026-11-26".to_owned()),
            (4, Kind::Refund, 500, "2026-11-27".to_owned()),
            (5, Kind::Payment, 500, "2026-11-28".to_owned()),
        ]
    );
    assert_eq!(found.lines[0].reference, Reference::parse(OURS));
    assert_eq!(found.lines[0].processor_reference.as_ref().unwrap().as_str(), "T-1");
    assert_eq!((&found.lines[2].reference, &found.lines[2].processor_reference), (&None, &None));
}

/// As a bank of the continent writes it: a title before the head, semicolons, commas, the sign alone, the mark of UTF-8,
/// and Latin-1 in a column that is nobody's business.
#[test]
fn another_layout() {
    let mapping = Mapping {
        reference: None,
        currency: None,
        kind: None,
        date_format: "%Y-%m-%d %H:%M:%S".to_owned(),
        decimal: Decimal::Comma,
        separator: b';',
        lines_before: 2,
        ..mapping()
    };
    let mut bytes =
        b"\xEF\xBB\xBFSettlement \"of\nNovember\nGross;Date;Transaction;Name\r\n".to_vec();
    bytes
        .extend(b"1.025,00;2026-11-26 23:30:00;T-1;\"Andr\xE9\r\nof York\"\r\n\r\n-5,00;2026-11-27 00:00:00;T-2;\r\n");
    let found = read(&bytes, &mapping).unwrap();
    let told: Vec<_> = found
        .lines
        .iter()
        .map(|line| (line.number, line.kind, line.amount.minor(), line.amount.currency()))
        .collect();
    assert_eq!(
        told,
        [(4, Kind::Payment, 102_500, Currency::GBP), (7, Kind::Refund, 500, Currency::GBP)]
    );
}

#[test]
fn a_cell_that_cannot_be_read_is_named_and_never_told() {
    for (line, column) in [
        ("26/11/2026,Sale,,,Canary,GBP,Canary", "Gross"),
        ("26/11/2026,Sale,,,Canary,GBP,-25.00", "Gross"),
        ("26/11/2026,Canary,,,Canary,GBP,25.00", "Type"),
        ("Canary,Sale,,,Canary,GBP,25.00", "Date"),
        ("2026-11-26,Sale,,,Canary,GBP,25.00", "Date"),
        ("26/11/2026,Sale,,,Canary,Canary,25.00", "Currency"),
        ("26/11/2026,Sale,,,Canary", "Currency"),
    ] {
        let refused = read(&statement(&format!("{line}\n")), &mapping()).unwrap_err();
        let told = refused.to_string();
        let expected = format!("line 2 of the statement, column \"{column}\": ");
        assert!(told.starts_with(&expected) && !told.contains("Canary"), "{line}: {told}");
        assert!(!told.contains("25.00"), "{told}");
    }
}

#[test]
fn every_bad_line_is_counted_and_the_first_are_told() {
    let lines = "26/11/2026,Sale,,,,GBP,x\n".repeat(25);
    let refused = read(&statement(&lines), &mapping()).unwrap_err();
    assert!(matches!(&refused, BadStatement::Cells(cells, 5) if cells.len() == 20));
    let told = refused.to_string();
    assert!(told.lines().count() == 21 && told.ends_with("\nand 5 more"), "{told}");
    assert!(told.contains("line 21 of"), "{told}");
}

#[test]
fn a_statement_without_its_columns_is_none() {
    let no_column = |name: &str| Err(BadStatement::NoColumn(name.to_owned()));
    assert_eq!(read(HEAD.replace("Gross", "Net").as_bytes(), &mapping()), no_column("Gross"));
    assert_eq!(read(HEAD.replace("Name", "Date").as_bytes(), &mapping()), no_column("Date"));
    assert_eq!(read(HEAD.replace(',', ";").as_bytes(), &mapping()), no_column("Order"));
    assert_eq!(read(b"", &mapping()), Err(BadStatement::NoHeader(1)));
    let later = Mapping { lines_before: 9, ..mapping() };
    assert_eq!(read(HEAD.as_bytes(), &later), Err(BadStatement::NoHeader(10)));
    assert_eq!(read(HEAD.as_bytes(), &mapping()).unwrap().lines, []);
}

proptest! {
    /// Whatever is given for a statement, it is read or refused, and nothing of it is told.
    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let with_head = [HEAD.as_bytes(), &bytes].concat();
        for bytes in [&bytes, &with_head] {
            if let Ok(settlement) = read(bytes, &mapping()) {
                prop_assert!(settlement.lines.len() <= bytes.len());
            }
        }
    }
}
