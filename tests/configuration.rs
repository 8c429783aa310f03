//! The configuration examples against the code: every setting is there, every default is the true
//! one, and docs/configuration.md is what the production example says.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

use almoner::config::{AlarmSettings, ConsoleSettings, Limits, Settings, ShieldSettings};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

const PRODUCTION: &str = include_str!("../config/production.toml");

fn load(file: &str) -> Settings {
    Settings::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap().0
}

/// Every key's path and value, one of each list of tables standing for all.
fn leaves(prefix: &str, value: &toml::Value, into: &mut BTreeMap<String, toml::Value>) {
    match value {
        toml::Value::Table(table) if !prefix.starts_with("secrets.") => {
            let dot = if prefix.is_empty() { "" } else { "." };
            for (key, value) in table {
                leaves(&format!("{prefix}{dot}{key}"), value, into);
            }
        }
        toml::Value::Array(list) if list.iter().all(toml::Value::is_table) && !list.is_empty() => {
            for value in list {
                leaves(prefix, value, into);
            }
        }
        toml::Value::Table(_)
        | toml::Value::Array(_)
        | toml::Value::String(_)
        | toml::Value::Integer(_)
        | toml::Value::Float(_)
        | toml::Value::Boolean(_)
        | toml::Value::Datetime(_) => {
            into.insert(prefix.to_owned(), value.clone());
        }
    }
}

fn leaves_of(value: &toml::Value) -> BTreeMap<String, toml::Value> {
    let mut into = BTreeMap::new();
    leaves("", value, &mut into);
    into
}

#[test]
fn the_production_example_holds_every_setting_and_no_other() {
    let written = leaves_of(&toml::from_str(PRODUCTION).unwrap());
    let known = leaves_of(&toml::Value::try_from(load("config/production.toml")).unwrap());
    let names = |map: &BTreeMap<String, toml::Value>| map.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&written), names(&known));
}

/// Settings and variables that docs/rsm.md names exist, and it names all that RSM's answers decide.
#[test]
fn what_the_guide_to_rsm_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let guide = std::fs::read_to_string(root.join("docs/rsm.md")).unwrap();
    let contract = std::fs::read_to_string(root.join("tests/contract/environment.rs")).unwrap();
    let keys = leaves_of(&toml::from_str(PRODUCTION).unwrap());
    let spans: Vec<&str> = guide.split('`').skip(1).step_by(2).collect();
    for setting in spans.iter().filter(|span| span.starts_with("processor.")) {
        assert!(keys.contains_key(*setting), "{setting}");
    }
    // The bank's and the charity's own affair.
    let ours = ["service_user_number", "collecting_name", "guarantee", "_file"];
    let asked = keys.keys().filter(|key| key.starts_with("processor.rsm2000."));
    for key in asked.filter(|key| !ours.iter().any(|end| key.ends_with(end))) {
        assert!(spans.contains(&key.as_str()), "{key} is not in docs/rsm.md");
    }
    let variables = |text: &str| -> std::collections::BTreeSet<String> {
        let after = text.split("ALMONER_CONTRACT_").skip(1);
        after
            .map(|rest| rest.chars().take_while(|c| c.is_ascii_uppercase() || *c == '_').collect())
            .collect()
    };
    assert_eq!(variables(&guide), variables(&contract));
}

#[test]
fn the_limits_in_the_example_are_the_defaults() {
    let written: toml::Value = toml::from_str(PRODUCTION).unwrap();
    assert_eq!(written.get("limits"), Some(&toml::Value::try_from(Limits::default()).unwrap()));
    let shield = toml::Value::try_from(ShieldSettings::default()).unwrap();
    assert_eq!(written.get("shield"), Some(&shield));
    let alarms = toml::Value::try_from(AlarmSettings::default()).unwrap();
    assert_eq!(written.get("alarms"), Some(&alarms));
    let console = toml::Value::try_from(ConsoleSettings::default()).unwrap();
    assert_eq!(written.get("console"), Some(&console));
}

