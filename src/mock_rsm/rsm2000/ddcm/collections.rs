//! `setCollections`: single collections from mandates, made, changed and taken back.

use super::Reply;
use super::code::Code;
use super::command::Command;
use super::document::Node;
use super::field::{self, NoDate};
use super::mandates::{sum, summary, wrong};
use super::reply::Element;
use crate::mock_rsm::rsm2000::bureau::{
    Bureau, Collection, CollectionKind, Mandate, MandateState, Money, Sending,
};
use crate::mock_rsm::rsm2000::settings::Rsm2000Settings;
use crate::mock_rsm::rsm2000::{Office, pounds};
use jiff::civil::Date;

/// Working days before a collection, and before one of a mandate that is not live yet.
const LEAD: u32 = 3;
const LEAD_AT_FIRST: u32 = 5;

pub(super) fn set(office: &Office, command: Command, request: &Node) -> Reply {
    let records = request.child("collections").map_or(&[][..], |node| node.children.as_slice());
    if records.is_empty() {
        return Reply::failure(command.word(), &[2015]);
    }
    let mut bureau = office.bureau();
    let judged: Vec<Result<String, Vec<Code>>> =
        records.iter().map(|record| one(&mut bureau, &office.settings, record)).collect();
    drop(bureau);
    let each = judged.iter().zip(records).map(|(judged, record)| {
        let (status, reference, codes) = match judged {
            Ok(reference) => ("SUCCESS", reference.as_str(), &[][..]),
            Err(codes) => ("FAIL", record.text_of("ddRefNo"), codes.as_slice()),
        };
        let mut parts = vec![
            Element::text("status", status),
            Element::text("ddRefNo", reference),
            Element::text("clientRef", record.text_of("clientRef")),
        ];
        parts.extend(wrong(codes));
        Element::of("collection", parts)
    });
    let failed = judged.iter().filter(|judged| judged.is_err()).count();
    let list = Element::of("collections", each.collect());
    summary(office, command, (records.len(), failed), list)
}

fn one(
    bureau: &mut Bureau,
    settings: &Rsm2000Settings,
    record: &Node,
) -> Result<String, Vec<Code>> {
    let mut codes = field::check_client_ref(record);
    let sun = record.text_of("sun");
    if sun.len() != 6 || !sun.bytes().all(|byte| byte.is_ascii_digit()) {
        codes.push(2251);
    } else if sun != settings.sun {
        codes.push(2252);
    }
    let pence = sum(settings, record.text_of("amount")).map_err(|code| codes.push(code));
    let due = field::date(record.text_of("date")).map_err(|_no_date| codes.push(2195));
    let mandate = mandate(bureau, record).map_err(|code| codes.push(code));
    let (Ok(pence), Ok(due), Ok(reference), true) = (pence, due, mandate, codes.is_empty()) else {
        return Err(codes);
    };
    let result = match record.text_of("action") {
        "" | "N" => add(bureau, settings, &reference, (due, pence)),
        "A" => change(bureau, settings, record, &reference, (due, pence)),
        "D" => take_back(bureau, record, &reference, (due, pence)),
        _other => Err(2151),
    };
    result.map(|()| reference).map_err(|code| vec![code])
}

fn add(
    bureau: &mut Bureau,
    settings: &Rsm2000Settings,
    reference: &str,
    (due, pence): (Date, i64),
) -> Result<(), Code> {
    check(bureau, settings, reference, (due, pence))?;
    let Some(held) = bureau.mandate_mut(reference) else { return Err(2166) };
    let kind = if held.collected == 0 { CollectionKind::First } else { CollectionKind::Regular };
    held.collected = held.collected.saturating_add(1);
    let payment_ref = held.payment_ref.clone();
    bureau.collections.push(Collection {
        reference: reference.to_owned(),
        due,
        pence,
        kind,
        repeat: false,
        sending: Sending::New,
        money: Money::Awaited,
        fail_reason: String::new(),
        payment_ref,
        returned: None,
    });
    Ok(())
}

fn change(
    bureau: &mut Bureau,
    settings: &Rsm2000Settings,
    record: &Node,
    reference: &str,
    (due, pence): (Date, i64),
) -> Result<(), Code> {
    let existing_pence = match record.text_of("existingAmount") {
        "" => Err(2271_u16),
        text => pounds::read(text).ok_or(2272),
    }?;
    let existing_due =
        field::date(record.text_of("existingDate")).map_err(|wrong| match wrong {
            NoDate::Impossible => 2281_u16,
            NoDate::Malformed => 2282,
        })?;
    check(bureau, settings, reference, (due, pence))?;
    let found = find(bureau, reference, (existing_due, existing_pence)).ok_or(2155_u16)?;
    let one = bureau.collections.get_mut(found).filter(|one| one.sending == Sending::New);
    let one = one.ok_or(2154_u16)?;
    one.due = due;
    one.pence = pence;
    Ok(())
}

/// A deletion names the row by its own amount and date, or by the existing ones where they are given.
fn take_back(
    bureau: &mut Bureau,
    record: &Node,
    reference: &str,
    (due, pence): (Date, i64),
) -> Result<(), Code> {
    let due = field::date(record.text_of("existingDate")).unwrap_or(due);
    let pence = pounds::read(record.text_of("existingAmount")).unwrap_or(pence);
    let found = find(bureau, reference, (due, pence)).ok_or(2155_u16)?;
    if bureau.collections.get(found).is_some_and(|one| one.sending == Sending::New) {
        bureau.collections.remove(found);
        Ok(())
    } else {
        Err(2153)
    }
}

fn check(
    bureau: &Bureau,
    settings: &Rsm2000Settings,
    reference: &str,
    (due, pence): (Date, i64),
) -> Result<(), Code> {
    let calendar = &bureau.calendar;
    let live = bureau.mandate(reference).is_some_and(|held| held.state == MandateState::Live);
    if calendar.this_or_next(due) != due || calendar.is_too_far(due) {
        return Err(2195);
    }
    if !calendar.is_ahead(due, LEAD) {
        return Err(2196);
    }
    if !live && !calendar.is_ahead(due, LEAD_AT_FIRST) {
        return Err(2197);
    }
    let of_day = bureau.collections.iter().filter(|one| one.due == due);
    let total = of_day.fold(pence, |total, one| total.saturating_add(one.pence));
    if settings.most_pence_a_day.is_some_and(|most| total > most) { Err(2175) } else { Ok(()) }
}

fn find(bureau: &Bureau, reference: &str, (due, pence): (Date, i64)) -> Option<usize> {
    let mut own = bureau.collections.iter();
    own.position(|one| one.reference == reference && one.due == due && one.pence == pence)
}

/// The `ddRefNo` of the active mandate that is meant.
fn mandate(bureau: &Bureau, record: &Node) -> Result<String, Code> {
    let (reference, client_ref) = (record.text_of("ddRefNo"), record.text_of("clientRef"));
    let mut active = bureau.mandates.iter().filter(|held| held.is_active());
    let named = |held: &&Mandate| {
        if reference.is_empty() {
            held.client_ref == client_ref
        } else {
            held.reference == reference
        }
    };
    let found = active.find(named).ok_or(2166_u16)?;
    if found.client_ref == client_ref { Ok(found.reference.clone()) } else { Err(2115) }
}
