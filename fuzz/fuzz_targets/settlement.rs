//! Whatever is given for a settlement statement: read or refused as this target's own hand reads it, in words that are made of
//! line numbers and the operator's columns alone. Every line that was read is counted once, and the sums are those of the
//! lines. The first two bytes choose the layout, and what our record has of it.
#![no_main]

use almoner::payment::{Amount, ProcessorText, Reference, amount};
use almoner::processor::Period;
use almoner::reconciliation::compare::Verdict;
use almoner::reconciliation::settled::{Movement, Settled, Sum};
use almoner::reconciliation::settlement::{
    BadCell, BadStatement, Decimal, Kind, Line, Mapping, Settlement, Words, read,
};
use iso_currency::Currency;
use jiff::civil::Date;
use libfuzzer_sys::fuzz_target;
use std::collections::BTreeMap;

/// How many cells that cannot be read are told of.
const TOLD: usize = 20;
const PERIOD: Period =
    Period { first: Date::constant(2026, 11, 1), last: Date::constant(2026, 11, 30) };

fuzz_target!(|input: &[u8]| {
    let Some((choice, rest)) = input.split_first_chunk::<2>() else { return };
    let mapping = mapping(*choice);
    let mut file = Vec::new();
    if choice[1] & 16 == 0 {
        let names = ["Date", "Type", "Order", "Transaction", "Payer", "Currency", "Gross"];
        file.extend(names.map(str::as_bytes).join(&mapping.separator));
        file.push(b'\n');
    }
    file.extend(rest);
    let found = read(&file, &mapping);
    assert_eq!(found, expected(&file, &mapping));
    match found {
        Ok(settlement) => held_against_the_record(&settlement, choice[1] >> 5),
        Err(BadStatement::Cells(cells, more)) => {
            let said = |cell: &BadCell| {
                let BadCell { line, column, what } = cell;
                format!("line {line} of the statement, column \"{column}\": {what}")
            };
            let mut lines: Vec<_> = cells.iter().map(said).collect();
            lines.extend((more > 0).then(|| format!("and {more} more")));
            assert_eq!(BadStatement::Cells(cells, more).to_string(), lines.join("\n"));
        }
        Err(_) => {}
    }
});

fn mapping([layout, other]: [u8; 2]) -> Mapping {
    let own = |text: &str| Some(text.to_owned());
    let words = Words {
        column: "Type".to_owned(),
        payments: vec!["Sale".to_owned()],
        refunds: vec!["Refund".to_owned(), "Chargeback".to_owned()],
        ignored: vec!["Fee".to_owned()],
    };
    Mapping {
        reference: own("Order").filter(|_| other & 3 != 1),
        processor_reference: own("Transaction").filter(|_| other & 3 != 2),
        amount: "Gross".to_owned(),
        currency: own("Currency").filter(|_| layout & 32 == 0),
        otherwise: [Currency::GBP, Currency::JPY, Currency::KWD][usize::from(other >> 2 & 3) % 3],
        date: "Date".to_owned(),
        date_format: if layout & 128 == 0 { "%Y-%m-%d" } else { "%d/%m/%Y" }.to_owned(),
        kind: Some(words).filter(|_| layout & 16 == 0),
        decimal: Decimal::ALL[usize::from(layout >> 2 & 3) % Decimal::ALL.len()],
        separator: b",;\t|"[usize::from(layout & 3)],
        // The lines before stand in the input; with our own head, that is one of them.
        lines_before: usize::from(layout >> 6 & 1) * 2,
    }
}

