//! `mandateReport` and `collectionReport`, in the columns that the vendor has chosen.

mod column;

pub(in crate::mock_rsm::rsm2000) use column::check_columns;

use super::code::Code;
use super::document::Node;
use super::filter::{self, Descending, Row};
use super::reply::Element;
use crate::mock_rsm::rsm2000::Office;
use crate::mock_rsm::rsm2000::bureau::{Collection, CollectionKind, Mandate, MandateState};
use column::{
    COLLECTION_COLUMNS, MANDATE_COLUMNS, collection_columns, mandate_columns, of_collection,
    of_mandate,
};
use jiff::civil::Date;

pub(super) fn mandates(office: &Office, filters: &Node) -> Result<Vec<Element>, Vec<Code>> {
    let status = filters.text_of("status");
    if !["", "ALL"].contains(&status) && !MandateState::is_word(status) {
        return Err(vec![2261]);
    }
    let range = filter::range(filters)?;
    let alone = filters
        .children
        .iter()
        .filter(|child| !["status", "sortType", "sortOrder", "noOfRows"].contains(&&*child.name))
        .all(|child| child.text.is_empty());
    let bureau = office.bureau();
    let today = bureau.calendar.today();
    let wanted = |held: &&Mandate| {
        let within = |day: Date| range.is_some_and(|(from, to)| (from..=to).contains(&day));
        let dated = match range {
            Some(_) => within(held.created) || within(held.updated),
            None if alone && !status.is_empty() => held.updated == today,
            None => true,
        };
        let texts = [
            ("ddRefNo", held.reference.as_str()),
            ("clientRef", &held.client_ref),
            ("postcode", held.detail("postcode")),
            ("name", held.name()),
            ("reason", &held.fail_reason),
            ("mandateType", &held.kind),
            ("shortId", &held.short_id),
            ("paymentRef", &held.payment_ref),
        ];
        let stated = ["", "ALL"].contains(&status) || held.state.word() == status;
        dated && stated && texts.iter().all(|(name, value)| filter::holds(filters, name, value))
    };
    let columns = mandate_columns(&office.settings);
    let rows = bureau.mandates.iter().filter(wanted).map(|held| Row {
        cells: columns
            .iter()
            .map(|name| (*name, of_mandate(held, name, &office.settings)))
            .collect(),
        all: MANDATE_COLUMNS.map(|name| (name, of_mandate(held, name, &office.settings))).into(),
    });
    let rows = rows.collect();
    drop(bureau);
    let rows = filter::arrange(filters, rows, ("ddRefNo", Descending::No), &MANDATE_COLUMNS)?;
    Ok(filter::list("mandates", "mandate", rows))
}

pub(super) fn collections(office: &Office, filters: &Node) -> Result<Vec<Element>, Vec<Code>> {
    const WORDS: [&str; 9] = [
        "",
        "ALL",
        "SUCCESS",
        "FAILED",
        "NEW",
        "PAID",
        "UNPAID",
        "First collection",
        "Normal collection",
    ];
    let status = filters.text_of("status");
    if !WORDS.contains(&status) {
        return Err(vec![2261]);
    }
    let range = filter::range(filters)?;
    let bureau = office.bureau();
    let stated = |one: &Collection| match status {
        "" | "ALL" => true,
        "First collection" => one.kind == CollectionKind::First,
        "Normal collection" => one.kind == CollectionKind::Regular,
        "PAID" | "UNPAID" => one.money.word() == status,
        word => one.sending.word() == word,
    };
    let mut rows = Vec::new();
    for one in &bureau.collections {
        let Some(held) = bureau.mandate(&one.reference) else { continue };
        let dated = range.is_none_or(|(from, to)| (from..=to).contains(&one.due));
        let texts = [
            ("ddRefNo", one.reference.as_str()),
            ("clientRef", &held.client_ref),
            ("name", held.name()),
        ];
        let named = texts.iter().all(|(name, value)| filter::holds(filters, name, value));
        if dated && named && stated(one) {
            let columns = collection_columns(&office.settings);
            let cell = |name| (name, of_collection(one, held, name, &office.settings));
            let all = COLLECTION_COLUMNS.map(cell).into();
            rows.push(Row { cells: columns.into_iter().map(cell).collect(), all });
        }
    }
    drop(bureau);
    let rows = filter::arrange(filters, rows, ("dateDue", Descending::No), &COLLECTION_COLUMNS)?;
    Ok(filter::list("collections", "collection", rows))
}
