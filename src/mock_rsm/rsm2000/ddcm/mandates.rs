//! `setMandates`: each record is judged by itself.

mod check;

pub(super) use check::sum;

use super::code::Code;
use super::command::Command;
use super::document::Node;
use super::reply::Element;
use super::{Reply, field};
use crate::mock_rsm::instrument::{Fate, fate_of};
use crate::mock_rsm::rsm2000::Office;
use crate::mock_rsm::rsm2000::bureau::{Application, Bureau, Mandate, MandateState};
use crate::mock_rsm::rsm2000::settings::{Feature, Rsm2000Settings};
use check::Checked;

/// One record's fate: the `ddRefNo`, as far as there is one, and what is wrong.
struct Judged {
    reference: String,
    codes: Vec<Code>,
}

pub(super) fn set(office: &Office, command: Command, request: &Node) -> Reply {
    let records = request.child("mandates").map_or(&[][..], |node| node.children.as_slice());
    if records.is_empty() {
        return Reply::failure(command.word(), &[2014]);
    }
    let mut bureau = office.bureau();
    let judged: Vec<Judged> =
        records.iter().map(|record| one(&mut bureau, &office.settings, record, records)).collect();
    drop(bureau);
    let each = judged.iter().zip(records).map(|(judged, record)| {
        let mut parts = vec![
            Element::text("status", if judged.codes.is_empty() { "SUCCESS" } else { "FAIL" }),
            Element::text("ddRefNo", judged.reference.clone()),
            Element::text("clientRef", record.text_of("clientRef")),
        ];
        parts.extend(wrong(&judged.codes));
        Element::of("mandate", parts)
    });
    let failed = judged.iter().filter(|judged| !judged.codes.is_empty()).count();
    let list = Element::of("mandates", each.collect());
    summary(office, command, (records.len(), failed), list)
}

/// What is wrong with a record; one without errors has no `errors` either, which is what a known
/// client takes success for.
pub(super) fn wrong(codes: &[Code]) -> Option<Element> {
    (!codes.is_empty()).then(|| Element::errors(codes))
}

/// The reply to records that were judged one by one.
pub(super) fn summary(
    office: &Office,
    command: Command,
    (total, failed): (usize, usize),
    list: Element,
) -> Reply {
    let partly = failed > 0 && office.settings.has(Feature::PartialIsFail);
    let status = if failed == total || partly { "FAIL" } else { "SUCCESS" };
    let summary = vec![
        Element::text("totalSubmitted", total.to_string()),
        Element::text("totalSuccessful", total.saturating_sub(failed).to_string()),
        Element::text("totalFailed", failed.to_string()),
    ];
    let inside = vec![Element::text("status", status), Element::of("summary", summary), list];
    Reply { command: command.word(), response: Element::of("response", inside) }
}

fn one(bureau: &mut Bureau, settings: &Rsm2000Settings, record: &Node, all: &[Node]) -> Judged {
    let twice = |element: &str| {
        let value = record.text_of(element);
        let same = all.iter().filter(|other| other.text_of(element) == value).count();
        !value.is_empty() && same > 1
    };
    let mut codes = Vec::new();
    codes.extend(twice("clientRef").then_some(2114));
    codes.extend(twice("ddRefNo").then_some(2168));
    let result = match record.text_of("action") {
        "N" => new(bureau, settings, record, codes),
        "A" => amend(bureau, settings, record, codes),
        "D" => cancel(bureau, settings, record, codes),
        _other => {
            codes.push(2151);
            Err(codes)
        }
    };
    match result {
        Ok(reference) => Judged { reference, codes: Vec::new() },
        Err(codes) => Judged { reference: record.text_of("ddRefNo").to_owned(), codes },
    }
}

fn new(
    bureau: &mut Bureau,
    settings: &Rsm2000Settings,
    record: &Node,
    mut codes: Vec<Code>,
) -> Result<String, Vec<Code>> {
    let client_ref = record.text_of("clientRef");
    if bureau.mandates.iter().any(|held| held.client_ref == client_ref && held.is_active()) {
        codes.push(2112);
    }
    codes.extend(check::new_reference(bureau, settings, record.text_of("ddRefNo")));
    let Checked { plan } = check::all(&bureau.calendar, settings, record, None, &mut codes);
    check_bank(record, &mut codes);
    if !codes.is_empty() {
        return Err(codes);
    }
    let reference = record.text_of("ddRefNo");
    Ok(bureau.lodge(Application {
        reference: (!reference.is_empty()).then(|| reference.to_owned()),
        client_ref: client_ref.to_owned(),
        person: field::person(record),
        plan,
        kind: record.text_of("mandateType").to_owned(),
        short_id: record.text_of("shortId").to_owned(),
        payment_ref: record.text_of("paymentRef").to_owned(),
    }))
}

