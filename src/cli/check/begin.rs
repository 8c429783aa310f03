//! What is said where there is no configuration yet, or only a part of one.

use super::{Finding, next, well, wrong};
use crate::config::ConfigError;
use std::path::{Path, PathBuf};

/// Where a configuration is looked for that nobody names.
const USUAL: [&str; 2] = ["almoner.toml", "/etc/almoner/almoner.toml"];

/// The sections that every configuration has.
const NEEDED: [&str; 9] = [
    "public",
    "operations",
    "ledger",
    "processor",
    "secrets",
    "charity",
    "currencies",
    "donate",
    "join",
];

/// The configuration that is named, or the usual one; the first usual place where there is none.
pub(super) fn file(named: Option<&Path>) -> PathBuf {
    let usual = || USUAL.into_iter().map(Path::new).find(|file| file.exists());
    named.or_else(usual).unwrap_or(Path::new(USUAL[0])).to_owned()
}

/// What is there, what is missing, and what is wrong first.
pub(super) fn findings(file: &Path, named: Option<&Path>, error: &ConfigError) -> Vec<Finding> {
    let Ok(text) = std::fs::read_to_string(file) else {
        return vec![unreadable(file, named, error)];
    };
    let edit = || Some(next::edit(file, error.line));
    let Ok(table) = toml::from_str::<toml::Table>(&text) else {
        return vec![wrong("configuration", &error.to_string()).then(edit())];
    };
    let listed = |there: bool| {
        let sections = NEEDED.into_iter().filter(|name| table.contains_key(*name) == there);
        sections.map(|name| format!("[{name}]")).collect::<Vec<_>>().join(", ")
    };
    let (there, missing) = (listed(true), listed(false));
    let mut findings = Vec::new();
    if !there.is_empty() {
        findings.push(well("configuration", &format!("there: {there}")));
    }
    let is_said = error.key == "the file" && error.what.starts_with("missing field");
    if missing.is_empty() || !is_said {
        findings.push(wrong("configuration", &error.to_string()).then(edit()));
    }
    if !missing.is_empty() {
        let text =
            format!("missing: {missing}; almoner example production shows each with a sentence");
        findings.push(wrong("configuration", &text).then(Some(next::edit(file, None))));
    }
    findings
}

fn unreadable(file: &Path, named: Option<&Path>, error: &ConfigError) -> Finding {
    if file.exists() {
        return wrong("configuration", &error.to_string());
    }
    let text = if named.is_some() {
        format!("{} is not there", file.display())
    } else {
        format!("there is none yet, neither here ({}) nor at {}", USUAL[0], USUAL[1])
    };
    let more = "almoner example development is for this machine and the mock processor, almoner example rsm2000 for an RSM account, almoner example production shows every setting";
    let begin = format!("almoner example development > {}", next::quoted(file));
    wrong("configuration", &format!("{text}: begin with an example; {more}")).then(Some(begin))
}
