//! docs/data.md against the code: every field that comes in and every column that is kept stands there, and nothing
//! else does (security.md, G-D1).

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

use almoner::ledger::sqlite::{SqliteLedger, SqliteSettings};
use rusqlite::Connection;
use std::collections::BTreeSet;
use std::path::Path;

fn text(file: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

/// What stands in backticks in the first column of a chapter's table.
fn told(chapter: &str) -> BTreeSet<String> {
    let map = text("docs/data.md");
    let (_, chapter) = map.split_once(chapter).unwrap();
    let chapter = chapter.split("\n## ").next().unwrap();
    let cells = chapter.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
    let names = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2));
    // The header that is named beside the fields.
    names.filter(|name| *name != "Idempotency-Key").map(ToOwned::to_owned).collect()
}

fn differences(told: &BTreeSet<String>, is: &BTreeSet<String>) -> Vec<String> {
    let missing = is.difference(told).map(|name| format!("{name} is not in docs/data.md"));
    missing.chain(told.difference(is).map(|name| format!("{name} does not exist"))).collect()
}

fn names<'a>(lines: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    lines.map(|name| name.trim().to_owned()).collect()
}

#[test]
fn g_d1_every_field_that_comes_in_is_in_the_map() {
    let form = text("src/http/giving/fields.rs");
    let form = form.split("const FIELDS").nth(1).unwrap().split("];").next().unwrap();
    let mut fields =
        names(form.lines().filter_map(|line| line.trim().strip_prefix('"')?.strip_suffix("\",")));
    let api = text("src/http/json.rs");
    let bodies = api.split("\nimpl").next().unwrap().to_owned()
        + api.split("struct AddressBody {").nth(1).unwrap().split('}').next().unwrap();
    let body = |line: &'_ str| line.ends_with(',') && line.contains(": ") && !line.contains("//");
    let api = bodies.lines().map(str::trim).filter(|line| body(line));
    let api = api.filter_map(|line| line.split(": ").next()?.split(' ').next_back());
    // What holds fields and is none.
    let holders = ["bank", "card", "contact", "address"];
    fields.extend(names(api.filter(|name| !holders.contains(name))));
    assert!(fields.contains("first_name") && fields.contains("number") && fields.len() > 30);
    assert_eq!(differences(&told("## What comes in"), &fields), Vec::<String>::new());
}

#[test]
fn g_d1_every_column_that_is_kept_is_in_the_map() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ledger.db");
    drop(SqliteLedger::open(&file, SqliteSettings::default()).unwrap());
    let connection = Connection::open(&file).unwrap();
    let mut every = connection
        .prepare("SELECT info.name FROM sqlite_schema AS of, pragma_table_info(of.name) AS info WHERE of.type = 'table'")
        .unwrap();
    let columns = every.query_map([], |row| row.get::<_, String>(0)).unwrap();
    let mut columns: BTreeSet<String> = columns.map(Result::unwrap).collect();
    assert!(columns.contains("merchant_reference") && columns.len() > 30);
    for file in ["0001.sql", "0002.sql", "0003.sql", "0004.sql", "0005.sql"] {
        let text = text(&format!("src/ledger/migrations/postgres/{file}"));
        let column = |line: &str| {
            let line = line.trim().rsplit("ADD COLUMN IF NOT EXISTS ").next()?.to_owned();
            let (name, rest) = line.split_once(' ')?;
            let typed = ["BYTEA", "BIGINT", "TEXT"].iter().any(|kind| rest.starts_with(kind));
            typed.then(|| name.to_owned())
        };
        columns.extend(text.lines().filter_map(column));
    }
    assert!(columns.contains("genesis") && columns.contains("seal"));
    assert_eq!(differences(&told("## What is kept"), &columns), Vec::<String>::new());
}