/// The whole record again. New bank details go to Bacs; a cancelled mandate is reinstated.
fn amend(
    bureau: &mut Bureau,
    settings: &Rsm2000Settings,
    record: &Node,
    mut codes: Vec<Code>,
) -> Result<String, Vec<Code>> {
    let amendable = [MandateState::Live, MandateState::Failed, MandateState::Cancelled];
    let found = target(bureau, record, &amendable);
    let current = found.as_ref().ok().and_then(|reference| bureau.mandate(reference));
    let known = current.and_then(|mandate| mandate.plan);
    let Checked { plan } = check::all(&bureau.calendar, settings, record, known, &mut codes);
    check_bank(record, &mut codes);
    let client_ref = record.text_of("clientRef");
    let other = |held: &Mandate| {
        held.client_ref == client_ref
            && held.is_active()
            && found.as_ref().is_ok_and(|reference| *reference != held.reference)
    };
    if bureau.mandates.iter().any(other) {
        codes.push(2112);
    }
    let reference = match found {
        Ok(reference) if codes.is_empty() => reference,
        Ok(_) => return Err(codes),
        Err(code) => {
            codes.push(code);
            return Err(codes);
        }
    };
    let today = bureau.calendar.today();
    let Some(mandate) = bureau.mandate_mut(&reference) else { return Err(vec![2166]) };
    let new_bank = ["accountNumber", "sortCode"]
        .into_iter()
        .any(|element| mandate.detail(element) != record.text_of(element));
    let new_start = plan.map(|plan| plan.start) != mandate.plan.map(|plan| plan.start);
    let left = (new_bank && settings.has(Feature::HistoryRows)).then(|| mandate.left_behind(today));
    if new_start {
        mandate.next_due = plan.map(|plan| plan.start);
    }
    let again = new_bank || (new_start && mandate.state.is_over());
    mandate.turn(if again { MandateState::Amend } else { mandate.state }, today);
    if again {
        mandate.fail_reason.clear();
        mandate.created = today;
    }
    mandate.plan = plan;
    mandate.person = field::person(record);
    mandate.fate = fate_of(record.text_of("accountNumber"));
    for (element, held) in [
        ("paymentRef", &mut mandate.payment_ref),
        ("mandateType", &mut mandate.kind),
        ("shortId", &mut mandate.short_id),
    ] {
        record.text_of(element).clone_into(held);
    }
    bureau.mandates.extend(left);
    Ok(reference)
}

fn cancel(
    bureau: &mut Bureau,
    settings: &Rsm2000Settings,
    record: &Node,
    mut codes: Vec<Code>,
) -> Result<String, Vec<Code>> {
    codes.extend(field::check_client_ref(record));
    if !settings.has(Feature::Cancels) {
        codes.push(2152);
    }
    let reference = match target(bureau, record, &[MandateState::Live]) {
        Ok(reference) if codes.is_empty() => reference,
        Ok(_) => return Err(codes),
        Err(code) => {
            codes.push(code);
            return Err(codes);
        }
    };
    let today = bureau.calendar.today();
    if let Some(mandate) = bureau.mandate_mut(&reference) {
        mandate.turn(MandateState::Cancel, today);
    }
    Ok(reference)
}

/// The mandate an order is about: by `ddRefNo`, or the one of the `clientRef` where none is given.
fn target(bureau: &Bureau, record: &Node, states: &[MandateState]) -> Result<String, Code> {
    let (reference, client_ref) = (record.text_of("ddRefNo"), record.text_of("clientRef"));
    let fits = |held: &&Mandate| !held.past && states.contains(&held.state);
    if !reference.is_empty() {
        let found = bureau.mandates.iter().filter(fits).find(|held| held.reference == reference);
        let found = found.ok_or(2166_u16)?;
        return if found.client_ref == client_ref { Ok(reference.to_owned()) } else { Err(2115) };
    }
    let own: Vec<&Mandate> =
        bureau.mandates.iter().filter(fits).filter(|held| held.client_ref == client_ref).collect();
    let live = own.iter().find(|held| held.state == MandateState::Live);
    match (live, own.as_slice()) {
        (Some(held), _) => Ok(held.reference.clone()),
        (None, [only]) => Ok(only.reference.clone()),
        (None, []) => Err(2166),
        (None, _several) => Err(2167),
    }
}

/// RSM's own look at the account comes last.
fn check_bank(record: &Node, codes: &mut Vec<Code>) {
    if codes.is_empty() && fate_of(record.text_of("accountNumber")) == Fate::Refused {
        codes.push(2231);
    }
}
