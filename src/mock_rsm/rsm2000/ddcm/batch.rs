//! `mandateBatchReport`, `collectionBatchReport` and `letterBatchReport`.

use super::code::Code;
use super::command::Command;
use super::document::Node;
use super::filter::{self, Descending, Row};
use super::reply::Element;
use crate::mock_rsm::rsm2000::bureau::{Batch, BatchKind};
use crate::mock_rsm::rsm2000::{Office, pounds};

/// When batches are made here, and who makes them.
const AT: &str = "17:00:00";
const BY: &str = "mock";

type Cells = Vec<(&'static str, String)>;

pub(super) fn report(
    office: &Office,
    command: Command,
    filters: &Node,
) -> Result<Vec<Element>, Vec<Code>> {
    let (kind, list, each) = match command {
        Command::CollectionBatchReport => {
            (BatchKind::Collections, "collectionBatches", "collectionBatch")
        }
        Command::LetterBatchReport => (BatchKind::Letters, "letterBatches", "letterBatch"),
        Command::MandateBatchReport
        | Command::Heartbeat
        | Command::SetMandates
        | Command::SetCollections
        | Command::MandateReport
        | Command::CollectionReport
        | Command::CollectionStatement
        | Command::MonthlyStatement
        | Command::ResponseStatusCheck => (BatchKind::Mandates, "mandateBatches", "mandateBatch"),
    };
    let range = filter::range(filters)?;
    let bureau = office.bureau();
    let today = bureau.calendar.today();
    let wanted = |batch: &&Batch| {
        let dated = match range {
            Some((from, to)) => (from..=to).contains(&batch.created),
            None => kind == BatchKind::Letters || batch.created == today,
        };
        batch.kind == kind && dated
    };
    let rows: Vec<Row> = bureau
        .batches
        .iter()
        .filter(wanted)
        .map(|batch| {
            let cells = cells(office, batch);
            Row { all: cells.clone(), cells }
        })
        .collect();
    drop(bureau);
    let sortable: Vec<&str> =
        rows.first().map(|row| row.all.iter().map(|(name, _)| *name).collect()).unwrap_or_default();
    let sortable = if sortable.is_empty() { vec!["created"] } else { sortable };
    let rows = filter::arrange(filters, rows, ("created", Descending::Yes), &sortable)?;
    Ok(filter::list(list, each, rows))
}

/// `batchname` in two of the three, `batchName` in the other: so says the manual.
fn cells(office: &Office, batch: &Batch) -> Cells {
    let good = batch.total.saturating_sub(batch.failed).to_string();
    let mut cells: Cells = vec![
        ("created", format!("{} {AT}", batch.created)),
        ("sun", office.settings.sun.clone()),
        ("vendorName", office.settings.vendor_name.clone()),
    ];
    match batch.kind {
        BatchKind::Mandates => cells.extend([
            ("batchname", batch.name.clone()),
            ("total", batch.total.to_string()),
            ("success", good),
            ("fail", batch.failed.to_string()),
        ]),
        BatchKind::Collections => cells.extend([
            ("batchName", batch.name.clone()),
            ("collectDate", batch.due.map_or_else(String::new, |due| due.to_string())),
            ("total", batch.total.to_string()),
            ("success", good),
            ("successAmount", pounds::write(batch.pence.saturating_sub(batch.failed_pence))),
            ("fail", batch.failed.to_string()),
            ("failAmount", pounds::write(batch.failed_pence)),
        ]),
        BatchKind::Letters => {
            cells.extend([("batchname", batch.name.clone()), ("total", batch.total.to_string())]);
        }
    }
    cells.extend([
        ("createdby", String::from(BY)),
        ("sentdate", format!("{} {AT}", batch.created)),
        ("sentby", String::from(BY)),
    ]);
    cells
}
