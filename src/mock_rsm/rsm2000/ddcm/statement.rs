//! `collectionStatement` and `monthlyStatement`: what was collected, reclaimed and charged.

use super::code::Code;
use super::document::Node;
use super::field;
use super::reply::Element;
use crate::mock_rsm::rsm2000::bureau::{
    BatchKind, Bureau, Collection, CollectionKind, Money, Sending,
};
use crate::mock_rsm::rsm2000::settings::{Feature, Rsm2000Settings};
use crate::mock_rsm::rsm2000::{Office, pounds};
use jiff::civil::Date;

/// Working days from a collection to its statement.
const STATED_AFTER: u32 = 3;
/// What the mock charges, in pence: for an item, a letter, one that came back, a month; and tax per cent.
const ITEM: i64 = 25;
const LETTER: i64 = 75;
const RETURNED: i64 = 150;
const MONTH: i64 = 1000;
const VAT: i64 = 20;

/// `number` of something and what it costs, in pence.
type Charge = (&'static str, i64, i64);

pub(super) fn of_a_day(office: &Office, filters: &Node) -> Result<Vec<Element>, Vec<Code>> {
    let (collected, stated) = (filters.text_of("collectionDate"), filters.text_of("statementDate"));
    let bureau = office.bureau();
    let due = match (collected, stated) {
        ("", "") => return Err(vec![2291]),
        ("", text) => {
            let stated = field::date(text).map_err(|_no_date| vec![2293_u16])?;
            let mut dues = bureau.collections.iter().map(|one| one.due);
            dues.find(|due| bureau.calendar.add(*due, STATED_AFTER) == stated)
        }
        (text, _) => Some(field::date(text).map_err(|_no_date| vec![2292_u16])?),
    };
    let due = due.ok_or_else(|| vec![2294_u16])?;
    let made = bureau.calendar.add(due, STATED_AFTER);
    let items: Vec<&Collection> = bureau
        .collections
        .iter()
        .filter(|one| one.due == due && one.sending == Sending::Success)
        .filter(|one| one.kind != CollectionKind::Indemnity)
        .collect();
    if items.is_empty() || made > bureau.calendar.today() {
        return Err(vec![2294]);
    }
    let returned = |one: &&Collection| {
        let claimed = one.kind == CollectionKind::Indemnity && one.due > due && one.due <= made;
        let unpaid = one.due == due && one.money == Money::Unpaid;
        claimed || (unpaid && one.kind != CollectionKind::Indemnity)
    };
    let reclaims: Vec<&Collection> = bureau.collections.iter().filter(returned).collect();
    let sum = |list: &[&Collection]| {
        list.iter().fold(0_i64, |total, one| total.saturating_add(one.pence))
    };
    let (gross, back) = (sum(&items), sum(&reclaims));
    let list = |name, each, of: &[&Collection]| {
        Element::of(name, of.iter().map(|one| item(&bureau, &office.settings, each, one)).collect())
    };
    let charges = [
        ("collectionFiles", 1, 0),
        ("collectionItems", count(&items), count(&items).saturating_mul(ITEM)),
        ("unpaidDds", count(&reclaims), count(&reclaims).saturating_mul(RETURNED)),
    ];
    let balance = gross.saturating_sub(back);
    let statement = vec![
        header(office, made),
        list("collections", "collection", &items),
        Element::of(
            "collectionTotal",
            vec![
                Element::text("totalCollected", pounds::write(gross)),
                Element::text("totalItemsSent", items.len().to_string()),
            ],
        ),
        list("reclaims", "reclaim", &reclaims),
        Element::of("reclaimTotal", vec![Element::text("totalReclaimed", pounds::write(back))]),
        charged(balance, &charges, "confirmationLetter"),
        totals(balance, &charges),
    ];
    Ok(vec![Element::of("collectionStatement", statement)])
}

pub(super) fn of_a_month(office: &Office, filters: &Node) -> Result<Vec<Element>, Vec<Code>> {
    let text = filters.text_of("monthYear");
    if text.is_empty() {
        return Err(vec![2295]);
    }
    if !office.settings.has(Feature::MonthlyStatements) {
        return Err(vec![2296]);
    }
    let first = field::date(&format!("01/{text}")).map_err(|_no_month| vec![2295_u16])?;
    let bureau = office.bureau();
    if first > bureau.calendar.today() {
        return Err(vec![2294]);
    }
    let within = |day: Date| day.first_of_month() == first;
    let items: Vec<&Collection> = bureau
        .collections
        .iter()
        .filter(|one| within(one.due) && one.sending == Sending::Success)
        .collect();
    let claims: Vec<&Collection> =
        items.iter().copied().filter(|one| one.kind == CollectionKind::Indemnity).collect();
    let unpaid: Vec<&Collection> = items
        .iter()
        .copied()
        .filter(|one| one.money == Money::Unpaid && one.kind != CollectionKind::Indemnity)
        .collect();
    let sent = |kind: BatchKind| {
        let own = bureau.batches.iter().filter(|batch| within(batch.created) && batch.kind == kind);
        own.fold(0_i64, |total, batch| total.saturating_add(i64::from(batch.total)))
    };
    let (set_up, letters) = (sent(BatchKind::Mandates), sent(BatchKind::Letters));
    let collected = count(&items).saturating_sub(count(&claims));
    let charges = [
        ("mandateSetupsAndTransmissions", set_up, set_up.saturating_mul(ITEM)),
        ("collectionItems", collected, collected.saturating_mul(ITEM)),
        ("unpaidDds", count(&unpaid), count(&unpaid).saturating_mul(RETURNED)),
        ("indemnityCharge", count(&claims), count(&claims).saturating_mul(RETURNED)),
        ("confirmationLetters", letters, letters.saturating_mul(LETTER)),
        ("monthlyServiceCharge", 1, MONTH),
    ];
    let made = bureau.calendar.today();
    let groups = charged(0, &charges, "confirmationLetters");
    let statement = vec![header(office, made), groups, totals(0, &charges)];
    Ok(vec![Element::of("monthlyStatement", statement)])
}

fn header(office: &Office, made: Date) -> Element {
    Element::of(
        "header",
        vec![
            Element::text("vendor", office.settings.vendor_name.clone()),
            Element::text("sun", office.settings.sun.clone()),
            Element::text("statementDate", made.to_string()),
        ],
    )
}

fn item(
    bureau: &Bureau,
    settings: &Rsm2000Settings,
    name: &'static str,
    one: &Collection,
) -> Element {
    let held = bureau.mandate(&one.reference);
    Element::of(
        name,
        vec![
            Element::text("vendor", settings.vendor_name.clone()),
            Element::text("ddRefNo", one.reference.clone()),
            Element::text("clientRef", held.map_or("", |held| held.client_ref.as_str())),
            Element::text("name", held.map_or("", |held| held.name())),
            Element::text("reason", one.fail_reason.clone()),
            Element::text("amount", pounds::write(one.pence)),
            Element::text("mandatePayRef", one.payment_ref.clone()),
        ],
    )
}

/// Every group that the manual names, in its order; the one of letters has two names.
fn charged(balance: i64, charges: &[Charge], letters: &'static str) -> Element {
    let names = [
        "mandateSetupsAndTransmissions",
        "addMandateOnscreen",
        "mandateAmendmentsAndTransmissions",
        "collectionFiles",
        "collectionItems",
        "collectionItemsAtMinCharge",
        "maxTransactionValueSurcharge",
        "minTransactionValueSurcharge",
        "unpaidDds",
        "indemnityCharge",
        letters,
        "confirmationEmails",
        "monthlyServiceCharge",
    ];
    let mut groups = vec![amount("balanceBeforeCharges", balance)];
    groups.extend(names.into_iter().map(|name| {
        let (number, pence) = charges
            .iter()
            .find(|(known, ..)| *known == name)
            .map_or((0, 0), |(_, number, pence)| (*number, *pence));
        let parts = vec![
            Element::text("number", number.to_string()),
            Element::text("amount", pounds::write(pence)),
        ];
        Element::of(name, parts)
    }));
    Element::of("charges", groups)
}

fn totals(balance: i64, charges: &[Charge]) -> Element {
    let total = charges.iter().fold(0_i64, |total, (_, _, pence)| total.saturating_add(*pence));
    let vat = total.saturating_mul(VAT).wrapping_div(100);
    let all = total.saturating_add(vat);
    Element::of(
        "totals",
        vec![
            amount("totalCharges", total),
            amount("vat", vat),
            amount("totalChargesIncVat", all),
            amount("balancePayable", balance.saturating_sub(all)),
        ],
    )
}

fn amount(name: &'static str, pence: i64) -> Element {
    Element::of(name, vec![Element::text("amount", pounds::write(pence))])
}

fn count(list: &[&Collection]) -> i64 {
    i64::try_from(list.len()).unwrap_or(i64::MAX)
}