/// What the file says, by this target's own hand.
fn expected(file: &[u8], mapping: &Mapping) -> Result<Settlement, BadStatement> {
    let mut rows = rows(file, mapping).into_iter();
    let no_header = BadStatement::NoHeader(mapping.lines_before as u64 + 1);
    let (_, head) = rows.next().ok_or(no_header)?;
    let place = |name: &str| {
        let is_it = |cell: &&Vec<u8>| cell.trim_ascii() == name.as_bytes();
        let place = head.iter().position(|cell| is_it(&cell));
        place
            .filter(|_| head.iter().filter(is_it).count() == 1)
            .ok_or_else(|| BadStatement::NoColumn(name.to_owned()))
    };
    let may = |name: &Option<String>| name.as_deref().map(place).transpose();
    let (reference, theirs) = (may(&mapping.reference)?, may(&mapping.processor_reference)?);
    let sum = place(&mapping.amount)?;
    let currency = may(&mapping.currency)?;
    let date = place(&mapping.date)?;
    let kind = mapping.kind.as_ref().map(|words| place(&words.column)).transpose()?;

    let (mut settlement, mut bad) = (Settlement::default(), Vec::new());
    for (number, cells) in rows {
        let text = |place: usize| {
            let cell = cells.get(place).ok_or("the line ends before it")?;
            str::from_utf8(cell.trim_ascii()).map_err(|_| "not UTF-8")
        };
        let free = |place: Option<usize>| place.and_then(|place| text(place).ok());
        let row = || {
            let of = |column: &'static str| move |what: &'static str| (column, what);
            let mut said = None;
            if let Some(place) = kind {
                said = match text(place).map_err(of("Type"))? {
                    "Fee" => return Ok(None),
                    "Sale" => Some(Kind::Payment),
                    "Refund" | "Chargeback" => Some(Kind::Refund),
                    _ => {
                        return Err(("Type", "none of the words of payments, refunds and ignored"));
                    }
                };
            }
            let mut unit = mapping.otherwise;
            if let Some(place) = currency {
                unit = amount::currency(text(place).map_err(of("Currency"))?)
                    .map_err(|_| ("Currency", "not the code of a currency"))?;
            }
            let figures = text(sum).map_err(of("Gross"))?;
            let minor = minor(figures, mapping.decimal, unit).ok_or((
                "Gross",
                "not a sum in the currency's decimals, as reconcile.statement.decimal says, above nought",
            ))?;
            if minor < 0 && said == Some(Kind::Payment) {
                return Err(("Gross", "below nought, and its line is a payment"));
            }
            let on = Date::strptime(&mapping.date_format, text(date).map_err(of("Date"))?)
                .map_err(|_| ("Date", "not a day as date_format says"))?;
            Ok(Some(Line {
                number,
                reference: free(reference).and_then(Reference::parse),
                processor_reference: free(theirs).and_then(ProcessorText::heard),
                kind: said.unwrap_or(if minor < 0 { Kind::Refund } else { Kind::Payment }),
                amount: Amount::new(minor.abs(), unit).unwrap(),
                on,
            }))
        };
        match row() {
            Ok(Some(line)) => settlement.lines.push(line),
            Ok(None) => settlement.ignored += 1,
            Err((column, what)) => {
                bad.push(BadCell { line: number, column: column.to_owned(), what });
            }
        }
    }
    let more = bad.len().saturating_sub(TOLD);
    bad.truncate(TOLD);
    if bad.is_empty() { Ok(settlement) } else { Err(BadStatement::Cells(bad, more)) }
}

/// Every row with the number of the line in which it begins: RFC 4180, and what is looser than that as everybody reads it.
fn rows(file: &[u8], mapping: &Mapping) -> Vec<(u64, Vec<Vec<u8>>)> {
    let mut file = file.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(file);
    let mut number = 1;
    for _ in 0..mapping.lines_before {
        let end = file.iter().position(|byte| *byte == b'\n');
        file = end.map_or(&[], |end| &file[end + 1..]);
        number += 1;
    }
    // A mark before the names is none of theirs.
    file = file.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(file);
    let (mut rows, mut bytes) = (Vec::new(), file.iter().copied().peekable());
    loop {
        while let Some(end) = bytes.next_if(|byte| b"\r\n".contains(byte)) {
            number += u64::from(end == b'\n');
        }
        if bytes.peek().is_none() {
            return rows;
        }
        let (begins, mut cells) = (number, Vec::new());
        loop {
            let mut cell = Vec::new();
            if bytes.next_if_eq(&b'"').is_some() {
                while let Some(byte) = bytes.next() {
                    if byte == b'"' && bytes.next_if_eq(&b'"').is_none() {
                        break;
                    }
                    number += u64::from(byte == b'\n');
                    cell.push(byte);
                }
            }
            let goes_on = |byte: &u8| *byte != mapping.separator && !b"\r\n".contains(byte);
            while let Some(byte) = bytes.next_if(goes_on) {
                cell.push(byte);
            }
            cells.push(cell);
            if bytes.next_if_eq(&mapping.separator).is_none() {
                break;
            }
        }
        rows.push((begins, cells));
    }
}

