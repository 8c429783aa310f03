//! The two files that Vocalink publishes, read strictly: a row that were skipped would be a check
//! that is not made.

use super::SortCode;
use super::row::{Exception, Method, Row};
use std::collections::BTreeMap;

/// Why a file is not one of Vocalink's tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}: {fault}")]
pub struct BadTable {
    /// Which file.
    pub file: File,
    /// Counted from 1.
    pub line: usize,
    /// What is wrong there.
    pub fault: Fault,
}

/// One of the two files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum File {
    /// `valacdos.txt`
    Weights,
    /// `scsubtab.txt`
    Substitutions,
}

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Not the published fields.
    #[error("this is not a line of that table; download the file anew from Vocalink")]
    Shape,
    /// A number that the published method of today does not have.
    #[error(
        "this exception is newer than this version of Almoner; update Almoner, or use the table before"
    )]
    Exception,
    /// A third row for one sort code.
    #[error(
        "its sort codes stand in two lines already; use one version of the table, not several in one file"
    )]
    Third,
    /// A second substitute for one sort code.
    #[error(
        "its sort code stands in another line already; use one version of the table, not several in one file"
    )]
    Twice,
    /// Nothing there.
    #[error("the file is empty; download it anew from Vocalink")]
    Empty,
}

impl std::fmt::Display for File {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Weights => "weight table (valacdos.txt)",
            Self::Substitutions => "substitution table (scsubtab.txt)",
        })
    }
}

/// The rows of the weight table, in its order.
pub(super) fn rows(text: &str) -> Result<Vec<Row>, BadTable> {
    let bad = |line, fault| BadTable { file: File::Weights, line, fault };
    let mut rows: Vec<Row> = Vec::new();
    for (line, fields) in lines(text) {
        let row = row(&fields).map_err(|fault| bad(line, fault))?;
        // Where ranges overlap most, one of them starts.
        let starts = rows.iter().map(|other| other.start).filter(|start| row.covers(*start));
        let twice = |code| rows.iter().filter(|row| row.covers(code)).count() > 1;
        if starts.chain([row.start]).any(twice) {
            return Err(bad(line, Fault::Third));
        }
        rows.push(row);
    }
    if rows.is_empty() { Err(bad(1, Fault::Empty)) } else { Ok(rows) }
}

/// What stands for which sort code under exception 5.
pub(super) fn substitutes(text: &str) -> Result<BTreeMap<SortCode, SortCode>, BadTable> {
    let bad = |line, fault| BadTable { file: File::Substitutions, line, fault };
    let mut substitutes = BTreeMap::new();
    for (line, fields) in lines(text) {
        let pair = match fields.as_slice() {
            [original, substitute] => sort_code(original).zip(sort_code(substitute)),
            [..] => None,
        };
        let (original, substitute) = pair.ok_or_else(|| bad(line, Fault::Shape))?;
        if substitutes.insert(original, substitute).is_some() {
            return Err(bad(line, Fault::Twice));
        }
    }
    if substitutes.is_empty() { Err(bad(1, Fault::Empty)) } else { Ok(substitutes) }
}

/// The fields of each line that has any, with its number.
fn lines(text: &str) -> impl Iterator<Item = (usize, Vec<&str>)> {
    let lines = (1_usize..).zip(text.lines());
    let fields = lines.map(|(number, line)| (number, line.split_ascii_whitespace().collect()));
    fields.filter(|(_, fields): &(usize, Vec<&str>)| !fields.is_empty())
}

/// Start, end, method, 14 weights and perhaps an exception.
fn row(fields: &[&str]) -> Result<Row, Fault> {
    let [start, end, method, rest @ ..] = fields else { return Err(Fault::Shape) };
    let (code_weights, rest) = rest.split_at_checked(6).ok_or(Fault::Shape)?;
    let (account_weights, rest) = rest.split_at_checked(8).ok_or(Fault::Shape)?;
    let exception = match rest {
        [] => Exception::None,
        [number] => exception(number.parse().ok().ok_or(Fault::Shape)?)?,
        [..] => return Err(Fault::Shape),
    };
    let parsed = || {
        Some(Row {
            start: sort_code(start)?,
            end: sort_code(end)?,
            method: match *method {
                "MOD10" => Method::Mod10,
                "MOD11" => Method::Mod11,
                "DBLAL" => Method::DoubleAlternate,
                _ => return None,
            },
            code_weights: weights(code_weights)?,
            account_weights: weights(account_weights)?,
            exception,
        })
    };
    parsed().filter(|row| row.start <= row.end).ok_or(Fault::Shape)
}

