//! The batches in which RSM sent mandates, collections and letters (rsm-protocol.md, 7.5). Who made
//! and sent them is not read.

use super::cell::{Cells, Pence};
use super::failure::Doubt;
use super::reply::Element;
use super::rows::{Report, report};
use jiff::civil::{Date, DateTime};

/// One batch. What its kind does not have is absent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// When it was made, in the processor's local time.
    pub created: Option<DateTime>,
    /// When it was sent, likewise.
    pub sent: Option<DateTime>,
    /// The service user number.
    pub sun: Option<String>,
    /// Its name, which may hold a `£`.
    pub name: Option<String>,
    /// When its collections are due.
    pub collect_date: Option<Date>,
    /// How many records it has.
    pub total: Option<u64>,
    /// How many succeeded.
    pub success: Option<u64>,
    /// What those come to.
    pub success_amount: Option<Pence>,
    /// How many failed.
    pub fail: Option<u64>,
    /// What those come to.
    pub fail_amount: Option<Pence>,
}

pub(super) fn of_mandates(content: Element<'_>) -> Result<Report<Batch>, Doubt> {
    report(content, ("mandateBatches", "mandateBatch"), batch)
}

pub(super) fn of_collections(content: Element<'_>) -> Result<Report<Batch>, Doubt> {
    report(content, ("collectionBatches", "collectionBatch"), batch)
}

pub(super) fn of_letters(content: Element<'_>) -> Result<Report<Batch>, Doubt> {
    report(content, ("letterBatches", "letterBatch"), batch)
}

fn batch(cells: &mut Cells<'_>) -> Batch {
    Batch {
        created: cells.time("created"),
        sent: cells.time("sentdate"),
        sun: cells.reference("sun"),
        // The manual's samples spell it in both ways.
        name: cells.reference("batchname").or_else(|| cells.reference("batchName")),
        collect_date: cells.date("collectDate"),
        total: cells.count("total"),
        success: cells.count("success"),
        success_amount: cells.pence("successAmount"),
        fail: cells.count("fail"),
        fail_amount: cells.pence("failAmount"),
    }
}