/// Minor units, below nought where a minus stands before them.
fn minor(text: &str, decimal: Decimal, currency: Currency) -> Option<i64> {
    let decimals = usize::from(currency.exponent()?);
    let figures = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (group, mark) = if decimal == Decimal::Comma { ('.', ',') } else { (',', '.') };
    let (whole, part) = match figures.split_once(mark) {
        _ if decimal == Decimal::Minor => (figures, String::new()),
        Some((whole, part)) if decimals > 0 && part.len() == decimals => (whole, part.to_owned()),
        Some(_) => return None,
        None => (figures, "0".repeat(decimals)),
    };
    let mut groups = whole.split(group);
    let first = groups.next()?.len();
    let mut others = groups.map(str::len).peekable();
    let fits = others.peek().is_none()
        || decimal != Decimal::Minor && (1..=3).contains(&first) && others.all(|it| it == 3);
    let bare = |c: &char| decimal == Decimal::Minor || *c != group;
    let digits: String = whole.chars().filter(bare).chain(part.chars()).collect();
    if whole.is_empty() || !fits || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = digits.trim_start_matches('0');
    let sum: i64 = digits.parse().ok().filter(|_| digits.len() <= 15)?;
    Some(if text.starts_with('-') { -sum } else { sum })
}

/// Our record has some of the lines, some with another sum, and something of its own: each line and each movement of the
/// period comes out once, what matches is the same, and the sums are those of what came out.
fn held_against_the_record(settlement: &Settlement, choice: u8) {
    let own = Reference::parse("01M84J9X89EXR96ABP88GNY1SG").unwrap();
    let (mut ours, mut known) = (Vec::new(), BTreeMap::new());
    for (place, line) in settlement.lines.iter().enumerate() {
        let Line { reference, processor_reference: theirs, kind, amount, on, .. } = line.clone();
        known.extend(theirs.clone().map(|it| (it, own)));
        let amount = match (place + usize::from(choice)) % 4 {
            0 => continue,
            1 => Amount::new(amount.minor() + 1, amount.currency()).ok(),
            _ => Some(amount),
        };
        let reference = reference.unwrap_or(own);
        ours.push(Movement { reference, processor_reference: theirs, kind, amount, on });
    }
    let movements = ours.clone();
    let lines = &settlement.lines;
    let found = Settled::of(ours, settlement.clone(), &known, PERIOD).unwrap();
    let within = |on: Date| (PERIOD.first..=PERIOD.last).contains(&on);

    let theirs: Vec<_> = found.pairs.iter().filter_map(|pair| pair.theirs.as_ref()).collect();
    assert_eq!(theirs.len() + found.outside, lines.len(), "every line is counted once");
    assert_eq!(found.ignored, settlement.ignored);
    for line in lines {
        let same = |it: &&Line| *it == line;
        let (told, all) = (theirs.iter().copied().filter(same), lines.iter().filter(same));
        let (told, all) = (told.count(), all.count());
        assert!(told == all || told < all && !within(line.on), "{line:?}");
    }
    for own in &movements {
        let told = found.pairs.iter().filter(|pair| pair.ours.as_ref() == Some(own)).count();
        let all = movements.iter().filter(|it| *it == own).count();
        assert!(told == all || told < all && !within(own.on), "{own:?}");
    }
    let mut sums: BTreeMap<_, (i128, u64)> = BTreeMap::new();
    for pair in &found.pairs {
        if let (Verdict::Matched, Some(own), Some(line)) =
            (pair.verdict(), &pair.ours, &pair.theirs)
        {
            assert!(own.kind == line.kind && own.amount.is_none_or(|it| it == line.amount));
            assert!(line.reference.is_none_or(|it| it == own.reference));
        }
        let theirs = pair.theirs.as_ref().map(|line| line.amount);
        // A refund that names no sum is counted under the currency of its line.
        let ours = pair.ours.as_ref().and_then(|own| {
            let counted = own.amount.or(theirs)?;
            Some((true, counted.currency(), own.amount.map_or(0, Amount::minor)))
        });
        let theirs = theirs.map(|amount| (false, amount.currency(), amount.minor()));
        for (is_ours, currency, minor) in ours.into_iter().chain(theirs) {
            let sum = sums.entry((pair.kind, currency.code(), is_ours)).or_default();
            *sum = (sum.0 + i128::from(minor), sum.1 + 1);
        }
    }
    for ((kind, code), (ours, theirs)) in found.totals {
        for (is_ours, Sum { count, minor }) in [(true, ours), (false, theirs)] {
            let sum = sums.remove(&(kind, code, is_ours)).unwrap_or_default();
            assert_eq!((i128::from(minor), count), sum, "{code}");
        }
    }
    assert!(sums.is_empty(), "{sums:?}");
}