#[test]
fn a_default_that_is_told_is_the_default_that_is_used() {
    let mut told = std::collections::BTreeSet::new();
    for file in ["config/development.toml", "config/rsm2000.toml"] {
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file));
        let given = leaves_of(&toml::from_str(&text.unwrap()).unwrap());
        let used = leaves_of(&toml::Value::try_from(load(file)).unwrap());
        for setting in settings() {
            let default = setting.text.split_once("Default ").map(|(_, rest)| rest);
            let quoted = default.and_then(|rest| rest.strip_prefix('"')?.split_once('"'));
            let number = default.and_then(|rest| rest.strip_suffix('.')?.parse::<i64>().ok());
            let Some(found) = used.get(&setting.key) else { continue };
            if given.contains_key(&setting.key) {
                continue;
            }
            if let Some((text, _)) = quoted {
                assert_eq!(found.as_str(), Some(text), "{}", setting.key);
                told.insert(setting.key);
            } else if let Some(number) = number {
                assert_eq!(found.as_integer(), Some(number), "{}", setting.key);
                told.insert(setting.key);
            }
        }
    }
    assert!(told.len() >= 18, "{} defaults were compared", told.len());
}

#[test]
fn the_reference_in_the_documentation_is_up_to_date() {
    let manual = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/configuration.md");
    let wanted = manual_text();
    let fresh = Path::new(env!("CARGO_TARGET_TMPDIR")).join("configuration.md");
    std::fs::write(&fresh, &wanted).unwrap();
    let same = std::fs::read_to_string(&manual).is_ok_and(|text| text == wanted);
    assert!(
        same,
        "docs/configuration.md is out of date: cp {} {}",
        fresh.display(),
        manual.display()
    );
}

struct Setting {
    section: String,
    key: String,
    value: String,
    text: String,
}

/// The example as a list: each setting with the comment above it.
fn settings() -> Vec<Setting> {
    let (mut section, mut comment, mut found) = (String::new(), String::new(), Vec::new());
    for line in PRODUCTION.lines() {
        if let Some(text) = line.strip_prefix("# ") {
            write!(comment, "{}{text}", if comment.is_empty() { "" } else { " " }).unwrap();
        } else if line.starts_with('[') {
            line.trim_matches(['[', ']']).clone_into(&mut section);
            comment.clear();
        } else if let Some((key, value)) = line.split_once(" = ") {
            assert!(!comment.is_empty(), "{key} has no sentence");
            found.push(Setting {
                key: format!("{section}.{key}"),
                section: section.clone(),
                value: value.to_owned(),
                text: std::mem::take(&mut comment),
            });
        } else {
            comment.clear();
        }
    }
    found
}

fn manual_text() -> String {
    let mut text = "# Configuration\n\nOne TOML file, read once at the start. A wrong setting stops the start with one line: file, line, key, what is\n\
        wrong, what to do; its value is never repeated. `almoner check --config FILE` goes through it subject by subject.\n\n\
        Secrets never stand in the file. Each is named by `{ file = \"..\" }` (mode 0600 or 0400), `{ credential = \"..\" }`\n\
        (a systemd credential) or `{ env = \"..\" }`; `next = { .. }` beside it names the key that follows in a rotation.\n\
        Paths are relative to the folder of the file, and `\"credential:NAME\"` is that credential. Lengths of time are written like `\"5s\"`, `\"30m\"`, `\"1h 30m\"`.\n\n\
        This page is made from `config/production.toml` by a test.\n".to_owned();
    let mut section = String::new();
    for setting in settings() {
        if setting.section != section {
            section.clone_from(&setting.section);
            write!(text, "\n## `[{section}]`\n\n| setting | example or default | what it is |\n| --- | --- | --- |\n").unwrap();
        }
        let name = setting.key.rsplit('.').next().unwrap();
        let value = if setting.value.chars().count() > 60 {
            "(a text)".to_owned()
        } else {
            format!("`{}`", setting.value)
        };
        writeln!(text, "| `{name}` | {value} | {} |", setting.text).unwrap();
    }
    text
}
