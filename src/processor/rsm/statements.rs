//! RSM's statements of a day's collections, asked for or saved (rsm-protocol.md, 7.5). Of names nothing
//! is read.

use super::Rsm;
use super::ddcm::{CollectionStatement, Ddcm, Failure, Line, Pence, Prepared, StatementOf};
use crate::processor::report::{NoReport, Statement};
use jiff::Timestamp;
use jiff::civil::Date;

/// That there is no statement of that date.
const NONE_FOUND: u16 = 2294;

impl Rsm {
    /// The statement of this day's collections.
    pub(crate) async fn statement(
        &self,
        day: Date,
        now: Timestamp,
    ) -> Result<Option<Statement>, NoReport> {
        let ddcm = self.ddcm.as_ref().ok_or(NoReport::Impossible)?;
        match ddcm.send(question(ddcm, day, now)?).await {
            Ok(statement) => Ok(Some(read(&statement))),
            Err(Failure::Refused(codes)) if codes.has(NONE_FOUND) => Ok(None),
            Err(failure) => Err(unanswered(&failure)),
        }
    }

    /// A statement's bytes as they were answered once.
    pub(crate) fn saved_statement(
        &self,
        saved: &[u8],
        now: Timestamp,
    ) -> Result<Statement, NoReport> {
        let ddcm = self.ddcm.as_ref().ok_or(NoReport::Impossible)?;
        // It is read as the answer to a question that is never sent; its day says nothing here.
        let prepared = question(ddcm, Date::constant(2000, 1, 1), now)?;
        ddcm.hear(prepared, saved).map(|statement| read(&statement)).map_err(|why| unanswered(&why))
    }
}

fn question(
    ddcm: &Ddcm,
    day: Date,
    now: Timestamp,
) -> Result<Prepared<CollectionStatement>, NoReport> {
    ddcm.collection_statement(StatementOf::Collections(day), now).map_err(|why| unanswered(&why))
}

fn unanswered(why: &dyn std::fmt::Display) -> NoReport {
    NoReport::Unanswered(why.to_string())
}

fn read(statement: &CollectionStatement) -> Statement {
    let sums = |lines: &[Line]| lines.iter().map(|line| line.amount.map(minor)).collect();
    Statement {
        collected: sums(&statement.collections),
        collected_total: statement.collected.map(minor),
        items: statement.items_sent,
        reclaimed: sums(&statement.reclaims),
        reclaimed_total: statement.reclaimed.map(minor),
    }
}

const fn minor(pence: Pence) -> i64 {
    pence.0
}
