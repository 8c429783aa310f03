//! Every row of the attack matrix and of the fault matrix has a test that carries its id, or a reason why it has none.
//! `docs/rows.md` says how.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const LIST: &str = "## Not applicable, because";

/// The rows that must be answered to: tables A to G, the headers of B-H, the limits against card testing
/// (G-C, G-D4), erasure (G-D3), all faults and all crash points. The supply chain (G-11, G-12) is answered to by `.ci/run`.
fn required() -> BTreeSet<String> {
    let all = [
        ("A", 1..=31),
        ("B", 1..=27),
        ("C", 1..=15),
        ("D", 1..=27),
        ("E", 1..=16),
        ("F", 1..=17),
        ("G", 1..=10),
        ("G", 13..=15),
        ("FM", 1..=88),
        ("CP", 1..=22),
    ];
    let lettered =
        ["B-H1", "B-H2", "B-H3", "B-H4", "B-H5", "B-H6", "B-H7", "G-C1", "G-C2", "G-D3", "G-D4"];
    all.into_iter()
        .flat_map(|(table, rows)| rows.map(move |row| format!("{table}-{row}")))
        .chain(lettered.map(str::to_owned))
        .collect()
}

/// The rows that a test's name begins with: `b_1_b_16_a_field_given_twice` is of B-1 and B-16.
fn rows_of(name: &str) -> Vec<String> {
    let words: Vec<&str> = name.split('_').collect();
    let pairs = words.chunks_exact(2).map_while(|pair| {
        let (table, row) = (pair.first()?, pair.last()?);
        let letter = table.len() == 1 && table.bytes().all(|byte| byte.is_ascii_lowercase());
        let is_table = letter || ["fm", "cp"].contains(table);
        let number = row.strip_prefix(['h', 'c', 'd']).unwrap_or(row);
        let is_row = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        (is_table && is_row).then(|| format!("{table}-{row}").to_uppercase())
    });
    pairs.collect()
}

/// The names of the functions that a test attribute stands before.
fn tests_in(text: &str) -> Vec<String> {
    let (mut names, mut marked) = (Vec::new(), false);
    for line in text.lines().map(str::trim) {
        if line.starts_with("#[") {
            marked |= line.contains("test]") || line.contains("test(");
        } else if let Some((before, rest)) = line.split_once("fn ") {
            let name = rest.split(['(', '<']).next().unwrap();
            let declared =
                matches!(before.trim(), "" | "async" | "pub(crate) async" | "pub(crate)");
            if marked && declared {
                names.push(name.to_owned());
            }
            marked = false;
        }
    }
    names
}

/// The cases of the contract that every ledger is held to: `doubts::fm_58_...;`, a test for each.
fn cases_in(text: &str) -> Vec<String> {
    let cases = text.lines().filter_map(|line| line.trim().strip_suffix(';'));
    let named = cases.filter_map(|case| case.split_once("::"));
    named.filter(|(room, _)| !room.contains(' ')).map(|(_, name)| name.to_owned()).collect()
}

fn tested() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<PathBuf> = ["src", "tests"].map(|folder| root.join(folder)).into();
    let mut rows = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let listed = path.ends_with("ledger/contract.rs");
                let names = if listed { cases_in(&text) } else { tests_in(&text) };
                rows.extend(names.iter().flat_map(|name| rows_of(name)));
            }
        }
    }
    rows
}

/// The rows of the list in `docs/rows.md`, each with its reason.
fn not_applicable() -> BTreeSet<String> {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rows.md");
    let document = std::fs::read_to_string(document).unwrap();
    let section = document.split(LIST).nth(1).unwrap().split("\n## ").next().unwrap();
    let items = section.lines().filter_map(|line| line.strip_prefix("- "));
    items
        .map(|item| {
            let (row, reason) = item.split_once(": ").unwrap();
            assert!(reason.len() > 20, "{row}: say why");
            row.to_owned()
        })
        .collect()
}

#[test]
fn every_row_is_tested_or_explained() {
    let (tested, explained) = (tested(), not_applicable());
    let answered: BTreeSet<_> = tested.union(&explained).cloned().collect();
    let missing: Vec<_> = required().difference(&answered).cloned().collect();
    assert_eq!(missing, Vec::<String>::new(), "no test carries these rows' ids");
    let both: Vec<_> = tested.intersection(&explained).collect();
    assert_eq!(both, Vec::<&String>::new(), "these rows are tested: take them off the list");
    let unknown: Vec<_> = explained.iter().filter(|row| !required().contains(*row)).collect();
    assert_eq!(unknown, Vec::<&String>::new(), "the list is for rows that must be answered to");
}

#[test]
fn rows_are_read_off_names() {
    assert_eq!(rows_of("b_1_b_16_a_field_given_twice"), ["B-1", "B-16"]);
    assert_eq!(rows_of("d_20_nothing_is_said"), ["D-20"]);
    assert_eq!(rows_of("cp_5_fm_4_death_in_5_ways"), ["CP-5", "FM-4"]);
    assert_eq!(rows_of("b_h6_f_1_g_d4_whose_form"), ["B-H6", "F-1", "G-D4"]);
    for none in ["a_form_that_was_open", "b_h_every_answer", "gm_20_a_ledger", "b_", "whole"] {
        assert_eq!(rows_of(none), Vec::<String>::new(), "{none}");
    }
}

#[test]
fn cases_of_a_contract_count() {
    let text = "use std::sync::Arc;\n    macro! {\n        doubts::z_1_yes;\n        let a = b::z_2_no;\n    }\n";
    assert_eq!(cases_in(text), ["z_1_yes"]);
}

#[test]
fn only_tests_count() {
    let text = "
        #[test]
        fn z_1_yes() {}
        fn z_2_no() {}
        #[tokio::test]
        #[expect(dead_code)]
        async fn z_3_yes() {}
        #[cfg(unix)]
        fn z_4_no() {}
        #[tokio::test(flavor = \"multi_thread\")]
        async fn z_5_yes() {}
    ";
    assert_eq!(tests_in(text), ["z_1_yes", "z_3_yes", "z_5_yes"]);
}
