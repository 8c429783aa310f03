//! A settlement statement: read by its layout, and what came of holding the record against it.

use super::{unsettled, words};
use crate::cli::outcomes::money;
use crate::cli::{Failure, print};
use crate::config::{Document, Settings};
use crate::payment::{Amount, ProcessorText, Reference, amount};
use crate::reconciliation::compare::{Column, Verdict};
use crate::reconciliation::settled::{Pair, Settled, Sum};
use crate::reconciliation::settlement::{self, Settlement};
use anyhow::Context as _;
use serde_json::{Value, json};
use std::path::Path;

/// Reads a statement as the settings say it is laid out.
pub(super) fn read(
    bytes: &[u8],
    file: &Path,
    settings: &Settings,
    document: &Document,
) -> Result<Settlement, Failure> {
    let Some(mapping) = settings.settlement(document)? else {
        let what = "not there, and a settlement statement cannot be read without: name its columns, docs/reconciling.md";
        return Err(document.wrong("reconcile.statement", what).into());
    };
    settlement::read(bytes, &mapping).with_context(|| file.display().to_string())
}

/// For people.
pub(super) fn tables(found: &Settled) -> Result<(), Failure> {
    unsettled::tables(&found.orphans, &found.unsettled)?;
    let differing: Vec<_> =
        found.pairs.iter().filter(|it| it.verdict() != Verdict::Matched).map(row).collect();
    if !differing.is_empty() {
        let head = [
            "verdict",
            "kind",
            "reference",
            "processor",
            "on",
            "ours",
            "line",
            "theirs",
            "differs in",
        ];
        print::table(head, &differing)?;
        print::line("")?;
    }
    let total =
        |((kind, code), (ours, theirs)): (&(settlement::Kind, &'static str), &(Sum, Sum))| {
            [
                kind.word().to_owned(),
                (*code).to_owned(),
                ours.count.to_string(),
                decimal(*ours, code),
                theirs.count.to_string(),
                decimal(*theirs, code),
            ]
        };
    let totals: Vec<_> = found.totals.iter().map(total).collect();
    print::table(["kind", "currency", "ours", "sum", "theirs", "sum"], &totals)?;
    let passed_over = [
        (found.outside, "lines of other days belong to nothing of the period: not compared"),
        (found.ignored, "lines passed over by their word"),
    ];
    for (count, what) in passed_over.into_iter().filter(|(count, _)| *count > 0) {
        print::line(&format!("{count} {what}"))?;
    }
    let matched = found.pairs.len().saturating_sub(differing.len());
    print::line(&if found.agrees() {
        format!("All {matched} match.")
    } else {
        let orphans = found.orphans.len();
        format!("{matched} match, {} do not; {orphans} orphans.", differing.len())
    })
}

/// One object each.
pub(super) fn lines(found: &Settled) -> Result<(), Failure> {
    let line = |value: Value| print::line(&value.to_string());
    for pair in &found.pairs {
        line(json!({
            "verdict": pair.verdict().word(),
            "kind": pair.kind.word(),
            "reference": reference(pair).as_ref().map(Reference::to_string),
            "processor_reference": theirs(pair).map(ProcessorText::as_str),
            "ours": pair.ours.as_ref().map(|own| json!({ "on": own.on.to_string(), "amount": shown(own.amount) })),
            "theirs": pair.theirs.as_ref().map(|it| json!({ "line": it.number, "on": it.on.to_string(), "amount": shown(Some(it.amount)) })),
            "differs_in": words(&pair.columns, Column::word),
        }))?;
    }
    for ((kind, currency), (ours, theirs)) in &found.totals {
        let sum = |Sum { count, minor }: Sum| json!({ "count": count, "sum": minor });
        line(
            json!({ "total": kind.word(), "currency": currency, "ours": sum(*ours), "theirs": sum(*theirs) }),
        )?;
    }
    unsettled::lines(&found.orphans, &found.unsettled).try_for_each(line)?;
    line(json!({
        "agrees": found.agrees(),
        "compared": true,
        "orphans": found.orphans.len(),
        "unsettled": found.unsettled.len(),
        "outside": found.outside,
        "ignored": found.ignored,
    }))
}

fn row(pair: &Pair) -> [String; 9] {
    let (ours, line) = (pair.ours.as_ref(), pair.theirs.as_ref());
    let on = ours.map(|own| own.on).or(line.map(|line| line.on));
    [
        pair.verdict().word().to_owned(),
        pair.kind.word().to_owned(),
        reference(pair).map(|it| it.to_string()).unwrap_or_default(),
        theirs(pair).map(|it| it.as_str().to_owned()).unwrap_or_default(),
        on.map(|day| day.to_string()).unwrap_or_default(),
        ours.map(|own| own.amount.map_or_else(|| "no sum".to_owned(), money)).unwrap_or_default(),
        line.map(|line| line.number.to_string()).unwrap_or_default(),
        line.map(|line| money(line.amount)).unwrap_or_default(),
        words(&pair.columns, Column::word).join(","),
    ]
}

fn reference(pair: &Pair) -> Option<Reference> {
    let theirs = || pair.theirs.as_ref().and_then(|line| line.reference);
    pair.ours.as_ref().map(|own| own.reference).or_else(theirs)
}

fn theirs(pair: &Pair) -> Option<&ProcessorText> {
    let line = pair.theirs.as_ref().and_then(|line| line.processor_reference.as_ref());
    line.or_else(|| pair.ours.as_ref().and_then(|own| own.processor_reference.as_ref()))
}

fn shown(amount: Option<Amount>) -> Option<Value> {
    amount.map(|it| json!({ "value": it.minor(), "currency": it.currency().code() }))
}

/// No sum is below nought: what went back is counted by itself.
fn decimal(Sum { minor, .. }: Sum, code: &str) -> String {
    amount::currency(code)
        .map(|currency| amount::decimal(minor.unsigned_abs(), currency))
        .unwrap_or_default()
}
