//! Every line that the suite logged: the gateway's in these processes, and those of the real binary.

use super::schema::Schema;
use almoner::cli::log::redact::Redactor;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// What a command that failed says, which is for people.
const SAID: &str = "almoner: ";

/// Of this test and of every test that ran before it: no line holds what the redactor would blot out,
/// and each is as docs/logging.md says (security.md, G-R1, P-11 and F-13).
pub(crate) fn assert_clean(folder: &Path) {
    let (wrong, lines) = objections(folder);
    assert!(lines > 0);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What is wrong, each once with the first line that shows it, and how many lines were looked at.
fn objections(folder: &Path) -> (BTreeMap<String, String>, usize) {
    let (schema, redactor) = (Schema::read(), Redactor::new().unwrap());
    let (mut wrong, mut lines) = (BTreeMap::new(), 0);
    for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.extension().is_none_or(|extension| extension != "jsonl") {
            continue;
        }
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read(&path).unwrap();
        for line in String::from_utf8_lossy(&text).lines().filter(|line| !line.starts_with(SAID)) {
            lines += 1;
            for objection in look(&schema, &redactor, line) {
                wrong.entry(objection).or_insert_with(|| format!("{name}: {line}"));
            }
        }
    }
    (wrong, lines)
}

fn look(schema: &Schema, redactor: &Redactor, line: &str) -> Vec<String> {
    let Ok(Value::Object(mut fields)) = serde_json::from_str(line) else {
        return vec!["no JSON object".to_owned()];
    };
    // These processes log everybody's lines, each with whose it is; the service writes its own alone.
    if let Some(target) = fields.remove("target") {
        let target = target.as_str().unwrap_or_default();
        if !target.starts_with("almoner") || target.starts_with("almoner::mock_rsm") {
            return Vec::new();
        }
        fields.remove("span");
        fields.remove("spans");
    }
    if fields.get("event").is_some_and(|event| event == "log_leak_blocked") {
        return vec!["something was blotted out".to_owned()];
    }
    let mut blotted = fields.clone();
    let mut wrong = schema.objections(&Value::Object(fields));
    let found = redactor.blot(&mut blotted);
    wrong.extend((!found.is_empty()).then(|| format!("{found:?} would be blotted out")));
    wrong
}

#[test]
fn g_r1_a_line_that_leaks_is_found_whoever_wrote_it() {
    let folder = tempfile::tempdir().unwrap();
    let begin = r#"{"timestamp":"2026-11-26T10:43:40.123456Z","level":"INFO","event":"#;
    let theirs = r#"{"level":"DEBUG","target":"hyper::proto","message":"4929420573595709"}"#;
    let well =
        format!("{begin}\"put_off\",\"reason\":\"unavailable\"}}\nalmoner: said\n{theirs}\n");
    std::fs::write(folder.path().join("a.jsonl"), &well).unwrap();
    assert_eq!(objections(folder.path()), (BTreeMap::new(), 2));
    for line in [
        format!("{begin}\"put_off\",\"reason\":\"of 4929420573595709\"}}"),
        format!("{begin}\"log_leak_blocked\",\"of\":\"put_off\",\"kinds\":\"card\"}}"),
        format!("{begin}\"surprise\"}}"),
        "no JSON".to_owned(),
    ] {
        std::fs::write(folder.path().join("b.jsonl"), format!("{line}\n")).unwrap();
        let (wrong, lines) = objections(folder.path());
        assert_eq!((wrong.len(), lines), (1, 3), "{wrong:?}");
    }
}
