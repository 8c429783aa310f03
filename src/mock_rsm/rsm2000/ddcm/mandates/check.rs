//! What a record of `setMandates` must be: texts, plan, types, references.

use super::super::code::Code;
use super::super::document::Node;
use super::super::field::{self, NoDate};
use crate::mock_rsm::rsm2000::bureau::{Bureau, Plan};
use crate::mock_rsm::rsm2000::calendar::Calendar;
use crate::mock_rsm::rsm2000::pounds;
use crate::mock_rsm::rsm2000::settings::{Feature, Rsm2000Settings};
use jiff::civil::Date;

/// What was read from a record.
pub(super) struct Checked {
    pub(super) plan: Option<Plan>,
}

/// Working days before a first collection.
const LEAD: u32 = 5;
/// The characters of a `ddRefNo`, fewest and most.
const REFERENCE: (usize, usize) = (6, 18);

/// Checks everything that new and amended mandates share. `known` is the plan that an amended one
/// has: its start need not lie ahead again.
pub(super) fn all(
    calendar: &Calendar,
    settings: &Rsm2000Settings,
    record: &Node,
    known: Option<Plan>,
    codes: &mut Vec<Code>,
) -> Checked {
    codes.extend(field::check_texts(record, settings));
    let addressed = settings.has(Feature::AddressChecking);
    if addressed && record.text_of("postcode").starts_with("ZZ") {
        codes.push(2241);
    }
    let listed = |element: &str, list: &[String], missing: Code, unknown: Code| match record
        .text_of(element)
    {
        "" if list.is_empty() => None,
        "" => Some(missing),
        value if list.iter().any(|known| known == value) => None,
        _other => Some(unknown),
    };
    codes.extend(listed("mandateType", &settings.mandate_types, 2201, 2202));
    codes.extend(listed("shortId", &settings.short_ids, 2211, 2212));
    let plan = plan(calendar, settings, record, known);
    let plan = plan.unwrap_or_else(|wrong| {
        codes.extend(wrong);
        None
    });
    Checked { plan }
}

/// The `ddRefNo` of a new mandate.
pub(super) fn new_reference(
    bureau: &Bureau,
    settings: &Rsm2000Settings,
    text: &str,
) -> Option<Code> {
    match (settings.has(Feature::AutoReference), text) {
        (true, "") => return None,
        (true, _) => return Some(2162),
        (false, "") => return Some(2167),
        (false, _) => {}
    }
    let length = text.chars().count();
    let marks = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '/');
    let solid = |c: &char| c.is_ascii_uppercase() || c.is_ascii_digit();
    if !(REFERENCE.0..=REFERENCE.1).contains(&length) {
        Some(2161)
    } else if !text.chars().all(marks) {
        Some(2163)
    } else if text.chars().filter(solid).count() < REFERENCE.0 {
        Some(2164)
    } else if settings.reference_length.is_some_and(|fixed| fixed != length) {
        Some(2165)
    } else {
        bureau.mandates.iter().any(|held| held.reference == text).then_some(2169)
    }
}

/// Amount, frequency and start together, or none of them.
fn plan(
    calendar: &Calendar,
    settings: &Rsm2000Settings,
    record: &Node,
    known: Option<Plan>,
) -> Result<Option<Plan>, Vec<Code>> {
    let [amount, frequency, start, end] =
        ["amount", "frequency", "startDate", "endDate"].map(|element| record.text_of(element));
    if [amount, frequency, start].iter().all(|text| text.is_empty()) {
        let mut codes = Vec::new();
        codes.extend(settings.has(Feature::RepeatingCompulsory).then_some(2183));
        codes.extend((!end.is_empty()).then_some(2185));
        return if codes.is_empty() { Ok(None) } else { Err(codes) };
    }
    if !settings.has(Feature::Repeating) && !settings.has(Feature::RepeatingCompulsory) {
        return Err(vec![if frequency.is_empty() { 2184 } else { 2182 }]);
    }
    let months = if frequency.is_empty() { Err(2187) } else { field::months(frequency) };
    let parts = (sum(settings, amount), months, start_date(calendar, start, known));
    let codes = || [parts.0.err(), parts.1.err(), parts.2.err()].into_iter().flatten().collect();
    let (Ok(pence), Ok(months), Ok(start)) = parts else { return Err(codes()) };
    let end = end_date(end, start).map_err(|code| vec![code])?;
    Ok(Some(Plan { pence, months, start, end }))
}

/// A sum to collect, in pence.
pub(in crate::mock_rsm::rsm2000::ddcm) fn sum(
    settings: &Rsm2000Settings,
    text: &str,
) -> Result<i64, Code> {
    if text.is_empty() {
        return Err(2173);
    }
    let pence = pounds::read(text).ok_or(2171_u16)?;
    if pence == 0 {
        Err(2172)
    } else if settings.most_pence.is_some_and(|most| pence > most) {
        Err(2174)
    } else {
        Ok(pence)
    }
}

fn start_date(calendar: &Calendar, text: &str, known: Option<Plan>) -> Result<Date, Code> {
    let start = field::date(text).map_err(|wrong| match wrong {
        NoDate::Malformed => 2191_u16,
        NoDate::Impossible => 2192,
    })?;
    if known.is_some_and(|plan| plan.start == start) {
        Ok(start)
    } else if !calendar.is_ahead(start, LEAD) {
        Err(2193)
    } else if calendar.is_too_far(start) {
        Err(2194)
    } else {
        Ok(start)
    }
}

fn end_date(text: &str, start: Date) -> Result<Option<Date>, Code> {
    if text.is_empty() {
        return Ok(None);
    }
    let end = field::date(text).map_err(|wrong| match wrong {
        NoDate::Malformed => 2221_u16,
        NoDate::Impossible => 2223,
    })?;
    if end > start { Ok(Some(end)) } else { Err(2222) }
}