fn exception(number: u16) -> Result<Exception, Fault> {
    Ok(match number {
        1 => Exception::AddTwentySeven,
        2 => Exception::SterlingOrEuro,
        3 => Exception::UnlessSixOrNine,
        4 => Exception::RemainderIsLastTwo,
        5 => Exception::CheckFigure,
        6 => Exception::UnlessForeign,
        7 => Exception::ShortIfNine,
        8 => Exception::As090126,
        9 => Exception::As309634,
        10 => Exception::EitherAndShortIfNines,
        11..=13 => Exception::Either,
        14 => Exception::Perhaps7Figures,
        _ => return Err(Fault::Exception),
    })
}

/// Three figures and a sign at most.
fn weights<const COUNT: usize>(texts: &[&str]) -> Option<[i16; COUNT]> {
    let mut weights = [0; COUNT];
    for (weight, text) in weights.iter_mut().zip(texts) {
        *weight = text.parse().ok().filter(|weight| (-999..=999).contains(weight))?;
    }
    Some(weights)
}

fn sort_code(text: &str) -> Option<SortCode> {
    super::figures(text, 6)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUBSTITUTES: &str = "938005 938611\r\n";

    #[test]
    fn a_file_that_is_not_the_table_is_refused_by_its_line() {
        let good = "107999 107999 MOD11    0    0    0    0    0    0    1    1    1    1    1    1    1    1";
        let fault = |weights: &str, substitutes| {
            let error = match rows(weights) {
                Ok(_) => super::substitutes(substitutes).unwrap_err(),
                Err(error) => error,
            };
            assert!(error.to_string().contains("line"), "{error}");
            (error.file, error.line, error.fault)
        };
        let weights = |text: &str| fault(&format!("{good}\r\n\r\n{text}\r\n"), SUBSTITUTES);
        for text in [
            "<html>".to_owned(),
            good.replace("MOD11", "MOD12"),
            good.replacen('1', "A", 1),
            good.replacen("107999", "108000", 1),
            good.replacen("    1", "", 1),
            good.replacen("    1", " 1000", 1),
            format!("{good}   x"),
            format!("{good}   1   1"),
        ] {
            assert_eq!(weights(&text), (File::Weights, 3, Fault::Shape), "{text}");
        }
        assert_eq!(weights(&format!("{good}  15")), (File::Weights, 3, Fault::Exception));
        let third = good.replacen("107999", "100000", 1);
        assert_eq!(weights(&format!("{good}\n{third}")), (File::Weights, 4, Fault::Third));
        assert_eq!(fault("", SUBSTITUTES), (File::Weights, 1, Fault::Empty));
        assert_eq!(fault(good, " \n"), (File::Substitutions, 1, Fault::Empty));
        assert_eq!(fault(good, "938005\n"), (File::Substitutions, 1, Fault::Shape));
        assert_eq!(fault(good, "938005 93861\n"), (File::Substitutions, 1, Fault::Shape));
        let twice = "938005 938611\n938005 938612";
        assert_eq!(fault(good, twice), (File::Substitutions, 2, Fault::Twice));
    }

    #[test]
    fn ranges_that_only_touch_a_third_are_no_fault() {
        let row = |range| {
            format!(
                "{range} MOD11    0    0    0    0    0    0    1    1    1    1    1    1    1    1\n"
            )
        };
        let wide = ["100000 100009", "100000 100004", "100005 100009"].map(row).concat();
        assert!(rows(&wide).is_ok());
        let narrow = ["100000 100004", "100005 100009", "100000 100009"].map(row).concat();
        assert!(rows(&narrow).is_ok());
    }
}
