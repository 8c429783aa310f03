//! What may be logged, as docs/logging.md says it.

use regex::Regex;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// On every line.
const ALWAYS: [&str; 3] = ["timestamp", "level", "event"];

/// The tables of docs/logging.md.
pub(crate) struct Schema {
    events: BTreeMap<String, Event>,
    /// The type of each field.
    fields: BTreeMap<String, String>,
    /// What a text of a type looks like.
    patterns: BTreeMap<&'static str, Regex>,
}

/// The types that are texts of a shape.
const PATTERNS: [(&str, &str); 7] = [
    ("network", "none|[0-9.]{7,15}/24|[0-9a-f:]{2,39}/48"),
    ("reference", "[0-9A-HJKMNP-TV-Z]{26}"),
    ("id", "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    ("hash", "[0-9a-f]{64}"),
    ("word", "[A-Za-z0-9_]{1,64}"),
    ("words", "(?:[A-Za-z0-9_./-]{1,64}(?:,[A-Za-z0-9_./-]{1,64})*)?"),
    ("name", "[A-Za-z0-9._:/+-]{1,64}"),
];

struct Event {
    levels: Vec<String>,
    audit: bool,
    /// Each field, and whether it is always there.
    fields: BTreeMap<String, bool>,
}

impl Schema {
    pub(crate) fn read() -> Self {
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/logging.md");
        let page = std::fs::read_to_string(page).unwrap();
        let rows = |head: &str| -> Vec<Vec<String>> {
            let table = page.split(head).nth(1).unwrap().lines().skip(2);
            let rows = table.take_while(|line| line.starts_with("| "));
            rows.map(|row| row.split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
        };
        let fields = rows("| field | type | |").into_iter().flat_map(|row| {
            let kind = row[2].clone();
            quoted(&row[1]).into_iter().map(move |(field, _)| (field, kind.clone()))
        });
        let events = rows("| event | level | audit | fields | |").into_iter().map(|row| {
            let event = Event {
                levels: row[2].split(", ").map(str::to_uppercase).collect(),
                audit: row[3] == "yes",
                fields: quoted(&row[4]).into_iter().map(|(name, more)| (name, !more)).collect(),
            };
            (quoted(&row[1]).remove(0).0, event)
        });
        let whole = |(kind, shape)| (kind, Regex::new(&format!("^(?:{shape})$")).unwrap());
        let patterns = PATTERNS.into_iter().map(whole).collect();
        Self { events: events.collect(), fields: fields.collect(), patterns }
    }

    /// What is wrong with a line of the log, in words that do not repeat it.
    pub(crate) fn objections(&self, line: &Value) -> Vec<String> {
        let Some(line) = line.as_object() else { return vec!["no object".to_owned()] };
        let name = line.get("event").and_then(Value::as_str).unwrap_or_default();
        let Some(event) = self.events.get(name) else {
            return vec![format!("an event that is not known: {name}")];
        };
        let mut wrong = Vec::new();
        for (field, value) in line {
            match self.fields.get(field) {
                None => wrong.push(format!("{name} has a field that is not known: {field}")),
                Some(kind) if !self.is(kind, value) => {
                    wrong.push(format!("{name}: {field} is no {kind}"));
                }
                Some(_) => {}
            }
            let beside = field == "audit"
                || field == "left_out" && almoner::cli::log::sparing::LIMITED.contains(&name);
            if !(ALWAYS.contains(&field.as_str()) || beside || event.fields.contains_key(field)) {
                wrong.push(format!("{name} has a field that is not its own: {field}"));
            }
        }
        let needed = event.fields.iter().filter(|(_, always)| **always).map(|(field, _)| field);
        let needed = needed.map(String::as_str).chain(ALWAYS);
        let missing = needed.filter(|field| !line.contains_key(*field));
        wrong.extend(missing.map(|field| format!("{name} lacks {field}")));
        let level = line.get("level").and_then(Value::as_str).unwrap_or_default();
        if !event.levels.iter().any(|known| known == level) {
            wrong.push(format!("{name} is of level {level}"));
        }
        if (line.get("audit") == Some(&Value::Bool(true))) != event.audit {
            wrong.push(format!("{name}: is it of the audit trail?"));
        }
        wrong
    }

    fn is(&self, kind: &str, value: &Value) -> bool {
        let text = value.as_str();
        match kind {
            "time" => text.is_some_and(|text| text.parse::<jiff::Timestamp>().is_ok()),
            "address" => text.is_some_and(|text| text.parse::<std::net::SocketAddr>().is_ok()),
            "flag" => value.is_boolean(),
            "count" => value.is_u64(),
            "number" => value.is_i64(),
            "text" => text.is_some_and(is_plain),
            other => {
                let pattern = self.patterns.get(other);
                let pattern = pattern.unwrap_or_else(|| panic!("docs/logging.md: type {other}?"));
                text.is_some_and(|text| pattern.is_match(text))
            }
        }
    }
}

/// Without what moves a terminal's cursor, turns its direction or ends its line.
fn is_plain(text: &str) -> bool {
    let moves = |c: char| {
        c.is_control()
            || ['\u{200e}'..='\u{200f}', '\u{2028}'..='\u{202e}', '\u{2066}'..='\u{2069}']
                .iter()
                .any(|range| range.contains(&c))
    };
    text.len() <= 1024 && !text.chars().any(moves)
}

/// What stands in backquotes, each and whether `(perhaps)` follows.
fn quoted(cell: &str) -> Vec<(String, bool)> {
    let parts: Vec<&str> = cell.split('`').collect();
    let named = parts.chunks_exact(2);
    let after = |nth: usize| parts.get(nth * 2 + 2).is_some_and(|it| it.starts_with(" (perhaps)"));
    named.enumerate().map(|(nth, pair)| (pair[1].to_owned(), after(nth))).collect()
}

/// A call's arguments: up to the bracket that closes it, wherever texts have brackets.
fn call_of(rest: &str) -> &str {
    let (mut open, mut quoted) = (1, false);
    let end = rest.char_indices().find(|(_, c)| {
        quoted ^= *c == '"';
        match c {
            '(' if !quoted => open += 1,
            ')' if !quoted => open -= 1,
            _ => {}
        }
        open == 0
    });
    rest.get(..end.unwrap().0).unwrap()
}

/// Every event that the code names, and whether it says that it is of the audit trail.
fn in_the_code() -> BTreeSet<(String, bool)> {
    let call = Regex::new(r"tracing::(?:error|warn|info|debug|trace)!\(\s*").unwrap();
    let named = Regex::new(r#"^event = "([a-z_]+)""#).unwrap();
    let by_hand = Regex::new(r#""event"(?:: |\.to_owned\(\), )"([a-z_]+)""#).unwrap();
    let mut found = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if ["mock_rsm", "mock_rsm.rs", "tests"].iter().any(|left_out| path.ends_with(left_out))
            {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let own = text.split("#[cfg(test)]").next().unwrap();
            for call in call.find_iter(own) {
                let rest = own.get(call.end()..).unwrap();
                let name = named.captures(rest);
                let name = name.unwrap_or_else(|| panic!("no event in {}", path.display()));
                found.insert((name[1].to_owned(), call_of(rest).contains("audit = true")));
            }
            for hand in by_hand.captures_iter(own) {
                found.insert((hand[1].to_owned(), own.contains("\"audit\"")));
            }
        }
    }
    found
}

#[test]
fn p_11_the_code_logs_what_the_page_lists() {
    let schema = Schema::read();
    let listed: BTreeSet<_> =
        schema.events.iter().map(|(name, event)| (name.clone(), event.audit)).collect();
    let code = in_the_code();
    assert_eq!(code.difference(&listed).collect::<Vec<_>>(), Vec::<&(String, bool)>::new());
    assert_eq!(listed.difference(&code).collect::<Vec<_>>(), Vec::<&(String, bool)>::new());
    let used: BTreeSet<_> = schema.events.values().flat_map(|event| event.fields.keys()).collect();
    for field in &used {
        assert!(schema.fields.contains_key(*field), "{field} has no type");
    }
    for limited in almoner::cli::log::sparing::LIMITED {
        assert!(schema.events.contains_key(limited), "{limited}");
    }
}

#[test]
fn f_13_what_is_not_of_the_schema_is_objected_to() {
    let schema = Schema::read();
    let line = serde_json::json!({
        "timestamp": "2026-11-26T10:43:40.123456Z", "level": "INFO", "event": "asked_again", "kind": "donate"
    });
    assert_eq!(schema.objections(&line), Vec::<String>::new());
    for (field, value) in [
        ("event", "surprise".into()),
        ("kind", "do\u{202e}nate".into()),
        ("kind", "d".repeat(65).into()),
        ("kind", 1.into()),
        ("level", "ERROR".into()),
        ("timestamp", "yesterday".into()),
        ("reason", "of another event".into()),
        ("surprise", "x".into()),
        ("audit", true.into()),
        ("left_out", 3.into()),
    ] {
        let mut line = line.clone();
        line[field] = value;
        assert!(!schema.objections(&line).is_empty(), "{line}");
    }
    let mut lacking = line.clone();
    lacking.as_object_mut().unwrap().remove("kind");
    assert!(!schema.objections(&lacking).is_empty());
}
