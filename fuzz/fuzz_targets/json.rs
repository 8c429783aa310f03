//! Whatever is posted to the API: read or refused, and what was read is JSON of few levels, reads the
//! same when written anew, and is refused with one field more, known or not.
#![no_main]

use almoner::http::fuzzing;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|body: &[u8]| {
    if !fuzzing::json(body) {
        return;
    }
    let value: Value = serde_json::from_slice(body).expect("what was read is JSON");
    assert!(depth(&value) <= 8);
    assert!(fuzzing::json(value.to_string().as_bytes()));
    let rest = str::from_utf8(body).expect("JSON is UTF-8").trim_start();
    let rest = rest.strip_prefix('{').expect("what was read is an object");
    for more in ["\"kind\":\"donate\",", "\"pan\":\"\",", "\"contact\":{},"] {
        assert!(!fuzzing::json(format!("{{{more}{rest}").as_bytes()), "{more}");
    }
});

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(list) => 1 + list.iter().map(depth).max().unwrap_or(0),
        Value::Object(object) => 1 + object.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}
