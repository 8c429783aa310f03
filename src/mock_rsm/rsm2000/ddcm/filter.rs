//! The filters that reports share: a range of days, an order, a number of rows.

use super::code::Code;
use super::document::Node;
use super::field;
use super::reply::Element;
use crate::mock_rsm::rsm2000::pounds;
use jiff::civil::Date;

/// Rows where the number asked for is no multiple of five (rsm-protocol.md, 7.5).
const USUAL_ROWS: usize = 20;

/// One record of a report: values by element, in the vendor's order.
pub(super) struct Row {
    pub(super) cells: Vec<(&'static str, String)>,
    /// Every value it could be sorted by.
    pub(super) all: Vec<(&'static str, String)>,
}

/// `startDate` and `endDate`: both or none.
pub(super) fn range(filters: &Node) -> Result<Option<(Date, Date)>, Vec<Code>> {
    let (start, end) = (filters.text_of("startDate"), filters.text_of("endDate"));
    if start.is_empty() && end.is_empty() {
        return Ok(None);
    }
    let start = field::date(start).map_err(|_no_date| vec![2191_u16])?;
    let end = field::date(end).map_err(|_no_date| vec![2221_u16])?;
    Ok(Some((start, end)))
}

/// Whether a value holds what a filter asks for; an empty filter asks for nothing.
pub(super) fn holds(filters: &Node, element: &str, value: &str) -> bool {
    let wanted = filters.text_of(element).to_lowercase();
    value.to_lowercase().contains(&wanted)
}

/// Sorts, and leaves as many rows as were asked for.
pub(super) fn arrange(
    filters: &Node,
    mut rows: Vec<Row>,
    (column, descending): (&str, Descending),
    sortable: &[&str],
) -> Result<Vec<Row>, Vec<Code>> {
    let asked = filters.text_of("sortType");
    if !asked.is_empty() && !sortable.contains(&asked) {
        return Err(vec![2262]);
    }
    let order = match filters.text_of("sortOrder").to_ascii_uppercase().as_str() {
        "" if asked.is_empty() => descending,
        "" | "ASC" => Descending::No,
        "DESC" => Descending::Yes,
        _other => return Err(vec![2263]),
    };
    let order = if asked.is_empty() { descending } else { order };
    let column = if asked.is_empty() { column } else { asked };
    rows.sort_by_cached_key(|row| row.key(column));
    if order == Descending::Yes {
        rows.reverse();
    }
    rows.truncate(most(filters.text_of("noOfRows")));
    Ok(rows)
}

/// Which way a report runs without being asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Descending {
    Yes,
    No,
}

/// `noOfRecords` and the list. One `number` stands before the first record of a mandate report, as
/// in the manual's sample.
pub(super) fn list(name: &'static str, each: &'static str, rows: Vec<Row>) -> Vec<Element> {
    let count = Element::text("noOfRecords", rows.len().to_string());
    let stray = (each == "mandate" && !rows.is_empty()).then(|| Element::text("number", "1"));
    let records = rows.into_iter().map(|row| {
        let cells = row.cells.into_iter();
        Element::of(each, cells.map(|(name, value)| Element::text(name, value)).collect())
    });
    vec![count, Element::of(name, stray.into_iter().chain(records).collect())]
}

fn most(text: &str) -> usize {
    match text.parse::<usize>() {
        _ if text.is_empty() => usize::MAX,
        Ok(rows) if rows > 0 && rows.is_multiple_of(5) && text.len() <= 4 => rows,
        Ok(_) | Err(_) => USUAL_ROWS,
    }
}

impl Row {
    /// Sums by their size, everything else by its letters.
    fn key(&self, column: &str) -> (i64, String) {
        let cell = self.all.iter().find(|(name, _)| name.eq_ignore_ascii_case(column));
        let text = cell.map_or("", |(_, value)| value.as_str());
        let sum = ["amount", "paidAmount"].contains(&column);
        (if sum { pounds::read(text).unwrap_or(0) } else { 0 }, text.to_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_in_fives() {
        for (text, expected) in [
            ("", usize::MAX),
            ("5", 5),
            ("100", 100),
            ("7", USUAL_ROWS),
            ("0", USUAL_ROWS),
            ("x", USUAL_ROWS),
            ("10000", USUAL_ROWS),
        ] {
            assert_eq!(most(text), expected, "{text}");
        }
    }
}
