//! The columns of reports: RSM's usual ones, those a vendor can choose, and what stands in each.

use crate::mock_rsm::key::invalid;
use crate::mock_rsm::rsm2000::bureau::{Collection, CollectionKind, Mandate, Money};
use crate::mock_rsm::rsm2000::pounds;
use crate::mock_rsm::rsm2000::settings::Rsm2000Settings;
use std::io;

const MANDATE_USUAL: [&str; 13] = [
    "ddRefNo",
    "clientRef",
    "name",
    "sortcode",
    "account",
    "postcode",
    "amount",
    "startDate",
    "frequency",
    "endDate",
    "updated",
    "status",
    "failReason",
];
/// After the usual ones, those that a vendor can choose besides.
pub(super) const MANDATE_COLUMNS: [&str; 29] = [
    "ddRefNo",
    "clientRef",
    "name",
    "sortcode",
    "account",
    "postcode",
    "amount",
    "startDate",
    "frequency",
    "endDate",
    "updated",
    "status",
    "failReason",
    "shortId",
    "fullClientRef",
    "vendor",
    "mandateType",
    "firstName",
    "lastName",
    "tradingName",
    "address1",
    "address2",
    "address3",
    "town",
    "telephone",
    "email",
    "paymentReference",
    "created",
    "failedLogins",
];
const COLLECTION_USUAL: [&str; 14] = [
    "dateDue",
    "ddRefNo",
    "clientRef",
    "name",
    "sortcode",
    "account",
    "amount",
    "repeat",
    "status",
    "failReason",
    "payStatus",
    "paidAmount",
    "collectionType",
    "mandatePayRef",
];
pub(super) const COLLECTION_COLUMNS: [&str; 21] = [
    "dateDue",
    "ddRefNo",
    "clientRef",
    "name",
    "sortcode",
    "account",
    "amount",
    "repeat",
    "status",
    "failReason",
    "payStatus",
    "paidAmount",
    "collectionType",
    "mandatePayRef",
    "shortId",
    "vendor",
    "mandateType",
    "firstCollection",
    "payType",
    "payRef",
    "date",
];

/// Whether the vendor's own columns exist.
pub(in crate::mock_rsm::rsm2000) fn check_columns(settings: &Rsm2000Settings) -> io::Result<()> {
    let known = |chosen: &Option<Vec<String>>, all: &[&str]| {
        chosen.iter().flatten().all(|name| all.contains(&name.as_str()))
    };
    if known(&settings.mandate_columns, &MANDATE_COLUMNS)
        && known(&settings.collection_columns, &COLLECTION_COLUMNS)
    {
        Ok(())
    } else {
        Err(invalid("name only columns that rsm2000's reports have"))
    }
}

pub(super) fn mandate_columns(settings: &Rsm2000Settings) -> Vec<&'static str> {
    if let Some(chosen) = &settings.mandate_columns {
        return pick(&MANDATE_COLUMNS, chosen);
    }
    let mut columns = MANDATE_USUAL.to_vec();
    if !settings.short_ids.is_empty() {
        columns.extend(["shortId", "fullClientRef", "vendor"]);
    }
    if !settings.mandate_types.is_empty() {
        columns.push("mandateType");
    }
    columns
}

pub(super) fn collection_columns(settings: &Rsm2000Settings) -> Vec<&'static str> {
    if let Some(chosen) = &settings.collection_columns {
        return pick(&COLLECTION_COLUMNS, chosen);
    }
    let mut columns = COLLECTION_USUAL.to_vec();
    if !settings.short_ids.is_empty() {
        columns.extend(["shortId", "vendor"]);
    }
    columns
}

fn pick(all: &[&'static str], chosen: &[String]) -> Vec<&'static str> {
    chosen.iter().filter_map(|name| all.iter().copied().find(|known| known == name)).collect()
}

/// A mandate's value in a column; one that the mock does not know is empty.
pub(super) fn of_mandate(held: &Mandate, column: &str, settings: &Rsm2000Settings) -> String {
    let plan = held.plan;
    let text = match column {
        "ddRefNo" => &held.reference,
        "clientRef" => &held.client_ref,
        "name" => held.name(),
        "sortcode" => held.detail("sortCode"),
        "account" => held.detail("accountNumber"),
        "status" => held.state.word(),
        "failReason" => &held.fail_reason,
        "shortId" => &held.short_id,
        "vendor" => &settings.vendor_name,
        "mandateType" => &held.kind,
        "paymentReference" => &held.payment_ref,
        "telephone" => held.detail("phone"),
        "firstName" => held.name().rsplit_once(' ').map_or("", |(first, _)| first),
        "lastName" => held.name().rsplit_once(' ').map_or(held.name(), |(_, last)| last),
        "fullClientRef" => return format!("{}{}", held.short_id, held.client_ref),
        "amount" => return plan.map_or_else(String::new, |plan| pounds::write(plan.pence)),
        "frequency" => plan.map_or("", |plan| frequency(plan.months)),
        "startDate" => return plan.map_or_else(String::new, |plan| plan.start.to_string()),
        "endDate" => {
            let end = plan.and_then(|plan| plan.end);
            return end.map_or_else(String::new, |end| end.to_string());
        }
        "created" => return held.created.to_string(),
        "updated" => return held.updated.to_string(),
        other => held.detail(other),
    };
    text.to_owned()
}

pub(super) fn of_collection(
    one: &Collection,
    held: &Mandate,
    column: &str,
    settings: &Rsm2000Settings,
) -> String {
    let text = match column {
        "dateDue" | "date" => return one.due.to_string(),
        "amount" => return pounds::write(one.pence),
        "paidAmount" => match one.money {
            Money::Awaited => "",
            Money::Paid | Money::Unpaid => return pounds::write(one.paid_pence()),
        },
        "repeat" | "firstCollection" => {
            let first = column == "firstCollection" && one.kind == CollectionKind::First;
            let repeat = column == "repeat" && one.repeat;
            if first || repeat { "Y" } else { "N" }
        }
        "status" => one.sending.word(),
        "failReason" => &one.fail_reason,
        "payStatus" => one.money.word(),
        "collectionType" => one.kind.word(),
        "mandatePayRef" | "payRef" => &one.payment_ref,
        "payType" => "DD",
        other => return of_mandate(held, other, settings),
    };
    text.to_owned()
}

/// Production's words; the manual's sample has a number.
const fn frequency(months: i32) -> &'static str {
    match months {
        1 => "Monthly",
        3 => "Quarterly",
        6 => "6 Monthly",
        _twelve => "Annually",
    }
}
