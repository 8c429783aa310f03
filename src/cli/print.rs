//! Writing to the terminal: plain lines, and tables that are aligned for people and tabbed for programs.

use super::Failure;
use std::io::{IsTerminal as _, Write as _};

/// A line on standard output. A reader that has gone away ends the command quietly.
pub(super) fn line(text: &str) -> Result<(), Failure> {
    writeln!(std::io::stdout().lock(), "{text}")?;
    Ok(())
}

/// What went wrong, on standard error.
pub(super) fn complain(failure: &Failure) {
    let gone = failure
        .downcast_ref::<std::io::Error>()
        .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe);
    if !gone {
        // There is nobody left to tell if this fails too.
        writeln!(std::io::stderr().lock(), "almoner: {failure:#}").ok();
    }
}

/// Rows under a head: in columns on a terminal, separated by tabs elsewhere.
pub(super) fn table<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> Result<(), Failure> {
    if !std::io::stdout().is_terminal() {
        line(&head.join("\t"))?;
        return rows.iter().try_for_each(|row| line(&row.join("\t")));
    }
    let widths: Vec<usize> = head
        .iter()
        .enumerate()
        .map(|(column, title)| {
            rows.iter()
                .filter_map(|row| row.get(column))
                .map(|cell| cell.chars().count())
                .chain([title.len()])
                .max()
                .unwrap_or(0)
        })
        .collect();
    let write = |cells: Vec<&str>| {
        let padded: Vec<String> =
            cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        line(padded.join("  ").trim_end())
    };
    write(head.to_vec())?;
    rows.iter().try_for_each(|row| write(row.iter().map(String::as_str).collect()))
}
